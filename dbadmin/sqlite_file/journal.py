"""The rollback journal (section 3, "The Rollback Journal"): the pages as they were before an unfinished change."""

import struct

from dbadmin.sqlite_file.overlay import Overlay

_MAGIC = bytes.fromhex("d9d505f920a163d7")
_HEADER = struct.Struct(">8sIIIII")
_AS_MANY_AS_FIT = 0xFFFFFFFF
_WORD = 0xFFFFFFFF
_CHECKED_EVERY = 200
_SMALLEST = 512


def read_journal(data: bytes) -> Overlay | None:
    """What a hot journal puts back; None for one that is empty, was ended by zeroing its header, or is no journal."""
    if data[:8] != _MAGIC or len(data) < _HEADER.size:
        return None
    page_count, sector, page_size = _HEADER.unpack_from(data)[3:]
    if page_size < _SMALLEST or sector < _HEADER.size:
        return None
    pages: dict[int, bytes] = {}
    offset = 0
    while data[offset : offset + 8] == _MAGIC and offset + sector <= len(data):
        end = _read_segment(data, offset, page_size, pages)
        # The next header begins at the next sector.
        offset = -(-end // sector) * sector
    return Overlay(page_size, page_count, pages)


def _read_segment(data: bytes, offset: int, page_size: int, pages: dict[int, bytes]) -> int:
    """Add the pages after one header, and return where they end; the first copy of a page is the oldest, and counts."""
    count, nonce, _size, sector = (int(field) for field in _HEADER.unpack_from(data, offset)[1:5])
    position, record = offset + sector, page_size + 8
    fitting = (len(data) - position) // record
    for _ in range(fitting if count == _AS_MANY_AS_FIT else min(count, fitting)):
        number = int.from_bytes(data[position : position + 4], "big")
        page = data[position + 4 : position + 4 + page_size]
        stated = int.from_bytes(data[position + 4 + page_size : position + record], "big")
        if number == 0 or stated != _checksum(page, nonce):
            return len(data)
        pages.setdefault(number, page)
        position += record
    return position


def _checksum(page: bytes, nonce: int) -> int:
    """Every 200th byte from the end, added to the nonce."""
    return (nonce + sum(page[len(page) - _CHECKED_EVERY : 0 : -_CHECKED_EVERY])) & _WORD
