"""All settings. What differs between two installations comes from environment variables; docs/running.md lists them."""

import os
from datetime import timedelta
from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONE, SELF
from environ import Env

from fangpin.environment import (
    ENVIRONMENTS,
    read_choice,
    read_databases,
    read_hosts,
    read_number,
    read_path,
    read_redis,
    read_secret_key,
    read_site,
    read_switch,
    refuse,
    refuse_unknown,
)

env = Env()
refuse_unknown(os.environ)

BASE_DIR = Path(__file__).resolve().parent.parent
PRODUCTION = read_choice(env, "FANGPIN_ENV", ENVIRONMENTS) == "production"
DEBUG = read_switch(env, "FANGPIN_DEBUG")  # shows personal data in error pages, therefore not the default anywhere
if DEBUG and PRODUCTION:
    raise refuse("FANGPIN_DEBUG", "not in production.", "生产环境不能打开调试。")
PUBLIC_ONLY = read_switch(env, "FANGPIN_PUBLIC")  # a host with nothing but the public pages, without the register
# Households: in a smaller village the public page of a notice does not tell the category (0: everywhere it does).
SMALL_VILLAGE = read_number(env, "FANGPIN_SMALL_VILLAGE", default=20, least=0, most=500)
PUBLIC_URL = read_site(env, "FANGPIN_PUBLIC_URL")  # where the public pages are, when not on this host

# --- where everything is written ---
VAR_DIR = read_path(env, "VAR_DIR", BASE_DIR / "var")
KEYS_DIR = VAR_DIR / "keys"
QUEUE_DIR = VAR_DIR / "queue"
QUEUE_CONTROL_DIR = VAR_DIR / "queue-control"
MEDIA_ROOT = VAR_DIR / "files"  # no MEDIA_URL: a file goes out through a view that checks who asks
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "uploads"
os.umask(0o077)  # the database and the log of jobs too are for this program's own account alone
for folder in (VAR_DIR, KEYS_DIR, QUEUE_DIR, QUEUE_CONTROL_DIR, MEDIA_ROOT, FILE_UPLOAD_TEMP_DIR):
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)

SECRET_KEY = read_secret_key(env, KEYS_DIR, production=PRODUCTION)
KEYRING_PATH = read_path(env, "KEYRING_PATH", KEYS_DIR / "keyring.json")
KEYRING_AUTOCREATE = not PRODUCTION  # a lost keyring must not be replaced in silence where data depend on it
HTTP_PORT = read_number(env, "HTTP_PORT", default=8000, least=1, most=65535)
PROXY_COUNT = read_number(env, "FANGPIN_PROXY_COUNT", default=0, least=0, most=5)
ALLOWED_HOSTS = read_hosts(env, production=PRODUCTION)

# --- what it is made of ---
INSTALLED_APPS = [
    "fangpin",
    "accounts",
    "households",
    "monitoring",
    "monitoring.public",
    "assistance",
    "ledgers",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "crispy_forms",
    "django_filters",
    "django_htmx",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.KeepNothing",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fangpin.bodies.NotTooLarge",
    "accounts.middleware.SayHowItIsDone",
    "accounts.middleware.LogInAgain",
    "accounts.middleware.RememberPostings",
    "accounts.middleware.CountAgainAfterwards",
    "accounts.middleware.ChangePasswordFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "fangpin.urls"
WSGI_APPLICATION = "fangpin.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.desk",
            ],
            "builtins": ["accounts.templatetags.papers"],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "fangpin"
CRISPY_FAIL_SILENTLY = False

# --- database ---
DATABASES = read_databases(env, VAR_DIR, public_only=PUBLIC_ONLY)
DATABASE_ROUTERS = ["monitoring.public.routing.PublicRouter"]

# --- language, time ---
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
USE_I18N = True  # only for Django's own messages; ours are written in Chinese
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- who is who ---
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:login"
PASSWORD_HASHERS = ["accounts.hashers.OwaspArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(minutes=30).total_seconds())  # of idleness, as each request begins it anew
SESSION_SAVE_EVERY_REQUEST = True
MESSAGE_STORAGE = (
    "django.contrib.messages.storage.session.SessionStorage"  # a message may name a household; a cookie would carry it
)
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # a town behind one address is not locked out by one person
AXES_USERNAME_CALLABLE = "accounts.lockout.counted_name"
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_DISABLE_ACCESS_LOG = True  # the audit trail keeps who logged in
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = PROXY_COUNT or None
AXES_IPWARE_META_PRECEDENCE_ORDER = ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"] if PROXY_COUNT else ["REMOTE_ADDR"]

# --- what a browser may do ---
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^ping$"]
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sid", "__Host-csrf"

# --- what may be sent to us ---
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # bytes of a form without its files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 40  # a form says itself, in words, how many it takes
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# --- static files ---
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = read_path(env, "STATIC_ROOT", VAR_DIR / "static")
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns when it is missing
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        ),
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION  # development serves static/ as it is, without collectstatic
WHITENOISE_AUTOREFRESH = DEBUG

# --- background work: the row of a job is the truth, a message only says "look" ---
REDIS_URL = read_redis(env)
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2, "retry_on_timeout": False}
else:
    CELERY_BROKER_URL = "atomicfs://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR),
        "data_folder_out": str(QUEUE_DIR),
        "control_folder": str(QUEUE_CONTROL_DIR),
        "polling_interval": 0.2,
    }
# Households of a screening in one transaction; whoever saves in the same villages waits for it.
SCREENING_PART_SIZE = read_number(env, "FANGPIN_SCREENING_PART", default=50_000, least=50, most=200_000)
LIST_PART_SIZE = read_number(env, "FANGPIN_LIST_PART", default=20_000, least=50, most=200_000)
# Seconds that a worker may be silent before another takes its job over.
JOB_LEASE_SECONDS = read_number(env, "FANGPIN_JOB_LEASE", default=30, least=2, most=600)
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Celery would close the connection after each task; when it is too old or broken, fangpin/celery.py closes it.
CELERY_DB_REUSE_MAX = 1000  # tasks: more than a connection's age allows
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # Redis may be away for an hour; the worker waits for it
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # What is not taken before its next turn is dropped, so that nothing piles up while no worker runs.
    "sweep-jobs": {"task": "accounts.tasks.sweep_jobs", "schedule": 15.0, "options": {"expires": 15}},
    "seal-audit": {"task": "accounts.tasks.seal_audit", "schedule": 60.0, "options": {"expires": 60}},
    "expire-exports": {
        "task": "ledgers.tasks.expire_exports",
        "schedule": crontab(minute=0),
        "options": {"expires": 3600},
    },
    "forget-imports": {
        "task": "households.tasks.forget_imports",
        "schedule": crontab(minute=30),
        "options": {"expires": 3600},
    },
    "sweep-attachments": {
        "task": "households.tasks.sweep_attachments",
        "schedule": crontab(minute=45),
        "options": {"expires": 3600},
    },
    "move-due-cases": {
        "task": "monitoring.tasks.move_due_cases",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    "forget-lists": {
        "task": "assistance.tasks.forget_lists",
        "schedule": crontab(minute=20),
        "options": {"expires": 3600},
    },
    "expire-dossiers": {
        "task": "assistance.tasks.expire_dossiers",
        "schedule": crontab(minute=10),
        "options": {"expires": 3600},
    },
    "forget-sessions": {"task": "accounts.tasks.forget_sessions", "schedule": crontab(hour=3, minute=40)},
    "forget-notifications": {"task": "accounts.tasks.forget_notifications", "schedule": crontab(hour=3, minute=45)},
    "tell-of-late-cases": {"task": "monitoring.tasks.tell_of_late_cases", "schedule": crontab(hour=7, minute=30)},
    "tell-of-late-findings": {
        "task": "monitoring.tasks.tell_of_late_findings",
        "schedule": crontab(hour=7, minute=35),
    },
    # What was changed without being judged at once: imports, corrections by other offices.
    "screen-changed-facts": {
        "task": "monitoring.tasks.screen_changed_facts",
        "schedule": 120.0,
        "options": {"expires": 120},
    },
    "exchange-with-public-pages": {
        "task": "monitoring.tasks.exchange_with_public_pages",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "publish-declaration-pages": {
        "task": "monitoring.tasks.publish_declaration_pages",
        "schedule": crontab(minute=15),
        "options": {"expires": 3600},
    },
    "compare-national-entries": {
        "task": "monitoring.tasks.compare_national_entries",
        "schedule": crontab(hour=4, minute=10),
    },
    "forget-policy-trials": {"task": "monitoring.tasks.forget_policy_trials", "schedule": crontab(hour=3, minute=50)},
    # Every day, so that a clock that stood still on the first of April or October makes up for it.
    "open-grading-rounds": {"task": "monitoring.tasks.open_grading_rounds", "schedule": crontab(hour=0, minute=20)},
    "rescreen-nightly": {"task": "monitoring.tasks.rescreen_nightly", "schedule": crontab(hour=2, minute=10)},
}

# --- a host with the public pages alone: no accounts, no sessions, no register, none of their tables ---
if PUBLIC_ONLY:
    INSTALLED_APPS = ["fangpin", "monitoring.public", "django.contrib.staticfiles", "crispy_forms", "csp"]
    MIDDLEWARE = [name for name in MIDDLEWARE if name.partition(".")[0] in ("whitenoise", "csp", "fangpin")]
    MIDDLEWARE.insert(0, "django.middleware.security.SecurityMiddleware")
    MIDDLEWARE += [
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ]
    ROOT_URLCONF = "fangpin.public_urls"
    TEMPLATES[0]["OPTIONS"] = {
        "context_processors": ["django.template.context_processors.request"],
        "libraries": {"ui": "accounts.templatetags.ui"},
    }
    AUTHENTICATION_BACKENDS = []

# --- log: to standard error, without personal data ---
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "fangpin.logs.DiscreetFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "axes": {"handlers": [], "level": "ERROR", "propagate": True},
        "celery": {"level": "INFO"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
    },
}
