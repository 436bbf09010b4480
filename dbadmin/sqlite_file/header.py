"""The 100 bytes at the start of a database (section 1.3, "The Database Header")."""

import struct
from typing import NamedTuple

from dbadmin.sqlite_file.errors import MalformedError

HEADER_SIZE = 100
MAGIC = b"SQLite format 3\0"
UTF8 = 1
CODECS = {UTF8: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}

_LAYOUT = struct.Struct(">16sHBBB3sIIIIIIIII32xI4x")
_FRACTIONS = bytes([64, 32, 32])
_SMALLEST_PAGE = 512
_SMALLEST_USABLE = 480
_LARGEST_PAGE = 65536
_VERSIONS = (1, 2)
_SCHEMA_FORMATS = range(1, 5)


class Header(NamedTuple):
    """The fields that a reader needs; sizes are bytes."""

    page_size: int
    reserved: int
    uses_wal: bool
    change_counter: int
    stated_page_count: int
    first_trunk: int
    free_pages: int
    encoding: int
    version_valid_for: int

    @property
    def usable(self) -> int:
        """The bytes of a page that b-trees use: without the reserved ones at its end (section 1.3.4)."""
        return self.page_size - self.reserved

    @property
    def codec(self) -> str:
        """Python's name of the text encoding."""
        return CODECS[self.encoding]

    @property
    def page_count(self) -> int | None:
        """The number of pages as the header says it, None where it must not be believed (section 1.3.7)."""
        is_valid = self.stated_page_count > 0 and self.change_counter == self.version_valid_for
        return self.stated_page_count if is_valid else None


def parse_header(data: bytes) -> Header:
    """The header at the start of `data`; raises MalformedError where SQLite would refuse the file, too."""
    if len(data) < HEADER_SIZE:
        raise MalformedError(f"The file has {len(data)} bytes, fewer than the header's {HEADER_SIZE}.")
    # fmt: off
    (magic, size, write_version, read_version, reserved, fractions, counter, count, trunk, free,
     _cookie, schema_format, _cache, _largest_root, encoding, valid_for) = _LAYOUT.unpack_from(data)
    # fmt: on
    if magic != MAGIC:
        raise MalformedError("The file does not begin as an SQLite database does.")
    page_size = _LARGEST_PAGE if size == 1 else size
    _check_sizes(page_size, reserved, fractions)
    if read_version not in _VERSIONS or write_version not in _VERSIONS:
        raise MalformedError(f"The file format's versions are {write_version} and {read_version}, known are 1 and 2.")
    if schema_format not in _SCHEMA_FORMATS or encoding not in CODECS:
        raise MalformedError(f"The schema format is {schema_format}, the encoding {encoding}; known are 1-4 and 1-3.")
    uses_wal = read_version == 2 or write_version == 2  # noqa: PLR2004 - 2 is the WAL in section 1.3.3
    return Header(page_size, reserved, uses_wal, counter, count, trunk, free, encoding, valid_for)


def _check_sizes(page_size: int, reserved: int, fractions: bytes) -> None:
    """Sections 1.3.2, 1.3.4 and 1.3.5."""
    if page_size < _SMALLEST_PAGE or page_size & (page_size - 1):
        raise MalformedError(f"The page size is {page_size}, not a power of two from 512 to 65536.")
    if page_size - reserved < _SMALLEST_USABLE or fractions != _FRACTIONS:
        raise MalformedError(
            f"The header reserves {reserved} of {page_size} bytes with payload fractions {list(fractions)}."
        )
