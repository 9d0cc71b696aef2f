"""Settings of Bladeworks, read from the environment.

CONSOLE_MODE is one of

production   what a web server gets unless told otherwise; refuses to start without its secrets
local        `make run`: as production, but on this machine only, over HTTP, with secrets made once under var/
development  what manage.py gets unless told otherwise: DEBUG, static files straight from their folders
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from console import local_secrets

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = local_secrets.VAR

env = environ.Env()

MODE = env.str("CONSOLE_MODE", "production")
if MODE not in ("production", "local", "development"):
    raise ImproperlyConfigured(f"CONSOLE_MODE is {MODE!r}; use production, local or development.")
PRODUCTION = MODE == "production"
DEBUG = MODE == "development"


# Secrets, hosts and proxies

if PRODUCTION:
    _required = {
        "CONSOLE_SECRET_KEY": "a long random text",
        "CONSOLE_ALLOWED_HOSTS": "host names, separated by commas",
        "DATABASE_URL": "for example postgresql://user:password@host/name",
    }
    _missing = [f"{name} ({meaning})" for name, meaning in _required.items() if not env.str(name, "")]
    if _missing:
        raise ImproperlyConfigured(f"in production these must be set: {'; '.join(_missing)}.")
    SECRET_KEY = env.str("CONSOLE_SECRET_KEY")
    ALLOWED_HOSTS = env.list("CONSOLE_ALLOWED_HOSTS")
else:
    SECRET_KEY = env.str("CONSOLE_SECRET_KEY", "") or local_secrets.secret_key()
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

# Origins such as https://console.example, needed where a proxy changes the Host header.
CSRF_TRUSTED_ORIGINS = env.list("CONSOLE_TRUSTED_ORIGINS", default=[])

# One reverse proxy in front, which sets X-Forwarded-For and X-Forwarded-Proto itself.
BEHIND_PROXY = env.bool("CONSOLE_BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


# Applications, in the order in which they may import each other

AUTH_USER_MODEL = "tenancy.Operator"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tables2",
    "django_filters",
    "template_partials",
    "axes",
    "csp",
    "blades",
    "tenancy",
    "directory",
    "mobility",
    "partners",
    "devices",
    "uem",
    "access",
    "labs",
    "console",
]

MIDDLEWARE = [
    "console.health.ProbeMiddleware",  # first: a probe knows no host name and no TLS, and must not need a session
    "tenancy.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenancy.middleware.SignInRequiredMiddleware",
    "tenancy.middleware.TenantMiddleware",
    "axes.middleware.AxesMiddleware",  # last, as its documentation asks
]

ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,  # template_partials puts its own loader and the cached one around this
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.context_processors.portal",
            ],
        },
    }
]

# The page that shows every component in every state.
COMPONENT_PAGE = DEBUG


# Database: SQLite in one file, or whatever DATABASE_URL names

if PRODUCTION:
    DATABASE: dict[str, Any] = env.db_url("DATABASE_URL")
else:
    DATABASE = env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'console.sqlite3'}")
DATABASE["CONN_MAX_AGE"] = None  # connections are kept; a thread of the server has one each
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    # A write transaction takes its lock when it begins: one that first reads and then writes would otherwise fail
    # at once with "database is locked", whatever the timeout. With a write-ahead log nobody waits to read.
    DATABASE["OPTIONS"] = DATABASE.get("OPTIONS", {}) | {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,  # seconds
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;"
            "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864"
        ),
    }
else:
    DATABASE["CONN_HEALTH_CHECKS"] = True  # a restarted database server costs no request
    # Parameters are bound in the client: with a generic plan the server misses the trigram index for rare terms.
    DATABASE["OPTIONS"] = DATABASE.get("OPTIONS", {}) | {"server_side_binding": False}
DATABASES = {"default": DATABASE}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# Signing in

LOGIN_URL = "tenancy:sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # refuses who has failed too often, before anybody looks at a password
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # both together: nobody can lock out somebody else
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # 15 minutes, as the page says, and not longer
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_TEMPLATE = "tenancy/locked_out.html"
AXES_DISABLE_ACCESS_LOG = True  # only failures are kept
AXES_ENABLE_ADMIN = False
if BEHIND_PROXY:
    AXES_CLIENT_IP_CALLABLE = "console.proxy.client_address"

SESSION_COOKIE_AGE = 8 * 60 * 60  # seconds: a working day
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION


# What browsers are told

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("CONSOLE_SSL_REDIRECT", True)
    SECURE_HSTS_SECONDS = env.int("CONSOLE_HSTS_SECONDS", 365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # Whether browsers ship this host in their lists is for the owner of the domain to decide, not for one site on it.
    SILENCED_SYSTEM_CHECKS = ["security.W021"]


# Static files

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "blades.storage.BundledStaticFilesStorage"  # hashed and compressed, style sheets in one
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True


# Language and time; what a tenant shows as "now" is its own clock

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"


# The console sends no mail

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"


# Log: standard error, each line with the id of its request

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "tenancy.logging.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} [{request_id}] {message}", "style": "{"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]},
    },
    "root": {"handlers": ["stderr"], "level": env.str("CONSOLE_LOG_LEVEL", "INFO")},
    "loggers": {
        # Django's own handlers would mail errors and print each line a second time.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        # What is refused is told to the operator: a missing permission, a wrong form, a page that is not there.
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
    },
}
