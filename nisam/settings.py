"""Django settings. Every value an operator may change comes from the environment; `.env.example` lists them."""

import tomllib
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from dotenv import load_dotenv
from redis.backoff import NoBackoff
from redis.retry import Retry

from nisam import environment

django_stubs_ext.monkeypatch()  # so that admin classes can say of which model they are

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(environment.text("NISAM_ENV_FILE", str(BASE_DIR / ".env")))  # what the environment says itself wins
DATA_DIR = Path(environment.text("NISAM_DATA_DIR", str(BASE_DIR / "data"))).absolute()

# ---- Django
DEBUG = environment.flag("NISAM_DEBUG", default=False)
SECRET_KEY = environment.secret("NISAM_SECRET_KEY", DATA_DIR / "secret_key")
ALLOWED_HOSTS = environment.words("NISAM_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = environment.words("NISAM_TRUSTED_ORIGINS", [])
# Where every origin is served over TLS, cookies never travel without it.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(CSRF_TRUSTED_ORIGINS) and all(
    origin.startswith("https://") for origin in CSRF_TRUSTED_ORIGINS
)
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "django_celery_beat",
    "nisam.supervisor",
    "nisam.monitoring",
    "nisam.freshness",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "nisam.presence",
    "nisam.jobs",
    "channels",
    "videos",
    "scraping",
    "dbadmin",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "nisam.freshness.middleware.private_by_default",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "nisam.urls"
SESSION_ENGINE = "nisam.session.store"
CSRF_FAILURE_VIEW = "nisam.lib.error_pages.csrf_failure"
ASGI_APPLICATION = "nisam.asgi.application"
APPEND_SLASH = False
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
            ],
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# A production image collects static files once; without that they are served from where they lie.
STATIC_ROOT = environment.text("NISAM_STATIC_ROOT") or None
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(0, "django.forms")

# ---- Database: SQLite, tuned for several writing processes, or what DATABASE_URL names
DATABASE_URL = environment.url("DATABASE_URL", ("postgres", "postgresql", "sqlite"))


# Connections a process keeps open and shares between its requests; nisam/asgi.py sets it for the web process.
DATABASE_POOL_SIZE = environment.whole("NISAM_DATABASE_POOL_SIZE", 0)
# How the web process has statements planned. Those without parameters, such as a list's first page, are planned once a
# connection; those with some each time anew, because a plan for the average tag is a catastrophe for the most popular
# one. Pages are small: starting parallel workers, or compiling a plan, takes longer than it saves.
DATABASE_PLANNER = (
    "-c plan_cache_mode=force_custom_plan -c max_parallel_workers_per_gather=0 -c jit=off -c random_page_cost=1.1"
    # What a search finds lies scattered: asked for together, it comes from a cold disk in half of the time.
    " -c effective_io_concurrency=100"
    # Where the places of two common words do not fit, whole pages are kept instead, and every row of them is read.
    " -c work_mem=16MB"
)


def _database() -> Any:
    if DATABASE_URL and not DATABASE_URL.startswith("sqlite"):
        # No persistent connections: under ASGI they would outlive their request's thread.
        server: Any = dj_database_url.parse(DATABASE_URL, conn_max_age=0, engine="nisam.freshness.postgresql")
        if DATABASE_POOL_SIZE:
            server["CONN_HEALTH_CHECKS"] = True  # a connection of the pool may be to a server that was restarted
            server["OPTIONS"] = {
                "pool": {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10},
                "server_side_binding": True,
                "prepare_threshold": 5,
                "options": DATABASE_PLANNER,
            }
        return server
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    database: Any = dj_database_url.parse(
        DATABASE_URL or f"sqlite:///{DATA_DIR / 'nisam.sqlite3'}", engine="nisam.freshness.sqlite3"
    )
    # A file, as the real one: an in-memory database could not be shared with worker processes.
    database["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    return database


DATABASES = {"default": _database()}

# ---- Each video's own database (videos/captions)
CAPTIONS_ROOT = Path(environment.text("NISAM_CAPTIONS_ROOT", str(DATA_DIR / "databases"))).absolute()

# ---- Fleets of SQLite files that are administered: root/shard/id/name, and the folder with every version of the schema
FLEETS: dict[str, dict[str, Any]] = {
    "captions": {
        "root": CAPTIONS_ROOT,
        "pattern": "*/*/captions.db",
        "registry": BASE_DIR / "videos" / "captions" / "schema",
    }
}

# ---- Redis: REDIS_URL, or the embedded server that `manage.py run` started and described in this file
REDIS_URL_FILE = DATA_DIR / "redis.url"
REDIS_URL = environment.url("REDIS_URL", ("redis", "rediss"))
if not REDIS_URL and REDIS_URL_FILE.exists():
    REDIS_URL = REDIS_URL_FILE.read_text().strip()

# What Django keeps there may be lost at any time; its waits are short, because every one of them is somebody's.
CACHES: Any = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "nisam",
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": 0.25,
            "SOCKET_TIMEOUT": 0.25,
            "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 1)},
        },
    }
# Answers that a web process keeps in its own memory, in megabytes, and in Redis for all of them, in number.
CACHE_MEMORY_MB = environment.whole("NISAM_CACHE_MEMORY_MB", 64, minimum=1)
CACHE_ANSWERS = environment.whole("NISAM_CACHE_ANSWERS", 5000, minimum=1)

# ---- Jobs: times in seconds and days
JOB_LEASE_SECONDS = environment.whole("NISAM_JOB_LEASE_SECONDS", 60, minimum=1)
JOB_STALL_SECONDS = environment.whole("NISAM_JOB_STALL_SECONDS", 600, minimum=5)
JOB_CANCEL_GRACE_SECONDS = environment.whole("NISAM_JOB_CANCEL_GRACE_SECONDS", 15, minimum=1)
JOB_RETENTION_DAYS = environment.whole("NISAM_JOB_RETENTION_DAYS", 30, minimum=1)
# An item waits so long for a host that sends everybody away; then it fails, and the schedule tries again.
JOB_PATIENCE_HOURS = environment.whole("NISAM_JOB_PATIENCE_HOURS", 24, minimum=1)
JOB_REAPER_SECONDS = environment.whole("NISAM_JOB_REAPER_SECONDS", 15, minimum=1)

# ---- Celery: a message only wakes a worker, the job rows are the truth (docs/architecture.md)
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = True
CELERY_TASK_SEND_SENT_EVENT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry_on_timeout": True,
    "health_check_interval": 25,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "nisam.presence.beat:SigningScheduler"

# ---- REST API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # The first one decides that a request without credentials is answered 401, not 403.
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_RENDERER_CLASSES": ["nisam.lib.rendering.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["nisam.lib.parsers.JSONBody"],
    "EXCEPTION_HANDLER": "nisam.lib.api_errors.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "nisam.lib.schema.Schema",
    # `format` is a parameter like others: unknown, unless a view knows it.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "nisam",
    "DESCRIPTION": (
        "A video hub: channels are followed, their videos served as a catalogue.\n\n"
        "Ids are UUIDs, times are ISO 8601 in UTC. Lists are bare arrays; the header `Link` leads from page to page. "
        "Every error has the form of `Error`, also where nothing below says so: 405 for a method that a path does not "
        "have, 406 for an `Accept` without JSON, 500 for a mistake of ours.\n\n"
        "What is public is never older than the last change and may be kept as long as it is asked for again each time "
        "(`ETag`, `If-None-Match`). The rest is for staff, with a token or a session."
    ),
    "VERSION": tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"],
    "SERVERS": [{"url": "/"}],
    "SCHEMA_PATH_PREFIX": "/api",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "VideoKind": "videos.models.Kind",
        "LiveStatus": "videos.models.LiveStatus",
        "Availability": "videos.models.Availability",
        "JobStatus": "nisam.jobs.models.Status",
        "DatabaseStatus": "dbadmin.models.record.STATUSES",
        "DatabaseHealth": "dbadmin.models.Health",
        "Role": "nisam.session.serializers.ROLES",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "list", "defaultModelsExpandDepth": 0, "filter": True},
}

# ---- Scraping
SCRAPE_INTERVAL_MINUTES = environment.whole("NISAM_SCRAPE_INTERVAL_MINUTES", 60, minimum=1)
SCRAPE_SHORTEST_INTERVAL_MINUTES = environment.whole("NISAM_SCRAPE_SHORTEST_INTERVAL_MINUTES", 15, minimum=1)
SCRAPE_LONGEST_INTERVAL_MINUTES = environment.whole("NISAM_SCRAPE_LONGEST_INTERVAL_MINUTES", 1440, minimum=1)
SCRAPE_FULL_PASS_DAYS = environment.whole("NISAM_SCRAPE_FULL_PASS_DAYS", 14, minimum=1)
# Per host and for all workers together; 0: as fast as it goes.
SCRAPE_REQUESTS_PER_MINUTE = environment.whole("NISAM_SCRAPE_REQUESTS_PER_MINUTE", 30)
SCRAPE_BURST = environment.whole("NISAM_SCRAPE_BURST", 20, minimum=1)
DETAILS_PER_DAY = environment.whole("NISAM_DETAILS_PER_DAY", 2000)
SCRAPE_TIMEOUT_SECONDS = environment.whole("NISAM_SCRAPE_TIMEOUT_SECONDS", 20, minimum=1)
SCRAPE_MAX_RESPONSE_BYTES = environment.whole("NISAM_SCRAPE_MAX_RESPONSE_BYTES", 32 * 1024 * 1024, minimum=1024)
# How many tracks of captions are fetched of a video; 0: none. Its own language first, then these, then the others.
CAPTIONS_PER_VIDEO = environment.whole("NISAM_CAPTIONS", 3)
CAPTION_LANGUAGES = environment.words("NISAM_CAPTION_LANGUAGES", ["en"])
ALLOW_PRIVATE_HOSTS = environment.words("NISAM_ALLOW_PRIVATE_HOSTS", [])
ALLOWED_EXTRACTORS = environment.words("NISAM_ALLOWED_EXTRACTORS", ["default", "-generic"])

# A file that is never written may rot all the same: each is checked thoroughly when its last check is so old.
FLEET_DEEP_CHECK_DAYS = environment.whole("NISAM_FLEET_DEEP_CHECK_DAYS", 7, minimum=1)
# Copies made before a change, of each fleet: by age and by size; the latest of each database stays.
FLEET_SNAPSHOT_DAYS = environment.whole("NISAM_FLEET_SNAPSHOT_DAYS", 30, minimum=1)
FLEET_SNAPSHOT_MB = environment.whole("NISAM_FLEET_SNAPSHOT_MB", 10_240, minimum=1)

# ---- Logging: one line an event, to standard error
LOG_LEVEL = environment.one_of("NISAM_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
