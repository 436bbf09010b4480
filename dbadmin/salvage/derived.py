"""Trees that only their place or looks gave to an index or a shadow table: whether they are what follows from others.

The new file tells: its indexes are made of the rows that were found. Only the blocks of FTS5 are put together in
another way there. They are known by their numbers and their form, and what leads to them by that
(https://sqlite.org/fts5.html#fts5_data_structures).
"""

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from dbadmin.salvage.collect import Collection
from dbadmin.salvage.image import Image, open_image
from dbadmin.salvage.trees import Row, Tree, grow_tree, readable_rows
from dbadmin.schema.model import Schema
from dbadmin.sqlite_file.record import Value

# The rows of an index's averages and of its structure; all others have the number of a segment in their upper bits.
_SPECIAL = {1, 10}
_SEGMENT_BITS = 37
# The bit below tells the lists of a term's pages from the pages of terms, whose two first numbers have two bytes each.
_LIST = 1 << 36
_HEADER = 4
_MARK_BYTES = 16


def doubtful_rows(image: Image, found: Collection, new: Path, schema: Schema) -> Iterator[Row]:
    """The rows of those trees that may be rows of a table which nothing names any more.

    Of a tree with no more than half of its rows in the new file all of them. No connection to the new file may be open.
    """
    trees = [claim.tree for name, claims in found.claims.items() if name in found.derived
             for claim in claims if not claim.is_named]  # fmt: skip
    if not trees:
        return
    has_blocks = any(table.module == "fts5" for table in schema.tables.values())
    blocks = [_blocks(image, tree) if has_blocks else set() for tree in trees]
    numbers, made = set[int]().union(*blocks), _made(new, found)
    for tree in (tree for tree, of_tree in zip(trees, blocks, strict=True) if not of_tree):
        known = [_leads_to(row, numbers) or _mark(row) in made for row in readable_rows(image, tree)]
        follows = 2 * sum(known) > len(known)
        for row, is_known in zip(readable_rows(image, tree), known, strict=True):
            if not (follows and is_known):
                yield row


def _blocks(image: Image, tree: Tree) -> set[int]:
    """The numbers of a tree's rows if they are those of an FTS5 index with some text, none if in doubt.

    What an empty one has are two rows, which are in the new file too if they follow from what was found.
    """
    numbers = set[int]()
    for row in readable_rows(image, tree):
        if row.rowid is None or not _is_block(row.rowid, row.values):
            return set()
        numbers.add(row.rowid)
    return numbers if numbers > _SPECIAL else set()


def _is_block(number: int, values: tuple[Value, ...]) -> bool:
    """Whether a row can be one of an FTS5 index's: the second number of a page of terms is where its terms end."""
    match values:
        case (None, bytes(block)):
            if number < 1 << _SEGMENT_BITS:
                return number in _SPECIAL
            return bool(number & _LIST) or _HEADER <= int.from_bytes(block[2:_HEADER]) <= len(block)
    return False


def _leads_to(row: Row, blocks: set[int]) -> bool:
    """Whether a row says in which of the blocks a segment's term is: (segment, term, 2 * page + a flag)."""
    match row.values:
        case (int(segment), bytes(), int(place)):
            return (segment << _SEGMENT_BITS) + (place >> 1) in blocks
    return False


def _made(new: Path, found: Collection) -> set[bytes]:
    """The marks of all rows in the new file's indexes and shadow tables."""
    canon = found.canon
    with new.open("rb") as file:
        image = open_image(file.fileno(), ())
        trees = [grow_tree(image, canon.roots[name], set(), in_index=canon.shapes[name].in_index)
                 for name in canon.derived & canon.shapes.keys()]  # fmt: skip
        return {_mark(row) for tree in trees for row in readable_rows(image, tree)}


def _mark(row: Row) -> bytes:
    """What only equal rows have in common, values of two types not being equal, in less room than the rows."""
    digest = blake2b(digest_size=_MARK_BYTES)
    for value in (row.rowid, *row.values):
        data = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
        digest.update(f"{type(value).__name__} {len(data)} ".encode())
        digest.update(data)
    return digest.digest()
