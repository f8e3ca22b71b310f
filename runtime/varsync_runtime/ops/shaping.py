"""What gradient rules and kernels need to know of shapes."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
from autograd.extend import defvjp, primitive
from autograd.tracer import isbox

from varsync_runtime.ops.summation import total


def unbroadcast(gradient: Any, like: Any) -> Any:
    """The gradient of `like` when it was broadcast: summed over what was repeated."""
    shape = like.shape
    if gradient.shape == shape:
        return gradient
    extra = gradient.ndim - len(shape)
    ones = [i + extra for i, size in enumerate(shape) if size == 1]
    return anp.reshape(total(gradient, (*range(extra), *ones)), shape)


def _first(gradient: Any, array: Any) -> Any:
    return gradient


_linked = primitive(_first)
defvjp(
    _linked,
    lambda ans, gradient, array: lambda g: g,
    lambda ans, gradient, array: lambda g: anp.zeros_like(array),
)


def linked(gradient: Any, array: Any) -> Any:
    """`gradient`, which a second derivative by `array` takes for constant, but not unconnected."""
    return _linked(gradient, array) if isbox(array) else gradient


def conj(array: Any) -> Any:
    """The conjugate, which TensorFlow's gradients of complex functions have."""
    return anp.conj(array) if array.dtype.kind == "c" else array


def masked(mask: Any, value: Any) -> Any:
    """`value` where `mask` holds, zeros elsewhere."""
    return anp.where(mask, value, anp.zeros_like(value))
