"""Which tensors were made of gradients of their replica, and of which variable's.

The ops that are run after a gradient was taken are watched: what is made of one is of it.
"""

from __future__ import annotations

from typing import Any

from varsync_runtime import events
from varsync_runtime.engines.tensorflow import positions, telling
from varsync_runtime.engines.tensorflow.variables import number_of
from varsync_runtime.engines.tensorflow.wrapping import wrap

OF_GRADIENT = "_varsync_gradient_of"
SEVERAL = -1  # instead of a variable's number: of several, or of none that is known


def install() -> None:
    """Wraps `GradientTape.gradient`, and what brings tensors into a graph."""
    from tensorflow.python.eager import backprop
    from tensorflow.python.framework import func_graph

    wrap(backprop.GradientTape, "gradient", _gradient)
    wrap(func_graph.FuncGraph, "capture", _capture)


def _capture(original: Any, self: Any, tensor: Any, *args: Any, **kwargs: Any) -> Any:
    captured = original(self, tensor, *args, **kwargs)
    number = getattr(tensor, OF_GRADIENT, None)
    if number is not None:
        _mark(captured, number)
    return captured


def _gradient(
    original: Any, self: Any, target: Any, sources: Any, *args: Any, **kwargs: Any
) -> Any:
    from tensorflow.python.distribute import distribute_lib
    from tensorflow.python.util import nest

    result = original(self, target, sources, *args, **kwargs)
    for gradient, source in zip(nest.flatten(result), nest.flatten(sources), strict=False):
        if gradient is None:
            _tell_none(source)
    if distribute_lib.has_strategy() and distribute_lib.in_cross_replica_context() is False:
        _watch()
        for gradient, source in zip(nest.flatten(result), nest.flatten(sources), strict=False):
            if gradient is not None:
                _mark(gradient, _number(source))
    return result


def _tell_none(source: Any) -> None:
    """There is no gradient: for an ON_READ variable that no tape watches, that is told."""
    number = _number(source)
    mode = getattr(getattr(source, "synchronization", None), "name", "")
    if number != SEVERAL and mode == "ON_READ" and not source.trainable:
        replica = positions.replica()
        telling.when_run(lambda site: telling.count(replica, events.NoGradient, number, site))


def _number(source: Any) -> int:
    number = number_of(source)
    if number is None:
        number = number_of(getattr(source, "_value", None))  # of Keras
    return SEVERAL if number is None else number


def _mark(tensor: Any, number: int) -> None:
    values = getattr(tensor, "values", None)  # of IndexedSlices
    for one in (tensor, values):
        if one is not None:
            try:
                setattr(one, OF_GRADIENT, number)
            except AttributeError:
                continue


_watching = False


def watch_on() -> None:
    """In this thread, too, ops are watched if they are in another one."""
    if _watching:
        _watch()


def _watch() -> None:
    global _watching
    _watching = True
    from tensorflow.python.eager import context
    from tensorflow.python.framework import op_callbacks

    if _seen not in context.context().op_callbacks:
        op_callbacks.add_op_callback(_seen)


def _seen(op_type: Any, inputs: Any, attrs: Any, outputs: Any, *_: Any, **__: Any) -> None:
    del op_type, attrs
    marks = (getattr(one, OF_GRADIENT, None) for one in inputs)
    numbers = {one for one in marks if one is not None}
    if numbers:
        known = numbers - {SEVERAL}
        number = known.pop() if len(known) == 1 else SEVERAL
        for one in outputs:
            _mark(one, number)


def is_of_gradient(value: Any) -> bool:
    """Whether a value was made of a gradient of its replica."""
    return getattr(getattr(value, "values", value), OF_GRADIENT, None) is not None


def variable_of(tensor: Any) -> int | None:
    """The number of the variable of whose gradient alone a tensor was made."""
    number = getattr(getattr(tensor, "values", tensor), OF_GRADIENT, None)
    return None if number in (None, SEVERAL) else number
