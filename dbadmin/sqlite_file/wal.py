"""The write-ahead log (section 4, "The Write-Ahead Log")."""

import struct

from dbadmin.sqlite_file.overlay import Overlay

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_MAGIC = 0x377F0682  # with its lowest bit set the checksums are of big-endian words
_FORMAT = 3007000
_WORD = 0xFFFFFFFF


def read_wal(data: bytes) -> Overlay | None:
    """The newest committed page of each number in a log; None when nothing in it is committed.

    As SQLite does, the reading ends at the first frame whose salts or cumulative checksum are not right: what follows
    is older than the log's last beginning, or was never written whole.
    """
    if len(data) < _HEADER.size:
        return None
    magic, file_format, page_size, _sequence, salt_1, salt_2, *stated = _HEADER.unpack_from(data)
    if magic & ~1 != _MAGIC or file_format != _FORMAT or not _is_page_size(page_size):
        return None
    order = ">" if magic & 1 else "<"
    sums = checksum(data[:24], order, (0, 0))
    if list(sums) != stated:
        return None
    pending: dict[int, bytes] = {}
    committed: dict[int, bytes] = {}
    page_count = 0
    for start in range(_HEADER.size, len(data) - _FRAME.size - page_size + 1, _FRAME.size + page_size):
        number, size_after_commit, *rest = _FRAME.unpack_from(data, start)
        page = data[start + _FRAME.size : start + _FRAME.size + page_size]
        sums = checksum(page, order, checksum(data[start : start + 8], order, sums))
        if number == 0 or rest != [salt_1, salt_2, *sums]:
            break
        pending[number] = page
        if size_after_commit:
            committed |= pending
            pending, page_count = {}, size_after_commit
    return Overlay(page_size, page_count, committed) if committed else None


def checksum(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    """The cumulative checksum of section 4.2 over pairs of 32-bit words; `order` is struct's sign of endianness."""
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for left, right in zip(words[::2], words[1::2], strict=True):
        first = first + left + second & _WORD
        second = second + right + first & _WORD
    return first, second


def _is_page_size(size: int) -> bool:
    return 512 <= size <= 65536 and size & (size - 1) == 0  # noqa: PLR2004 - the limits of section 1.3.2
