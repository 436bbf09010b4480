"""The deep check: reads every page of a database and says what is wrong, telling damage from broken rules.

PRAGMA integrity_check says both in the same breath. A row that breaks a CHECK, or an index that lacks an entry, is no
reason to call the file corrupt: the first is the application's, the second REINDEX mends.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from dbadmin.full_text_check import check_full_text
from dbadmin.schema.model import Schema
from dbadmin.schema.tokens import can_be_written, quote
from dbadmin.states import Flag

MOST_LINES = 1000
MOST_SENTENCES = 20
_MEANINGS = (
    (re.compile(r"row \d+ (missing from|values differ from) index|wrong # of entries in index"), Flag.INDEX_DAMAGE),
    (re.compile(r"rowid not at end-of-record for row \d+ of index"), Flag.INDEX_DAMAGE),
    (re.compile(r"CHECK constraint failed in|(NULL|NUMERIC|TEXT|non-\S+) value in"), Flag.CONSTRAINT_VIOLATIONS),
    (re.compile(r"non-unique entry in index"), Flag.CONSTRAINT_VIOLATIONS),
    (re.compile(r"malformed inverted index|unable to validate the inverted index"), Flag.FTS_DAMAGE),
    (re.compile(r"fts5: corruption|vtable constructor failed"), Flag.FTS_DAMAGE),
)
# The first also of an index that keeps no text: all full text is looked at once more (full_text_check.py). The second
# is the heading of what follows.
_SAYS_NOTHING = re.compile(r"unable to validate the inverted index for FTS[45] table|\*\*\* in database main \*\*\*$")


@dataclass
class Damage:
    """What a deep check found. `rows` are the counts of the ordinary tables."""

    is_corrupt: bool = False
    flags: set[Flag] = field(default_factory=set)
    sentences: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)

    def note(self, flag: Flag | None, sentence: str) -> None:
        """Add a sentence, if it is not too many, and its flag; without one it is corruption."""
        if flag is None:
            self.is_corrupt = True
        else:
            self.flags.add(flag)
        self.say(sentence)

    def say(self, sentence: str) -> None:
        """Add a sentence that says nothing bad of the file, if it is not too many."""
        if len(self.sentences) < MOST_SENTENCES:
            self.sentences.append(sentence)


def check_deeply(connection: sqlite3.Connection, schema: Schema) -> Damage:
    """Check pages, rules, references and full text inside the transaction that is open; raises SQLite's errors.

    Pages that SQLite cannot read raise SQLITE_CORRUPT at once, from whatever statement meets them.
    """
    damage = Damage()
    for line in integrity_lines(connection, schema, "integrity_check"):
        damage.note(meaning(line), line)
    if damage.is_corrupt:
        return damage
    for sentence in _broken_references(connection):
        damage.note(Flag.FK_VIOLATIONS, sentence)
    tables = [table for table in schema.tables.values() if can_be_written(table.name)]
    full_text = check_full_text(connection, tables)
    for name, reason in full_text.damaged.items():
        damage.note(Flag.FTS_DAMAGE, f"The full text index {name!r} is damaged: {reason}.")
    for name, reason in full_text.unchecked.items():
        damage.say(f"The full text index {name!r} cannot be compared with its content: {reason}.")
    for table in tables:
        if not table.module:
            damage.rows[table.name] = connection.execute(f"SELECT count(*) FROM {quote(table.name)}").fetchone()[0]  # noqa: S608
    return damage


def integrity_lines(
    connection: sqlite3.Connection, schema: Schema, pragma: str, most: int = MOST_LINES
) -> Iterator[str]:
    """What `integrity_check` or `quick_check` complains of, in `most` rows at most; a row may have several lines."""
    try:
        yield from _lines(connection, pragma, str(most))
    except sqlite3.OperationalError as error:
        if "vtable constructor failed" not in str(error):
            raise
        # From 3.44 on it begins with the virtual tables; where one cannot be opened it says nothing of the others.
        yield str(error)
        for table in schema.tables.values():
            yield from () if table.module else _lines(connection, pragma, quote(table.name))


def _lines(connection: sqlite3.Connection, pragma: str, argument: str) -> Iterator[str]:
    for (text,) in connection.execute(f"PRAGMA {pragma}({argument})"):
        yield from (line for line in text.splitlines() if line != "ok" and not _SAYS_NOTHING.match(line))


def meaning(line: str) -> Flag | None:
    """Which flag a line of PRAGMA integrity_check or quick_check is about; None is corruption."""
    return next((flag for words, flag in _MEANINGS if words.match(line)), None)


def _broken_references(connection: sqlite3.Connection) -> list[str]:
    try:
        broken = Counter((row[0], row[2]) for row in connection.execute("PRAGMA foreign_key_check"))
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        # A reference to columns that are no key: no row can be checked against it.
        return [f"The foreign keys cannot be checked: {error}."]
    return [
        f"Rows of {table!r} refer to rows of {parent!r} that are not there: {count}."
        for (table, parent), count in broken.items()
    ]
