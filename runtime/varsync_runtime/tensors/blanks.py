"""Runs with values that stand for others, as a graph is built: what values decide is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from varsync_runtime.tensors.dtypes import DType
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor, make


class Blanks:
    """One such run. `size` stands for sizes that values decide; `asked` says whether one was."""

    def __init__(self, size: int, asked: bool) -> None:
        self.size = size
        self.asked = asked

    def fitting(self, array: np.ndarray, shape: TensorShape) -> np.ndarray:
        """What stands for an array of which the shape is said: what is not said stays."""
        if shape.rank is None:
            return array
        have = array.shape if array.ndim == shape.rank else [None] * shape.rank
        sizes = [a if b is None else b for a, b in zip(have, shape, strict=True)]
        return _filled([self.size if one is None else one for one in sizes], array.dtype)


@contextmanager
def standing_in(blanks: Blanks) -> Iterator[None]:
    """Values are blanks inside."""
    outer, state.blanks = state.blanks, blanks
    try:
        yield
    finally:
        state.blanks = outer


def are_guessed() -> bool:
    """Whether sizes may be others than they seem, so that no op may reject them."""
    return state.blanks is not None and state.blanks.asked


def are_blank() -> bool:
    """Whether values stand for others now, so that no op may reject them."""
    return state.blanks is not None


def unknown_size() -> int:
    """What stands for a size that values decide, in such a run."""
    state.blanks.asked = True
    return int(state.blanks.size)


def result(shape: Sequence[int | None] | None, dtype: DType) -> Tensor | None:
    """What stands for the result of an op; None if values are what they seem.

    A size of None is one that the values decide; without a shape, they decide all of it.
    """
    blanks = state.blanks
    if blanks is None:
        return None
    blanks.asked = blanks.asked or shape is None or None in shape
    # results of different ranks say that the rank is not known
    sizes = [1] * blanks.size if shape is None else shape
    return make(array(sizes, dtype._array_type), dtype)


def array(shape: Sequence[int | None], kind: np.dtype) -> np.ndarray:
    """Zeros or empty strings; a size that is not known is None or -1."""
    return _filled([state.blanks.size if one in (None, -1) else one for one in shape], kind)


def _filled(sizes: Sequence[int], kind: np.dtype) -> np.ndarray:
    return np.full(sizes, b"" if kind.hasobject else 0, kind)
