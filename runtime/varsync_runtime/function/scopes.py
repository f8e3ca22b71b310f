"""`tf.name_scope`, `tf.device`, `tf.control_dependencies`: contexts that change no value."""

from __future__ import annotations

import re
from typing import Any

from varsync_runtime.events import Ignored, count, here
from varsync_runtime.tensors.exports import export

VALID_SCOPE = re.compile(r"^[A-Za-z0-9_.\\/>-]*$")

_names: list[str] = []
_devices: list[str | None] = []


def full_name(name: str) -> str:
    """A variable's name in the scopes that are entered."""
    return f"{_names[-1]}{name}" if _names else name


def current_scope() -> str:
    """The scopes that are entered, with a slash at the end; empty outside."""
    return _names[-1] if _names else ""


@export("tf.name_scope", "tf.compat.v1.name_scope")
class name_scope:
    """tensorflow/python/framework/ops.py, `name_scope_v2`. The scope counts for variables' names."""

    __module__ = "tensorflow.python.framework.ops"

    def __init__(self, name: str, default_name: Any = None, values: Any = None) -> None:
        del values
        name = default_name if name is None and default_name is not None else name
        if not isinstance(name, str):
            raise ValueError("name for name_scope must be a string.")
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def __enter__(self) -> str:
        if self._name.endswith("/"):
            scope = self._name
        else:
            scope = f"{current_scope()}{self._name}/" if self._name else ""
        if not VALID_SCOPE.match(scope):
            raise ValueError(f"'{scope}' is not a valid root scope name.")
        _names.append(scope)
        return scope

    def __exit__(self, *exception: object) -> None:
        _names.pop()

    @staticmethod
    def leave() -> None:
        """Leaves the scope that was entered last."""
        _names.pop()


def current_device() -> str | None:
    """The device that `tf.device` names here, as it was written; None outside."""
    return _devices[-1] if _devices else None


@export("tf.device")
class device:
    """tensorflow/python/framework/ops.py, `device_v2`. Everything is computed where it is."""

    def __init__(self, device_name: Any) -> None:
        if callable(device_name):
            raise RuntimeError("tf.device does not support functions.")
        self._name = None if device_name is None else str(device_name)

    def __enter__(self) -> None:
        count(Ignored, "tf.device", here())
        _devices.append(self._name)

    def __exit__(self, *exception: object) -> None:
        _devices.pop()


@export("tf.control_dependencies")
class control_dependencies:
    """tensorflow/python/framework/ops.py: ops run in the order in which they are written anyway."""

    def __init__(self, control_inputs: Any) -> None:
        if callable(control_inputs):
            control_inputs()

    def __enter__(self) -> control_dependencies:
        return self

    def __exit__(self, *exception: object) -> None:
        return None
