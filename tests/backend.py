"""Chooses what the suite runs on, before Django reads its settings (loaded by `-p tests.backend`).

NISAM_TEST_BACKEND is `services` (PostgreSQL and Redis), `embedded` (SQLite and an embedded Valkey) or `auto`, the
default: the services of DATABASE_URL and REDIS_URL or of this machine where they answer, else embedded.
NISAM_REQUIRE_POSTGRES, _REDIS, _BROWSER and _RECORDINGS turn a lack into a failure.
"""

import atexit
import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

DEFAULT_DATABASE = "postgresql://postgres@127.0.0.1:5432/nisam_{slot}"
DEFAULT_REDIS = "redis://127.0.0.1:6379/{slot}"
SLOTS = range(15, 7, -1)
RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "recordings"
scratch = Path(tempfile.mkdtemp(prefix="nisam-tests-"))
atexit.register(shutil.rmtree, scratch, ignore_errors=True)


def required(what: str) -> bool:
    """Whether the absence of something is a failure here."""
    return os.environ.get(f"NISAM_REQUIRE_{what}") == "1"


def _postgres_answers(url: str) -> bool:
    try:
        psycopg.connect(url.rpartition("/")[0] + "/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _redis_answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url, socket_connect_timeout=2).ping())
    except redis.RedisError:
        return False


def _embedded_redis() -> str:
    from nisam.supervisor.valkey import server_binary  # noqa: PLC0415 - only when it is needed

    for _ in range(5):  # somebody else may take the free port before the server does
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        password = secrets.token_hex(8)
        server = subprocess.Popen(
            [server_binary(), "--port", str(port), "--bind", "127.0.0.1", "--requirepass", password, "--dir", scratch,
             "--save", "", "--loglevel", "warning"],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        atexit.register(server.kill)
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        for _ in range(100):
            if _redis_answers(url):
                return url
            if server.poll() is not None:
                break
    pytest.exit("The embedded Valkey server does not start.", returncode=1)


def _free_slot() -> int:
    """A number that no other run on this machine uses, for a database of PostgreSQL's and one of Redis' of our own."""
    for slot in SLOTS:
        held = (Path(tempfile.gettempdir()) / f"nisam-tests-{slot}.lock").open("w")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            continue
        atexit.register(held.close)  # kept open, and so locked, until the end
        return slot
    pytest.exit(f"{len(SLOTS)} runs of the suite are going on already.", returncode=1)


def _choose() -> str:
    wanted = os.environ.get("NISAM_TEST_BACKEND", "auto")
    slot = _free_slot()
    database = os.environ.get("DATABASE_URL") or DEFAULT_DATABASE.format(slot=slot)
    broker = os.environ.get("REDIS_URL") or DEFAULT_REDIS.format(slot=slot)
    lacking = []
    if wanted != "embedded":
        lacking += [] if _postgres_answers(database) else [("POSTGRES", f"PostgreSQL at {database}")]
        lacking += [] if _redis_answers(broker) else [("REDIS", f"Redis at {broker}")]
        if not lacking:
            os.environ.update(DATABASE_URL=database, REDIS_URL=broker)
            return "PostgreSQL and Redis"
    missing = " and ".join(text for _, text in lacking)
    if wanted == "services" or any(required(name) for name, _ in lacking):
        pytest.exit(f"Required but not there: {missing}.", returncode=1)
    os.environ.pop("DATABASE_URL", None)
    os.environ["REDIS_URL"] = _embedded_redis()
    return "SQLite and an embedded Valkey" + (f"; not there: {missing}" if missing else "")


os.environ["NISAM_DATA_DIR"] = str(scratch)
os.environ["NISAM_ENV_FILE"] = os.devnull  # a developer's own .env must not reach the tests
os.environ["NISAM_SECRET_KEY"] = "of the tests"
os.environ.setdefault("NISAM_LOG_LEVEL", "WARNING")
BACKEND = _choose()


def pytest_report_header() -> str:
    """Say what the suite runs on."""
    return f"nisam: testing on {BACKEND}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it again at the end, where it is read."""
    terminalreporter.write_line(f"tested on {BACKEND}")
