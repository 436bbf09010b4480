"""Payloads that go on in overflow pages, each of which belongs to one row."""

from dbadmin.salvage.image import Image
from dbadmin.sqlite_file.btree import Cell
from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.pages import whole_payload


def payload_of(image: Image, cell: Cell, place: tuple[int, int]) -> bytes:
    """The whole payload of the cell at a place; raises MalformedError if another one has a page of it already.

    Who reads a page first has it for good, so that all rows together are never larger than the file, however often a
    damaged one leads to the same pages.
    """
    pages = _Visited(image, place)
    payload = whole_payload(pages, cell)
    image.owners.update(dict.fromkeys(pages.numbers, place))
    return payload


class _Visited:
    """The pages of an image as one cell may have them, and those it came to."""

    def __init__(self, image: Image, place: tuple[int, int]) -> None:
        self.image = image
        self.place = place
        self.page_size, self.usable, self.count = image.page_size, image.usable, image.count
        self.numbers: list[int] = []

    def page(self, number: int) -> bytes:
        """The bytes of a page; raises MalformedError when it is not there or belongs to another cell."""
        if self.image.owners.get(number, self.place) != self.place:
            raise MalformedError(f"The overflow page {number} belongs to another row.")
        self.numbers.append(number)
        return self.image.page(number)
