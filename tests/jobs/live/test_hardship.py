"""Nothing missing, nothing twice, in order: connections that break, clients that dawdle, crowds, a Redis that dies."""

import asyncio
import socket
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.db import connection

from nisam.jobs.live.announce import Announcer
from nisam.jobs.live.topics import REDIS_CHANNEL
from nisam.jobs.models import Job
from nisam.supervisor.valkey import configure
from tests.builders import make_job
from tests.jobs.live.listening import (
    Sent,
    address,
    all_of,
    begin,
    beside,
    end,
    entries,
    ids_in,
    listen,
    numbers,
    save,
)
from tests.processes import start_redis, start_web, until

pytestmark = pytest.mark.django_db(transaction=True)


def test_fifty_broken_connections_during_5000_events(web: str, token: str) -> None:
    job = make_job()

    def work() -> None:
        run = begin(job)
        save(run, steps=50, videos=100)
        end(run)

    seen: list[Sent] = []
    with beside(work):
        for _ in range(50):
            with closing(listen(web, token, job, last_id=seen[-1].id if seen else "")) as stream:
                seen += entries(islice(stream, 90))
        seen += entries(listen(web, token, job, last_id=seen[-1].id))
    assert numbers(seen) == all_of(job)
    assert len(seen) > 5000


def request(site: str, token: str, job: Job) -> bytes:
    """What a client without any library sends."""
    url = urlsplit(address(site, job))
    return f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: Token {token}\r\n\r\n".encode()


def body_of(answer: bytes) -> bytes:
    """The body of an answer that came in chunks."""
    _, _, rest = answer.partition(b"\r\n\r\n")
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return body


def test_a_client_that_does_not_read_lags_behind_alone_and_misses_nothing(web: str, token: str) -> None:
    job = make_job()
    run = begin(job)
    with socket.create_connection(("127.0.0.1", urlsplit(web).port or 0)) as slow:
        slow.sendall(request(web, token, job))
        slow.recv(1)
        save(run, steps=50, videos=50, words="long " * 500)  # more than any buffer between here and there holds
        end(run)
        assert numbers(listen(web, token, job)) == all_of(job)
        slow.settimeout(30)
        answer = bytearray()
        while not answer.endswith(b"\r\n0\r\n\r\n"):
            answer += slow.recv(1 << 20)
    assert ids_in(body_of(bytes(answer))) == all_of(job)


def test_500_clients_of_one_job_all_see_all_of_it_over_a_few_connections_to_the_database(web: str, token: str) -> None:
    job = make_job()
    run = begin(job)
    heard = asyncio.Semaphore(0)

    async def client() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(web).port)
        with closing(writer):
            writer.write(request(web, token, job))
            answer = await reader.readuntil(b"channel_start")
            heard.release()
            return answer + await reader.readuntil(b"\r\n0\r\n\r\n")

    async def crowd() -> list[bytes]:
        clients = asyncio.gather(*(client() for _ in range(500)))
        for _ in range(500):
            await heard.acquire()
        await asyncio.to_thread(work)
        return await clients

    def work() -> None:
        try:
            save(run, steps=20, videos=2)
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
                    assert cursor.fetchone()[0] < 20
            end(run)
        finally:
            connection.close()

    answers = asyncio.run(crowd())
    expected = all_of(job)
    assert {tuple(ids_in(body_of(answer))) for answer in answers} == {tuple(expected)}


def test_a_redis_that_dies_and_comes_back_is_not_noticed_in_the_stream(
    token: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = configure(tmp_path / "valkey")
    settings.REDIS_URL = server.url
    monkeypatch.setattr("nisam.jobs.live.announce.announcer", Announcer())
    job = make_job()
    run = begin(job)
    seen: list[Sent] = []

    def see_all() -> None:
        while numbers(seen) != all_of(job):
            seen.append(next(stream))

    with start_redis(server), start_web(REDIS_URL=server.url) as site, closing(listen(site, token, job)) as stream:
        see_all()
        stop(server.url)
        save(run, steps=3)
        see_all()
        with start_redis(server):
            save(run, steps=3)
            see_all()
            with closing(redis.Redis.from_url(server.url)) as client:
                until(lambda: client.pubsub_numsub(REDIS_CHANNEL)[0][1])
            save(run)
            end(run)
            assert numbers([*seen, *stream]) == all_of(job)


def test_a_database_that_breaks_its_connections_is_not_noticed_in_the_stream(web: str, token: str) -> None:
    job = make_job()
    run = begin(job)
    with closing(listen(web, token, job)) as stream:
        seen = [next(stream) for _ in range(3)]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        save(run)
        end(run)
        assert numbers([*seen, *stream]) == all_of(job)


def stop(url: str) -> None:
    with closing(redis.Redis.from_url(url)) as client, suppress(redis.ConnectionError):
        client.shutdown(nosave=True)


def test_without_redis_the_stream_looks_at_the_rows(token: str) -> None:
    job = make_job()
    run = begin(job)
    with start_web(REDIS_URL="") as site, closing(listen(site, token, job)) as stream:
        first = [next(stream) for _ in range(2)]
        save(run)
        end(run)
        assert numbers([*first, *stream]) == all_of(job)
