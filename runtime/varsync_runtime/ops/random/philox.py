"""Philox 4x32-10, the generator behind TensorFlow's random numbers.

third_party/tsl/lib/random/philox_random.h. A key of 64 bits and a counter of 128 bits give four
numbers of 32 bits; the counter goes up by one for the next four.
"""

from __future__ import annotations

import numpy as np

MASK = 0xFFFFFFFF
MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
WEYL = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
COUNTERS = (1 << 128) - 1
FEW = 6
CHUNK = 8192  # blocks that are made at once


def blocks(key: tuple[int, int], counter: int, count: int) -> np.ndarray:
    """`count` blocks of four numbers from this counter on: an array (count, 4) of uint32."""
    if count <= FEW:
        found = [block(key, (counter + offset) & COUNTERS) for offset in range(count)]
        return np.array(found, dtype=np.uint32).reshape(count, 4)
    out: np.ndarray = np.empty((count, 4), dtype=np.uint32)
    for start in range(0, count, CHUNK):
        part = out[start : start + CHUNK]
        offsets: np.ndarray = np.arange(start, start + len(part), dtype=np.uint64)
        _scramble(key, counters(counter, offsets), part)
    return out


def block(key: tuple[int, int], counter: int) -> tuple[int, int, int, int]:
    """One block as Python numbers: quicker than arrays for a few."""
    x0, x1 = counter & MASK, (counter >> 32) & MASK
    x2, x3 = (counter >> 64) & MASK, counter >> 96
    key0, key1 = key
    for _ in range(ROUNDS):
        left, right = 0xD2511F53 * x0, 0xCD9E8D57 * x2
        x0, x1, x2, x3 = (
            (right >> 32) ^ x1 ^ key0, right & MASK, (left >> 32) ^ x3 ^ key1, left & MASK,
        )  # fmt: skip
        key0 = (key0 + WEYL[0]) & MASK
        key1 = (key1 + WEYL[1]) & MASK
    return x0, x1, x2, x3


def counters(counter: int, offsets: np.ndarray) -> list[np.ndarray]:
    """The four words of `counter + offset` for each offset, as uint64 arrays."""
    low = np.uint64(counter & 0xFFFFFFFFFFFFFFFF)
    with np.errstate(over="ignore"):
        lower = offsets + low
        carry = (lower < low).astype(np.uint64)
        upper = np.uint64((counter >> 64) & 0xFFFFFFFFFFFFFFFF) + carry
    mask, shift = np.uint64(MASK), np.uint64(32)
    return [lower & mask, lower >> shift, upper & mask, upper >> shift]


def scramble(key: tuple[int, int], words: list[np.ndarray]) -> np.ndarray:
    """Ten rounds over counters, words below 2**32: an array (n, 4) of uint32."""
    out: np.ndarray = np.empty((len(words[0]), 4), dtype=np.uint32)
    _scramble(key, [word.copy() for word in words], out)
    return out


def _scramble(key: tuple[int, int], words: list[np.ndarray], out: np.ndarray) -> None:
    """Ten rounds, in place: without new arrays they stay in the processor's cache."""
    x0, x1, x2, x3 = words
    key0, key1 = key
    mask, shift = np.uint64(MASK), np.uint64(32)
    high = np.empty_like(x0)
    for _ in range(ROUNDS):
        x0 *= MULTIPLIERS[0]
        x2 *= MULTIPLIERS[1]
        np.right_shift(x2, shift, out=high)
        x1 ^= high
        x1 ^= np.uint64(key0)
        np.right_shift(x0, shift, out=high)
        x3 ^= high
        x3 ^= np.uint64(key1)
        x0 &= mask
        x2 &= mask
        x0, x1, x2, x3 = x1, x2, x3, x0
        key0 = (key0 + WEYL[0]) & MASK
        key1 = (key1 + WEYL[1]) & MASK
    for at, word in enumerate((x0, x1, x2, x3)):
        out[:, at] = word


class Philox:
    """The generator with its state: a key and a counter."""

    def __init__(self, seed: int, seed2: int) -> None:
        self.key = (seed & MASK, (seed >> 32) & MASK)
        self.counter = (seed2 & 0xFFFFFFFFFFFFFFFF) << 64

    @classmethod
    def of_state(cls, key: int, counter: int) -> Philox:
        """The generator with this key and this counter."""
        made = cls(key, 0)
        made.counter = counter
        return made

    def copy(self) -> Philox:
        """A generator in the same state."""
        made = Philox(0, 0)
        made.key, made.counter = self.key, self.counter
        return made

    def skip(self, count: int) -> None:
        """Goes on by `count` blocks."""
        self.counter = (self.counter + count) & COUNTERS

    def take(self, count: int) -> np.ndarray:
        """The next `count` blocks: an array (count, 4) of uint32."""
        found = blocks(self.key, self.counter, count)
        self.skip(count)
        return found


class Singles:
    """One number of 32 bits after the other (`SingleSampleAdapter`)."""

    CHUNK = 64

    def __init__(self, generator: Philox) -> None:
        self._generator = generator
        self._numbers: list[int] = []

    def next(self) -> int:
        """The next number."""
        if not self._numbers:
            self._numbers = self._generator.take(self.CHUNK).reshape(-1).tolist()[::-1]
        return self._numbers.pop()
