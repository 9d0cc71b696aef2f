#!/bin/sh
# Django's deployment checks, against the production settings as a server would have them.
set -eu

CONSOLE_MODE=production \
CONSOLE_SECRET_KEY=$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
CONSOLE_ALLOWED_HOSTS=console.example \
DATABASE_URL=postgresql://console@database.example/console \
    exec .venv/bin/python manage.py check --deploy --fail-level WARNING
