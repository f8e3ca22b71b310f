"""The bytes of protocol buffers: tags, numbers of variable length, and parts with a length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

VARINT, FIXED64, PART, FIXED32 = 0, 1, 2, 5
MASK = (1 << 64) - 1


class DecodeError(Exception):
    """Bytes that are no message."""

    __module__ = "google.protobuf.message"


def number(value: int) -> bytes:
    """A number in groups of seven bits; negative ones take ten bytes."""
    value &= MASK
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def signed(value: int) -> int:
    """The int64 that an unsigned number of 64 bits stands for."""
    return value - (1 << 64) if value >> 63 else value


def tag(field: int, wire: int) -> bytes:
    """What stands before a field."""
    return number(field << 3 | wire)


def part(field: int, data: bytes) -> bytes:
    """A field with bytes."""
    return tag(field, PART) + number(len(data)) + data


def read_number(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins there, and where it ends."""
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise DecodeError("Wire format was corrupt")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & MASK, at
        shift += 7


def fields(data: bytes) -> Iterator[tuple[int, int, Any]]:
    """Each field: its number, how it is written, and an unsigned number or bytes."""
    at = 0
    while at < len(data):
        key, at = read_number(data, at)
        wire = key & 7
        value: Any
        if wire == VARINT:
            value, at = read_number(data, at)
        else:
            size = {FIXED64: 8, FIXED32: 4}.get(wire)
            if wire == PART:
                size, at = read_number(data, at)
            if size is None or not key >> 3 or at + size > len(data):
                raise DecodeError("Wire format was corrupt")
            value = data[at : at + size]
            at += size
        yield key >> 3, wire, value


def read_numbers(wire: int, value: Any) -> list[int]:
    """The int64s of a field that may be packed."""
    if wire == VARINT:
        return [signed(value)]
    if wire != PART:
        raise DecodeError("Wire format was corrupt")
    found = []
    at = 0
    while at < len(value):
        one, at = read_number(value, at)
        found.append(signed(one))
    return found


def read_floats(wire: int, value: Any, kind: str = "<f4") -> np.ndarray:
    """The floats of a field that may be packed."""
    if wire == VARINT or len(value) % np.dtype(kind).itemsize:
        raise DecodeError("Wire format was corrupt")
    return np.frombuffer(value, kind)
