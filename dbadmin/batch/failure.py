"""What an error says of a database whose change was not made or could not be planned."""

import logging
import sqlite3
from dataclasses import dataclass

import django.db

from dbadmin.errors import CorruptError, FleetError, NotADatabaseError
from dbadmin.models import DatabaseChange
from nisam.lib.errors import OperationError

logger = logging.getLogger(__name__)
# Of these only a check of the whole file tells how it is: a quick look may find nothing.
DAMAGE = frozenset({CorruptError.code, NotADatabaseError.code})


@dataclass(frozen=True)
class Failure:
    """Why a change was not made; the file is as it was."""

    code: str
    message: str


def failure_of(change: DatabaseChange, error: Exception) -> Failure:
    """An error as the failure of that database alone; what nobody foresaw is logged with its traceback.

    Raises again what is not about the database: what stops the job, and the catalogue's own errors.
    """
    if isinstance(error, FleetError):
        return Failure(error.code, str(error))
    if isinstance(error, (OperationError, django.db.Error)):
        raise error
    if not isinstance(error, (sqlite3.Error, OSError)):
        logger.exception("%s of %s failed", change.what, change.record, exc_info=error)
    return Failure("internal", f"{type(error).__name__}: {error}")
