"""How it starts, and when it refuses to."""

import signal
from pathlib import Path

from django.conf import settings

from tests.supervisor.running import free_port, run, supervisor


def test_the_first_password_is_shown_once_and_never_again(tmp_path: Path) -> None:
    with supervisor(tmp_path / "data") as first:
        assert first.output.count(str(first.password)) == 1
        first.stop(signal.SIGINT)
    with supervisor(tmp_path / "data") as second:
        assert second.password is None


def test_a_given_redis_is_used_instead_of_an_own_one(tmp_path: Path) -> None:
    given = settings.REDIS_URL.rpartition("/")[0] + "/13"
    with supervisor(tmp_path / "data", REDIS_URL=given) as running:
        assert running.pids("valkey-server") == []
        assert not (running.folder / "redis.url").exists()


def test_settings_that_the_checks_refuse_are_refused_in_their_words(tmp_path: Path) -> None:
    refused = run(tmp_path / "data", "run", "--port", str(free_port()), NISAM_DEBUG="banana")
    assert refused.returncode == 1
    assert "NISAM_DEBUG='banana' cannot be used" in refused.stderr


def test_a_database_that_is_not_there_is_named_and_nothing_stays(tmp_path: Path) -> None:
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/nisam"
    refused = run(tmp_path / "data", "run", "--port", str(free_port()), DATABASE_URL=nowhere)
    assert refused.returncode == 1
    assert "The database cannot be used" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "data" / "redis.url").exists()
