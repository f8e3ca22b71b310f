"""`tf.io.parse_example` and its like: the features of serialized examples as tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from varsync_runtime.ops.layout import reshape
from varsync_runtime.ops.protos import wire
from varsync_runtime.ops.protos.wire import DecodeError
from varsync_runtime.ops.sparse import SparseTensor
from varsync_runtime.tensors import blanks, dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import reject
from varsync_runtime.tensors.dtypes import as_dtype, blank
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.tensor import Tensor, make

OP = "ParseExampleV2"
CONFIG = "tensorflow.python.ops.parsing_config"
KINDS = {1: dtypes.string, 2: dtypes.float32, 3: dtypes.int64}
"""The dtypes of the lists of a `tf.train.Feature`, by their numbers."""

# ------------------------------------------------------------------- what is asked for


@export("tf.io.VarLenFeature")
class VarLenFeature(NamedTuple):
    """Values of any number: a sparse tensor."""

    dtype: Any


class _FixedLenFeature(NamedTuple):
    shape: Any
    dtype: Any
    default_value: Any = None


class _FixedLenSequenceFeature(NamedTuple):
    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


@export("tf.io.FixedLenFeature")
class FixedLenFeature(_FixedLenFeature):
    """Values of one shape: a dense tensor."""

    __module__ = CONFIG
    __slots__ = ()


@export("tf.io.FixedLenSequenceFeature")
class FixedLenSequenceFeature(_FixedLenSequenceFeature):
    """Rows of one shape, any number of them: a dense tensor."""

    __module__ = CONFIG
    __slots__ = ()


VarLenFeature.__module__ = CONFIG


class Wanted:
    """One feature that is asked for, checked as `_ParseOpParams` does."""

    def __init__(self, key: str, feature: Any) -> None:
        self.key = key
        self.is_sparse = isinstance(feature, VarLenFeature)
        self.is_sequence = isinstance(feature, FixedLenSequenceFeature)
        if not (self.is_sparse or self.is_sequence or isinstance(feature, FixedLenFeature)):
            raise ValueError(f"Unsupported {type(feature).__name__} {feature} for key '{key}'")
        if not feature.dtype:
            raise ValueError(f"Missing type for feature {key}. Received feature={feature}.")
        self.dtype = as_dtype(feature.dtype)
        if self.dtype not in KINDS.values():
            raise InvalidArgumentError(
                None,
                None,
                f"Value for attr 'Tdense' of {self.dtype._word} is not in the list of allowed "
                "values: float, int64, string",
            )
        self.sizes: list[Any] = []
        self.default: Tensor | None = None
        if not self.is_sparse:
            self._set_shape(feature)

    def _set_shape(self, feature: Any) -> None:
        if self.is_sequence and not feature.allow_missing:
            raise ValueError(
                "Unsupported: FixedLenSequenceFeature requires allow_missing to be True."
            )
        if feature.shape is None:
            raise ValueError(f"Missing shape for feature {self.key}. Received feature={feature}.")
        shape = TensorShape(feature.shape)
        if shape.rank and shape[0] is None:
            raise ValueError(
                f"First dimension of shape for feature {self.key} unknown. Consider using "
                f"FixedLenSequenceFeature. Received feature={feature}."
            )
        if not shape.is_fully_defined():
            raise ValueError(
                f"All dimensions of shape for feature {self.key} need to be known but received "
                f"{feature.shape!s}."
            )
        self.sizes = shape.as_list()
        if feature.default_value is not None:
            value = convert(feature.default_value, self.dtype)
            self.default = value if self.is_sequence else reshape(value, self.sizes)

    def filler(self) -> Any:
        """What pads a sequence."""
        return blank([], self.dtype)[()] if self.default is None else self.default._array.item()


# ------------------------------------------------------------------- what there is

Found = Mapping[bytes, tuple[dtypes.DType, Any]]


def read_features(serialized: bytes) -> Found:
    """The features of an example: dtype and values by name."""
    found: dict[bytes, tuple[dtypes.DType, Any]] = {}
    for number, kind, features in wire.fields(serialized):
        if number == 1:
            _message(kind)
            for inner, of_kind, entry in wire.fields(features):
                if inner == 1:
                    _message(of_kind)
                    name, value = _entry(entry)
                    if value is not None:
                        found[name] = value
    return found


def _message(kind: int) -> None:
    if kind != wire.PART:
        raise DecodeError("Wire format was corrupt")


def _entry(entry: bytes) -> tuple[bytes, tuple[dtypes.DType, Any] | None]:
    name, feature = b"", b""
    for number, kind, value in wire.fields(entry):
        _message(kind)
        if number == 1:
            name = value
        elif number == 2:
            feature = value
    held = None
    for number, kind, value in wire.fields(feature):
        if number in KINDS:
            _message(kind)
            held = KINDS[number], _values(number, value)
    return name, held


def _values(number: int, data: bytes) -> Any:
    values: list[Any] = []
    for inner, kind, value in wire.fields(data):
        if inner != 1:
            continue
        if number == 1:
            _message(kind)
            values.append(value)
        elif number == 2:
            values.extend(wire.read_floats(kind, value))
        else:
            values.extend(wire.read_numbers(kind, value))
    array = np.empty(len(values), KINDS[number]._array_type)
    array[:] = values
    return array


class Reader:
    """Takes the features of examples apart; `single` is one example, whose words differ."""

    def __init__(self, single: bool) -> None:
        self._single = single

    def rejected(self, words: str) -> InvalidArgumentError:
        """What TensorFlow says of an example that it rejects."""
        named = words if self._single else f"Name: <unknown>, {words}"
        return reject(OP, named, label=None)  # type: ignore[return-value]

    def examples(self, serialized: list[bytes]) -> list[Found]:
        """The features of each example."""
        found = []
        for one in serialized:
            try:
                found.append(read_features(one))
            except DecodeError:
                text = one.decode("latin-1")
                words = f"Could not parse example input, value: '{text}'"
                raise reject(OP, words, label=None) from None
        return found

    def values(self, wanted: Wanted, example: Found, index: int) -> Any:
        """The values of a feature, None if the example does not have it."""
        held = example.get(wanted.key.encode())
        if held is None:
            return None
        if held[0] is not wanted.dtype:
            place = "" if self._single else f", Index: {index}"
            have, want = held[0]._word, wanted.dtype._word
            types = f"Data type: {have} but expected type: {want}"
            if wanted.is_sparse:
                types = f"Expected type: {want}, Actual type: {have}"
            raise self.rejected(f"Key: {wanted.key}{place}.  Data types don't match. {types}")
        return held[1]

    def fixed(self, wanted: Wanted, examples: list[Found]) -> list[Any]:
        """The values of a feature of fixed length in each example."""
        found = []
        size = int(np.prod(wanted.sizes))
        for index, example in enumerate(examples):
            values = self.values(wanted, example, index)
            if values is None:
                values = wanted.default._array if wanted.default is not None else None
            if values is None:
                raise self.rejected(
                    f"Feature: {wanted.key} (data type: {wanted.dtype._word}) is required but "
                    "could not be found."
                )
            if values.size != size:
                raise self.rejected(self._wrong_size(wanted, index, values.size))
            found.append(values.reshape(wanted.sizes))
        return found

    def _wrong_size(self, wanted: Wanted, index: int, size: int) -> str:
        list_of = {"int64": "int64", "float32": "float", "string": "bytes"}[wanted.dtype.name]
        if self._single:
            return (
                f"Key: {wanted.key}.  Can't parse serialized Example: Some {list_of}_list slice "
                "was not parsed."
            )
        shape = ",".join(map(str, wanted.sizes))
        return (
            f"Key: {wanted.key}, Index: {index}.  Number of {wanted.dtype._word} values != "
            f"expected.  Values size: {size} but output shape: [{shape}]"
        )

    def sequences(self, wanted: Wanted, examples: list[Found]) -> list[np.ndarray]:
        """The rows of a feature in each example."""
        found = []
        size = int(np.prod(wanted.sizes))
        for index, example in enumerate(examples):
            values = self.values(wanted, example, index)
            if values is None:
                values = blank([0], wanted.dtype)
            if values.size % size:
                raise self.rejected(
                    f"Key: {wanted.key}, Index: {index}.  Number of {wanted.dtype._word} values is "
                    f"not a multiple of stride length. Saw {values.size} values but output shape "
                    f"is: [{','.join(map(str, wanted.sizes))}]"
                )
            found.append(values.reshape(-1, *wanted.sizes))
        return found


# ------------------------------------------------------------------- tensors


def _sparse(wanted: Wanted, rows: list[Any], single: bool) -> SparseTensor:
    """The values of all examples: one row for each of a batch."""
    kept = [blank([0], wanted.dtype) if one is None else one for one in rows]
    places = [
        [[at] if single else [row, at] for at in range(len(one))] for row, one in enumerate(kept)
    ]
    flat = [place for row in places for place in row]
    indices = np.array(flat, np.int64).reshape(-1, 1 if single else 2)
    longest = max((len(one) for one in kept), default=0)
    shape = np.array([longest] if single else [len(kept), longest], np.int64)
    values = np.concatenate(kept) if kept else blank([0], wanted.dtype)
    return SparseTensor(
        make(indices, dtypes.int64), make(values, wanted.dtype), make(shape, dtypes.int64)
    )


def _padded(wanted: Wanted, rows: list[np.ndarray]) -> np.ndarray:
    longest = max((len(one) for one in rows), default=0)
    made = np.full([len(rows), longest, *wanted.sizes], wanted.filler(), wanted.dtype._array_type)
    for at, one in enumerate(rows):
        made[at, : len(one)] = one
    return made


def _parsed(wanted: Wanted, reader: Reader, examples: list[Found], single: bool) -> Any:
    if wanted.is_sparse:
        rows = [reader.values(wanted, one, at) for at, one in enumerate(examples)]
        return _sparse(wanted, rows, single)
    if wanted.is_sequence:
        sequences = reader.sequences(wanted, examples)
        array = sequences[0] if single else _padded(wanted, sequences)
    else:
        fixed = reader.fixed(wanted, examples)
        if single:
            array = fixed[0]
        else:
            array = np.stack(fixed) if fixed else blank([0, *wanted.sizes], wanted.dtype)
    return make(array, wanted.dtype)


def _blank(wanted: Wanted, lead: list[int | None]) -> Any:
    """What stands for a result whose example is not known."""
    if wanted.is_sparse:
        sizes = [*(one or blanks.unknown_size() for one in lead), blanks.unknown_size()]
        return SparseTensor(
            make(np.zeros((1, len(sizes)), np.int64), dtypes.int64),
            make(blank([1], wanted.dtype), wanted.dtype),
            make(np.array(sizes, np.int64), dtypes.int64),
        )
    rows: list[int | None] = [None] if wanted.is_sequence else []
    return blanks.result([*lead, *rows, *wanted.sizes], wanted.dtype)


@export("tf.io.parse_example")
def parse_example(
    serialized: Any, features: Any, example_names: Any = None, name: str | None = None
) -> dict[str, Any]:
    """tensorflow/python/ops/parsing_ops.py, `parse_example_v2`."""
    del example_names
    if not features:
        raise ValueError("Missing: features was {}.".format(features))  # noqa: UP032
    wanted = [Wanted(key, features[key]) for key in sorted(features)]
    wanted = sorted(wanted, key=lambda one: not one.is_sparse)
    tensor = convert(serialized, dtypes.string)
    rank = tensor._array.ndim
    if rank > 1:
        raise reject(OP, f"Expected serialized to be a scalar or vector, got shape: {tensor.shape}")
    single = rank == 0
    if blanks.are_blank():
        lead = [] if single else [tensor._array.shape[0]]
        return {one.key: _blank(one, list(lead)) for one in wanted}
    reader = Reader(single)
    examples = reader.examples(tensor._array.reshape(-1).tolist())
    return {one.key: _parsed(one, reader, examples, single) for one in wanted}


@export("tf.io.parse_single_example")
def parse_single_example(
    serialized: Any, features: Any, example_names: Any = None, name: str | None = None
) -> dict[str, Any]:
    """tensorflow/python/ops/parsing_ops.py, `parse_single_example_v2`."""
    if features is None:
        raise ValueError("Invalid argument: features cannot be None.")
    if not features:
        raise ValueError("Invalid argument: features cannot be empty.")
    tensor = convert(serialized, dtypes.string)
    if tensor._array.ndim:
        raise ValueError("Input serialized must be a scalar")
    return parse_example(tensor, features, example_names, name)
