"""Pages of b-trees (section 1.6, "B-tree Pages")."""

import struct
from enum import IntEnum
from typing import NamedTuple

from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.header import HEADER_SIZE
from dbadmin.sqlite_file.record import as_signed, read_varint


class Kind(IntEnum):
    """What the first byte of a b-tree page says."""

    INDEX_INTERIOR = 2
    TABLE_INTERIOR = 5
    INDEX_LEAF = 10
    TABLE_LEAF = 13

    @property
    def in_index(self) -> bool:
        """Whether it is a page of an index: its interior pages have rows, too, and no row has a rowid."""
        return self in (Kind.INDEX_INTERIOR, Kind.INDEX_LEAF)

    @property
    def is_interior(self) -> bool:
        """Whether there are pages under it."""
        return self in (Kind.INDEX_INTERIOR, Kind.TABLE_INTERIOR)


_LEAF_HEADER = 8
_INTERIOR_HEADER = 12
_SMALLEST_CELL = 6
_CHILD = 4
_KINDS = {int(kind): kind for kind in Kind}
_LEAVES = (int(Kind.INDEX_LEAF), int(Kind.TABLE_LEAF))  # plain numbers: an enum's are compared slowly


class Cell(NamedTuple):
    """One row: the part of its payload on the page, and where the rest begins (0: nowhere).

    `rowid` is None on the pages of an index, where the rows of a WITHOUT ROWID table are, too.
    """

    rowid: int | None
    payload_size: int
    local: bytes
    overflow: int


def header_offset(number: int) -> int:
    """Where the b-tree header of a page begins: the first page has the file's header before it."""
    return HEADER_SIZE if number == 1 else 0


def kind_of(page: bytes, offset: int) -> Kind | None:
    """The kind of b-tree page, None when it is none or too short for a header."""
    return _KINDS.get(page[offset]) if len(page) >= offset + _INTERIOR_HEADER else None


def cell_pointers(page: bytes, offset: int) -> tuple[int, ...]:
    """Where the cells of a page begin; raises MalformedError when there are more than a page can hold."""
    count = int.from_bytes(page[offset + 3 : offset + 5], "big")
    start = offset + (_LEAF_HEADER if page[offset] in _LEAVES else _INTERIOR_HEADER)
    if count * _SMALLEST_CELL > len(page) - start:
        raise MalformedError(f"A page of {len(page)} bytes says that it has {count} cells.")
    pointers = struct.unpack_from(f">{count}H", page, start)
    if count and min(pointers) < start + 2 * count:
        raise MalformedError("A cell lies inside the list of cells.")
    return pointers


def local_size(payload_size: int, usable: int, *, in_index: bool = False) -> int:
    """How many bytes of a payload are on the page itself (section 1.6: P, U, X, M and K)."""
    most = (usable - 12) * 64 // 255 - 23 if in_index else usable - 35
    if payload_size <= most:
        return payload_size
    least = (usable - 12) * 32 // 255 - 23
    fitting = least + (payload_size - least) % (usable - 4)
    return fitting if fitting <= most else least


def leaf_cell(page: bytes, pointer: int, usable: int) -> Cell:
    """The table leaf cell at a pointer; raises MalformedError when it runs over the page's usable part."""
    payload_size, position = read_varint(page, pointer)
    rowid, position = read_varint(page, position)
    # As below: the scan calls this for each row of each file, and a call more would be felt.
    end = position + local_size(payload_size, usable)
    overflows = end - position < payload_size
    if end + (4 if overflows else 0) > min(usable, len(page)):
        raise MalformedError(f"A cell at {pointer} ends at {end}, after the page's {usable} usable bytes.")
    overflow = int.from_bytes(page[end : end + 4], "big") if overflows else 0
    return Cell(as_signed(rowid), payload_size, page[position:end], overflow)


def index_cell(page: bytes, pointer: int, usable: int, kind: Kind) -> Cell:
    """The cell of an index page, interior or leaf, at a pointer; raises MalformedError like `leaf_cell`."""
    payload_size, position = read_varint(page, pointer + _CHILD if kind is Kind.INDEX_INTERIOR else pointer)
    end = position + local_size(payload_size, usable, in_index=True)
    overflows = end - position < payload_size
    if end + (4 if overflows else 0) > min(usable, len(page)):
        raise MalformedError(f"A cell at {pointer} ends at {end}, after the page's {usable} usable bytes.")
    overflow = int.from_bytes(page[end : end + 4], "big") if overflows else 0
    return Cell(None, payload_size, page[position:end], overflow)


def children(page: bytes, offset: int) -> tuple[int, ...]:
    """The page numbers under an interior page, in the order of their rows."""
    numbers = []
    for pointer in cell_pointers(page, offset):
        if pointer + 4 >= len(page):
            raise MalformedError(f"A cell at {pointer} ends after the page.")
        numbers.append(int.from_bytes(page[pointer : pointer + 4], "big"))
    return (*numbers, int.from_bytes(page[offset + 8 : offset + 12], "big"))
