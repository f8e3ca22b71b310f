"""`tf.distribute.experimental.partitioners`: into how many shards a variable is split.

After tensorflow/python/distribute/sharded_variable.py and ops/partitioned_variables.py.
"""

from __future__ import annotations

import math
from typing import Any

from varsync_runtime.tensors.dtypes import DType, as_dtype
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape

_TF = "tensorflow.python.distribute.sharded_variable"
_PATH = "tf.distribute.experimental.partitioners"


@export(f"{_PATH}.Partitioner")
class Partitioner:
    """What ParameterServerStrategy calls for each variable: the number of parts along each axis."""

    __module__ = _TF

    def __call__(self, shape: TensorShape, dtype: Any, axis: int = 0) -> list[int]:
        """The number of parts along each axis."""
        raise NotImplementedError


@export(f"{_PATH}.FixedShardsPartitioner")
class FixedShardsPartitioner(Partitioner):
    """As many shards as are asked for, if there are as many rows."""

    __module__ = _TF

    def __init__(self, num_shards: int) -> None:
        self._num_shards = num_shards

    def __call__(self, shape: TensorShape, dtype: Any, axis: int = 0) -> list[int]:
        return _along(axis, shape, min(self._num_shards, _size(shape, axis)))


@export(f"{_PATH}.MinSizePartitioner")
class MinSizePartitioner(Partitioner):
    """As many shards as possible that are not smaller than `min_shard_bytes`."""

    __module__ = _TF

    def __init__(
        self, min_shard_bytes: int = 256 << 10, max_shards: int = 1, bytes_per_string: int = 16
    ) -> None:
        if min_shard_bytes < 1:
            raise ValueError(
                f"Argument `min_shard_bytes` must be positive. Received: {min_shard_bytes}"
            )
        if max_shards < 1:
            raise ValueError(f"Argument `max_shards` must be positive. Received: {max_shards}")
        _require_bytes(bytes_per_string)
        self._min_shard_bytes = min_shard_bytes
        self._max_shards = max_shards
        self._bytes_per_string = bytes_per_string

    def __call__(self, shape: TensorShape, dtype: Any, axis: int = 0) -> list[int]:
        if axis >= len(shape):
            raise ValueError(
                f"Cannot partition variable along axis {axis} when shape is only {shape}"
            )
        total = _elements(shape) * _element_bytes(dtype, self._bytes_per_string)
        parts = math.ceil(total / self._min_shard_bytes)
        return _along(axis, shape, max(1, min(_size(shape, axis), self._max_shards, parts)))


@export(f"{_PATH}.MaxSizePartitioner")
class MaxSizePartitioner(Partitioner):
    """As few shards as possible that are not larger than `max_shard_bytes`."""

    __module__ = _TF

    def __init__(
        self, max_shard_bytes: int, max_shards: int | None = None, bytes_per_string: int = 16
    ) -> None:
        if max_shard_bytes < 1:
            raise ValueError(
                f"Argument `max_shard_bytes` must be positive. Received {max_shard_bytes}"
            )
        if max_shards and max_shards < 1:
            raise ValueError(f"Argument `max_shards` must be positive. Received {max_shards}")
        _require_bytes(bytes_per_string)
        self._max_shard_bytes = max_shard_bytes
        self._max_shards = max_shards
        self._bytes_per_string = bytes_per_string

    def __call__(self, shape: TensorShape, dtype: Any, axis: int = 0) -> list[int]:
        rows = _size(shape, axis)
        row = _elements(shape) / rows * _element_bytes(dtype, self._bytes_per_string)
        rows_of_shard = max(1, math.floor(self._max_shard_bytes / row))
        parts = math.ceil(rows / rows_of_shard)
        return _along(axis, shape, min(self._max_shards, parts) if self._max_shards else parts)


def _require_bytes(bytes_per_string: int) -> None:
    if bytes_per_string < 1:
        raise ValueError(
            f"Argument `bytes_per_string` must be positive. Received: {bytes_per_string}"
        )


def _element_bytes(dtype: Any, bytes_per_string: int) -> int:
    of: DType = as_dtype(dtype)
    return bytes_per_string if of.name == "string" else of.size


def _elements(shape: TensorShape) -> int:
    return math.prod(size or 0 for size in shape.as_list())


def _size(shape: TensorShape, axis: int) -> int:
    return shape.as_list()[axis] or 0


def _along(axis: int, shape: TensorShape, parts: int) -> list[int]:
    found = [1] * len(shape)
    found[axis] = parts
    return found
