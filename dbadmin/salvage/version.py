"""Which version a damaged file says it is."""

from collections.abc import Iterable, Iterator

from dbadmin.salvage.canon import read_canon
from dbadmin.salvage.image import Image
from dbadmin.salvage.named import Named
from dbadmin.salvage.shape import Shape
from dbadmin.salvage.trees import Row, grow_tree, page_kind, page_rows, readable_rows
from dbadmin.schema.model import METADATA_TABLE
from dbadmin.schema.registry import Registry


def declared_version(image: Image, named: Named, registry: Registry, free: set[int]) -> int | None:
    """The version in the metadata row, known to the registry or not; None when there is no such row any more.

    Where the schema does not lead to the row, it is looked for on every page. Then one with the checksum of its
    version counts more than one without, and a higher version more than a lower: it was written later.
    """
    canon = read_canon(registry, registry.latest, image.page_size)
    shape, root = named.tables.get(METADATA_TABLE, (canon.shapes[METADATA_TABLE], canon.roots[METADATA_TABLE]))
    rows = list(readable_rows(image, grow_tree(image, root, set(), in_index=shape.in_index)))
    if METADATA_TABLE not in named.tables or not rows:
        shape = canon.shapes[METADATA_TABLE]
        rows = _likely(shape, rows) or _likely(shape, _all_rows(image, free, in_index=shape.in_index))
    found = [(_has_checksum(registry, said), version) for row in rows if (said := _said(shape, row))
             and isinstance(version := said.get("schema_version"), int)]  # fmt: skip
    return max(found)[1] if found else None


def _likely(shape: Shape, rows: Iterable[Row]) -> list[Row]:
    """The rows that look like the one row of the metadata."""
    return [row for row in rows if row.rowid == (None if shape.in_index else 1) and shape.fits(row)]


def _all_rows(image: Image, free: set[int], *, in_index: bool) -> Iterator[Row]:
    """The rows on every page of a table, or of an index, that is not free."""
    for number in range(2, image.count + 1):
        kind = page_kind(image, number)
        if number not in free and kind and kind.in_index == in_index and (in_index or not kind.is_interior):
            yield from (row for row in page_rows(image, number) if row)


def _said(shape: Shape, row: Row) -> dict[str, object]:
    return {column.name: value for column, value in zip(shape.columns, row.values, strict=False)}


def _has_checksum(registry: Registry, said: dict[str, object]) -> bool:
    version = said["schema_version"]
    return version in registry.versions and said.get("schema_checksum") == registry.fingerprint(int(str(version)))
