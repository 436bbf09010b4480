"""Pages that hold nothing now, though old rows may still stand on them (section 1.5, "The Freelist")."""

import struct
from collections.abc import Iterator

from dbadmin.sqlite_file.errors import MalformedError
from dbadmin.sqlite_file.pages import Pages


def free_pages(pages: Pages, first_trunk: int) -> set[int]:
    """The pages of the freelist as far as it can be followed: trunks and leaves."""
    free: set[int] = set()
    number = first_trunk
    while number and number not in free:
        trunk = _trunk(pages, number)
        if trunk is None:
            break
        free.add(number)
        number, leaves = trunk
        free.update(leaves)
    return free


def guess_free_pages(pages: Pages) -> set[int]:
    """The pages that look like trunks, and their leaves: for a file whose header, with the first of them, is lost."""
    free: set[int] = set()
    for number, (_, leaves) in _likely_trunks(pages):
        free.update((number, *leaves))
    return free


def _likely_trunks(pages: Pages) -> Iterator[tuple[int, tuple[int, tuple[int, ...]]]]:
    for number in range(2, pages.count + 1):
        trunk = _trunk(pages, number)
        if trunk and trunk[1]:
            yield number, trunk


def _trunk(pages: Pages, number: int) -> tuple[int, tuple[int, ...]] | None:
    """The next trunk and the leaves that a trunk page names; None when the page cannot be one."""
    try:
        page = pages.page(number)
    except MalformedError:
        return None
    following, count = struct.unpack_from(">II", page) if len(page) == pages.page_size else (0, pages.page_size)
    if following > pages.count or count > pages.usable // 4 - 2:
        return None
    leaves = struct.unpack_from(f">{count}I", page, 8)
    is_plausible = all(1 < leaf <= pages.count for leaf in leaves) and len({number, *leaves}) == count + 1
    return (following, leaves) if is_plausible else None
