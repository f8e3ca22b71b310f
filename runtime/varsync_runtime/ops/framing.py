"""The bytes of TFRecord files: each record has its length before it, and checksums.

tensorflow/core/lib/io/record_writer.h: the length (8 bytes), its masked CRC-32C, the record, its
masked CRC-32C.
"""

from __future__ import annotations

import functools
import struct
import zlib
from collections.abc import Iterator
from typing import IO

import numpy as np

from varsync_runtime.tensors.errors import DataLossError

HEADER = struct.Struct("<QI")
FOOTER = struct.Struct("<I")
POLYNOMIAL = 0x82F63B78
BLOCK = 1024
"""So many bytes are taken at once: each has a table for its place."""
KINDS = {"": None, "ZLIB": zlib.MAX_WBITS, "GZIP": zlib.MAX_WBITS | 16}
"""What `zlib` calls the forms of compression."""


@functools.cache
def _tables() -> np.ndarray:
    """Row k says what a byte does to the checksum with k bytes behind it."""
    found: np.ndarray = np.empty((BLOCK, 256), np.uint32)
    row: np.ndarray = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        row = np.where(row & 1, (row >> 1) ^ np.uint32(POLYNOMIAL), row >> 1)
    found[0] = row
    for place in range(1, BLOCK):
        found[place] = (found[place - 1] >> 8) ^ row[found[place - 1] & 0xFF]
    return found


def crc32c(data: bytes) -> int:
    """The CRC-32C (Castagnoli) of bytes: it is linear, so that each byte adds its own part."""
    tables = _tables()
    array = np.frombuffer(data, np.uint8)
    state = 0xFFFFFFFF
    for start in range(0, len(array), BLOCK):
        block = array[start : start + BLOCK]
        size = len(block)
        before = np.frombuffer(struct.pack("<I", state), np.uint8)[:size]
        mixed = block.copy()
        mixed[: len(before)] ^= before
        # of a block shorter than the state, the rest of the state moves on
        rest = state >> (8 * size) if size < 4 else 0
        places = np.arange(size - 1, -1, -1)
        state = int(np.bitwise_xor.reduce(tables[places, mixed])) ^ rest
    return state ^ 0xFFFFFFFF


def masked(data: bytes) -> int:
    """The checksum as it is written."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def framed(record: bytes) -> bytes:
    """The bytes of one record."""
    length = struct.pack("<Q", len(record))
    return HEADER.pack(len(record), masked(length)) + record + FOOTER.pack(masked(record))


def records(file: IO[bytes]) -> Iterator[bytes]:
    """The records of a file from here on; DataLossError where it is damaged."""
    at = 0
    while True:
        header = file.read(HEADER.size)
        if len(header) < HEADER.size:
            return
        length, checksum = HEADER.unpack(header)
        if masked(header[:8]) != checksum:
            hint = " (Is this even a TFRecord file?)" if at == 0 else ""
            raise _lost(f"corrupted record at {at}{hint}")
        body = file.read(length + FOOTER.size)
        if len(body) < length + FOOTER.size:
            raise _lost(f"truncated record at {at}' failed with Read less bytes than requested")
        record = body[:length]
        if FOOTER.unpack(body[length:])[0] != masked(record):
            raise _lost(f"corrupted record at {at + HEADER.size}")
        yield record
        at += HEADER.size + len(body)


def _lost(words: str) -> DataLossError:
    return DataLossError(None, None, words)
