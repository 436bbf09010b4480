"""`manage.py run`: nisam with everything it needs, under one command."""

import argparse
import io
import os
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError, connections

from nisam import environment
from nisam.supervisor import programs, valkey
from nisam.supervisor.claims import only_supervisor, require_free
from nisam.supervisor.console import Console
from nisam.supervisor.first_admin import make_first_admin
from nisam.supervisor.supervise import Supervisor

VALKEY_START_SECONDS = 30
HIGHEST_PORT = 65535


class Command(BaseCommand):
    """Starts every process, restarts those that die, and stops all on Ctrl-C or SIGTERM.

    Exit code 0 after Ctrl-C or SIGTERM, 1 when nisam cannot start.
    """

    help = (
        "Starts nisam: the web server, a worker, the scheduler and, without REDIS_URL, a Valkey server of its own. "
        "Ctrl-C stops everything (exit code 0), a second Ctrl-C kills it."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The web server's address and the number of worker processes."""
        parser.add_argument("--host", default="127.0.0.1", help="where the web server listens")
        parser.add_argument("--port", type=_whole(HIGHEST_PORT), default=8000, help="and on which port")
        parser.add_argument(
            "--concurrency", type=_whole(), default=programs.usual_concurrency(), help="number of worker processes"
        )

    def handle(self, *_: Any, host: str, port: int, concurrency: int, no_color: bool, **__: Any) -> None:
        """Run until told to stop."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            # Each line at once, also into a file; and no child can write what this terminal cannot show.
            sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
        console = Console(self.stdout.write, colour=self.stdout.isatty() and not no_color)
        require_free(host, port)
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        with only_supervisor(settings.DATA_DIR):
            # Of a supervisor that was killed: nobody is to look for its server.
            settings.REDIS_URL_FILE.unlink(missing_ok=True)
            supervisor = Supervisor(console)
            try:
                with supervisor.running():
                    redis_url = environment.text("REDIS_URL") or _start_valkey(supervisor)
                    self._prepare(console)
                    for child in programs.application(
                        _child_environment(redis_url), host=host, port=port, concurrency=concurrency
                    ):
                        supervisor.start(child)
                    _greet(console, host, port)
                    supervisor.watch()
            finally:
                settings.REDIS_URL_FILE.unlink(missing_ok=True)

    def _prepare(self, console: Console) -> None:
        """Bring the database up to date and make the first account."""
        console.say("Preparing the database.")
        try:
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
            admin = make_first_admin()
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {error}") from error
        finally:
            connections.close_all()
        if admin:
            name, password = admin
            console.say(f"The first administrator is “{name}”, the password: {password}")
            console.say("Keep it, it is not shown again. Lost: manage.py changepassword " + name)


def _start_valkey(supervisor: Supervisor) -> str:
    server = valkey.configure(settings.DATA_DIR / "valkey")
    child = programs.valkey(server, _child_environment(server.url))
    supervisor.start(child)
    supervisor.wait_for(child, server.answers, seconds=VALKEY_START_SECONDS)
    valkey.write_private(settings.REDIS_URL_FILE, server.url)
    return server.url


def _child_environment(redis_url: str) -> dict[str, str]:
    """This environment, with what the children would find differently in it."""
    inherited = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "REDIS_URL": redis_url,
        "NISAM_DATA_DIR": str(settings.DATA_DIR),
        "PYTHONPATH": os.pathsep.join([str(settings.BASE_DIR), *([inherited] if inherited else [])]),
        "PYTHONUNBUFFERED": "1",
    }


def _greet(console: Console, host: str, port: int) -> None:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    site = f"http://{shown}:{port}"
    console.say(f"Site   {site}/")
    console.say(f"Admin  {site}/admin/")
    console.say(f"API    {site}/api/videos")
    console.say("Ctrl-C stops everything.")


def _whole(highest: int | None = None) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if value < 1 or (highest and value > highest):
            raise ValueError(text)
        return value

    number.__name__ = f"whole number, 1 to {highest}" if highest else "whole number, at least 1"
    return number
