"""What gradient rules and kernels need to know of shapes."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp


def unbroadcast(gradient: Any, like: Any) -> Any:
    """The gradient of `like` when it was broadcast: summed over what was repeated."""
    shape = anp.shape(like)
    if anp.shape(gradient) == shape:
        return gradient
    extra = anp.ndim(gradient) - len(shape)
    if extra:
        gradient = anp.sum(gradient, axis=tuple(range(extra)))
    ones = tuple(i for i, size in enumerate(shape) if size == 1 != anp.shape(gradient)[i])
    if ones:
        gradient = anp.sum(gradient, axis=ones, keepdims=True)
    return gradient


def conj(array: Any) -> Any:
    """The conjugate, which TensorFlow's gradients of complex functions have."""
    return anp.conj(array) if anp.result_type(array).kind == "c" else array
