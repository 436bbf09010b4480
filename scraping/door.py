"""The door that every request to a platform goes through: let in politely, counted, its outcome told to all workers."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from nisam.lib.errors import Blocks, OperationError
from scraping import errors
from scraping.classify import classify
from scraping.models import Host
from scraping.network import GuardedSession, PrivateAddressError, size_limit

Spend = Callable[[int, int], None]
_CHUNK = 64 * 1024
_APART = {"/feeds/videos.xml": "/feeds", "/api/timedtext": "/captions"}


@dataclass(frozen=True)
class Fetched:
    """An answer: `status` is 200 to 299, or 304; `url` is where redirects led."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str


def _count_nothing(_requests: int, _bytes: int) -> None:
    """For requests that belong to no job."""


@dataclass
class Door:
    """Where a source's requests go out.

    `spend` is told (requests, bytes received) as they happen. `waiting` is entered around every wait for the outside
    world and nothing else: what it surrounds may be interrupted at any point, as a statement to the database may not.
    """

    spend: Spend = _count_nothing
    waiting: Callable[[], AbstractContextManager[None]] = nullcontext
    _host: Host | None = field(default=None, init=False)
    _rests: Host | None = field(default=None, init=False)
    _asked_at: datetime = field(default_factory=timezone.now, init=False)

    @contextmanager
    def visit(self, url: str) -> Iterator[None]:
        """Around one request: waits for the host's turn before it. Raises HostRestingError, HostBusyError.

        Whoever reads the answer tells, by `succeeded` or `failed`, what it was worth.
        """
        self.succeeded()  # whoever asks on has had an answer
        self._rests = None
        host, wait = _admit(host_of(url))
        if wait:
            with self.waiting():
                time.sleep(wait.total_seconds())
            probe = host.probe_until
            host.refresh_from_db()
            if probe is None or host.probe_until != probe:  # a probe is not in its own way
                host.still_open(timezone.now())  # somebody else's request may have failed in the meantime
        self._host, self._asked_at = host, timezone.now()
        self.spend(1, 0)
        with self.waiting():
            yield

    def succeeded(self) -> None:
        """The host of the last visit answered as it should."""
        host, self._host = self._host, None
        if host and not host.is_clean:
            _change(host.name, lambda row: row.succeeded(self._asked_at))

    def failed(self, error: OperationError) -> None:
        """The last visit failed. What is the host's fault is noted, once, and `error` then waits for the host."""
        if not isinstance(error, errors.ScrapeError) or not (error.transient or error.blocks == Blocks.HOST):
            self.succeeded()  # the host did answer
            return
        host, self._host = self._host, None
        if host:
            self._rests = _change(host.name, lambda row: row.failed(error, self._asked_at))
        if self._rests and self._rests.open_until:
            error.retry_after = max(error.retry_after, self._rests.open_until - timezone.now())

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Fetched:
        """GET `url`, following redirects; the whole answer. Raises ScrapeError for anything but 2xx and 304."""
        try:
            with self.visit(url):
                fetched = self._get(url, headers or {})
        except OperationError as error:
            self.failed(error)
            raise
        self.succeeded()
        return fetched

    def _get(self, url: str, headers: dict[str, str]) -> Fetched:
        try:
            with GuardedSession() as session:
                response = session.get(url, headers=headers, timeout=settings.SCRAPE_TIMEOUT_SECONDS, stream=True)
                body = self._body(response)
        except requests.RequestException as error:
            raise _our_error(error) from error
        if response.status_code == requests.codes.forbidden:
            raise errors.ForbiddenError("The site does not show this to everybody. (HTTP 403)")
        if response.status_code >= requests.codes.bad_request:
            raise classify(response.reason or "", response.status_code, response.headers.get("Retry-After"))
        return Fetched(response.status_code, dict(response.headers), body, response.url)

    def _body(self, response: requests.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            self.spend(0, len(chunk))
            body += chunk
            if len(body) > size_limit():
                raise errors.ResponseTooLargeError(f"{response.url} sent more than {size_limit()} bytes.")
        return bytes(body)


def host_of(url: str) -> str:
    """The name a URL's host is known by: the same for its desktop and its mobile site.

    YouTube's feeds and captions are known apart: they fail for days while everything else is well.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower().removeprefix("www.").removeprefix("m.")
    return host + _APART.get(parts.path, "")


def _admit(name: str) -> tuple[Host, timedelta]:
    per_minute = settings.SCRAPE_REQUESTS_PER_MINUTE
    interval = timedelta(minutes=1) / per_minute if per_minute else timedelta(0)
    now, busy = timezone.now(), None
    if Host.objects.let_in(name, now, interval=interval, burst=settings.SCRAPE_BURST):
        return Host(name=name), timedelta(0)
    with transaction.atomic():
        host, _ = Host.objects.select_for_update().get_or_create(name=name)
        try:
            wait = host.admit(now, interval=interval, burst=settings.SCRAPE_BURST)
        except errors.HostBusyError as error:
            busy = error
        else:
            host.was_asked(now.date())
        host.save(update_fields=["next_free_at", "probe_until", "booked_until", "asked_day", "asked_count"])
    if busy:
        raise busy
    return host, wait


def _change(name: str, change: Callable[[Host], None]) -> Host:
    with transaction.atomic():
        host = Host.objects.select_for_update().get(name=name)
        change(host)
        host.save()
    return host


def _our_error(error: BaseException) -> OperationError:
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, PrivateAddressError):
            return errors.PrivateHostError(str(cause))
        reason = getattr(cause, "reason", None) or (cause.args[0] if cause.args else None)
        cause = reason if isinstance(reason, BaseException) else cause.__cause__ or cause.__context__
    if isinstance(error, requests.Timeout):
        return errors.TimedOutError("The site took too long.")
    if isinstance(error, requests.TooManyRedirects):
        return errors.ParseError("The site leads from one address to the next without an end.")
    return errors.NetworkError("The site could not be reached.")
