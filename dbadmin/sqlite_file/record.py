"""Varints and records (section 2.1, "Record Format")."""

import math
import struct
from collections.abc import Callable
from functools import lru_cache, partial

from dbadmin.sqlite_file.errors import MalformedError

Value = None | int | float | str | bytes

_LONGEST_VARINT = 9
_LONGEST_REMEMBERED = 256
_LAST_FIXED = 9
# The most columns that SQLite can be built for. Values without bytes would else take far more memory than the record.
_MOST_VALUES = 32767
_FIRST_BLOB = 12
_SIZES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
_DOUBLE = struct.Struct(">d")
Decoder = Callable[[bytes], Value]


def read_varint(data: bytes, offset: int) -> tuple[int, int]:
    """The unsigned 64-bit varint at an offset, and the offset after it."""
    if offset < len(data) and (value := data[offset]) < 0x80:  # noqa: PLR2004 - most are of one byte
        return value, offset + 1
    value = 0
    for position in range(offset, offset + _LONGEST_VARINT - 1):
        if position >= len(data):
            raise MalformedError(f"A varint at {offset} runs over the end of its {len(data)} bytes.")
        byte = data[position]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follows
            return value, position + 1
    last = offset + _LONGEST_VARINT - 1
    if last >= len(data):
        raise MalformedError(f"A varint at {offset} runs over the end of its {len(data)} bytes.")
    return value << 8 | data[last], last + 1


def as_signed(value: int) -> int:
    """A 64-bit number read as two's complement: how rowids are stored."""
    return value - (1 << 64) if value >> 63 else value


def serial_types(payload: bytes) -> tuple[list[int], int]:
    """The serial types of a record, and the offset of its first value."""
    header_size, position = read_varint(payload, 0)
    if header_size > len(payload):
        raise MalformedError(f"A record's header has {header_size} bytes, the record {len(payload)}.")
    types: list[int] = []
    while position < header_size:
        if len(types) == _MOST_VALUES:
            raise MalformedError(f"A record has more than {_MOST_VALUES} values.")
        serial_type, position = read_varint(payload, position)
        types.append(serial_type)
    if position != header_size:
        raise MalformedError("A record's header ends inside a serial type.")
    return types, header_size


def value_size(serial_type: int) -> int:
    """How many bytes a value of a serial type has; raises MalformedError for the two that no file may contain."""
    if serial_type <= _LAST_FIXED:
        return _SIZES[serial_type]
    if serial_type < _FIRST_BLOB:
        raise MalformedError(f"Serial type {serial_type} is SQLite's own and never in a file.")
    return (serial_type - _FIRST_BLOB) // 2


def decode_record(payload: bytes, codec: str) -> tuple[Value, ...]:
    """The values of a whole record; raises MalformedError when its parts do not add up to its size."""
    header_size, _ = read_varint(payload, 0)
    header = payload[:header_size]
    values, end = (_layout if header_size <= _LONGEST_REMEMBERED else _laid_out)(header, codec)
    if end != len(payload):
        raise MalformedError(f"A record's values end at {end}, the record at {len(payload)}.")
    return tuple([decode(payload[start:stop]) for start, stop, decode in values])


def _laid_out(header: bytes, codec: str) -> tuple[tuple[tuple[int, int, Decoder], ...], int]:
    """Where the values of a record with this header begin and end, and how each is decoded; where the record ends."""
    types, position = serial_types(header)
    values = []
    for serial_type in types:
        end = position + value_size(serial_type)
        values.append((position, end, _decoder(serial_type, codec)))
        position = end
    return tuple(values), position


# Rows of a table are alike.
_layout = lru_cache(maxsize=1024)(_laid_out)


def _decoder(serial_type: int, codec: str) -> Decoder:
    """What makes a value of its bytes."""
    if serial_type >= _FIRST_BLOB:
        return _text_decoder(codec) if serial_type % 2 else bytes
    return _DECODERS[serial_type]


def _decode_float(data: bytes) -> float | None:
    """SQLite knows no NaN: it reads one as NULL."""
    number: float = _DOUBLE.unpack(data.ljust(_DOUBLE.size, b"\0"))[0]
    return None if math.isnan(number) else number


@lru_cache(maxsize=8)
def _text_decoder(codec: str) -> Decoder:
    """Text as stored: invalid UTF-8 is kept as surrogates, broken UTF-16 becomes U+FFFD as SQLite would show it."""
    return partial(str, encoding=codec, errors="surrogateescape" if codec == "utf-8" else "replace")


_WHOLE: Decoder = partial(int.from_bytes, byteorder="big", signed=True)
# By serial type. 8 and 9 are the numbers 0 and 1 themselves and have no bytes; 10 and 11 are refused by `value_size`.
_DECODERS: tuple[Decoder, ...] = (lambda _: None, *[_WHOLE] * 6, _decode_float, lambda _: 0, lambda _: 1)
