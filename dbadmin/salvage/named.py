"""The tables that the file itself still names: what is readable of its schema."""

from dataclasses import dataclass

from dbadmin.salvage.canon import derived_tables
from dbadmin.salvage.image import Image
from dbadmin.salvage.shape import Shape, is_statement, shape_of_statement
from dbadmin.salvage.trees import Row, grow_tree, page_kind, page_rows, rows_of
from dbadmin.schema.rows import SchemaRow
from dbadmin.sqlite_file.btree import Kind

_TYPES = ("table", "index", "trigger", "view")


@dataclass(frozen=True)
class Named:
    """Tables and indexes that the schema names, with their roots, by lower-cased name; which follow from others."""

    tables: dict[str, tuple[Shape, int]]
    derived: frozenset[str]
    is_whole: bool


def read_named(image: Image, free: set[int], taken: set[int]) -> Named:
    """The rows of the schema that can be read, with its pages added to `taken`.

    When the way from the first page to them is lost, they are looked for on every page that is not free.
    """
    tree = grow_tree(image, 1, taken)
    pages = list(tree.pages)
    is_whole = tree.is_whole and all(rows_of(image, tree))
    if not tree.is_whole:
        pages += [number for number in range(2, image.count + 1)
                  if number not in free and number not in taken and _is_lost_schema_page(image, number)]  # fmt: skip
        taken.update(pages)
    found = [read for number in pages for row in page_rows(image, number) if row and (read := _schema_row(row))]
    tables = {
        row.name.lower(): (shape, root)
        for row, root in found
        if row.type == "table" and root and (shape := shape_of_statement(row.name, row.sql or ""))
    }
    # What its entries look like, nobody asks of an index that has a name.
    indexes = {row.name.lower(): (Shape(row.name, in_index=True), root) for row, root in found if row.type == "index"}
    readable = [row for row, root in found if row.type != "table" or root or is_statement(row.sql or "")]
    return Named(tables | indexes, derived_tables(readable), is_whole)


def _is_lost_schema_page(image: Image, number: int) -> bool:
    """Whether most rows of a page are rows of a schema."""
    if page_kind(image, number) is not Kind.TABLE_LEAF:
        return False
    are_rows = [row is not None and _schema_row(row) is not None for row in page_rows(image, number)]
    return 2 * sum(are_rows) > len(are_rows)


def _schema_row(row: Row) -> tuple[SchemaRow, int] | None:
    """A row of the schema and its root page; None for what is none."""
    match row.values:
        case (str(kind), str(name), str(table), int(root), None | str() as sql) if kind in _TYPES:
            return SchemaRow(kind, name, table, sql), root
    return None
