"""Settings come from the environment alone; deploy/ writes it, production sets it."""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import environ
import pghistory
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
env = environ.Env()

SECRET_KEY = env("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
PANEL_URL = env(
    "PANEL_URL"
)  # https://host[:port], no slash at the end: links in mails use it, never the request's Host
PROVIDER_NAME = env("PROVIDER_NAME", default="Postroom")
# Who gets mail to postmaster and abuse of our own servers; empty: whoever has all rights longest.
PROVIDER_CONTACT = env("PROVIDER_CONTACT", default="")
PROVIDER_DOMAIN = env("PROVIDER_DOMAIN", default="postroom.test")  # our own names live below it
RESOLVERS = env.list(
    "RESOLVERS", default=[]
)  # host:port of the resolvers that decide what the world sees; empty: the system's
PANEL_ADDRESSES = env.list(
    "PANEL_ADDRESSES", default=[]
)  # of panel.PROVIDER_DOMAIN; empty: those of the only node
# Who vouches for the nodes' servers; empty: the system's list.
NODES_CA_FILE = env("NODES_CA_FILE", default="")
# Whom "Contact support" writes to where a brand has no address of its own; empty: the provider's contact.
SUPPORT_EMAIL = env("SUPPORT_EMAIL", default="")
# PEM files that Apple profiles are signed with: the certificate and those above it, and its key. The panel's
# own pair for TLS will do, or one for signing mail; empty: devices say "Not signed".
PROFILE_SIGNING_CERT = env("PROFILE_SIGNING_CERT", default="")
PROFILE_SIGNING_KEY = env("PROFILE_SIGNING_KEY", default="")
INGEST_MAX_BYTES = 32 * 1024 * 1024
# What a Prometheus shows to read /metrics; empty: there is no such page.
METRICS_TOKEN = env("METRICS_TOKEN", default="")

INSTALLED_APPS = [
    "panel.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "template_partials",
    "csp",
    "pgtrigger",
    "pghistory",
    "pghistory.admin",
    "lib",
    "notices",
    "accounts",
    "provision",
    "dnszone",
    "mailboxes",
    "delivery",
    "activity",
    "guides",
    "panel.apps.PanelConfig",
]

MIDDLEWARE = [
    "panel.middleware.ProxyMiddleware",
    "panel.middleware.LanguageMiddleware",
    "panel.middleware.NulMiddleware",
    "panel.middleware.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "panel.middleware.TriesMiddleware",
    "panel.middleware.GateMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "panel.middleware.RealmMiddleware",
    "panel.middleware.ReaderLanguageMiddleware",
    "panel.middleware.SeenMiddleware",
    "panel.middleware.PrivateMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "panel.middleware.ActingMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "panel.middleware.HistoryMiddleware",
    "panel.middleware.VerbsMiddleware",
]

ROOT_URLCONF = "panel.urls"
WSGI_APPLICATION = "panel.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["lib.templatetags.dates"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "panel.context.shell",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {
    "default": env.db("DATABASE_URL")
    | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
}
DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 3
# Compiling a list's query takes 100 ms; running it, 20.
DATABASES["default"]["OPTIONS"].setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database: counts must hold across processes and live on when Redis is away. Those of sign-ins have a
# table of their own (accounts.signin.throttle), which no flood of other entries can push out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PersonBackend", "mailboxes.people.MailboxBackend"]
PASSWORD_HASHERS = ["accounts.hashers.Argon2idPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
# Passwords, codes and requests for new passwords are counted by accounts.signin.throttle, not by allauth.
ACCOUNT_RATE_LIMITS = dict.fromkeys(
    ["login", "login_failed", "reset_password", "reauthenticate", "change_password"]
)
ACCOUNT_FORMS = {
    "login": "panel.signin.forms.LoginForm",
    "change_password": "panel.signin.forms.ChangePasswordForm",
    "reset_password": "panel.signin.forms.ResetPasswordForm",
    "reset_password_from_key": "panel.signin.forms.ResetPasswordKeyForm",
}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers because somebody typed their address
ACCOUNT_CHANGE_EMAIL = True  # one address: a new one counts once it is verified
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "panel.signin.forms.AuthenticateForm",
    "reauthenticate": "panel.signin.forms.ReauthenticateForm",
    "activate_totp": "panel.signin.forms.ActivateTOTPForm",
    "authenticate_webauthn": "panel.signin.forms.AuthenticateWebAuthnForm",
    "reauthenticate_webauthn": "panel.signin.forms.ReauthenticateWebAuthnForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up here; who has a second step may change the address too
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = PROVIDER_NAME

# The provider's: for whoever has chosen none, whose browser wants none of ours, and whose brand has none.
LANGUAGE_CODE = env("LANGUAGE_CODE", default="en")
# Each by its own name. One joins when locale/ has it whole: half a page in each helps nobody.
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["panel.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env("TIME_ZONE", default="UTC")  # what the pages show; the database keeps UTC

STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# X-Forwarded-* count from these alone (panel.middleware): addresses, networks; a Unix socket always.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=["127.0.0.1", "::1"])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
# Mail programs ask for their settings in the clear as well, before they know any better.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^tls/ask$", r"^(\.well-known/autoconfig/)?mail/config-v1\.1\.xml$"]
# Strict-Transport-Security holds for every port of a name: on localhost it would break other things.
ON_LOOPBACK = urlsplit(PANEL_URL).hostname in {"localhost", "127.0.0.1", "::1"}
SECURE_HSTS_SECONDS = 0 if ON_LOOPBACK else env.int("HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SILENCED_SYSTEM_CHECKS = ["security.W004"] if ON_LOOPBACK else []
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "__Host-session"  # RFC 6265bis: this host alone, over TLS alone
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_SECURE = True
CSRF_FAILURE_VIEW = "panel.errors.csrf_failure"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_TRUSTED_ORIGINS = [PANEL_URL]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
# A pasted zone file may have 5 MB (dnszone.zonefile.forms), and more once a browser has written it as a form.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "lib.uploads.CappedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "lib.uploads.NamelessUploadHandler",
]

# The panel signs in to a submission service as any customer does (RFC 6409), so its mail may go anywhere.
EMAIL_BACKEND = env("EMAIL_BACKEND", default="lib.smtp.EmailBackend")
EMAIL_HOST = env("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=465)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", default=EMAIL_PORT == 465)
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=EMAIL_PORT == 587)
EMAIL_HOST_USER = env("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD", default="")
EMAIL_CA_FILE = env("EMAIL_CA_FILE", default="")  # who vouches for EMAIL_HOST; empty: the system's list
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = f"{PROVIDER_NAME} <no-reply@{PROVIDER_DOMAIN}>"

# Where archives of mail were before they were in the database: what is still there is carried over.
ARCHIVES_BEFORE = env.path("ARCHIVES_DIR", default=str(BASE_DIR / "var" / "archives"))
# For tests: networks that mail may be imported from although they are not public.
IMPORT_ALLOW = env.list("IMPORT_ALLOW", default=[])

CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="")

PGHISTORY_DEFAULT_TRACKERS = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
PGHISTORY_APPEND_ONLY = True
PGHISTORY_ADMIN_MODEL = "pghistory.MiddlewareEvents"  # with the person and the page
PGHISTORY_ADMIN_CLASS = "panel.admin.HistoryAdmin"
PGHISTORY_JSON_ENCODER = "django.core.serializers.json.DjangoJSONEncoder"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"away": {"()": "lib.logs.AwayFilter"}, "tokens": {"()": "lib.logs.TokenFilter"}},
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tokens"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.security.DisallowedHost": {
            "level": "CRITICAL"
        },  # strangers' scans: answered with 400, no traceback
        "django.request": {"filters": ["away"]},
        "fontTools": {"level": "WARNING"},  # it tells of every table of a font in each PDF
    },
}
