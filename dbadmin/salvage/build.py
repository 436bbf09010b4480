"""The new file: made by the version's own DDL and filled with the rows that were found."""

import sqlite3
from collections import Counter
from collections.abc import Iterator

from dbadmin.salvage.collect import Claim, Collection
from dbadmin.salvage.dependents import raise_sequence, rebuild_searches, refuse_untyped, write_metadata
from dbadmin.salvage.image import Image
from dbadmin.salvage.insert import Identity, insert, named_values
from dbadmin.salvage.lost_and_found import LostAndFound
from dbadmin.salvage.orphans import move_orphans
from dbadmin.salvage.report import TableReport
from dbadmin.salvage.shape import Shape
from dbadmin.salvage.trees import Row, Tree, rows_of
from dbadmin.schema.registry import Registry

_SEQUENCES = "sqlite_sequence"


class Builder:
    """Fills an empty database with a collection; what does not fit goes to the lost and found."""

    def __init__(self, connection: sqlite3.Connection, image: Image, found: Collection, lost: LostAndFound) -> None:
        self.connection = connection
        self.image = image
        self.found = found
        self.lost = lost
        self.unreadable = 0
        self._rejected: Counter[str] = Counter()
        self._uncertain: set[tuple[str, Identity]] = set()

    def build(self, registry: Registry) -> dict[str, TableReport]:
        """Make the schema, insert the rows, then what depends on rows; commits. Returns the numbers of each table."""
        version = self.found.canon.version
        schema = registry.schema(version)
        self.connection.executescript(registry.sql(version))
        self.connection.execute("BEGIN")
        # Triggers kept other tables in step when the rows were first written; those are salvaged themselves.
        triggers = self.connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            self.connection.execute(f'DROP TRIGGER "{name}"')
        refuse_untyped(self.connection, schema)
        self._insert_rows()
        for table, identity in move_orphans(self.connection, self.found.canon.shapes, self.lost):
            self._rejected[table] += 1
            self._uncertain.discard((table, identity))
        report = self._report()
        for _, statement in triggers:
            self.connection.execute(statement)
        rebuild_searches(self.connection, schema)
        write_metadata(self.connection, version, registry.fingerprint(version))
        self.connection.execute("COMMIT")
        return report

    def _insert_rows(self) -> None:
        """Insert what is certain first: of two rows with one number, that one stays."""
        for table, claims in self.found.claims.items():
            for claim in sorted(claims, key=lambda claim: not claim.is_certain):
                if table == _SEQUENCES:
                    self._raise_sequences(claim.tree)
                elif table not in self.found.derived:
                    self._insert_claim(table, claim)
        for tree, reason in self.found.strays:
            for row in self._rows(tree):
                self.lost.add("", row.page, row.rowid, reason, list(row.values))

    def _insert_claim(self, table: str, claim: Claim) -> None:
        target = self.found.canon.shapes.get(table)
        for row in self._rows(claim.tree):
            if target is None:
                self._lose(claim.shape, row, f"version {self.found.canon.version} has no such table")
            else:
                self._insert(claim, table, target, row)

    def _insert(self, claim: Claim, table: str, target: Shape, row: Row) -> None:
        try:
            inserted = insert(self.connection, claim.shape, target, row)
        except sqlite3.IntegrityError as error:
            self._rejected[table] += 1
            self._lose(claim.shape, row, str(error))
            return
        if inserted.left:
            reason = f"version {self.found.canon.version} has no such columns; the row itself is in the new file"
            self.lost.add(table, row.page, row.rowid, reason, inserted.left)
        if inserted.rewritten:
            reason = "the types of its columns write these values otherwise; the row itself is in the new file"
            self.lost.add(table, row.page, row.rowid, reason, inserted.rewritten)
        if inserted.rewritten or not claim.is_certain:
            self._uncertain.add((table, inserted.identity))

    def _raise_sequences(self, tree: Tree) -> None:
        tables = self.found.canon.shapes
        for row in self._rows(tree):
            if _SEQUENCES in tables and len(row.values) == 2 and str(row.values[0]).lower() in tables:  # noqa: PLR2004
                raise_sequence(self.connection, *row.values)

    def _rows(self, tree: Tree) -> Iterator[Row]:
        """The rows of a tree; cells that cannot be read are counted."""
        for row in rows_of(self.image, tree):
            if row is None:
                self.unreadable += 1
            else:
                yield row

    def _lose(self, shape: Shape, row: Row, reason: str) -> None:
        self.lost.add(shape.table, row.page, row.rowid, reason, named_values(shape, row))

    def _report(self) -> dict[str, TableReport]:
        """Counted by SQLite in the new file, before it gets a metadata row that was not there."""
        report = {}
        for table in (name for name in self.found.canon.shapes if name not in self.found.derived):
            recovered = self.connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - a name
            uncertain = sum(name == table for name, _ in self._uncertain)
            report[table] = TableReport(recovered, self._rejected[table], uncertain)
        return report
