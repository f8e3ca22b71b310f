"""`tf.lookup.experimental.MutableHashTable`: a table that is filled while the script runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.ops.lookup import Table, plain
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import brackets, reject
from varsync_runtime.tensors.dtypes import DType, as_dtype
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor, make

KEYS = (dtypes.string, dtypes.int64, dtypes.int32)


@export("tf.lookup.experimental.MutableHashTable")
class MutableHashTable(Table):
    """tensorflow/python/ops/lookup_ops.py, `MutableHashTable`; exported in the order of insertion."""

    __module__ = "tensorflow.python.ops.lookup_ops"

    def __init__(
        self, key_dtype: Any, value_dtype: Any, default_value: Any, name: str = "MutableHashTable",
        checkpoint: bool = True, experimental_is_anonymous: bool = False,
    ) -> None:  # fmt: skip
        del name, checkpoint, experimental_is_anonymous
        self._key_dtype, self._value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)
        if self._key_dtype not in KEYS:
            raise NotModelled(
                f"tf.lookup.experimental.MutableHashTable of {self._key_dtype!r} keys"
            )
        self._default_value = convert(default_value, self._value_dtype)
        self._rows: dict[Any, np.ndarray] = {}

    def size(self, name: str | None = None) -> Tensor:
        """How many keys there are."""
        return make(np.array(len(self._rows), np.int64), dtypes.int64)

    def insert(self, keys: Any, values: Any, name: str | None = None) -> None:
        """Adds keys, or gives them other values."""
        found, given = (
            _like(keys, self._key_dtype, "keys"),
            _like(values, self._value_dtype, "values"),
        )
        wanted = found.shape + self._default_value._array.shape
        if given.shape != wanted:
            words = f"Expected shape {brackets(wanted)} for value, got {brackets(given.shape)}"
            raise reject("LookupTableInsertV2", words)
        rows = given.reshape(found.size, *self._default_value._array.shape)
        self._rows.update(zip(plain(found), rows, strict=True))

    def remove(self, keys: Any, name: str | None = None) -> None:
        """Forgets keys; those that are not there count for nothing."""
        if getattr(keys, "dtype", None) != self._key_dtype:
            raise TypeError(
                f"Dtype of argument `keys` must be {self._key_dtype}, "
                f"received: {getattr(keys, 'dtype', None)}"
            )
        for key in plain(convert(keys)._array):
            self._rows.pop(key, None)

    def lookup(  # type: ignore[override]
        self, keys: Any, dynamic_default_values: Any = None, name: str | None = None
    ) -> Tensor:
        """The values of keys; `dynamic_default_values` has a default for each."""
        found, inner = _like(keys, self._key_dtype, "keys"), self._default_value._array.shape
        otherwise = self._default_value._array
        if dynamic_default_values is not None:
            otherwise = _like(dynamic_default_values, self._value_dtype, "dynamic_default_values")
        made = np.empty(found.shape + inner, otherwise.dtype)
        made[...] = otherwise
        rows = made.reshape(found.size, *inner)
        for at, key in enumerate(plain(found)):
            if key in self._rows:
                rows[at] = self._rows[key]
        return make(made, self._value_dtype)

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """The keys and the values."""
        keys = np.empty(len(self._rows), self._key_dtype._array_type)
        keys[:] = list(self._rows)
        inner = self._default_value._array
        values = np.empty((len(self._rows), *inner.shape), inner.dtype)
        for at, row in enumerate(self._rows.values()):
            values[at] = row
        return make(keys, self._key_dtype), make(values, self._value_dtype)


def _like(value: Any, dtype: DType, role: str) -> np.ndarray:
    """The array of an argument, which has to have a dtype."""
    if isinstance(value, Tensor) and value.dtype is not dtype:
        raise ValueError(
            f"{role}: Tensor conversion requested dtype {dtype.name} for Tensor with dtype "
            f"{value.dtype.name}: {value!r}"
        )
    return convert(value, dtype)._array
