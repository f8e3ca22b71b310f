"""Runs with values that stand for others, as a graph is built: what values decide is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from varsync_runtime.tensors.dtypes import DType, blank
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import SymbolicTensor, Tensor, make


class Blanks:
    """One such run. `size` stands for sizes that values decide; `asked` says whether one was."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.asked = False


@contextmanager
def standing_in(blanks: Blanks) -> Iterator[None]:
    """Values are blanks inside."""
    outer, state.blanks = state.blanks, blanks
    try:
        yield
    finally:
        state.blanks = outer


def are_blank() -> bool:
    """Whether values stand for others now, so that no op may reject them."""
    return state.blanks is not None


def result(shape: Sequence[int | None] | None, dtype: DType) -> Tensor | None:
    """What stands for the result of an op; None if values are what they seem.

    A size of None is one that the values decide; without a shape, they decide all of it.
    """
    blanks = state.blanks
    if blanks is None:
        return None
    if shape is None:
        return SymbolicTensor(blank([], dtype), dtype, static=TensorShape(None))
    blanks.asked = blanks.asked or None in shape
    sizes = [blanks.size if one is None else one for one in shape]
    return make(blank(sizes, dtype), dtype)
