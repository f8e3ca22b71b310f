"""Shapes that are not known yet: placeholders carry two values with other sizes where any may be.

Each op on them runs twice; a size in which the two results differ is not known (None). So the
kernels answer what TensorFlow's shape functions answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.tensor import SymbolicTensor, Tensor

FIRST, SECOND = (2, 64), (3, 160)
"""The sizes that stand for unknown ones in the first and in the second value: of the first axis,
of the others. The others survive strides and pooling, and stay apart."""


class Numbers(tuple[int, ...]):
    """Integers that an op takes as an attribute, with those of the second value."""

    other: tuple[int, ...]


def numbers(tensor: Tensor) -> tuple[int, ...]:
    """The values of an integer tensor, for an op's attribute."""
    first = tuple(tensor._array.reshape(-1).tolist())
    second = getattr(tensor, "_second", None)
    if second is None:
        return first
    found = Numbers(first)
    found.other = tuple(second.reshape(-1).tolist())
    return found


def sizes(shape: Sequence[int | None], choice: tuple[int, int]) -> tuple[int, ...]:
    """A shape in which each unknown size has its stand-in."""
    return tuple(choice[min(axis, 1)] if size is None else size for axis, size in enumerate(shape))


def look_again(
    kernel: Callable[..., Any],
    inputs: Sequence[Tensor],
    attributes: Mapping[str, Any],
    outputs: Sequence[Tensor | None],
) -> None:
    """Gives symbolic results their second value, if one of the inputs has one."""
    seconds = [getattr(one, "_second", None) for one in inputs]
    again = {k: v.other if type(v) is Numbers else v for k, v in attributes.items()}
    if not any(one is not None for one in seconds) and again == attributes:
        return
    arrays = [
        one._array if second is None else second
        for one, second in zip(inputs, seconds, strict=True)
    ]
    got = kernel(*arrays, **again)
    for output, array in zip(outputs, got if type(got) is tuple else (got,), strict=True):
        if isinstance(output, SymbolicTensor):
            give(output, np.asarray(array, output._array.dtype))


def give(tensor: SymbolicTensor, second: np.ndarray) -> None:
    """Lets a tensor have a second value, and a shape in which only equal sizes are known."""
    tensor._second = second
    first = tensor._array
    if second.ndim != first.ndim:
        tensor._static = TensorShape(None)
    elif second.shape != first.shape:
        pairs = zip(first.shape, second.shape, strict=True)
        tensor._static = TensorShape([a if a == b else None for a, b in pairs])
