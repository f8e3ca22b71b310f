"""Other modes than the script's for some of its variables, as in the simulation."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from varsync_runtime.engines.tensorflow import library
from varsync_runtime.events.asked import ModeAsked

_asked: list[ModeAsked] = []


def ask(modes: Iterable[ModeAsked]) -> None:
    """Has variables that are made from now on made with these modes."""
    _asked[:] = modes


def replaced(cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """What `tf.Variable` is called with, all by keyword, with the modes that are asked for."""
    given = {**_by_keyword(cls, args), **kwargs}
    name, site = _full_name(given.get("name") or "Variable"), library.maker().origin.site
    for mode in _asked:
        if mode.is_of(name, site):
            given.update(_modes(mode))
    return given


def is_asked() -> bool:
    """Whether somebody asks for other modes."""
    return bool(_asked)


def _by_keyword(cls: Any, args: tuple[Any, ...]) -> dict[str, Any]:
    """Arguments by position under their names."""
    bound = inspect.signature(cls.__init__).bind_partial(None, *args)
    return {name: value for name, value in bound.arguments.items() if name != "self"}


def _full_name(name: str) -> str:
    """The name in the scopes that are entered; one with a slash at its end is absolute."""
    from tensorflow.python.framework import ops

    if name.endswith("/"):
        return name.removesuffix("/")
    scope = ops.get_name_scope()
    return f"{scope}/{name}" if scope else name


def _modes(mode: ModeAsked) -> dict[str, Any]:
    import tensorflow as tf

    modes: dict[str, Any] = {}
    if mode.synchronization is not None:
        modes["synchronization"] = tf.VariableSynchronization[mode.synchronization]
    if mode.aggregation is not None:
        modes["aggregation"] = tf.VariableAggregation[mode.aggregation]
    return modes
