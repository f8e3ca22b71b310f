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


class Numbers(tuple[Any, ...]):
    """Integers (or slices) that an op takes as an attribute, with those of the second value."""

    other: tuple[Any, ...]


class Again(dict[str, Any]):
    """Attributes of an op, with those that are others for the second value (None: the same)."""

    def __init__(self, attributes: Mapping[str, Any], **others: Any) -> None:
        super().__init__(attributes)
        self.others = {name: value for name, value in others.items() if value is not None}


def second_of(tensor: Tensor) -> np.ndarray | None:
    """The second value of a tensor; None if it has none."""
    return getattr(tensor, "_second", None)


def numbers(tensor: Tensor) -> tuple[int, ...]:
    """The values of an integer tensor, for an op's attribute."""
    first = tuple(tensor._array.reshape(-1).tolist())
    second = second_of(tensor)
    if second is None:
        return first
    return _both(first, tuple(second.reshape(-1).tolist()))


def sizes_of(tensor: Tensor) -> tuple[int, ...]:
    """The sizes of a tensor's axes, with those of its second value."""
    second = second_of(tensor)
    return tensor._array.shape if second is None else _both(tensor._array.shape, second.shape)


def of_both(function: Callable[..., tuple[Any, ...]], *given: tuple[int, ...]) -> tuple[Any, ...]:
    """`function` of integers, and of those of the second values where there are some."""
    if not any(type(one) is Numbers for one in given):
        return function(*given)
    return _both(function(*given), function(*map(_other, given)))


def _both(first: tuple[Any, ...], second: tuple[Any, ...]) -> Numbers:
    found = Numbers(first)
    found.other = second
    return found


def _other(value: Any) -> Any:
    return value.other if type(value) is Numbers else value


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
    seconds = [second_of(one) for one in inputs]
    again = {name: _other(value) for name, value in attributes.items()}
    others = attributes.others if isinstance(attributes, Again) else {}
    if not any(one is not None for one in seconds) and not others and again == attributes:
        return
    again.update(others)
    arrays = [
        one._array if second is None else second
        for one, second in zip(inputs, seconds, strict=True)
    ]
    got = kernel(*arrays, **again)
    for output, array in zip(outputs, got if type(got) is tuple else (got,), strict=True):
        if isinstance(output, SymbolicTensor):
            give(output, np.asarray(array, output._array.dtype))


def with_second(
    made: Tensor,
    sizes: tuple[int, ...],
    build: Callable[[tuple[int, ...]], np.ndarray] | None = None,
) -> Tensor:
    """`made` of these sizes; where they are guessed, with what `build` (or zeros) is of the others."""
    if type(sizes) is Numbers and isinstance(made, SymbolicTensor):
        other = sizes.other
        give(made, np.zeros(other, made._array.dtype) if build is None else build(other))
    return made


def hand_over(tensor: Tensor, made: Tensor) -> None:
    """Gives `made`, which has the value of `tensor`, its second value, too."""
    second = second_of(tensor)
    if second is not None and isinstance(made, SymbolicTensor):
        give(made, second)


def give(tensor: SymbolicTensor, second: np.ndarray) -> None:
    """Lets a tensor have a second value, and a shape in which only equal sizes are known."""
    tensor._second = second
    first = tensor._array
    if second.ndim != first.ndim:
        tensor._static = TensorShape(None)
    elif second.shape != first.shape:
        pairs = zip(first.shape, second.shape, strict=True)
        tensor._static = TensorShape([a if a == b else None for a, b in pairs])
