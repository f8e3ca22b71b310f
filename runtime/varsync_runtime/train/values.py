"""What is saved of a variable, and what its copies get of it.

The semantics table says both; whoever makes variables tells here how they are saved (`use`).
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from varsync_runtime.tensors import errors
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.tensor import Tensor, make
from varsync_runtime.train.files import Saved
from varsync_runtime.train.graph import VARIABLE_VALUE


class Keeper(Protocol):
    """Saves and restores variables."""

    def together(self) -> AbstractContextManager[None]:
        """In here all values of one checkpoint are saved."""

    def save(self, variable: Any, path: str) -> np.ndarray:
        """The value that stands for the variable in the checkpoint at `path`."""

    def restore(self, variable: Any, array: np.ndarray, path: str) -> None:
        """Gives the variable the value that the checkpoint at `path` has for it."""


class PlainKeeper:
    """For a variable that is one array: it takes another by `_hold`."""

    def together(self) -> AbstractContextManager[None]:
        """Nothing is done for all of them."""
        return nullcontext()

    def save(self, variable: Any, path: str) -> np.ndarray:
        """Its array."""
        del path
        array: np.ndarray = variable._array_now()
        return array

    def restore(self, variable: Any, array: np.ndarray, path: str) -> None:
        """Replaces the array."""
        del path
        variable._hold(array)


class Keepers:
    """Who saves variables now, and which checkpoint it is."""

    current: Keeper = PlainKeeper()
    path = ""


def use(keeper: Keeper) -> None:
    """From now on variables are saved and restored by `keeper`."""
    Keepers.current = keeper


@dataclass(frozen=True)
class Restoring:
    """One value on its way from a checkpoint to the object that it is for."""

    trackable: Any
    name: str
    key: str
    array: np.ndarray
    dtype: Any


def together() -> AbstractContextManager[None]:
    """In here all values of one checkpoint are saved."""
    return Keepers.current.together()


def saved(one: Any, path: str) -> dict[str, Saved]:
    """The values of an object, by the names that the object has for them."""
    Keepers.path = path
    if isinstance(one, VariableLike):
        array = Keepers.current.save(one, path)
        return {VARIABLE_VALUE: Saved(array, as_dtype(one.dtype))}
    tensors = {name: convert(value) for name, value in one._serialize_to_tensors().items()}
    return {name: Saved(tensor._array, tensor.dtype) for name, tensor in tensors.items()}


def require_dtypes(values: list[Restoring]) -> None:
    """Raises for the first variable of another dtype than what is to be restored into it."""
    for one in values:
        wanted = getattr(one.trackable, "dtype", None)
        if isinstance(one.trackable, VariableLike) and as_dtype(wanted) is not one.dtype:
            words = (
                f"{{{{function_node __wrapped__RestoreV2_dtypes_{len(values)}_device_"
                "/job:localhost/replica:0/task:0/device:CPU:0}} "
                f"tensor_name = {one.key}; expected dtype {as_dtype(wanted)._word} does not equal "
                f"original dtype {one.dtype._word} [Op:RestoreV2]"
            )
            raise errors.InvalidArgumentError(None, None, words)


def restore(one: Any, values: list[Restoring], path: str) -> None:
    """Gives an object its values."""
    Keepers.path = path
    if isinstance(one, VariableLike):
        _into_variable(one, values[0].array)
        return
    one._restore_from_tensors({each.name: make(each.array, each.dtype) for each in values})


def _into_variable(variable: Any, array: np.ndarray) -> None:
    if not variable.shape.is_compatible_with(array.shape):
        raise ValueError(
            f"Received incompatible tensor with shape {make(array, variable.dtype).shape} when "
            f"attempting to restore variable with shape {variable.shape} and name {variable.name}."
        )
    Keepers.current.restore(variable, array, Keepers.path)


def _serialize_variable(variable: Any) -> dict[str, Tensor]:
    array = Keepers.current.save(variable, Keepers.path)
    return {VARIABLE_VALUE: make(array, variable.dtype)}


def _restore_variable(variable: Any, restored_tensors: dict[str, Any]) -> None:
    _into_variable(variable, convert(restored_tensors[VARIABLE_VALUE])._array)


# what holds a variable may save it by these (Keras does)
setattr(VariableLike, "_serialize_to_tensors", _serialize_variable)  # noqa: B010
setattr(VariableLike, "_restore_from_tensors", _restore_variable)  # noqa: B010
