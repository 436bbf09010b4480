"""The ASGI application. It does not start on settings that a system check refuses."""

import gc
import os

from django.core.asgi import get_asgi_application
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nisam.settings")
# Requests share a few connections: a hundred visitors at once must not take a hundred from PostgreSQL.
os.environ.setdefault("NISAM_DATABASE_POOL_SIZE", "16")

_django = get_asgi_application()

from nisam.freshness.layer import FreshAnswers  # noqa: E402 - needs Django set up
from nisam.jobs.live.layer import LiveStreams  # noqa: E402

application = FreshAnswers(LiveStreams(_django))
call_command("check", verbosity=0)
# What is loaded by now lives as long as the process: the garbage collector need not go through it again and again.
gc.freeze()
