"""Normal and truncated normal numbers, as TensorFlow makes them of a generator's words.

Both use the C library's functions as TensorFlow does, so that numbers are equal to the bit; NumPy's
own differ in the last place.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from varsync_runtime.ops.random import philox, words
from varsync_runtime.ops.random.libm import logf, sincosf

LIMIT = 2.0  # of truncated normal numbers
RESERVED = 256  # words for each number whose kernel may have to try again


def box_muller(numbers: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Normal numbers from uniform words: as many as the words give floats, in pairs."""
    if dtype.itemsize == 8:
        return _box_muller_double(numbers)
    uniform = words.floats(numbers, np.dtype(np.float32))
    first = np.maximum(uniform[0::2], np.float32(1.0e-7))
    angle = (2.0 * np.pi * uniform[1::2].astype(np.float64)).astype(np.float32)
    length = np.sqrt(np.float32(-2.0) * logf(first))
    sines, cosines = sincosf(angle)
    found: np.ndarray = np.empty(uniform.size, dtype=np.float32)
    found[0::2] = sines * length
    found[1::2] = cosines * length
    return found


def _box_muller_double(numbers: np.ndarray) -> np.ndarray:
    uniform = words.floats(numbers, np.dtype(np.float64))
    angle = (2 * np.pi * uniform[1::2]).tolist()
    length = np.sqrt(-2.0 * _each(math.log, np.maximum(uniform[0::2], 1.0e-7).tolist()))
    found: np.ndarray = np.empty(uniform.size, dtype=np.float64)
    found[0::2] = _each(math.sin, angle) * length
    found[1::2] = _each(math.cos, angle) * length
    return found


def _each(function: Callable[[float], float], numbers: list[float]) -> np.ndarray:
    return np.fromiter(map(function, numbers), np.float64, len(numbers))


def normal(key: words.Key, counter: int, size: int, dtype: np.dtype) -> np.ndarray:
    """`size` normal numbers of mean 0 and standard deviation 1."""
    each = words.WORDS[dtype.itemsize]
    numbers = words.take(key, counter, (size + size % 2) * each)
    return box_muller(numbers, dtype)[:size].astype(dtype, copy=False)


def truncated(key: words.Key, counter: int, size: int, dtype: np.dtype) -> np.ndarray:
    """`size` normal numbers, without those that are 2 or more away from 0.

    Each block of four words' worth of results has words reserved to try again with.
    """
    group = 4 // words.WORDS[dtype.itemsize]
    skip = group * RESERVED // 4
    groups = -(-size // group)
    out: np.ndarray = np.empty(
        (groups, group), dtype=np.float64 if dtype.itemsize == 8 else np.float32
    )
    left: np.ndarray = np.arange(groups, dtype=np.uint64)
    tries = 2
    while left.size:
        offsets = (left[:, None] * np.uint64(skip) + np.arange(tries, dtype=np.uint64)).reshape(-1)
        found = _candidates(key, counter, offsets, dtype).reshape(left.size, -1)
        good = np.abs(found) < LIMIT
        rank = np.cumsum(good, axis=1)
        enough = rank[:, -1] >= group
        rows, columns = np.nonzero(good & (rank <= group) & enough[:, None])
        out[left[enough]] = found[rows, columns].reshape(-1, group)
        left = left[~enough]
        tries *= 4
    return out.reshape(-1)[:size].astype(dtype, copy=False)


def _candidates(key: words.Key, counter: int, offsets: np.ndarray, dtype: np.dtype) -> np.ndarray:
    found = []
    for start in range(0, offsets.size, philox.CHUNK):
        part = offsets[start : start + philox.CHUNK]
        numbers = philox.scramble(key, philox.counters(counter, part)).reshape(-1)
        found.append(box_muller(numbers, dtype))
    return np.concatenate(found) if found else np.empty(0, dtype=np.float32)


def permutation(generator: philox.Philox, size: int) -> list[int]:
    """The numbers below `size` in another order; `size - 1` words are taken."""
    order = list(range(size))
    numbers = generator.take(-(-(size - 1) // 4)).reshape(-1).tolist() if size > 1 else []
    for at in range(size - 1):
        other = at + numbers[at] % (size - at)
        order[at], order[other] = order[other], order[at]
    return order


def categorical(
    generator: philox.Philox, logits: np.ndarray, samples: int, dtype: np.dtype
) -> np.ndarray:
    """For each row of logits, `samples` numbers of classes: one double each looks them up."""
    batch = logits.shape[0]
    numbers = generator.take(-(-batch * samples // 2)).reshape(-1)
    chosen = words.floats(numbers, np.dtype(np.float64))[: batch * samples].reshape(batch, samples)
    out = np.empty((batch, samples), dtype=dtype)
    wide: np.ndarray = logits.astype(np.float64)
    finite = np.isfinite(wide)
    for row in range(batch):
        kept = finite[row]
        largest = wide[row][kept].max() if kept.any() else np.finfo(np.float64).min
        weights = np.where(kept, np.exp(wide[row] - largest), 0.0)
        total = np.cumsum(weights)
        out[row] = np.searchsorted(total, chosen[row] * total[-1], side="right")
    return out
