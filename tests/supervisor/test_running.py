"""While it runs."""

import os
import signal
import stat
from collections.abc import Iterator

import pytest
import redis
import requests

from tests.processes import until
from tests.supervisor.running import Running, free_port, run, supervisor


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One supervisor for all these tests: they leave it as it was."""
    with supervisor(tmp_path_factory.mktemp("running") / "data") as one:
        yield one


def test_the_site_answers(running: Running) -> None:
    answer = requests.get(f"{running.site}/api/videos", timeout=5)
    assert (answer.status_code, answer.json()) == (200, [])


def test_the_addresses_are_printed(running: Running) -> None:
    assert f"{running.site}/admin/" in running.output
    assert "Ctrl-C stops everything" in running.output


def test_the_printed_password_opens_the_admin(running: Running) -> None:
    page = f"{running.site}/admin/login/"
    with requests.Session() as browser:
        token = browser.get(page, timeout=5).cookies["csrftoken"]
        form = {"username": "admin", "password": running.password, "csrfmiddlewaretoken": token, "next": "/admin/"}
        assert browser.post(page, form, timeout=5, allow_redirects=False).status_code == 302


def test_other_commands_find_the_embedded_server(running: Running) -> None:
    code = "from django.conf import settings; import redis; print(redis.Redis.from_url(settings.REDIS_URL).ping())"
    assert run(running.folder, "shell", "--no-imports", "-c", code).stdout.strip() == "True"


def test_the_embedded_server_refuses_a_client_without_the_password(running: Running) -> None:
    url = (running.folder / "redis.url").read_text()
    with (
        redis.Redis.from_url("redis://" + url.partition("@")[2]) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


@pytest.mark.parametrize("name", ["valkey/valkey.conf", "redis.url"])
def test_only_the_owner_reads_the_password(running: Running, name: str) -> None:
    assert stat.S_IMODE((running.folder / name).stat().st_mode) == 0o600


def test_a_second_supervisor_is_refused_on_the_same_directory(running: Running) -> None:
    second = run(running.folder, "run", "--port", str(free_port()))
    assert second.returncode == 1
    assert f"nisam is running already on {running.folder} (process {running.process.pid})" in second.stderr
    assert running.answers()


def test_a_port_in_use_is_refused_before_anything_starts(
    running: Running, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("busy") / "data"
    refused = run(folder, "run", "--port", str(running.port))
    assert refused.returncode == 1
    assert f"Port {running.port} of 127.0.0.1 is in use" in refused.stderr
    assert not (folder / "valkey").exists()


def test_a_killed_web_server_comes_back(running: Running) -> None:
    (before,) = running.pids("uvicorn")
    os.kill(before, signal.SIGKILL)
    until(lambda: running.answers() and running.pids("uvicorn") != [before])
    assert "web was ended by signal 9 (Killed); starting it again in 1 s." in running.output


def test_a_killed_worker_comes_back_and_leaves_no_children(running: Running) -> None:
    before = running.pids("celery", "worker")
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(running.pids("celery", "worker")) == 3 and not set(before) & set(running.pids()))


def test_a_killed_valkey_comes_back_where_it_was_with_its_data(running: Running) -> None:
    with redis.Redis.from_url((running.folder / "redis.url").read_text()) as client:
        client.set("kept", "yes")
        client.waitaof(1, 0, 0)  # a busy disk may make the server wait with writing what it has acknowledged
        (before,) = running.pids("valkey-server")
        os.kill(before, signal.SIGKILL)
        until(lambda: running.pids("valkey-server") not in ([], [before]))
        until(lambda: _answer(client) == b"yes")


def _answer(client: "redis.Redis") -> object:
    try:
        return client.get("kept")
    except redis.ConnectionError:
        return None
