"""Wrong settings are explained before anything starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT


def run(module: list[str], **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, *module], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("NISAM_DEBUG", "maybe", "1 or 0"),
        ("NISAM_JOB_LEASE_SECONDS", "soon", "a whole number, at least 1"),
        ("NISAM_JOB_LEASE_SECONDS", "0", "a whole number, at least 1"),
        ("NISAM_LOG_LEVEL", "loud", "one of DEBUG, INFO, WARNING, ERROR"),
    ],
)
def test_a_wrong_value_is_explained_with_what_is_accepted(variable: str, value: str, words: str) -> None:
    done = run(["manage.py", "check"], **{variable: value})
    assert done.returncode == 1
    assert f"{variable}='{value}' cannot be used." in done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "words"), [("DATABASE_URL", "begins with postgres://"), ("REDIS_URL", "begins with redis://")]
)
def test_a_wrong_url_is_explained_without_its_password(variable: str, words: str) -> None:
    done = run(["manage.py", "check"], **{variable: "mysql://user:hunter2@host/name"})
    assert done.returncode == 1
    assert words in done.stderr
    assert "hunter2" not in done.stderr


def test_the_web_process_does_not_start_on_a_wrong_value() -> None:
    done = run(["-c", "import nisam.asgi"], NISAM_DEBUG="maybe")
    assert done.returncode == 1
    assert "NISAM_DEBUG='maybe' cannot be used." in done.stderr


def test_a_worker_does_not_start_on_a_wrong_value() -> None:
    done = run(["-m", "celery", "-A", "nisam", "worker", "--pool", "solo"], NISAM_JOB_LEASE_SECONDS="soon")
    assert done.returncode != 0
    assert "NISAM_JOB_LEASE_SECONDS='soon' cannot be used." in done.stderr + done.stdout


def test_a_database_without_a_broker_is_warned_of() -> None:
    done = run(["manage.py", "check"], DATABASE_URL="postgresql://postgres@127.0.0.1/nisam", REDIS_URL="")
    assert "no worker will be woken" in done.stderr


def test_many_processes_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    code = "from nisam import settings; print(settings.SECRET_KEY)"
    environment = {**os.environ, "NISAM_DATA_DIR": str(tmp_path), "NISAM_SECRET_KEY": ""}
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    secrets = {process.communicate(timeout=60)[0].strip() for process in started}
    assert len(secrets) == 1
    assert len(secrets.pop()) > 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_values_are_read_from_the_env_file_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("NISAM_JOB_RETENTION_DAYS=soon\nNISAM_DEBUG='maybe'\n")
    done = run(["manage.py", "check"], NISAM_ENV_FILE=str(file), NISAM_DEBUG="0")
    assert "NISAM_JOB_RETENTION_DAYS='soon' cannot be used." in done.stderr
    assert "NISAM_DEBUG" not in done.stderr
