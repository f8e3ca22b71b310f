"""What the script calls variables of which several have one name: the simulation's search."""

from __future__ import annotations

from typing import Any

from varsync_runtime.distribute import holders


def install() -> None:
    """The search knows TensorFlow's variables by their numbers."""
    holders.numbered = _number


def made(number: int, path: str, name: str) -> None:
    """A variable was made; `path` is a library's name for it, `name` what the script gave it."""
    holders.made(number, path, name)


def look(at_end: bool = False) -> None:
    """Before a step and at the end: the names of the variables that were made since."""
    holders.look(at_end)


def _number(value: Any) -> int | None:
    from tensorflow.python.types import core

    from varsync_runtime.engines.tensorflow.variables import number_of

    number = number_of(value)
    if number is not None or not isinstance(value, core.Tensor):
        return number
    inside = map(number_of, getattr(value, "__dict__", {}).values())
    held = [one for one in inside if one is not None]
    return held[0] if len(held) == 1 else None
