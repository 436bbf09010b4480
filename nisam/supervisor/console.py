"""What a person sees: every line with the name of the process that wrote it."""

import re
from collections.abc import Callable

from django.utils.termcolors import colorize

OWN_NAME = "nisam"
COLOURS = {OWN_NAME: "white", "valkey": "magenta", "worker": "green", "beat": "yellow", "web": "cyan"}
WIDTH = max(map(len, COLOURS))
LONGEST_LINE = 8192
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Console:
    """Writes prefixed lines to `write`. When nobody reads them any more, `lost` becomes true and it falls silent."""

    def __init__(self, write: Callable[[str], object], *, colour: bool) -> None:
        self._write = write
        self._colour = colour
        self.lost = False

    def say(self, text: str) -> None:
        """A line of the supervisor itself."""
        self.line(OWN_NAME, text)

    def line(self, name: str, text: str) -> None:
        """A line of the process called `name`."""
        prefix = f"{name:<{WIDTH}} |"
        if self._colour:
            prefix = colorize(prefix, fg=COLOURS[name], opts=("bold",) if name == OWN_NAME else ())
        if self.lost:
            return
        try:
            self._write(f"{prefix} {text}")
        except OSError:  # the terminal was closed, or the pipe's reader has gone
            self.lost = True


class Lines:
    """Cuts a stream of bytes into printable lines, whatever the bytes are."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """The lines that `data` completes; one that is too long is cut into pieces."""
        *complete, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            complete.append(self._rest)
            self._rest = b""
        return [
            _printable(line[start : start + LONGEST_LINE])
            for line in complete
            for start in range(0, max(len(line), 1), LONGEST_LINE)
        ]

    def flush(self) -> list[str]:
        """What was left without an end of line."""
        return self.feed(b"\n") if self._rest else []


def _printable(line: bytes) -> str:
    text = line.removesuffix(b"\r").decode(errors="backslashreplace")
    return UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
