"""Where pages come from: a file read by position, and rows whose payload goes on in overflow pages."""

import os
from typing import Protocol

from dbadmin.sqlite_file.btree import Cell
from dbadmin.sqlite_file.errors import MalformedError


class Pages(Protocol):
    """Numbered pages of one size, from 1 to `count`; `usable` bytes of each belong to the b-tree."""

    page_size: int
    usable: int
    count: int

    def page(self, number: int) -> bytes:
        """The bytes of a page; raises MalformedError when there is no such page."""


class FilePages:
    """The pages of an open file, whose first bytes are already read."""

    def __init__(self, descriptor: int, first: bytes, page_size: int, usable: int, count: int) -> None:
        self.descriptor = descriptor
        self.first = first
        self.page_size = page_size
        self.usable = usable
        self.count = count

    def page(self, number: int) -> bytes:
        """The bytes of a page; raises MalformedError when there is no such page, or not all of it."""
        if not 0 < number <= self.count:
            raise MalformedError(f"Page {number} is asked for, the file has {self.count}.")
        start = (number - 1) * self.page_size
        end = start + self.page_size
        if end <= len(self.first):
            return self.first[start:end]
        data = os.pread(self.descriptor, self.page_size, start)
        if len(data) != self.page_size:
            raise MalformedError(f"Page {number} ends after {len(data)} bytes.")
        return data


class RecordedPages:
    """Pages that keep what was read of them, in `read`."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.page_size, self.usable, self.count = pages.page_size, pages.usable, pages.count
        self.read: dict[int, bytes] = {}

    def page(self, number: int) -> bytes:
        """The bytes of a page; raises MalformedError when there is no such page."""
        self.read[number] = self.pages.page(number)
        return self.read[number]


def whole_payload(pages: Pages, cell: Cell) -> bytes:
    """A cell's payload with its overflow pages (section 1.7); raises MalformedError for a chain that ends too early,
    goes on too long, leaves the file or returns to a page it has been at."""
    if not cell.overflow:
        return cell.local
    _check_chain(pages, cell)
    parts, missing, number, seen = [cell.local], cell.payload_size - len(cell.local), cell.overflow, set[int]()
    while missing > 0:
        if number in seen:
            raise MalformedError(f"A chain of overflow pages comes back to page {number}.")
        seen.add(number)
        page = pages.page(number)
        number = int.from_bytes(page[:4], "big")
        parts.append(page[4 : min(pages.usable, 4 + missing)])
        missing -= len(parts[-1])
    if number:
        raise MalformedError(f"A chain of overflow pages goes on to page {number} after the end of its row.")
    return b"".join(parts)


def _check_chain(pages: Pages, cell: Cell) -> None:
    """A size that the whole file could not hold is not followed."""
    if cell.payload_size > pages.count * pages.page_size:
        raise MalformedError(f"A row claims {cell.payload_size} bytes, more than the file has.")
