"""Ops whose result is TensorFlow's to the bit, and what TensorFlow gave.

    python -m tests.runtime.ops.bits

runs every case on TensorFlow and writes recorded-bits.npz beside this file. The inputs are made by
`values`, so they are not stored.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("recorded-bits.npz")
FLOATS = ("float32", "float64")
# Some fill whole packets, some do not; some are long enough to be added up side by side
LENGTHS = (*range(1, 41), 63, 64, 65, 100, 127, 255, 500, 999, 1000)
SHAPES = (
    (3, 4), (4, 3), (16, 3), (3, 16), (1, 9), (9, 1), (64, 8), (8, 64), (17, 33), (33, 17),
    (5, 100), (100, 5), (1, 100), (100, 1), (300, 7), (7, 300), (4, 5, 6), (8, 16, 3), (3, 7, 33),
    (40, 2, 9), (2, 40, 9), (3, 1, 20), (20, 1, 12), (2, 3, 20, 10),
)  # fmt: skip


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
            (rng.normal(size=shape) * 10.0 ** rng.uniform(-2, 2, shape)).astype(self.dtype)
            for shape in self.shapes
        ]

    def play(self, tf: Any) -> NDArray[Any]:
        """The result on TensorFlow or on the stand-in."""
        result: NDArray[Any] = self.function(tf, *map(tf.constant, self.arrays())).numpy()
        return result


def cases() -> Iterator[Case]:
    """All cases."""
    for dtype in FLOATS:
        yield from _sums(dtype)


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


def load() -> dict[str, NDArray[Any]]:
    """What TensorFlow gave, by the name of the case."""
    return dict(np.load(FILE))


def main() -> None:
    import tensorflow as tf

    found = {case.name: case.play(tf) for case in cases()}
    np.savez_compressed(FILE, version=np.array(tf.__version__), **found)
    sys.stdout.write(f"{len(found)} cases\n")


if __name__ == "__main__":
    main()
