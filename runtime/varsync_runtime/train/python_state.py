"""`tf.train.experimental.PythonState`: a script's own state in a checkpoint."""

from __future__ import annotations

import abc
from typing import Any

from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.trackable import Trackable

PYTHON_STATE = "py_state"


@export("tf.train.experimental.PythonState")
class PythonState(Trackable, metaclass=abc.ABCMeta):
    """A subclass says how to make bytes of its state, and the state of bytes."""

    __module__ = "tensorflow.python.trackable.python_state"

    @abc.abstractmethod
    def serialize(self) -> Any:
        """The state as bytes."""

    @abc.abstractmethod
    def deserialize(self, string_value: Any) -> None:
        """Takes the state from bytes."""

    def _serialize_to_tensors(self) -> dict[str, Any]:
        return {PYTHON_STATE: convert(self.serialize())}

    def _restore_from_tensors(self, restored_tensors: dict[str, Any]) -> None:
        self.deserialize(restored_tensors[PYTHON_STATE].numpy())
