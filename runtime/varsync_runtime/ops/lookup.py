"""`tf.lookup`: tables that do not change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from varsync_runtime.ops.strings import to_hash_bucket_fast
from varsync_runtime.ops.text import as_string
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import brackets, reject
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import AbortedError, FailedPreconditionError, NotModelled
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.oserrors import translated
from varsync_runtime.tensors.tensor import Tensor, make
from varsync_runtime.tensors.trackable import Trackable

_MODULE = "tensorflow.python.ops.lookup_ops"
IMPORT = "LookupTableImportV2"


class TableInitializerBase(Trackable):
    """The keys and the values of a table."""

    __module__ = _MODULE

    def __init__(self, key_dtype: Any, value_dtype: Any) -> None:
        self._key_dtype = as_dtype(key_dtype)
        self._value_dtype = as_dtype(value_dtype)

    @property
    def key_dtype(self) -> dtypes.DType:
        return self._key_dtype

    @property
    def value_dtype(self) -> dtypes.DType:
        return self._value_dtype

    def initialize(self, table: StaticHashTable) -> None:
        """Fills a table."""
        table._fill(*self._entries())

    def _entries(self) -> tuple[Tensor, Tensor]:
        raise NotImplementedError


@export("tf.lookup.KeyValueTensorInitializer")
class KeyValueTensorInitializer(TableInitializerBase):
    """Keys and values from tensors."""

    __module__ = _MODULE

    def __init__(
        self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        self._keys = convert(keys, None if key_dtype is None else as_dtype(key_dtype))
        self._values = convert(values, None if value_dtype is None else as_dtype(value_dtype))
        if self._keys.dtype is dtypes.int32 and key_dtype is None:
            # a list of integers is one of int64 here
            self._keys = self._keys if isinstance(keys, Tensor) else convert(keys, dtypes.int64)
        super().__init__(self._keys.dtype, self._values.dtype)

    def _entries(self) -> tuple[Tensor, Tensor]:
        return self._keys, self._values


@export("tf.lookup.TextFileIndex")
class TextFileIndex:
    """What of a file's line is a key or a value, other than a column."""

    __module__ = _MODULE
    WHOLE_LINE = -2
    LINE_NUMBER = -1


@export("tf.lookup.TextFileInitializer")
class TextFileInitializer(TableInitializerBase):
    """Keys and values from the lines of a file."""

    __module__ = _MODULE

    def __init__(
        self, filename: Any, key_dtype: Any, key_index: int, value_dtype: Any, value_index: int,
        vocab_size: int | None = None, delimiter: str = "\t", name: str | None = None,
        value_index_offset: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(key_dtype, value_dtype)
        self._path: str = convert(filename, dtypes.string)._array.item().decode()
        self._columns = (key_index, value_index)
        self._limit = vocab_size
        self._delimiter = delimiter.encode()
        self._offset = value_index_offset

    def _entries(self) -> tuple[Tensor, Tensor]:
        with translated(self._path):
            data = Path(self._path).read_bytes()
        lines = data.removesuffix(b"\n").split(b"\n") if data else []
        lines = lines[: self._limit]
        keys, values = (
            self._column(lines, index, dtype)
            for index, dtype in zip(
                self._columns, (self._key_dtype, self._value_dtype), strict=True
            )
        )
        if self._columns[1] == TextFileIndex.LINE_NUMBER and self._offset:
            values = make(values._array + self._offset, values.dtype)
        return keys, values

    def _column(self, lines: list[bytes], index: int, dtype: dtypes.DType) -> Tensor:
        found: list[Any]
        if index == TextFileIndex.LINE_NUMBER:
            found = list(range(len(lines)))
        elif index == TextFileIndex.WHOLE_LINE:
            found = [line.removesuffix(b"\r") for line in lines]
        else:
            found = [line.split(self._delimiter)[index] for line in lines]
        array: np.ndarray = np.empty(len(found), object)
        array[:] = found
        if dtype is dtypes.string:
            return make(array, dtype)
        return make(array.astype(dtype._array_type), dtype)


class Table(Trackable):
    """What all kinds of tables have."""

    _name: str | None = None
    _key_dtype: dtypes.DType
    _value_dtype: dtypes.DType

    @property
    def key_dtype(self) -> dtypes.DType:
        return self._key_dtype

    @property
    def value_dtype(self) -> dtypes.DType:
        return self._value_dtype

    @property
    def name(self) -> Any:
        return self._name

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        raise NotImplementedError

    def __getitem__(self, keys: Any) -> Any:
        return self.lookup(keys)


def plain(array: np.ndarray) -> list[Any]:
    """The elements of an array as a table knows them."""
    return array.reshape(-1).tolist()


@export("tf.lookup.StaticHashTable")
class StaticHashTable(Table):
    """Values by keys; `default_value` for a key that is not there."""

    __module__ = _MODULE

    def __init__(
        self,
        initializer: Any,
        default_value: Any,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ) -> None:
        self._initializer = initializer
        self._key_dtype = as_dtype(initializer.key_dtype)
        self._value_dtype = as_dtype(initializer.value_dtype)
        self._default_value = convert(default_value, self._value_dtype)
        self._entries: tuple[Tensor, Tensor] | None = None
        self._places: dict[Any, int] = {}
        # an initializer of the user's may leave it as it is
        initializer.initialize(self)

    def _fill(self, keys: Tensor, values: Tensor) -> None:
        self._places = _places(keys, values)
        self._entries = keys, values

    @property
    def default_value(self) -> Tensor:
        return self._default_value

    def size(self, name: str | None = None) -> Tensor:
        """How many keys there are."""
        return make(np.array(len(self._places), np.int64), dtypes.int64)

    def lookup(self, keys: Any, name: str | None = None) -> Tensor:
        """The values of keys."""
        if getattr(type(keys), "_nest_components", None) is not None:
            raise NotModelled("tf.lookup.StaticHashTable.lookup of a sparse or ragged tensor")
        if keys.dtype is not self._key_dtype:
            narrow = self._key_dtype is dtypes.int64 and keys.dtype is dtypes.int32
            if not narrow:
                raise TypeError(
                    f"Dtype of argument `keys` must be {self._key_dtype}, received: {keys.dtype}"
                )
        array = convert(keys)._array
        if self._entries is None:
            words = "Table not initialized."
            raise reject("LookupTableFindV2", words, FailedPreconditionError)
        values, default = self._entries[1]._array, self._default_value._array
        at = [self._places.get(one, -1) for one in plain(array)]
        found = np.array([values[one] if one >= 0 else default[()] for one in at], values.dtype)
        return make(found.reshape(array.shape), self._value_dtype)

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """The keys and the values."""
        if self._entries is None:
            raise reject("LookupTableExportV2", "HashTable is not initialized.", AbortedError)
        return self._entries


def _places(keys: Tensor, values: Tensor) -> dict[Any, int]:
    """Where the value of each key is; a key may not have two."""
    if keys._array.shape != values._array.shape:
        raise reject(
            IMPORT,
            f"Expected shape {brackets(keys._array.shape)} for value, got "
            f"{brackets(values._array.shape)}",
        )
    found: dict[Any, int] = {}
    entries = plain(values._array)
    for at, key in enumerate(plain(keys._array)):
        first = found.setdefault(key, at)
        if entries[first] != entries[at]:
            words = (
                f"HashTable has different value for same key. Key {_shown(key)} has "
                f"{_shown(entries[first])} and trying to add value {_shown(entries[at])}"
            )
            raise reject(IMPORT, words, FailedPreconditionError)
    return found


def _shown(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@export("tf.lookup.StaticVocabularyTable")
class StaticVocabularyTable(Table):
    """Numbers of words; a word that is not there gets one of the buckets behind them."""

    __module__ = _MODULE

    def __init__(
        self,
        initializer: Any,
        num_oov_buckets: int,
        lookup_key_dtype: Any = None,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ) -> None:
        if num_oov_buckets <= 0:
            raise ValueError("`num_oov_buckets` must be > 0; use StaticHashTable.")
        self._buckets = num_oov_buckets
        self._table: StaticHashTable | None = None
        if initializer is not None:
            if initializer.value_dtype is not dtypes.int64:
                raise TypeError(
                    f"Invalid `value_dtype`, expected {dtypes.int64!s} but got "
                    f"{initializer.value_dtype!s}."
                )
            self._table = StaticHashTable(initializer, -1)
        self._key_dtype = (
            as_dtype(lookup_key_dtype)
            if lookup_key_dtype is not None
            else dtypes.string if initializer is None else initializer.key_dtype
        )  # fmt: skip
        self._value_dtype = dtypes.int64

    def _known(self) -> int:
        return 0 if self._table is None else len(self._table._places)

    def size(self, name: str | None = None) -> Tensor:
        """How many words and buckets there are."""
        return make(np.array(self._known() + self._buckets, np.int64), dtypes.int64)

    def lookup(self, keys: Any, name: str | None = None) -> Tensor:
        """The numbers of words."""
        if keys.dtype is not self._key_dtype:
            raise TypeError(
                f"Dtype of argument `keys` must be {self._key_dtype}, received: {keys.dtype}"
            )
        words = convert(keys)
        text = words if words.dtype is dtypes.string else as_string(words)
        others: np.ndarray = to_hash_bucket_fast(text, self._buckets)._array + self._known()
        found = others if self._table is None else self._table.lookup(words)._array
        return make(np.where(found < 0, others, found).astype(np.int64), dtypes.int64)
