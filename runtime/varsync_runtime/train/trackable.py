"""What a checkpoint can reach: objects, by the names of their attributes.

tensorflow/python/trackable. Lists, tuples and dictionaries in attributes are reached through, by
number and by key; a value that was restored before its variable was there is kept until it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike


class Pending(Protocol):
    """A restoration that waits for an object."""

    def attached(self, value: Any, node: int) -> None:
        """The object for a node of the file is there now."""


@export("tf.__internal__.tracking.Trackable", "tf.__internal__.tracking.AutoTrackable")
class AutoTrackable:
    """tensorflow/python/trackable/autotrackable.py: attributes are what it consists of."""

    __module__ = "tensorflow.python.trackable.autotrackable"

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        waiting: dict[str, list[tuple[Pending, int]]] = self.__dict__.get("_varsync_waiting", {})
        if name in waiting and is_trackable(value):
            for restoration, node in waiting.pop(name):
                restoration.attached(value, node)

    def _wait(self, name: str, restoration: Pending, node: int) -> None:
        """Tells that a restoration has a value for an attribute that is not there yet."""
        waiting = self.__dict__.setdefault("_varsync_waiting", {})
        waiting.setdefault(name, []).append((restoration, node))

    def _trackable_children(self) -> Iterator[tuple[str, Any]]:
        """The names and values of the attributes that a checkpoint reaches."""
        for name, value in self.__dict__.items():
            if not name.startswith("_varsync") and is_trackable(value):
                yield name, value


def is_trackable(value: Any) -> bool:
    """Whether a checkpoint reaches this value when it is an attribute."""
    if isinstance(value, (list, tuple, dict)):
        return True
    return is_object(value)


def is_object(value: Any) -> bool:
    """Whether a value is an object of its own in a checkpoint."""
    if isinstance(value, type):
        return False
    return isinstance(value, (VariableLike, AutoTrackable)) or any(
        hasattr(value, name)
        for name in (
            "_trackable_children",
            "_checkpoint_values",
            "_passes_functions",
            "python_function",
        )
    )


def children(value: Any) -> Iterator[tuple[str, Any]]:
    """What a value consists of, by name."""
    if isinstance(value, VariableLike):
        return
    if isinstance(value, (list, tuple)):
        for number, one in enumerate(value):
            if is_trackable(one):
                yield str(number), one
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if isinstance(key, (str, int)) and is_trackable(one):
                yield str(key), one
    elif hasattr(value, "_trackable_children"):
        found = value._trackable_children()
        yield from found.items() if isinstance(found, Mapping) else found
