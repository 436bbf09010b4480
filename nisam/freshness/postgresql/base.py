"""The module that Django looks for in a database backend."""

from django.db.backends.postgresql import base

from nisam.freshness.touch import BumpsVersions


class DatabaseWrapper(BumpsVersions, base.DatabaseWrapper):
    """PostgreSQL through psycopg."""
