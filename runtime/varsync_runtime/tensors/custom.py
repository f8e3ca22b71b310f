"""Functions with gradients of their own: `tf.custom_gradient`, `tf.recompute_grad`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import call
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.gradient_tape import GradientTape
from varsync_runtime.tensors.passing import IDENTITY
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tape import Tape, paused, record


@export("tf.custom_gradient")
def custom_gradient(f: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Makes the function that `f` returns second the gradient of what it returns first.

    The tape that asks sees only that function; other tapes see what it runs.
    """
    if f is None:
        return custom_gradient

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        assert f is not None
        return run(f, args, kwargs)

    return Bind(f, decorated)


class Bind:
    """A decorated function, which is also a method when it stands in a class."""

    def __init__(self, f: Callable[..., Any], decorated: Callable[..., Any]) -> None:
        self._f = f
        self._d = decorated
        functools.update_wrapper(self, f)

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self._d
        return functools.partial(self._d, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._d(*args, **kwargs)


def run(f: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]) -> Any:
    """A call of a function that gives its gradient's function second."""
    watcher = Tape()
    state.tapes.append(watcher)
    try:
        result, grad_fn = f(*args, **kwargs)
    finally:
        state.tapes = [one for one in state.tapes if one is not watcher]
    inputs = [*nest.flatten(args), *nest.flatten(kwargs)]
    variables = [
        one for one in watcher.variables.values() if all(one is not given for given in inputs)
    ]
    if variables and not _takes_variables(grad_fn):
        raise TypeError(
            "@tf.custom_gradient grad_fn must accept keyword argument 'variables', since function "
            f"uses variables: {variables}"
        )
    with paused():
        # tensors of their own, which no tape knows
        outputs = [call(IDENTITY, (convert(one),)) for one in nest.flatten(result)]
        tensors = [convert(one) for one in inputs]
    recorded = [
        given._tape_key() if isinstance(given, VariableLike) else tensor
        for given, tensor in zip(inputs, tensors, strict=True)
    ] + [one._tape_key() for one in variables]

    def backward(*dys: Any) -> list[Any]:
        return _gradients(grad_fn, result, dys, len(inputs), variables)

    record(recorded, outputs, backward)
    return nest.pack_sequence_as(result, outputs)


def _takes_variables(grad_fn: Callable[..., Any]) -> bool:
    spec = inspect.getfullargspec(grad_fn)
    return bool("variables" in spec.args or "variables" in spec.kwonlyargs or spec.varkw)


def _gradients(
    grad_fn: Callable[..., Any], result: Any, dys: Sequence[Any], count: int, variables: list[Any]
) -> list[Any]:
    packed = nest.pack_sequence_as(nest.flatten(result), list(dys))
    if variables:
        got, by_variable = grad_fn(*packed, variables=variables)
        if len(by_variable) != len(variables):
            raise ValueError(
                "Must return gradient for each variable from @custom_gradient grad_fn."
            )
    else:
        got, by_variable = grad_fn(*packed), []
    flat = nest.flatten(got)
    if len(flat) != count:
        raise ValueError(
            f"custom_gradient function expected to return {count} gradients, but returned "
            f"{len(flat)} instead."
        )
    return [None if one is None else _as_gradient(one) for one in [*flat, *by_variable]]


def _as_gradient(one: Any) -> Any:
    return one if isinstance(one, IndexedSlices) else convert(one)


@export("tf.recompute_grad")
def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, run again when its gradient is asked for instead of being recorded."""

    @custom_gradient
    def inner(*args: Any, **kwargs: Any) -> Any:
        result = f(*args, **kwargs)

        def grad(*dys: Any, variables: Any = None) -> Any:
            used = variables or []
            with GradientTape() as tape:
                copies = [call(IDENTITY, (convert(one),)) for one in nest.flatten(args)]
                tape.watch(copies)
                again = f(*nest.pack_sequence_as(list(args), copies), **kwargs)
            by_input, by_variable = tape.gradient(again, [copies, used], output_gradients=list(dys))
            return (by_input, by_variable) if used else by_input

        return result, grad

    return inner
