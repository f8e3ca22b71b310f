"""What gradient rules and kernels need to know of shapes."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
from autograd.extend import defvjp, primitive
from autograd.tracer import isbox


def unbroadcast(gradient: Any, like: Any) -> Any:
    """The gradient of `like` when it was broadcast: summed over what was repeated."""
    shape = like.shape
    if gradient.shape == shape:
        return gradient
    extra = gradient.ndim - len(shape)
    if extra:
        gradient = anp.sum(gradient, axis=tuple(range(extra)))
    ones = tuple(i for i, size in enumerate(shape) if size == 1 != gradient.shape[i])
    if ones:
        gradient = anp.sum(gradient, axis=ones, keepdims=True)
    return gradient


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
