"""Empties the database after a test that commits: what Django's flush leaves, at the price of what is there to empty.

Django truncates every table and lets `post_migrate` write anew what migrations had written, which takes longer than
most tests.
"""

from django.db import connection, transaction

from nisam.freshness.models import Version
from nisam.freshness.signals import database_migrated


class Flush:
    """Made while the database is as migrations left it: brings it back there, with new versions of all content."""

    def __init__(self) -> None:
        self._tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        # Versions are never what they once were.
        self._migrated = set(self._filled()) - {Version._meta.db_table}
        with connection.cursor() as cursor:
            for table in self._migrated:
                cursor.execute(f"CREATE TABLE IF NOT EXISTS migrated_{table} AS SELECT * FROM {table}")

    def __call__(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":  # SQLite has one writer at a time
                cursor.execute(f"LOCK TABLE {', '.join(self._tables)} IN EXCLUSIVE MODE")
            filled = self._filled()
            for table in filled:
                cursor.execute(f"DELETE FROM {table}")
            for table in self._migrated:
                cursor.execute(f"INSERT INTO {table} SELECT * FROM migrated_{table}")
        database_migrated(using=connection.alias)

    def _filled(self) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in self._tables)
            )
            return [table for (table,) in cursor.fetchall()]
