"""Numbers of a dtype from the words of a generator, one after the other as TensorFlow takes them.

third_party/xla/xla/tsl/lib/random/random_distributions.h
"""

from __future__ import annotations

import numpy as np

from varsync_runtime.ops.random import philox

Key = tuple[int, int]
WORDS = {2: 1, 4: 1, 8: 2}  # words of 32 bits that a number of so many bytes takes


def take(key: Key, counter: int, count: int) -> np.ndarray:
    """`count` words from this counter on."""
    return philox.blocks(key, counter, -(-count // 4)).reshape(-1)[:count]


def floats(words: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Numbers from 0 up to 1: the words give the mantissa of one from 1 up to 2."""
    if dtype.itemsize == 8:
        pairs: np.ndarray = words.astype(np.uint64)
        mantissa = ((pairs[0::2] & np.uint64(0xFFFFF)) << np.uint64(32)) | pairs[1::2]
        doubles: np.ndarray = (mantissa | np.uint64(1023 << 52)).view(np.float64) - 1.0
        return doubles
    if dtype.itemsize == 2:
        halves = (words & np.uint32(0x3FF)).astype(np.uint16) | np.uint16(15 << 10)
        return (halves.view(np.float16) - np.float16(1.0)).astype(np.float16)
    singles = words & np.uint32(0x7FFFFF)
    singles |= np.uint32(127 << 23)
    found: np.ndarray = singles.view(np.float32)
    found -= np.float32(1.0)
    return found


def integers(words: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Numbers of the whole range of an integer dtype."""
    if dtype.itemsize == 8:
        pairs: np.ndarray = words.astype(np.uint64)
        return (pairs[0::2] | (pairs[1::2] << np.uint64(32))).view(dtype)
    return words.view(dtype)


def uniform(key: Key, counter: int, size: int, dtype: np.dtype) -> np.ndarray:
    """`size` floats from 0 up to 1."""
    return floats(take(key, counter, size * WORDS[dtype.itemsize]), dtype)


def full(key: Key, counter: int, size: int, dtype: np.dtype) -> np.ndarray:
    """`size` integers of the whole range."""
    return integers(take(key, counter, size * WORDS[dtype.itemsize]), dtype)


def between(key: Key, counter: int, size: int, dtype: np.dtype, low: int, high: int) -> np.ndarray:
    """`size` integers from `low` up to `high`: the remainder of a number of the whole range."""
    unsigned = np.dtype(f"u{dtype.itemsize}")
    bits = 8 * dtype.itemsize
    found = full(key, counter, size, unsigned) % unsigned.type((high - low) % (1 << bits))
    with np.errstate(over="ignore"):
        found += unsigned.type(low % (1 << bits))
    return found.view(dtype)
