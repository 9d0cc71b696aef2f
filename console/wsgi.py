"""What the web server imports: `console.wsgi:application`. Production, unless CONSOLE_MODE says otherwise."""

from django.core.wsgi import get_wsgi_application

from console.startup import load_settings

load_settings()
application = get_wsgi_application()
