"""What all workers know together about the hosts they ask, and about how full each platform's replies usually are."""

import random
from datetime import date, datetime, timedelta
from functools import cache

from django.db import connection, models
from django.db.models import DurationField
from django.utils import timezone

from nisam.lib.errors import Blocks
from scraping import errors

# A host that fails so often in a row is left alone, even when each failure alone would pass.
FAILURES_TO_OPEN = 5
FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=6)
# A probe that was heard of no more is given up after so long, and another may be sent.
PROBE_TIME = timedelta(minutes=2)
# A worker waits for its turn so long; beyond that the work goes back and the worker does something else.
LONGEST_WAIT = timedelta(seconds=20)
LONGEST_BOOKING = timedelta(minutes=10)
# The ledger of requests goes back so far.
KEEP_DAYS = timedelta(days=100)


class HostQuerySet(models.QuerySet["Host"]):
    """Questions about many hosts."""

    def let_in(self, name: str, now: datetime, *, interval: timedelta, burst: int) -> bool:
        """Let in and count a request that nothing stands in the way of, as most are; tells whether it is such a one.

        What `Host.admit` and `Host.was_asked` do to a host that is well, without a wait, in one statement. Outside a
        transaction PostgreSQL need not wait for the disk: if its machine goes down, half a second of pace is lost.
        """
        parameters = {
            "name": name,
            "now": connection.ops.adapt_datetimefield_value(now),
            "latest": connection.ops.adapt_datetimefield_value(now + interval * (burst - 1)),
            "interval": DurationField().get_db_prep_value(interval, connection),
            "day": connection.ops.adapt_datefield_value(now.date()),
            "alone": not connection.in_atomic_block,
        }
        with connection.cursor() as cursor:
            cursor.execute(_let_in_sql(connection.vendor), parameters)
            return cursor.fetchone() is not None


@cache
def _let_in_sql(vendor: str) -> str:
    if vendor == "postgresql":
        turn = "GREATEST(next_free_at, %(now)s) + %(interval)s"
        as_ever = "current_setting('synchronous_commit')"
        told = f"set_config('synchronous_commit', CASE WHEN %(alone)s THEN 'off' ELSE {as_ever} END, true)"
    else:
        turn, told = "django_format_dtdelta('+', MAX(next_free_at, %(now)s), %(interval)s)", "1"
    return (
        f"UPDATE scraping_host SET next_free_at = {turn}, asked_count = asked_count + 1"  # noqa: S608 - our own words
        " WHERE name = %(name)s AND open_until IS NULL AND failures = 0 AND next_free_at <= %(latest)s"
        f" AND asked_day = %(day)s RETURNING {told}"
    )


class Host(models.Model):
    """A host that is asked: its pace and its circuit breaker, shared by all workers.

    The breaker is closed (`open_until` empty), open (`open_until` ahead), or half-open (`open_until` past): then one
    request, the probe, decides between closed and open again.
    """

    name = models.CharField(primary_key=True, max_length=255)
    next_free_at = models.DateTimeField(null=True, blank=True, help_text="When the next request is in time.")
    booked_until = models.DateTimeField(null=True, blank=True, help_text="Who was sent away comes back one by one.")
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    times_opened = models.PositiveIntegerField(default=0, help_text="In a row; each rest is longer than the last.")
    open_until = models.DateTimeField(null=True, blank=True, help_text="Left alone until then.")
    probe_until = models.DateTimeField(null=True, blank=True, help_text="A request finds out how it is.")
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    error_at = models.DateTimeField(null=True, blank=True)
    asked_day = models.DateField(null=True, blank=True)
    asked_count = models.PositiveIntegerField(default=0, help_text="Requests on that day (UTC).")
    details_day = models.DateField(null=True, blank=True)
    details_count = models.PositiveIntegerField(default=0, help_text="Videos looked at on that day.")

    objects = HostQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_clean(self) -> bool:
        """Whether a success would change nothing."""
        return self.open_until is None and not self.failures

    def state(self, now: datetime) -> str:
        """well, resting (left alone), probed (one request finds out), or probe_due (the next request will)."""
        if self.open_until is None:
            return "well"
        if self.open_until > now:
            return "resting"
        return "probed" if self.probe_until and self.probe_until > now else "probe_due"

    def admit(self, now: datetime, *, interval: timedelta, burst: int) -> timedelta:
        """Let a request in: how long it must wait for its turn. Raises HostRestingError and HostBusyError.

        The pace is the generic cell rate algorithm (ITU-T I.371): one request per `interval`, up to `burst` at once.
        """
        self._knock(now)
        ideal = max(self.next_free_at or now, now)
        wait = max(ideal - interval * (burst - 1) - now, timedelta(0))
        if wait > LONGEST_WAIT:
            turn = self._book(now + wait, now, interval)
            raise errors.HostBusyError(f"{self.name} is asked no faster than is polite.", retry_after=turn - now)
        self.next_free_at = ideal + interval
        return wait

    def was_asked(self, day: date) -> None:
        """Count a request. Must run while this row is locked."""
        if self.asked_day is None or day > self.asked_day:  # clocks differ: a day that is over does not come back
            if self.asked_day:
                HostDay.keep(self, day)
            self.asked_day, self.asked_count = day, 0
        self.asked_count += 1

    def _book(self, soonest: datetime, now: datetime, interval: timedelta) -> datetime:
        """When somebody who is sent away should come back: each an interval after the one before.

        So thousands do not come back together again and again. Bookings go ten minutes ahead, then begin anew, because
        those who booked may never come.
        """
        turn = max(self.booked_until or soonest, soonest)
        if turn > now + LONGEST_BOOKING:
            turn = soonest
        self.booked_until = turn + interval
        return turn

    def _knock(self, now: datetime) -> None:
        self.still_open(now)
        if self.open_until:
            self.probe_until = now + PROBE_TIME

    def still_open(self, now: datetime) -> None:
        """Raise HostRestingError while the breaker is open, or half-open with a probe on its way."""
        if self.open_until is None:
            return
        closed_until = max(self.open_until, self.probe_until or self.open_until)
        if now < closed_until:
            words = f"{self.name} is left alone for now: {self.error_message}"
            raise errors.HostRestingError(words, retry_after=_spread(closed_until - now))

    def succeeded(self, asked_at: datetime) -> None:
        """A request was answered as it should be: the breaker closes, unless it opened after the request went out."""
        if self._opened_after(asked_at):
            return
        self.failures = self.times_opened = 0
        self.open_until = self.probe_until = None

    def failed(self, error: errors.ScrapeError, asked_at: datetime) -> None:
        """A request failed by the host's fault: the breaker opens at once, at the fifth in a row, or by a probe.

        What the host asked for (`Retry-After`) is the least it is left alone; each rest in a row doubles. Requests
        that were under way together when it opened are one incident.
        """
        now = timezone.now()
        if self._opened_after(asked_at):
            self.open_until = max(self.open_until or now, now + error.retry_after)
            return
        self.failures += 1
        self.error_code, self.error_message, self.error_at = error.code, str(error), now
        if error.blocks == Blocks.HOST or self.open_until or self.failures >= FAILURES_TO_OPEN:
            least = max(error.retry_after, FIRST_REST)
            rest = max(min(least * 2**self.times_opened, LONGEST_REST), error.retry_after)
            self.times_opened += 1
            self.open_until, self.probe_until = now + _spread(rest), None

    def _opened_after(self, asked_at: datetime) -> bool:
        return self.open_until is not None and self.error_at is not None and asked_at < self.error_at


class HostDay(models.Model):
    """How often a host was asked on a day (UTC) that is over; the host's own row has its latest day."""

    host = models.CharField(max_length=255)
    day = models.DateField()
    requests = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("day", "host")
        constraints = [
            # One row a host and day; also the analytics' question, which days of a period there are.
            models.UniqueConstraint(fields=["day", "host"], name="hostday_one_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.host} on {self.day}"

    @classmethod
    def keep(cls, host: "Host", day: date) -> None:
        """Put a host's latest day by, before `day` begins, and forget those that are long past."""
        cls.objects.create(host=host.name, day=host.asked_day, requests=host.asked_count)
        cls.objects.filter(host=host.name, day__lt=day - KEEP_DAYS).delete()


def _spread(wait: timedelta) -> timedelta:
    """Never shorter, a tenth longer at most: who was sent away together does not come back together."""
    return wait * random.uniform(1, 1.1)  # noqa: S311 - spreads load, guards no secret


class Coverage(models.Model):
    """How many of a source's entries carry a field: usually, and of late."""

    source = models.CharField(max_length=60, help_text="Platform and list, as youtube/videos.")
    field = models.CharField(max_length=40)
    usual = models.FloatField(help_text="Share of entries, 0 to 1, over a long time.")
    recent = models.FloatField(help_text="Share of entries, 0 to 1, of late.")
    lists = models.PositiveIntegerField(default=0, help_text="Lists it was seen on.")
    broken_at = models.DateTimeField(null=True, blank=True, help_text="Since when nothing is written from this source.")

    class Meta:
        ordering = ("source", "field")
        verbose_name_plural = "coverage"
        constraints = [models.UniqueConstraint(fields=["source", "field"], name="coverage_field")]

    def __str__(self) -> str:
        return f"{self.source} {self.field}"


class Schedule(models.Model):
    """What operators have set for the schedule as a whole, and when it last ran: one row."""

    usual_minutes = models.PositiveIntegerField(null=True, help_text="Instead of NISAM_SCRAPE_INTERVAL_MINUTES.")
    shortest_minutes = models.PositiveIntegerField(
        null=True, help_text="Instead of NISAM_SCRAPE_SHORTEST_INTERVAL_MINUTES."
    )
    longest_minutes = models.PositiveIntegerField(
        null=True, help_text="Instead of NISAM_SCRAPE_LONGEST_INTERVAL_MINUTES."
    )
    dispatched_at = models.DateTimeField(null=True, help_text="When what is due was last handed out.")

    class Meta:
        verbose_name_plural = "schedule"

    def __str__(self) -> str:
        return "the schedule"

    @classmethod
    def load(cls) -> "Schedule":
        """The row, or one with nothing set; one statement."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
