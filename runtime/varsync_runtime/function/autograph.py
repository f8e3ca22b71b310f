"""`tf.autograph`: what scripts switch on and off."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from varsync_runtime.events import Ignored, count, here
from varsync_runtime.function import graphs
from varsync_runtime.tensors.exports import export


@export("tf.autograph.experimental.do_not_convert")
def do_not_convert(func: Callable[..., Any] | None = None) -> Any:
    """tensorflow/python/autograph/impl/api.py: Python control flow in `func` is not converted."""
    if func is None:
        return do_not_convert
    around = graphs.current()
    if around is not None and around.converted:
        # a function in a converted function was converted with it
        return func

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        assert func is not None
        graph = graphs.current()
        if graph is None:
            return func(*args, **kwargs)
        before = graph.converted
        graph.converted = False
        try:
            return func(*args, **kwargs)
        finally:
            graph.converted = before

    wrapper.autograph_do_not_convert = True  # type: ignore[attr-defined]
    return wrapper


@export("tf.autograph.set_verbosity")
def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """AutoGraph's log has nothing to say here."""
    del level, alsologtostdout
    count(Ignored, "tf.autograph.set_verbosity", here())


@export("tf.autograph.trace")
def trace(*args: Any) -> None:
    """Prints its arguments when the function is traced."""
    print(*args)


@export("tf.autograph.experimental.set_loop_options")
def set_loop_options(
    parallel_iterations: Any = None,
    swap_memory: Any = None,
    maximum_iterations: Any = None,
    shape_invariants: Any = None,
) -> None:
    """Shapes are not fixed in loops here, so that the options change nothing."""
    del parallel_iterations, swap_memory, maximum_iterations, shape_invariants
    count(Ignored, "tf.autograph.experimental.set_loop_options", here())
