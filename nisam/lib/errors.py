"""The error that carries the decision: what went wrong, in words, and what the caller should do about it."""

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from django.db import InterfaceError, OperationalError

# Connections lost, locks not had, deadlocks: another attempt may succeed where the data itself is not at fault.
DATABASE_AWAY = (OperationalError, InterfaceError)


class Blocks(StrEnum):
    """What an error makes pointless to try again for now."""

    NOTHING = ""
    VIDEO = "video"
    TAB = "tab"
    CHANNEL = "channel"
    HOST = "host"


class OperationError(Exception):
    """Work that failed in a way somebody foresaw.

    `code` is a machine word. `transient` says that the same job should try again by itself, `permanent` that
    trying again cannot help; `retry_after` is the shortest sensible wait, `blocks` the largest thing that it
    makes pointless to try.
    """

    code: ClassVar[str] = "unknown"
    transient: ClassVar[bool] = False
    permanent: ClassVar[bool] = False
    blocks: ClassVar[Blocks] = Blocks.NOTHING
    default_retry_after: ClassVar[timedelta] = timedelta(minutes=1)

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after or self.default_retry_after
