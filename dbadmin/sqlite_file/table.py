"""The rows of a healthy table b-tree in their order (section 1.6)."""

from collections.abc import Iterator

from dbadmin.sqlite_file.btree import Cell, Kind, cell_pointers, children, header_offset, kind_of, leaf_cell
from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.pages import Pages, whole_payload

_DEEPEST = 20


def table_cells(pages: Pages, root: int) -> Iterator[Cell]:
    """The cells of a table; raises MalformedError at the first thing that SQLite would stop at, too."""
    seen: set[int] = set()
    waiting = [(root, 1)]
    while waiting:
        number, depth = waiting.pop()
        if number in seen or depth > _DEEPEST:
            raise MalformedError(f"The b-tree of page {root} comes back to page {number} or is too deep.")
        seen.add(number)
        page, offset = pages.page(number), header_offset(number)
        kind = kind_of(page, offset)
        if kind is Kind.TABLE_INTERIOR:
            waiting.extend((child, depth + 1) for child in reversed(children(page, offset)))
        elif kind is Kind.TABLE_LEAF:
            pointers = cell_pointers(page, offset)
            if not pointers and number != root:
                raise MalformedError(f"Page {number} has no rows and is not the root of its table.")
            for pointer in pointers:
                yield leaf_cell(page, pointer, pages.usable)
        else:
            raise MalformedError(f"Page {number} belongs to a table and is no page of one.")


def table_payloads(pages: Pages, root: int) -> Iterator[tuple[Cell, bytes]]:
    """The cells of a table, each with its whole payload; raises MalformedError like `table_cells`.

    Also as soon as the rows are larger than the file: those of a healthy one do not share their overflow pages, and to
    put shared ones together again and again would take more time and memory than there is.
    """
    left = pages.count * pages.page_size
    for cell in table_cells(pages, root):
        left -= cell.payload_size
        if left < 0:
            raise MalformedError(f"The rows of page {root} claim more bytes than the file has.")
        yield cell, whole_payload(pages, cell)
