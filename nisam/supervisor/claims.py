"""What has to be free before anything starts: the data directory and the web server's address."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import CommandError


@contextmanager
def only_supervisor(folder: Path) -> Iterator[None]:
    """Hold the data directory; raises CommandError while another supervisor does. A killed one lets go by dying."""
    with (folder / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise CommandError(
                f"nisam is running already on {folder} (process {file.read().strip() or 'unknown'}). "
                "Stop that one first, or give this one a directory of its own: NISAM_DATA_DIR=…"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def require_free(host: str, port: int) -> None:
    """Raise CommandError, saying what to do, when the web server could not listen there."""
    try:
        for family, *_ in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            socket.create_server((host, port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Port {port} of {host} is in use by another program. "
                f"Stop that, or choose another port: manage.py run --port {port + 1}"
            ) from error
        raise CommandError(f"The web server cannot listen on {host}, port {port}: {error.strerror}.") from error
