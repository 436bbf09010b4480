"""The module that Django looks for in a database backend."""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql import base
from psycopg.types.datetime import TimestamptzLoader

from nisam.freshness.touch import BumpsVersions


class MomentLoader(TimestamptzLoader):
    """Times in UTC, read by the interpreter's own parser: a page of a list has 75 of them, and Django's takes ten times
    as long."""

    timezone = UTC  # Django asks for it, and takes its own loader where a connection has another

    def load(self, data: Any) -> datetime:
        """Raises DataError for a time that no datetime can hold."""
        try:
            return datetime.fromisoformat(bytes(data).decode())
        except ValueError:
            return super().load(data)


class DatabaseWrapper(BumpsVersions, base.DatabaseWrapper):
    """PostgreSQL through psycopg."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """With our loader of times."""
        connection = super().get_new_connection(conn_params)
        connection.adapters.register_loader("timestamptz", MomentLoader)
        return connection
