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


def blocks(key: tuple[int, int], counter: int, count: int) -> np.ndarray:
    """`count` blocks of four numbers from this counter on: an array (count, 4) of uint32."""
    numbers = counters(counter, np.arange(count, dtype=np.uint64))
    return scramble(key, numbers)


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
    """Ten rounds over counters: an array (n, 4) of uint32."""
    x0, x1, x2, x3 = words
    key0, key1 = key
    mask, shift = np.uint64(MASK), np.uint64(32)
    for _ in range(ROUNDS):
        left = MULTIPLIERS[0] * x0
        right = MULTIPLIERS[1] * x2
        x0, x1, x2, x3 = (
            (right >> shift) ^ x1 ^ np.uint64(key0),
            right & mask,
            (left >> shift) ^ x3 ^ np.uint64(key1),
            left & mask,
        )
        key0 = (key0 + WEYL[0]) & MASK
        key1 = (key1 + WEYL[1]) & MASK
    return np.stack([x0, x1, x2, x3], axis=-1).astype(np.uint32)


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
        self.counter = (self.counter + count) & ((1 << 128) - 1)

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
