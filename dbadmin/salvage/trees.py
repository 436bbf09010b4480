"""Which pages hang together, in a file where any of them may be lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from dbadmin.salvage.image import Image
from dbadmin.sqlite_file.btree import Kind, cell_pointers, children, header_offset, kind_of, leaf_cell
from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.freelist import free_pages, guess_free_pages
from dbadmin.sqlite_file.pages import whole_payload
from dbadmin.sqlite_file.record import Value, decode_record


@dataclass
class Tree:
    """The leaves under a page, in the order of their rows; `is_whole` unless something under it could not be read."""

    root: int
    leaves: list[int] = field(default_factory=list)
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands on a page: the values of all stored columns, in their order."""

    page: int
    rowid: int
    values: tuple[Value, ...]


def grow_tree(image: Image, root: int, taken: set[int]) -> Tree:
    """The tree under a page; its pages are added to `taken`, and those that were in it are not visited."""
    tree = Tree(root)
    waiting = [root]
    while waiting:
        number = waiting.pop()
        kind = page_kind(image, number)
        if number in taken or kind not in (Kind.TABLE_LEAF, Kind.TABLE_INTERIOR):
            tree.is_whole = False
            continue
        taken.add(number)
        if kind is Kind.TABLE_LEAF:
            tree.leaves.append(number)
        else:
            under, is_whole = _children(image, number)
            tree.is_whole &= is_whole
            waiting.extend(reversed(under))
    return tree


def free_pages_of(image: Image) -> set[int]:
    """The pages that the freelist names; guessed where the header does not say where it begins."""
    return free_pages(image, image.header.first_trunk) if image.header else guess_free_pages(image)


def stray_trees(image: Image, taken: set[int]) -> list[Tree]:
    """Trees of the table pages that nothing has claimed, each from the topmost page that can be read."""
    interiors, leaves = [], []
    for number in range(2, image.count + 1):
        kind = page_kind(image, number) if number not in taken else None
        if kind is Kind.TABLE_INTERIOR:
            interiors.append(number)
        elif kind is Kind.TABLE_LEAF:
            leaves.append(number)
    under = {child for number in interiors for child in _children(image, number)[0]}
    tops = sorted(set(interiors) - under) + sorted(set(leaves) - under)
    # Interior pages that only name each other have no top; then their leaves are met one by one.
    return [grow_tree(image, top, taken) for top in (*tops, *leaves) if top not in taken]


def page_kind(image: Image, number: int) -> Kind | None:
    """The kind of a page, None when it is lost or no page of a b-tree."""
    try:
        return kind_of(image.page(number), header_offset(number))
    except MalformedError:
        return None


def rows_of(image: Image, tree: Tree) -> Iterator[Row | None]:
    """The rows of a tree; None for each that cannot be read."""
    for number in tree.leaves:
        yield from page_rows(image, number)


def page_rows(image: Image, number: int) -> Iterator[Row | None]:
    """The rows of one leaf; None for each that cannot be read."""
    page = image.page(number)
    for pointer in _pointers(page, number):
        try:
            cell = leaf_cell(page, pointer, image.usable)
            values = decode_record(whole_payload(image, cell), image.codec)
        except MalformedError:
            yield None
        else:
            yield Row(number, cell.rowid, values)


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
