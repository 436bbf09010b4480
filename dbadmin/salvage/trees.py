"""Which pages hang together, in a file where any of them may be lost."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

from dbadmin.salvage.image import Image
from dbadmin.salvage.overflow import payload_of
from dbadmin.sqlite_file.btree import Cell, Kind, cell_pointers, children, header_offset, index_cell, kind_of, leaf_cell
from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.freelist import free_pages, guess_free_pages
from dbadmin.sqlite_file.record import Value, decode_record

_SAMPLE = 200


@dataclass
class Tree:
    """The pages with rows under a page, in their order; `is_whole` unless something under it could not be read.

    Of an index, or of a table WITHOUT ROWID (`in_index`), the interior pages have rows, too.
    """

    root: int
    in_index: bool = False
    pages: list[int] = field(default_factory=list)
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands on a page: the values of all stored columns, in their order; no rowid on an index page."""

    page: int
    rowid: int | None
    values: tuple[Value, ...]


def grow_tree(
    image: Image, root: int, taken: set[int], *, in_index: bool = False, is_own: Callable[[Row], bool] | None = None
) -> Tree:
    """The tree under a page; its pages are added to `taken`, and those that were in it are not visited.

    Nor is a page most of whose rows are not the tree's own, by the looks: it has come to a wrong place.
    """
    tree = Tree(root, in_index)
    waiting = [root]
    while waiting:
        number = waiting.pop()
        kind = page_kind(image, number)
        if (
            number in taken
            or kind is None
            or kind.in_index != in_index
            or (is_own and _is_foreign(image, number, is_own))
        ):
            tree.is_whole = False
            continue
        taken.add(number)
        if in_index or not kind.is_interior:
            tree.pages.append(number)
        if kind.is_interior:
            under, is_whole = _children(image, number)
            tree.is_whole &= is_whole
            waiting.extend(reversed(under))
    return tree


def _is_foreign(image: Image, number: int, is_own: Callable[[Row], bool]) -> bool:
    looks = [is_own(row) for row in page_rows(image, number) if row]
    return bool(looks) and 2 * sum(looks) <= len(looks)


def free_pages_of(image: Image) -> set[int]:
    """The pages that the freelist names; guessed where the header does not say where it begins."""
    return free_pages(image, image.header.first_trunk) if image.header else guess_free_pages(image)


def stray_trees(image: Image, taken: set[int]) -> list[Tree]:
    """Trees of the pages that nothing has claimed, each from the topmost page that can be read."""
    interiors: list[int] = []
    leaves: list[int] = []
    for number in range(2, image.count + 1):
        kind = page_kind(image, number) if number not in taken else None
        if kind is not None:
            (interiors if kind.is_interior else leaves).append(number)
    under = {child for number in interiors for child in _children(image, number)[0]}
    tops = sorted(set(interiors) - under) + sorted(set(leaves) - under)
    # Interior pages that only name each other have no top; then their leaves are met one by one.
    return [
        grow_tree(image, top, taken, in_index=_is_in_index(image, top)) for top in (*tops, *leaves) if top not in taken
    ]


def page_kind(image: Image, number: int) -> Kind | None:
    """The kind of a page, None when it is lost or no page of a b-tree."""
    try:
        return kind_of(image.page(number), header_offset(number))
    except MalformedError:
        return None


def rows_of(image: Image, tree: Tree) -> Iterator[Row | None]:
    """The rows of a tree; None for each that cannot be read."""
    for number in tree.pages:
        yield from page_rows(image, number)


def readable_rows(image: Image, tree: Tree) -> Iterator[Row]:
    """The rows of a tree that can be read."""
    return (row for row in rows_of(image, tree) if row)


def sample_rows(image: Image, tree: Tree) -> list[Row]:
    """Rows from all over a tree: of many some hundred, of few each that can be read."""
    count = sum(len(_pointers(image.page(number), number)) for number in tree.pages)
    return list(islice(readable_rows(image, tree), 0, None, max(1, count // _SAMPLE)))


def page_rows(image: Image, number: int) -> Iterator[Row | None]:
    """The rows of one page; None for each that cannot be read.

    Together they are never larger than the page, however many pointers of a damaged one lead to the same bytes.
    """
    page, room = image.page(number), image.usable
    for pointer in _pointers(page, number):
        cell = _cell(image, page, number, pointer) if room > 0 else None
        row = _row(image, number, pointer, cell) if cell else None
        if cell and row:
            room -= len(cell.local)
        yield row


def take_overflows(image: Image, tree: Tree) -> None:
    """Let the rows of a tree have the overflow pages that they lead to, before any others are read."""
    for number in tree.pages:
        page = image.page(number)
        for pointer in _pointers(page, number):
            cell = _cell(image, page, number, pointer)
            if cell and cell.overflow:
                with suppress(MalformedError):
                    payload_of(image, cell, (number, pointer))


def _cell(image: Image, page: bytes, number: int, pointer: int) -> Cell | None:
    """A cell of a page of a b-tree, None when it cannot be read."""
    kind = Kind(page[header_offset(number)])
    with suppress(MalformedError):
        in_index = kind.in_index
        return index_cell(page, pointer, image.usable, kind) if in_index else leaf_cell(page, pointer, image.usable)
    return None


def _row(image: Image, number: int, pointer: int, cell: Cell) -> Row | None:
    with suppress(MalformedError):
        return Row(number, cell.rowid, decode_record(payload_of(image, cell, (number, pointer)), image.codec))
    return None


def _pointers(page: bytes, number: int) -> tuple[int, ...]:
    """Where the cells of a page begin, none when its list of them is damaged."""
    try:
        return cell_pointers(page, header_offset(number))
    except MalformedError:
        return ()


def _children(image: Image, number: int) -> tuple[tuple[int, ...], bool]:
    """The pages under an interior page that there can be, and whether those are all."""
    try:
        named = children(image.page(number), header_offset(number))
    except MalformedError:
        return (), False
    under = tuple(child for child in named if 1 < child <= image.count)
    return under, under == named


def _is_in_index(image: Image, number: int) -> bool:
    kind = page_kind(image, number)
    return kind is not None and kind.in_index
