"""Gamma and Poisson numbers: kernels that try until a number is accepted, all numbers at once.

tensorflow/core/kernels/random_op.cc and random_poisson_op.cc. Each number of the result has its own
256 blocks of words; results of a block are used from the last to the first.
"""

from __future__ import annotations

import math

import numpy as np

from varsync_runtime.ops.random import distributions, philox, words

BLOCKS = 256  # for each number


class Lanes:
    """The generators of `count` numbers, each with its own place."""

    def __init__(self, key: words.Key, counter: int, count: int, dtype: np.dtype) -> None:
        self.key, self.counter, self.dtype = key, counter, dtype
        self.used: np.ndarray = np.zeros(count, dtype=np.uint64)
        self.each = 4 // words.WORDS[dtype.itemsize]

    def take(self, lanes: np.ndarray) -> np.ndarray:
        """The next block of words of these lanes, one after the other."""
        offsets = lanes.astype(np.uint64) * np.uint64(BLOCKS) + self.used[lanes]
        self.used[lanes] += np.uint64(1)
        return philox.scramble(self.key, philox.counters(self.counter, offsets)).reshape(-1)


class Source:
    """Uniform or normal numbers of lanes, a block of them at a time."""

    def __init__(self, lanes: Lanes, *, normal: bool) -> None:
        self._lanes = lanes
        self._normal = normal
        self._left: np.ndarray = np.zeros(lanes.used.size, dtype=np.int64)
        self._numbers = np.empty((lanes.used.size, lanes.each), dtype=lanes.dtype)

    def next(self, lanes: np.ndarray) -> np.ndarray:
        """The next number of each of these lanes."""
        empty = lanes[self._left[lanes] == 0]
        if empty.size:
            make = distributions.box_muller if self._normal else words.floats
            made = make(self._lanes.take(empty), self._lanes.dtype)
            self._numbers[empty] = made.reshape(empty.size, self._lanes.each)
            self._left[empty] = self._lanes.each
        self._left[lanes] -= 1
        found: np.ndarray = self._numbers[lanes, self._left[lanes]]
        return found


def gamma(key: words.Key, counter: int, alpha: np.ndarray, samples: int) -> np.ndarray:
    """Gamma numbers of rate 1, after Marsaglia and Tsang: an array (samples, len(alpha)).

    All is computed in float64; what is made for an `alpha` of 1 is exponential.
    """
    each: np.ndarray = np.repeat(alpha.astype(np.float64), samples)
    lanes = Lanes(key, counter, each.size, each.dtype)
    normal, uniform = Source(lanes, normal=True), Source(lanes, normal=False)
    out: np.ndarray = np.empty(each.size, dtype=np.float64)
    exponential = np.flatnonzero(each == 1)
    if exponential.size:
        out[exponential] = -np.log1p(-uniform.next(exponential))
    small = each < 1
    d = each + np.where(small, 2.0 / 3, -1.0 / 3)
    c = (1.0 / 3) / np.sqrt(d)
    left = np.flatnonzero(each != 1)
    while left.size:
        x = normal.next(left)
        v = 1 + c[left] * x
        positive = v > 0
        tried, x, v = left[positive], x[positive], v[positive]
        v = v * v * v
        u = uniform.next(tried)
        squeezed = u < 1 - 0.0331 * (x * x) * (x * x)
        exact = np.log(u) < 0.5 * x * x + d[tried] * (1 - v + np.log(v))
        good = squeezed | exact
        done = tried[good]
        out[done] = d[done] * v[good]
        boosted = done[small[done]]
        if boosted.size:
            out[boosted] *= uniform.next(boosted) ** (1 / each[boosted])
        left = np.sort(np.concatenate([left[~positive], tried[~good]]))
    return out.reshape(alpha.size, samples).T


def poisson(key: words.Key, counter: int, rate: np.ndarray, samples: int) -> np.ndarray:
    """Poisson numbers as floats, after Knuth (rates below 10) and Hörmann: (samples, len(rate))."""
    each: np.ndarray = np.repeat(rate, samples)
    uniform = Source(Lanes(key, counter, each.size, rate.dtype), normal=False)
    out = np.empty(each.size, dtype=rate.dtype)
    _knuth(uniform, each, np.flatnonzero(each < 10), out)
    _hormann(uniform, each, np.flatnonzero(~(each < 10)), out)
    return out.reshape(rate.size, samples).T


def _knuth(uniform: Source, rate: np.ndarray, left: np.ndarray, out: np.ndarray) -> None:
    limit = np.exp(-rate)
    product = np.ones_like(rate)
    tries = 0
    while left.size:
        product[left] *= uniform.next(left)
        done = product[left] <= limit[left]
        out[left[done]] = tries
        left = left[~done]
        tries += 1


_lgamma = np.vectorize(math.lgamma, otypes=[np.float64])


def _hormann(uniform: Source, rates: np.ndarray, left: np.ndarray, out: np.ndarray) -> None:
    number = rates.dtype.type
    while left.size:
        rate = rates[left]
        b = number(0.931) + number(2.53) * np.sqrt(rate)
        a = number(-0.059) + number(0.02483) * b
        inverse = number(1.1239) + number(1.1328) / (b - number(3.4))
        u = uniform.next(left) - number(0.5)
        v = uniform.next(left)
        shifted = number(0.5) - np.abs(u)
        k = np.floor((number(2) * a / shifted + b) * u + rate + number(0.43))
        quick = (shifted >= number(0.07)) & (v <= number(0.9277) - number(3.6224) / (b - number(2)))
        never = (k < 0) | ((shifted < number(0.013)) & (v > shifted))
        s = np.log(v * inverse / (a / (shifted * shifted) + b))
        t = -rate + k * np.log(rate) - _lgamma(np.maximum(k, 0) + 1).astype(rates.dtype)
        good = quick | (~never & (s <= t))
        out[left[good]] = k[good]
        left = left[~good]
