"""Which public TensorFlow names there are: the decorator `export` is the only list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

_registry: dict[str, Any] = {}


def export(*names: str) -> Callable[[T], T]:
    """Gives what it decorates the public names `names` ("tf.math.add", "tf.add")."""

    def register(value: T) -> T:
        for name in names:
            provide(name, value)
        return value

    return register


def provide(name: str, value: Any) -> None:
    """Gives a value that cannot be decorated (a constant, an instance) the public name `name`."""
    if not name.startswith("tf."):
        raise ValueError(f"a public name starts with 'tf.': {name}")
    if name in _registry and _registry[name] is not value:
        raise ValueError(f"{name} is exported twice")
    _registry[name] = value


def registry() -> Mapping[str, Any]:
    """All public names so far, each with its value."""
    return _registry
