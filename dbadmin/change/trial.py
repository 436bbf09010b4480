"""What a plan does to the rows: found out by doing it on a copy; where some do not fit, counted row by row."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from dbadmin.change.actions import Action, Copying, Kind
from dbadmin.change.perform import perform
from dbadmin.change.references import new_broken_references, read_broken_references
from dbadmin.copying import copy_database
from dbadmin.opening import PRIMARY_CODE
from dbadmin.schema.tokens import quote


@dataclass(frozen=True)
class Tried:
    """What stands in the way of actions, in SQLite's words, each with the number of rows it concerns; and how many
    values become others, by the names of their losses."""

    blocked: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)


def try_out(connection: sqlite3.Connection, actions: Sequence[Action]) -> Tried:
    """Do the actions on a copy, if rows may stand in the way of any."""
    if not any(action.table for action in actions):
        return Tried()
    with closing(sqlite3.connect("", isolation_level=None)) as copy:  # a temporary file of SQLite's own
        copy_database(connection, copy)
        return _Trial(copy).run(actions)


def is_about_rows(error: sqlite3.Error) -> bool:
    """Whether a statement failed for what it found in the rows: a constraint, a value that an expression or a rowid
    cannot have."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_INTERNAL)
    return code & PRIMARY_CODE in {sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH}


class _Trial:
    def __init__(self, copy: sqlite3.Connection) -> None:
        self._copy = copy
        self._blocked: Counter[str] = Counter()
        self._changed: Counter[str] = Counter()

    def run(self, actions: Sequence[Action]) -> Tried:
        before = read_broken_references(self._copy)
        self._copy.execute("BEGIN")
        for action in actions:
            self._copy.execute("SAVEPOINT action")
            try:
                self._changed.update(perform(self._copy, action))
            except sqlite3.Error as error:
                if not is_about_rows(error):
                    raise
                if not self._copy.in_transaction:  # RAISE(ROLLBACK): nothing is left to try the rest on
                    return Tried({f"{action.name}: {error}": 0})
                self._copy.execute("ROLLBACK TO action")
                self._count(action, error)
            self._copy.execute("RELEASE action")
        broken = new_broken_references(before, read_broken_references(self._copy))
        return Tried({**self._blocked, **broken}, +self._changed)

    def _do(self, statements: Sequence[str]) -> None:
        for statement in statements:
            self._copy.execute(statement)

    def _count(self, action: Action, error: sqlite3.Error) -> None:
        if action.copying:
            before, after = _around(action.statements, action.copying.sql)
            self._do(before)
            self._fit(action.name, action.copying)
            for statement in after:
                try:
                    self._copy.execute(statement)
                except sqlite3.Error as unfit:  # an index of an operator's, which the new values do not suit
                    if not is_about_rows(unfit):
                        raise
                    self._fit_index(action.name, statement)
        elif action.kind == Kind.CREATE_INDEX:
            self._fit_index(action.table, *action.statements)
        else:
            self._blocked[f"{action.name}: {error}"] += 0

    def _fit_index(self, table: str, statement: str) -> None:
        """Count the rows that an index refuses, by putting them into the empty table one by one."""
        self._copy.execute("SAVEPOINT index_only")
        for (trigger,) in self._copy.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = lower(?)", (table,)
        ).fetchall():
            self._copy.execute(f"DROP TRIGGER {quote(trigger)}")
        columns = tuple(row[1] for row in self._copy.execute(f"PRAGMA table_info({quote(table)})"))
        self._copy.execute(f"CREATE TEMP TABLE unfit AS SELECT * FROM {quote(table)}")  # noqa: S608
        self._copy.execute(f"DELETE FROM {quote(table)}")  # noqa: S608
        self._copy.execute(statement)
        self._fit(table, Copying(table, columns, tuple(map(quote, columns)), "unfit"))
        self._copy.execute("ROLLBACK TO index_only")
        self._copy.execute("RELEASE index_only")

    def _fit(self, name: str, copying: Copying) -> None:
        """Copy the rows one by one, leave out and count those that do not fit."""
        source = f"{copying.rowid} AS {copying.rowid}, * FROM" if copying.rowid else "* FROM"
        columns = self._copy.execute(f"SELECT {source} {copying.source} LIMIT 0").description
        # A number for each row, whatever kind of table it comes from and whatever its columns are called.
        number = quote("_".join(["number", *(name for name, *_ in columns)]))
        self._copy.execute(
            f"CREATE TEMP TABLE candidate AS SELECT row_number() OVER () AS {number}, {source} {copying.source}"
        )
        self._copy.execute(f"CREATE INDEX temp.candidate_number ON candidate ({number})")
        statement = f"{copying.sql_from('candidate')} WHERE candidate.{number} = ?"
        for row in self._copy.execute(f"SELECT {number} FROM candidate ORDER BY 1").fetchall():  # noqa: S608
            try:
                self._copy.execute(statement, row)
            except sqlite3.Error as error:
                if not is_about_rows(error):
                    raise
                is_key = error.sqlite_errorcode == sqlite3.SQLITE_MISMATCH
                words = "NULL, or no whole number, in the key that numbers the rows" if is_key else error
                self._blocked[f"{name}: {words}"] += 1
        self._copy.execute("DROP TABLE candidate")


def _around(statements: Sequence[str], statement: str) -> tuple[Sequence[str], Sequence[str]]:
    place = statements.index(statement)
    return statements[:place], statements[place + 1 :]
