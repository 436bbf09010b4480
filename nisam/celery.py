"""The Celery application; imported with the project, so that every process talks to the same broker."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging, worker_process_init, worker_shutting_down
from django.core.management import CommandError, call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nisam.settings")

app = Celery("nisam")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["nisam.jobs", "videos", "scraping", "dbadmin"])


@setup_logging.connect
def leave_logging_to_django(**_: Any) -> None:
    """Celery's processes log as every other does, from NISAM_LOG_LEVEL on."""


@celeryd_init.connect
@beat_init.connect
def refuse_wrong_settings(**_: Any) -> None:
    """No worker and no Beat starts on settings that a system check refuses."""
    try:
        call_command("check", verbosity=0)
    except CommandError as error:  # Celery logs and ignores every other exception of a signal's receiver
        raise SystemExit(str(error)) from error


@worker_process_init.connect
def keep_what_is_loaded(**_: Any) -> None:
    """What a worker has loaded when it begins lives as long as it does: the collector need not go through it again."""
    gc.freeze()


@worker_shutting_down.connect
def give_work_back(sender: str, **_: Any) -> None:
    """A worker that stops hands its items over at once: they resume without waiting for their leases."""
    from nisam.jobs.claim import hand_over  # noqa: PLC0415 - models exist only after Django is set up

    hand_over(f"{sender}:{os.getpid()}")
