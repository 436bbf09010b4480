"""The live stream: from a worker's COMMIT to 100 browsers, and what 500 of them cost a web process in memory."""

import asyncio
import json
import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import redis.asyncio
from django.contrib.auth.models import User
from rest_framework.authtoken.models import Token

from benchmarks.measure import verdict
from benchmarks.server import NISAM, Served, served
from benchmarks.stream_clients import Listener, listeners
from benchmarks.stream_writer import stream_writer
from tests.builders import make_job

REDIS = os.environ.get("NISAM_BENCH_REDIS", "redis://127.0.0.1:6379/7")
CHANNEL = "nisam:bench"
CLIENTS, EVENTS, CROWD = 100, 200, 500
MOST_MILLISECONDS, MOST_KILOBYTES = 250, 100


def run() -> bool:
    """Both; True when both targets are met."""
    user, _ = User.objects.get_or_create(username="benchmark", is_staff=True)
    token, _ = Token.objects.get_or_create(user=user)
    job = make_job()
    path = f"/api/automation/jobs/{job.pk}/stream"
    services = {"REDIS_URL": REDIS, "NISAM_SECRET_KEY": "of the benchmarks"}
    with served(NISAM, services) as web, stream_writer(job.pk, CHANNEL, services) as writer:
        is_fast = asyncio.run(_latency(web, path, token.key, writer))
        return asyncio.run(_memory(web, path, token.key, writer)) and is_fast


async def _latency(web: Served, path: str, token: str, writer: "subprocess.Popen[str]") -> bool:
    bare = asyncio.create_task(_bare(EVENTS))
    async with listeners(CLIENTS, web.port, path, token) as clients:
        written, published = await asyncio.to_thread(_write, writer, EVENTS)
        await asyncio.sleep(1)
    floor = [1000 * (heard - sent) for heard, sent in zip(await bare, published, strict=True)]
    waits = [wait for client in clients for wait in _waits(client, written)]
    print(f"   {'ms':40}{'p50':>10}{'p99':>10}{'max':>10}")
    _show("Redis to one listener (floor)", floor)
    _show(f"COMMIT to {CLIENTS} clients", waits)
    p99, times = _p99(waits), statistics.median(waits) / statistics.median(floor)
    words = f"p50 {times:.0f} × the floor; p99 {p99:.0f} ms (target < {MOST_MILLISECONDS})"
    return verdict(words, p99 < MOST_MILLISECONDS) and _complete(clients, EVENTS + 1)


async def _memory(web: Served, path: str, token: str, writer: "subprocess.Popen[str]") -> bool:
    before = _kilobytes(web)
    async with listeners(CROWD, web.port, path, token) as clients:
        await asyncio.to_thread(_write, writer, 50)
        await asyncio.sleep(1)
        during = _kilobytes(web)
        sockets = _files(web)
    each = (during - before) / CROWD
    megabytes = [f"{kilobytes / 1024:.1f} MB" for kilobytes in (before, during, _kilobytes(web))]
    print(f"   {megabytes[0]}, with {CROWD} clients {megabytes[1]}, after them {megabytes[2]}")
    print(f"   {sockets} open files with them, {_files(web)} after them")
    words = f"{each:.0f} kB a client (target < {MOST_KILOBYTES})"
    return verdict(words, each < MOST_KILOBYTES) and _complete(clients, EVENTS + 51)


async def _bare(number: int) -> list[float]:
    """When each of so many messages came, to a listener without anything around it."""
    async with redis.asyncio.Redis.from_url(REDIS) as client, client.pubsub(ignore_subscribe_messages=True) as heard:
        await heard.subscribe(CHANNEL)
        times: list[float] = []
        while len(times) < number:
            if await heard.get_message(timeout=30):
                times.append(time.monotonic())
        return times


def _write(writer: "subprocess.Popen[str]", number: int) -> tuple[list[float], list[float]]:
    assert writer.stdin
    assert writer.stdout
    writer.stdin.write(f"{number}\n")
    writer.stdin.flush()
    written, published = json.loads(writer.stdout.readline())
    return written, published


def _waits(client: Listener, written: Sequence[float]) -> list[float]:
    """Milliseconds from each COMMIT to its arrival; the job's first entry was there before."""
    return [1000 * (client.arrived[number] - sent) for number, sent in enumerate(written, 2)]


def _complete(clients: Sequence[Listener], entries: int) -> bool:
    all_of_them = list(range(1, entries + 1))
    complete = all(list(client.arrived) == all_of_them and not client.twice for client in clients)
    return verdict(f"{len(clients)} clients: all of {entries} entries, once, in order", complete)


def _kilobytes(web: Served) -> int:
    lines = Path(f"/proc/{web.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def _files(web: Served) -> int:
    return len(list(Path(f"/proc/{web.pid}/fd").iterdir()))


def _p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[-1]


def _show(name: str, values: Sequence[float]) -> None:
    print(f"   {name:40}{statistics.median(values):10.1f}{_p99(values):10.1f}{max(values):10.1f}", flush=True)
