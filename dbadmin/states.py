"""The words for how a database is: exactly one status, and flags beside it."""

from enum import StrEnum


class Status(StrEnum):
    """How a database is. Exactly one holds: the first of this order that fits."""

    UNREADABLE = "unreadable"
    """Permission, I/O, busy, not a regular file, SQL that is not understood: nothing is known about its content, which
    may be well."""
    CORRUPT = "corrupt"
    """SQLite cannot read it, or its pages contradict each other."""
    UNVERSIONED = "unversioned"
    """It does not say which version it has: no metadata, not exactly one row, not an integer, or 0 bytes."""
    UNKNOWN_VERSION = "unknown_version"
    """It says a version that the registry does not know. Such a file is never modified."""
    INCOMPLETE = "incomplete"
    """Something that its version has is missing or changed."""
    OUTDATED = "outdated"
    """All that its version has is there, and there is a newer version."""
    CURRENT = "current"
    """All that the newest version has is there."""


class Flag(StrEnum):
    """What is also to be known about a database, whatever its status."""

    DRIFTED = "drifted"
    """Its schema is not its version's: something is missing, changed or there in addition."""
    CHECKSUM_MISMATCH = "checksum_mismatch"
    """The checksum in its metadata is not the registry's for its version."""
    COLUMN_ORDER = "column_order"
    """A table's columns are its version's in another order."""
    CONSTRAINT_VIOLATIONS = "constraint_violations"
    """Rows break a CHECK or NOT NULL (deep check)."""
    FK_VIOLATIONS = "fk_violations"
    """Rows refer to rows that are not there (deep check)."""
    INDEX_DAMAGE = "index_damage"
    """An index is not what its table says; a repair builds it again (deep check)."""
    FTS_DAMAGE = "fts_damage"
    """A full text index is not what its content says; a repair builds it again (deep check)."""
    STALE = "stale"
    """What is said is from an earlier look, because the file could not be read since."""
    MISSING = "missing"
    """A record of a file that is gone."""
