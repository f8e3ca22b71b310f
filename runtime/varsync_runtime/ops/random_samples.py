"""Random numbers of a distribution from Philox, as TensorFlow's CPU kernels make them.

third_party/tsl/lib/random/random_distributions.h and tensorflow/core/kernels/random_op_cpu.h.
"""

from __future__ import annotations

import math

import numpy as np

from varsync_runtime.ops import random_philox
from varsync_runtime.ops.random_libm import logf, sincosf
from varsync_runtime.ops.random_philox import Philox, Singles

SKIP = 256  # blocks that a kernel reserves for each number
EPSILON = 1.0e-7
TRUNCATE = 2.0


def words(generator: Philox, count: int, each: int) -> np.ndarray:
    """The numbers of 32 bits for `count` values, `each` of them to a block."""
    blocks = -(-count // each)
    return random_philox.blocks(generator.key, generator.counter, blocks)


def to_float(x: np.ndarray) -> np.ndarray:
    """uint32 to float32 in [0, 1): the lower 23 bits."""
    bits = (x & np.uint32(0x7FFFFF)) | np.uint32(127 << 23)
    return bits.view(np.float32) - np.float32(1)


def to_half(x: np.ndarray) -> np.ndarray:
    """uint32 to float16 in [0, 1): the lower 10 bits."""
    bits = ((x & np.uint32(0x3FF)) | np.uint32(15 << 10)).astype(np.uint16)
    return bits.view(np.float16) - np.float16(1)


def to_double(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """Two uint32 to float64 in [0, 1): 20 bits of the first one, and the second one."""
    mantissa = (high.astype(np.uint64) & np.uint64(0xFFFFF)) << np.uint64(32)
    bits = mantissa | low.astype(np.uint64) | np.uint64(1023 << 52)
    return bits.view(np.float64) - 1.0


def uniform(generator: Philox, count: int, dtype: np.dtype) -> np.ndarray:
    """Numbers in [0, 1)."""
    if dtype == np.float64:
        found = words(generator, count, 2)
        return to_double(found[:, 0::2].reshape(-1), found[:, 1::2].reshape(-1))[:count]
    found = words(generator, count, 4).reshape(-1)[:count]
    return to_half(found) if dtype == np.float16 else to_float(found)


def integers(generator: Philox, count: int, dtype: np.dtype) -> np.ndarray:
    """All bits of an integer type, as unsigned numbers."""
    if dtype.itemsize == 8:
        found: np.ndarray = words(generator, count, 2).astype(np.uint64)
        low, high = found[:, 0::2].reshape(-1), found[:, 1::2].reshape(-1)
        return (low | (high << np.uint64(32)))[:count]
    return words(generator, count, 4).reshape(-1)[:count]


def integers_between(
    generator: Philox, count: int, low: int, high: int, dtype: np.dtype
) -> np.ndarray:
    """Integers from `low` up to but not `high`."""
    bits = integers(generator, count, dtype)
    offsets = bits % bits.dtype.type(high - low)
    with np.errstate(over="ignore"):
        return (offsets + bits.dtype.type(low % (1 << (8 * dtype.itemsize)))).astype(dtype)


def box_muller(x0: np.ndarray, x1: np.ndarray) -> np.ndarray:
    """Pairs of normal float32 numbers: an array (..., 2)."""
    u1 = np.maximum(to_float(x0), np.float32(EPSILON))
    v1 = (2.0 * math.pi * to_float(x1).astype(np.float64)).astype(np.float32)
    u2 = np.sqrt(np.float32(-2.0) * logf(u1))
    sine, cosine = sincosf(v1)
    return np.stack([sine * u2, cosine * u2], axis=-1)


def box_muller_double(found: np.ndarray) -> np.ndarray:
    """Pairs of normal float64 numbers from blocks: an array (n, 2)."""
    u1 = np.maximum(to_double(found[..., 0], found[..., 1]), EPSILON)
    v1 = 2.0 * math.pi * to_double(found[..., 2], found[..., 3])
    # Python asks the C library, which NumPy does not
    u2 = [math.sqrt(-2.0 * math.log(one)) for one in u1.reshape(-1).tolist()]
    angles = v1.reshape(-1).tolist()
    pairs = [(math.sin(v) * u, math.cos(v) * u) for v, u in zip(angles, u2, strict=True)]
    return np.array(pairs, dtype=np.float64).reshape(*u1.shape, 2)


def normal(generator: Philox, count: int, dtype: np.dtype) -> np.ndarray:
    """Normal numbers with mean 0 and deviation 1."""
    if dtype == np.float64:
        return box_muller_double(words(generator, count, 2)).reshape(-1)[:count]
    found = words(generator, count, 4)
    pairs = box_muller(found[:, 0::2], found[:, 1::2])
    return pairs.reshape(-1)[:count].astype(dtype)


def truncated_normal(generator: Philox, count: int, dtype: np.dtype) -> np.ndarray:
    """Normal numbers between -2 and 2; those outside are drawn again.

    Each group of values has its own place in the stream, with room for many tries.
    """
    double = dtype == np.float64
    size = 2 if double else 4
    groups = -(-count // size)
    made: np.ndarray = np.empty((groups, size), np.float64 if double else np.float32)
    have: np.ndarray = np.zeros(groups, np.int64)
    step = 0
    while (have < size).any():
        rows = np.flatnonzero(have < size)
        offsets = rows.astype(np.uint64) * np.uint64(size * SKIP // 4) + np.uint64(step)
        found = random_philox.scramble(
            generator.key, random_philox.counters(generator.counter, offsets)
        )
        step += 1
        pairs = (
            box_muller_double(found)
            if double
            else box_muller(found[:, 0::2], found[:, 1::2]).reshape(len(rows), 4)
        )
        for at in range(pairs.shape[1]):
            good = (np.abs(pairs[:, at]) < TRUNCATE) & (have[rows] < size)
            chosen = rows[good]
            made[chosen, have[chosen]] = pairs[good, at]
            have[chosen] += 1
    return made.reshape(-1)[:count].astype(dtype)


def permutation(generator: Philox, size: int) -> np.ndarray:
    """A random order of `size` things (tensorflow/core/kernels/random_shuffle_op.cc)."""
    order = list(range(size))
    if size > 1:
        numbers = Singles(generator.copy())
        for at in range(size - 1):
            other = at + numbers.next() % (size - at)
            order[at], order[other] = order[other], order[at]
    return np.array(order, dtype=np.int64)


def categorical(generator: Philox, logits: np.ndarray, count: int) -> np.ndarray:
    """Classes by their logits (tensorflow/core/kernels/multinomial_op.cc)."""
    rows, _ = logits.shape
    made = np.empty((rows, count), np.int64)
    found = random_philox.blocks(generator.key, generator.counter, -(-rows * count * 2 // 4))
    flat = found.reshape(-1)
    numbers = to_double(flat[0::2], flat[1::2])[: rows * count].reshape(rows, count)
    for row in range(rows):
        finite = np.isfinite(logits[row])
        top = float(logits[row][finite].max()) if finite.any() else 0.0
        weights = np.where(finite, np.exp(logits[row].astype(np.float64) - top), 0.0)
        limits = np.cumsum(weights)
        made[row] = np.searchsorted(limits, numbers[row] * limits[-1], side="right")
    return made


def scrambled(seed: tuple[int, int]) -> Philox:
    """The generator for a stateless op's seed (`GenerateKey` in stateless_random_ops.cc)."""
    first, second = (one % (1 << 64) for one in seed)
    mixer = Philox.of_state(0, first | (second << 64))
    mixer.key = (0x3EC8F720, 0x02461E29)
    mix = [int(one) for one in mixer.take(1)[0]]
    made = Philox(0, 0)
    made.key = (mix[0], mix[1])
    made.counter = (mix[2] << 64) | (mix[3] << 96)
    return made
