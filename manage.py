#!/usr/bin/env python
"""Django's command line: `manage.py help`. Development, unless CONSOLE_MODE says otherwise."""

import os
import sys


def main() -> None:
    os.environ.setdefault("CONSOLE_MODE", "development")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed here. Run `make venv`, then use .venv/bin/python.")
    from console.startup import load_settings

    load_settings()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
