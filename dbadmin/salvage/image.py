"""A damaged database as pages: what a journal or log says laid over the file, as SQLite would see it."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dbadmin.sqlite_file.btree import Kind, cell_pointers, header_offset, kind_of, leaf_cell
from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.header import HEADER_SIZE, Header, parse_header
from dbadmin.sqlite_file.overlay import Overlay

_PAGE_SIZES = (4096, 1024, 8192, 2048, 16384, 32768, 65536, 512)


@dataclass
class Image:
    """The pages of an open file with its overlays. `header` is None when that of the first page is lost.

    A page at the end that is cut short is given as short as it is. `owners` says of overflow pages where the cell is
    that they belong to: its page and its place on it.
    """

    descriptor: int
    page_size: int
    usable: int
    count: int
    header: Header | None = None
    overlays: tuple[Overlay, ...] = ()
    overlaid: dict[int, bytes] = field(default_factory=dict)
    owners: dict[int, tuple[int, int]] = field(default_factory=dict)

    def page(self, number: int) -> bytes:
        """The bytes of a page; raises MalformedError when nothing of it is there."""
        data = self.overlaid.get(number)
        if data is None and 0 < number <= self.count:
            data = os.pread(self.descriptor, self.page_size, (number - 1) * self.page_size)
        if not data:
            raise MalformedError(f"There is no page {number} of {self.count}.")
        return data

    @property
    def codec(self) -> str:
        """The text encoding; UTF-8, SQLite's own choice, where the header is lost."""
        return self.header.codec if self.header else "utf-8"


def open_image(descriptor: int, overlays: Iterable[Overlay | None]) -> Image:
    """The image of an open file; the overlays in the order in which they are laid, None where there is none."""
    laid = tuple(overlay for overlay in overlays if overlay)
    size = os.fstat(descriptor).st_size
    first = next((overlay.pages[1] for overlay in reversed(laid) if 1 in overlay.pages), None)
    header = _header(first or os.pread(descriptor, HEADER_SIZE, 0))
    page_size = header.page_size if header else laid[-1].page_size if laid else _guess_page_size(descriptor, size)
    overlaid = {number: page for overlay in laid for number, page in overlay.pages.items()}
    # What is nowhere is not looked for, however many pages a log claims.
    there = max(-(-size // page_size), *overlaid, 0)
    count = min(laid[-1].page_count, there) if laid else there
    usable = header.usable if header else page_size
    return Image(descriptor, page_size, usable, count, header, laid, overlaid)


def _header(data: bytes) -> Header | None:
    try:
        return parse_header(data)
    except MalformedError:
        return None


def _guess_page_size(descriptor: int, size: int) -> int:
    """The page size with which most cells of table leaves can be read; the common one if none can."""
    return max(_PAGE_SIZES, key=lambda page_size: sum(_readable_cells(descriptor, page_size, size)))


def _readable_cells(descriptor: int, page_size: int, size: int) -> Iterator[int]:
    """The number of whole cells in each page that is a table leaf."""
    for start in range(page_size, size, page_size):
        page = os.pread(descriptor, page_size, start)
        if kind_of(page, 0) is Kind.TABLE_LEAF:
            yield _count_cells(page, page_size)


def _count_cells(page: bytes, usable: int) -> int:
    try:
        return len([leaf_cell(page, pointer, usable) for pointer in cell_pointers(page, header_offset(2))])
    except MalformedError:
        return 0
