"""The tables that the file itself still names: what is readable of its schema."""

from dataclasses import dataclass

from dbadmin.salvage.canon import derived_tables
from dbadmin.salvage.image import Image
from dbadmin.salvage.shape import Shape, is_statement, shape_of_statement
from dbadmin.salvage.trees import Row, grow_tree, page_kind, page_rows
from dbadmin.schema.rows import SchemaRow
from dbadmin.sqlite_file.btree import Kind

_TYPES = ("table", "index", "trigger", "view")


@dataclass(frozen=True)
class Named:
    """What the schema names: tables with their roots, by lower-cased name; which of them are derived from others."""

    tables: dict[str, tuple[Shape, int]]
    derived: frozenset[str]
    is_whole: bool


def read_named(image: Image, free: set[int], taken: set[int]) -> Named:
    """The rows of the schema that can be read, with its pages added to `taken`.

    When the way from the first page to them is lost, they are looked for on every page that is not free.
    """
    tree = grow_tree(image, 1, taken)
    pages = [list(page_rows(image, leaf)) for leaf in tree.leaves]
    is_whole = tree.is_whole and all(row for rows in pages for row in rows)
    if not tree.is_whole:
        pages += [rows for number in range(2, image.count + 1)
                  if number not in free | taken and (rows := _lost_schema_page(image, number, taken))]  # fmt: skip
    found = [read for rows in pages for row in rows if row and (read := _schema_row(row))]
    shapes = {
        row.name.lower(): (shape, root)
        for row, root in found
        if row.type == "table" and root and (shape := shape_of_statement(row.name, row.sql or ""))
    }
    readable = [row for row, root in found if row.type != "table" or root or is_statement(row.sql or "")]
    return Named(shapes, derived_tables(readable), is_whole)


def _lost_schema_page(image: Image, number: int, taken: set[int]) -> list[Row | None]:
    """The rows of a page on which most are rows of a schema, none for another page."""
    rows = list(page_rows(image, number)) if page_kind(image, number) is Kind.TABLE_LEAF else []
    if 2 * sum(row is not None and _schema_row(row) is not None for row in rows) <= len(rows):
        return []
    taken.add(number)
    return rows


def _schema_row(row: Row) -> tuple[SchemaRow, int] | None:
    """A row of the schema and its root page; None for what is none."""
    match row.values:
        case (str(kind), str(name), str(table), int(root), None | str() as sql) if kind in _TYPES:
            return SchemaRow(kind, name, table, sql), root
    return None
