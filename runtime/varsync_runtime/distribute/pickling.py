"""Values on their way to other processes.

Our classes bear TensorFlow's module names, as scripts see them, so pickle would not find them; they
are sent by where they really are.
"""

from __future__ import annotations

import io
import pickle
import sys
from typing import Any

import numpy as np

from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.tensor import EagerTensor, SymbolicTensor

ROOT = "varsync_runtime."


class _Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if kind is SymbolicTensor:
            return _symbolic, (obj._array, obj.dtype.name, obj._kind, obj._name)
        if kind is EagerTensor:
            return _eager, (obj._array, obj.dtype.name)
        if isinstance(obj, type) and obj.__module__.startswith(("tensorflow", "keras")):
            where = home(obj)
            return NotImplemented if where is None else (_class, where)
        return NotImplemented


def _eager(array: np.ndarray, dtype: str) -> EagerTensor:
    return EagerTensor(array, as_dtype(dtype))


def _symbolic(array: np.ndarray, dtype: str, kind: str, name: str | None) -> SymbolicTensor:
    return SymbolicTensor(array, as_dtype(dtype), kind, name)


def _class(module: str, name: str) -> Any:
    __import__(module)
    return getattr(sys.modules[module], name)


_homes: dict[type, tuple[str, str] | None] = {}


def home(cls: type) -> tuple[str, str] | None:
    """The module of ours that has the class, and its name there; None if none has."""
    if cls not in _homes:
        _homes[cls] = next(
            (
                (name, attribute)
                for name, module in list(sys.modules.items())
                if name.startswith(ROOT)
                for attribute, value in list(vars(module).items())
                if value is cls
            ),
            None,
        )
    return _homes[cls]


def dumps(value: Any) -> bytes:
    """The value as bytes."""
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(value)
    return buffer.getvalue()


def loads(data: bytes) -> Any:
    """The value that `dumps` made bytes of."""
    return pickle.loads(data)


# What cannot be sent is an error of all who wait for it, not only of who has it


def attempt(value: Any) -> bytes:
    """As `dumps`, or why that is impossible."""
    if value is None:
        return b"="
    try:
        return b"=" + dumps(value)
    except Exception as error:
        return f"!{type(value).__qualname__}: {error}".encode()


def received(data: bytes) -> Any:
    """The value that `attempt` made bytes of. Raises NotModelled in all processes if it could not."""
    if data[:1] == b"!":
        kind, _, why = data[1:].decode().partition(": ")
        raise NotModelled(f"a value of type {kind} that goes from one replica to others: {why}")
    return None if len(data) <= 1 else loads(data[1:])
