"""Ops whose result is TensorFlow's to the bit, and what TensorFlow gave.

    python -m tests.runtime.ops.bits

runs every case on TensorFlow and writes recorded-bits.json beside this file. The inputs are made by
`values`, so they are not stored.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("recorded-bits.json")
FLOATS = ("float32", "float64")
# Some fill whole packets, some do not; some are long enough to be added up side by side
LENGTHS = (*range(1, 41), 63, 64, 65, 100, 127, 255, 500, 999, 1000)
SHAPES = (
    (3, 4), (4, 3), (16, 3), (3, 16), (1, 9), (9, 1), (64, 8), (8, 64), (17, 33), (33, 17),
    (5, 100), (100, 5), (1, 100), (100, 1), (300, 7), (7, 300), (4, 5, 6), (8, 16, 3), (3, 7, 33),
    (40, 2, 9), (2, 40, 9), (3, 1, 20), (20, 1, 12), (2, 3, 20, 10),
)  # fmt: skip
# Rows and columns of products, and how many products are added up for each element
SIDES = ((1, 1), (3, 1), (1, 3), (16, 1), (1, 16), (2, 2), (3, 5), (8, 8), (5, 12), (16, 2), (2, 16),
         (17, 9))  # fmt: skip
DEPTHS = (1, 2, 3, 5, 8, 9, 15, 16, 31, 48)
FUNCTIONS = ("exp", "expm1", "log", "log1p", "tanh", "sigmoid", "softplus")
LOGITS = ((8, 2), (5, 3), (16, 10), (7, 17), (3, 40), (1, 4), (64, 8), (4, 1), (12, 30))


@dataclass(frozen=True)
class Case:
    """A call of `function(tf, *arrays)`."""

    name: str
    function: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]
    dtype: str

    def arrays(self) -> list[NDArray[Any]]:
        """Numbers of different magnitude, always the same."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        return [
            (rng.normal(size=shape) * 10.0 ** rng.uniform(-2, 1, shape)).astype(self.dtype)
            for shape in self.shapes
        ]

    def play(self, tf: Any) -> str:
        """A digest of the result's shape and bits, on TensorFlow or on the stand-in."""
        result = self.function(tf, *map(tf.constant, self.arrays())).numpy()
        bits = hashlib.sha256(repr(result.shape).encode() + result.tobytes())
        return bits.hexdigest()[:12]


def cases() -> Iterator[Case]:
    """All cases."""
    for dtype in FLOATS:
        yield from _sums(dtype)
        yield from _products(dtype)
        yield from _functions(dtype)
        yield from _entropies(dtype)


def _sums(dtype: str) -> Iterator[Case]:
    for shape in (*((length,) for length in LENGTHS), *SHAPES):
        for count in range(1, len(shape) + 1):
            for axis in combinations(range(len(shape)), count):
                name = f"{dtype}/{shape}/{axis}"
                yield Case(f"sum/{name}", _reduce("reduce_sum", axis), (shape,), dtype)
                yield Case(f"mean/{name}", _reduce("reduce_mean", axis), (shape,), dtype)
        yield Case(f"broadcast/{dtype}/{shape}", _of_broadcast, (shape, shape[1:]), dtype)


def _reduce(op: str, axis: tuple[int, ...]) -> Callable[..., Any]:
    return lambda tf, array: getattr(tf, op)(array, axis)


def _of_broadcast(tf: Any, wide: Any, narrow: Any) -> Any:
    """The gradient of what was broadcast."""
    with tf.GradientTape() as tape:
        tape.watch(narrow)
        product = wide * narrow
    return tape.gradient(product, narrow)


def _products(dtype: str) -> Iterator[Case]:
    places = [(*sides, depth) for sides in SIDES for depth in DEPTHS]
    deep = [(8, 5, 385), (3, 2, 1000), (1, 3, 500), (3, 1, 500)] if dtype == "float32" else []
    for rows, columns, depth in (*places, (3, 1, 200), (1, 3, 200), *deep):
        for ta, tb in product((False, True), repeat=2):
            if tb and not ta and (depth > 200 or (rows == columns == 1 and depth >= 18)):
                # many lanes are left to NumPy; a dot product alone has an order of its own
                continue
            name = f"matmul/{dtype}/{rows}x{depth}x{columns}/{'-t'[ta]}{'-t'[tb]}"
            shapes = (
                (depth, rows) if ta else (rows, depth),
                (columns, depth) if tb else (depth, columns),
            )
            yield Case(name, _matmul(ta, tb), shapes, dtype)
            if depth < 10:
                yield Case(f"of-{name}", _of_matmul(ta, tb), shapes, dtype)


def _matmul(ta: bool, tb: bool) -> Callable[..., Any]:
    return lambda tf, a, b: tf.matmul(a, b, transpose_a=ta, transpose_b=tb)


def _of_matmul(ta: bool, tb: bool) -> Callable[..., Any]:
    """Both gradients of a product, one after the other."""

    def gradient(tf: Any, a: Any, b: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([a, b])
            found = tf.matmul(a, b, transpose_a=ta, transpose_b=tb)
        of_a, of_b = tape.gradient(found, [a, b], found * found)
        return tf.concat([tf.reshape(of_a, [-1]), tf.reshape(of_b, [-1])], 0)

    return gradient


def _functions(dtype: str) -> Iterator[Case]:
    for size in (1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 100, 333, 1000):
        for function in FUNCTIONS:
            yield Case(f"{function}/{dtype}/{size}", _function(function), ((size,),), dtype)
            if function in ("exp", "tanh", "sigmoid"):
                name = f"of-{function}/{dtype}/{size}"
                yield Case(name, _of_function(function), ((size,),), dtype)
        for power in (2, 3):
            yield Case(f"compiled-pow{power}/{dtype}/{size}", _power(power), ((size,),), dtype)
        for exponent in (2, 3, -1, 2.5) if dtype == "float32" else ():
            yield Case(f"pow{exponent}/{size}", _eager_power(exponent), ((size,),), dtype)
        yield Case(f"l2_loss/{dtype}/{size}", lambda tf, x: tf.nn.l2_loss(x), ((size,),), dtype)


def _function(name: str) -> Callable[..., Any]:
    def call(tf: Any, x: Any) -> Any:
        positive = name.startswith("log")
        return getattr(tf.math, name)(tf.abs(x) if positive else x)

    return call


def _of_function(name: str) -> Callable[..., Any]:
    def gradient(tf: Any, x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            found = getattr(tf.math, name)(x)
        return tape.gradient(found, x, x * 0.3)

    return gradient


def _power(exponent: int) -> Callable[..., Any]:
    return lambda tf, x: tf.function(lambda x: x**exponent)(x)


def _eager_power(exponent: float) -> Callable[..., Any]:
    """A power and its gradient, one after the other."""

    def function(tf: Any, x: Any) -> Any:
        x = x if exponent == int(exponent) else tf.abs(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            found = x**exponent
        return tf.concat([found, tape.gradient(found, x)], 0)

    return function


def _entropies(dtype: str) -> Iterator[Case]:
    for rows, columns in LOGITS:
        shape = (rows, columns)
        name = f"{dtype}/{rows}x{columns}"
        yield Case(f"log_softmax/{name}", lambda tf, x: tf.nn.log_softmax(x), (shape,), dtype)
        if dtype == "float64":
            yield Case(f"softmax/{name}", lambda tf, x: tf.nn.softmax(x), (shape,), dtype)
        shapes = (shape, shape, shape[:1])
        yield Case(f"cross_entropy/{name}", _entropy, shapes, dtype)
        yield Case(f"sparse_cross_entropy/{name}", _sparse_entropy, (shape, (rows,)), dtype)


def _entropy(tf: Any, logits: Any, labels: Any, seeds: Any) -> Any:
    """A cross entropy and its gradient, one after the other."""
    with tf.GradientTape() as tape:
        tape.watch(logits)
        found = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    gradient = tape.gradient(found, logits, seeds)
    return tf.concat([found, tf.reshape(gradient, [-1])], 0)


def _sparse_entropy(tf: Any, logits: Any, seeds: Any) -> Any:
    labels = tf.range(logits.shape[0]) % logits.shape[1]
    with tf.GradientTape() as tape:
        tape.watch(logits)
        found = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    gradient = tape.gradient(found, logits, seeds)
    return tf.concat([found, tf.reshape(gradient, [-1])], 0)


def load() -> dict[str, str]:
    """What TensorFlow gave, by the name of the case."""
    recorded: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))["cases"]
    return recorded


def main() -> None:
    import tensorflow as tf

    found = {case.name: case.play(tf) for case in cases()}
    entries = {"tensorflow": tf.__version__, "cases": found}
    FILE.write_text(json.dumps(entries, indent=0) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(found)} cases\n")


if __name__ == "__main__":
    main()
