"""Celery's CELERY_BEAT_SCHEDULER: the schedule of the database, with signs of life."""

from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

from nisam.presence.models import Process
from nisam.presence.signs import Signs


class SigningScheduler(DatabaseScheduler):  # type: ignore[misc]  # it has no types
    """Looks at the schedule every five seconds at least, and says so in its row.

    The row of the last run that Celery's own scheduler keeps is written every three minutes only.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._signs = Signs(Process.Kind.BEAT)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One look: sends what is due; returns the seconds until the next."""
        if self._signs.name:
            self._signs.go_on()
        else:
            self._signs.begin()
        return float(super().tick(*args, **kwargs))

    def close(self) -> None:
        """At the end."""
        self._signs.end()
        super().close()
