"""What a checkpoint finds from its root: objects, and the names by which they hold each other.

After tensorflow/python/trackable/base.py. Variables, modules and containers are such objects.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from varsync_runtime.tensors import origins
from varsync_runtime.tensors.exports import export

F = TypeVar("F", bound=Callable[..., Any])


@export("tf.__internal__.tracking.TrackableReference")
@dataclass(frozen=True)
class TrackableReference:
    """An edge: the name by which `ref` is held. It unpacks as a pair, and is no tuple."""

    name: str
    ref: Any

    def __iter__(self) -> Iterator[Any]:
        return iter((self.name, self.ref))


@export("tf.__internal__.tracking.no_automatic_dependency_tracking")
def no_automatic_dependency_tracking(method: F) -> F:
    """Attributes that the method assigns are not tracked."""

    @functools.wraps(method)
    def untracked(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = getattr(self, "_self_setattr_tracking", True)
        self._self_setattr_tracking = False
        try:
            return method(self, *args, **kwargs)
        finally:
            self._self_setattr_tracking = before

    return untracked  # type: ignore[return-value]


@export("tf.__internal__.tracking.Trackable")
class Trackable:
    """An object that a checkpoint finds. What it holds is told by `_track_trackable`."""

    __module__ = "tensorflow.python.trackable.base"

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        new = super().__new__
        if new is not object.__new__:
            made = new(cls, *args, **kwargs)
        elif cls.__init__ is object.__init__ and (args or kwargs):
            raise TypeError(f"{cls.__name__}() takes no arguments")
        else:
            made = new(cls)
        origins.note(made)
        return made

    @property
    def _setattr_tracking(self) -> bool:
        return bool(getattr(self, "_self_setattr_tracking", True))

    @_setattr_tracking.setter
    def _setattr_tracking(self, value: bool) -> None:
        self._self_setattr_tracking = value

    @property
    def _update_uid(self) -> int:
        """The number of the restoration that gave the object its value last."""
        return self._self_update_uid

    @_update_uid.setter
    def _update_uid(self, value: int) -> None:
        self._self_update_uid = value

    def _maybe_initialize_trackable(self) -> None:
        """Makes the records, since most subclasses forget to call `__init__`."""
        if hasattr(self, "_self_unconditional_checkpoint_dependencies"):
            return
        before = getattr(self, "_self_setattr_tracking", True)
        self._self_setattr_tracking = False
        self._self_unconditional_checkpoint_dependencies: list[TrackableReference] = []
        self._self_unconditional_dependency_names: dict[str, Any] = {}
        self._self_unconditional_deferred_dependencies: dict[str, list[Any]] = {}
        self._self_update_uid = -1
        self._self_setattr_tracking = before

    @property
    def _object_identifier(self) -> str:
        return "_generic_user_object"

    def _no_dependency(self, value: Any) -> Any:
        return value

    @property
    def _checkpoint_dependencies(self) -> list[TrackableReference]:
        return self._self_unconditional_checkpoint_dependencies

    @property
    def _deferred_dependencies(self) -> dict[str, list[Any]]:
        """What a checkpoint has for objects that are not held yet, by name."""
        self._maybe_initialize_trackable()
        return self._self_unconditional_deferred_dependencies

    def _lookup_dependency(self, name: str, cached: Mapping[str, Any] | None = None) -> Any:
        """The object that is held by this name, None if there is none."""
        if cached:
            return cached.get(name)
        self._maybe_initialize_trackable()
        return self._self_unconditional_dependency_names.get(name)

    def _track_trackable(self, trackable: Any, name: str, overwrite: bool = False) -> Any:
        """This object holds another by a name; what a checkpoint has for it is restored now."""
        self._maybe_initialize_trackable()
        if not isinstance(trackable, Trackable):
            raise TypeError(
                "Trackable._track_trackable() can only be used to track objects of "
                f"type Trackable. Got type {type(trackable)}."
            )
        if not getattr(self, "_manual_tracking", True):
            return trackable
        reference = TrackableReference(name, trackable)
        current = self._lookup_dependency(name)
        held = self._self_unconditional_checkpoint_dependencies
        if current is not None and current is not trackable:
            if not overwrite:
                raise ValueError(
                    f"Called Trackable._track_trackable() with name='{name}', "
                    "but a Trackable with this name is already declared as a "
                    "dependency. Names must be unique (or overwrite=True)."
                )
            for index, (old_name, _) in enumerate(held):
                if name == old_name:
                    held[index] = reference
        elif current is None:
            held.append(reference)
            self._handle_deferred_dependencies(name, trackable)
        self._self_unconditional_dependency_names[name] = trackable
        return trackable

    def _handle_deferred_dependencies(self, name: str, trackable: Any) -> None:
        """Restores what a checkpoint has for the object that is now held by this name."""
        self._maybe_initialize_trackable()
        trackable._maybe_initialize_trackable()
        positions = self._deferred_dependencies.pop(name, ())
        for position in sorted(positions, key=lambda one: -int(one.restore_uid)):
            position.restore(trackable)

    def _delete_tracking(self, name: str) -> None:
        """The name holds nothing any more."""
        self._maybe_initialize_trackable()
        if name in self._self_unconditional_dependency_names:
            del self._self_unconditional_dependency_names[name]
            held = self._self_unconditional_checkpoint_dependencies
            held[:] = [one for one in held if one.name != name]

    def _add_trackable_child(self, name: str, value: Any) -> None:
        self._track_trackable(value, name, overwrite=True)

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        """What the object holds, by name."""
        del save_type, kwargs
        self._maybe_initialize_trackable()
        return {one.name: one.ref for one in self._checkpoint_dependencies}

    def _serialize_to_tensors(self) -> dict[str, Any]:
        """The object's own values, by name. Who has none does not define it."""
        raise NotImplementedError

    def _restore_from_tensors(self, restored_tensors: dict[str, Any]) -> Any:
        """Takes back what `_serialize_to_tensors` gave."""
        raise NotImplementedError
