"""The public names of this package; `publish` exports them.

They are not exported where they are defined, so that the package can be used by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from varsync_runtime.tensors.exports import provide

T = TypeVar("T")

names: dict[str, Any] = {}


def public(*spellings: str) -> Callable[[T], T]:
    """Gives what it decorates these public names, once they are published."""

    def register(value: T) -> T:
        for name in spellings:
            names[name] = value
        return value

    return register


def publish() -> None:
    """Exports all names that were registered."""
    for name, value in names.items():
        provide(name, value)
