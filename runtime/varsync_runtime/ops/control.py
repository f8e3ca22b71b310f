"""Ops about gradients themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.custom import custom_gradient
from varsync_runtime.tensors.dispatch import Op, call
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.tape import paused

_STOP_GRADIENT = Op("StopGradient", lambda x: x, differentiable=False)


@export("tf.stop_gradient")
def stop_gradient(input: Any, name: str | None = None) -> Any:
    """The same value, which no gradient passes."""
    if isinstance(input, IndexedSlices):
        return IndexedSlices(stop_gradient(input.values), input.indices, input.dense_shape)
    tensor = convert(input)
    with paused():
        return call(_STOP_GRADIENT, (tensor,))


@export("tf.grad_pass_through")
def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, with the gradient of the identity."""

    @custom_gradient
    def inner(*args: Any, **kwargs: Any) -> Any:
        def grad(*dys: Any, variables: Any = None) -> Any:
            if variables is not None:
                return dys, [None] * len(variables)
            return dys

        return f(*args, **kwargs), grad

    return inner
