"""What a version's tables look like in a file that was made by its DDL."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

from dbadmin.salvage.shape import Shape, read_shapes
from dbadmin.schema.registry import Registry
from dbadmin.schema.rows import SchemaRow, owned
from dbadmin.schema.virtual import read_virtual_table


@dataclass(frozen=True)
class Canon:
    """A version: the shapes of its tables and indexes by lower-cased name, and their roots in a file newly made.

    `derived` are those whose rows follow from others: indexes, also of full text search, and SQLite's own tables.
    """

    version: int
    shapes: dict[str, Shape]
    roots: dict[str, int]
    derived: frozenset[str]


def read_canon(registry: Registry, version: int, page_size: int) -> Canon:
    """The canon of a version in pages of a size, asked of SQLite in memory."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {page_size}")
        connection.executescript(registry.sql(version))
        shapes = read_shapes(connection)
        found = connection.execute("SELECT type, name, tbl_name, sql, rootpage FROM sqlite_schema").fetchall()
    rows = [SchemaRow(*row[:4]) for row in found]
    roots = {row[1].lower(): row[4] for row in found if row[1].lower() in shapes}
    return Canon(version, shapes, roots, derived_tables(rows))


def derived_tables(rows: list[SchemaRow]) -> frozenset[str]:
    """The tables and indexes, in lower case, that are made anew from others instead of being salvaged."""
    kept = {row.name.lower() for row in owned(tuple(rows))}
    virtual = [table for row in rows if (table := read_virtual_table(row.name, row.sql))]
    kept |= {f"{table.name}_content" for table in virtual if table.module.startswith("fts")}
    indexes = {row.name.lower() for row in rows if row.type == "index"}
    return frozenset({row.name.lower() for row in rows if row.type == "table"} - kept | indexes)
