"""Changing versions: `touch` in the transaction of the change, written as its last statement, keys purged after it."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from nisam.freshness.purge import purger


class Touch:
    """Groups that a transaction changes: waits among its on_commit callbacks, and purges their keys when called.

    Django drops those callbacks with the savepoint or transaction that is rolled back, so what was undone changes no
    version, and what is done again is noted again.
    """

    def __init__(self, groups: frozenset[str]) -> None:
        self.groups = groups
        self.token = ""
        self.__qualname__ = "Touch"  # Django wants it of every callback, to log what fails

    def __call__(self) -> None:
        """After the commit."""
        purger.purge(self.groups, keep=self.token)


def touch(*groups: str, using: str = "default") -> None:
    """Give these groups of content new versions when the transaction commits; call it beside the change.

    Raises TransactionManagementError outside a transaction, where a crash could come between the two.
    """
    connection = connections[using]
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("touch() belongs into the transaction that makes the change.")
    new = frozenset(groups) - _groups(touches(connection))
    if new:
        transaction.on_commit(Touch(new), using=using, robust=True)


def touches(connection: BaseDatabaseWrapper) -> list[Touch]:
    """What the open transaction has touched, without what was rolled back in it."""
    calls: list[Any] = [call for _, call, *_ in connection.run_on_commit]
    return [call for call in calls if isinstance(call, Touch)]


def _groups(noted: Iterable[Touch]) -> frozenset[str]:
    return frozenset(group for one in noted for group in one.groups)


class BumpsVersions:
    """For a DatabaseWrapper: writes the new versions as the last statement before COMMIT.

    So late, because the row of a version is locked from there to the end, and nothing may be locked after it: writers
    of one group wait for each other as shortly as possible and cannot deadlock. Foreign keys, which PostgreSQL would
    check after it and lock rows for that, are checked before it.
    """

    def commit(self: Any) -> None:
        """Write the versions, then commit both."""
        noted = touches(self)
        if noted:
            # Random, because a counter that was lost could come back to a number that had other content.
            token = secrets.token_hex(8)
            groups = sorted(_groups(noted))
            with self.cursor() as cursor:
                cursor.execute(_bump_sql(self.vendor, groups, token))
            for one in noted:
                one.token = token
        super().commit()  # type: ignore[misc]


def _bump_sql(vendor: str, groups: Iterable[str], token: str) -> str:
    """Without parameters, which both databases take in one statement at a time only; our own words need no quoting."""
    rows = ", ".join(f"('{group}', '{token}')" for group in groups)
    checked = "SET CONSTRAINTS ALL IMMEDIATE; " if vendor == "postgresql" else ""
    return (
        f'{checked}INSERT INTO freshness_version ("group", token) VALUES {rows}'  # noqa: S608 - our own words
        ' ON CONFLICT ("group") DO UPDATE SET token = excluded.token'
    )


def write_missing(groups: Iterable[str]) -> None:
    """Give each of these groups that has no version a new one."""
    rows = [(group, secrets.token_hex(8)) for group in groups]
    with connections["default"].cursor() as cursor:
        cursor.executemany(
            'INSERT INTO freshness_version ("group", token) VALUES (%s, %s) ON CONFLICT DO NOTHING', rows
        )
