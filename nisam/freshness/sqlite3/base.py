"""The module that Django looks for in a database backend."""

from django.db.backends.sqlite3 import base

from nisam.freshness.touch import BumpsVersions


class DatabaseWrapper(BumpsVersions, base.DatabaseWrapper):
    """SQLite."""
