"""`ShardedVariable`: variables that are the rows of a larger one, on several parameter servers.

After tensorflow/python/distribute/sharded_variable.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from varsync_runtime.ops.compositions import slice_
from varsync_runtime.ops.creation import constant
from varsync_runtime.ops.embeddings import divided
from varsync_runtime.ops.layout import concat
from varsync_runtime.ops.operators import OPERATORS
from varsync_runtime.ops.selection import boolean_mask, dynamic_partition
from varsync_runtime.semantics import Operation
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import bool_
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.tensor import Tensor, make
from varsync_runtime.tensors.trackable import Trackable
from varsync_runtime.tensors.types import CompositeTensor

UPDATES = (Operation.ASSIGN, Operation.ASSIGN_ADD, Operation.ASSIGN_SUB)
SCATTERS = (
    Operation.SCATTER_ADD, Operation.SCATTER_SUB, Operation.SCATTER_MUL, Operation.SCATTER_DIV,
    Operation.SCATTER_MIN, Operation.SCATTER_MAX, Operation.SCATTER_UPDATE,
    Operation.BATCH_SCATTER_UPDATE,
)  # fmt: skip


@export("tf.__internal__.distribute.ShardedVariable")
class ShardedVariable(Trackable, CompositeTensor):
    """Variables as one: they follow each other along the first axis."""

    __module__ = "tensorflow.python.distribute.sharded_variable"
    _passes_functions = True
    _should_act_as_resource_variable = True

    def __init__(self, variables: Sequence[Any], name: str = "ShardedVariable") -> None:
        if (
            not isinstance(variables, Sequence)
            or not variables
            or any(not isinstance(one, VariableLike) for one in variables)
        ):
            raise TypeError(
                "Argument `variables` should be a non-empty list of `variables.Variable`s. "
                f"Received {variables}"
            )
        if len({one.dtype for one in variables}) > 1:
            raise ValueError(
                "All elements in argument `variables` must have the same dtype. "
                f"Received dtypes: {[one.dtype for one in variables]}"
            )
        if len({tuple(one.shape.as_list()[1:]) for one in variables}) > 1:
            raise ValueError(
                "All elements in argument `variables` must have the same shapes except for the "
                f"first axis. Received shapes: {[one.shape for one in variables]}"
            )
        self._variables = variables
        self._name = name
        rows = [int(one.shape.as_list()[0]) for one in variables]
        self._bounds = list(itertools.pairwise([0, *itertools.accumulate(rows)]))
        self._shape = TensorShape([sum(rows), *variables[0].shape.as_list()[1:]])

    @property
    def variables(self) -> Sequence[Any]:
        """The shards."""
        return self._variables

    @property
    def name(self) -> str:
        """The name of the whole."""
        return self._name

    @property
    def dtype(self) -> Any:
        """The dtype of all shards."""
        return self._variables[0].dtype

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole."""
        return self._shape

    @property
    def is_sharded_variable(self) -> bool:
        """It is."""
        return True

    @property
    def _shared_name(self) -> str:
        return self._name

    @property
    def _unique_id(self) -> str:
        return str(self._variables[0]._unique_id.replace("part_0", "sharded"))

    @property
    def _distribute_strategy(self) -> Any:
        return self._variables[0]._distribute_strategy

    def __iter__(self) -> Iterator[Any]:
        return iter(self._variables)

    # As one tensor ---------------------------------------------------------------------------

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Tensor:
        if dtype is not None and dtype is not self.dtype:
            raise ValueError(
                f"Incompatible type conversion requested to type {dtype.name!r} for variable of "
                f"type {self.dtype.name!r}"
            )
        return concat(list(self._variables), 0)

    def numpy(self) -> Any:
        """The rows of all shards."""
        return convert(self).numpy()

    def __getitem__(self, slice_spec: Any) -> Any:
        if _is_mask(slice_spec):
            return boolean_mask(convert(self), slice_spec)
        first, *others = slice_spec if isinstance(slice_spec, (list, tuple)) else (slice_spec,)
        if isinstance(first, slice):
            return self._rows(first, tuple(others))
        if first is None:
            return self[tuple(others) or ...][None]
        if first is Ellipsis:
            whole = (first, *others)
            return concat([one[whole] for one in self._variables], 0)
        if isinstance(first, Tensor):
            raise TypeError("ShardedVariable: using Tensor for indexing is not allowed.")
        row = first + self._shape[0] if first < 0 else first
        for shard, (start, end) in zip(self._variables, self._bounds, strict=True):
            if start <= row < end:
                at = (row - start, *others)
                return shard[at]
        raise IndexError(f"ShardedVariable: slice index {row} of dimension 0 out of bounds.")

    def _rows(self, wanted: slice, others: tuple[Any, ...]) -> Tensor:
        if any(isinstance(one, Tensor) for one in (wanted.start, wanted.stop, wanted.step)):
            raise TypeError(
                "ShardedVariable: using Tensor in slice_spec is not allowed. Please file a feature "
                "request with the TensorFlow team."
            )
        rows = range(*wanted.indices(self._shape[0]))
        parts = []
        for shard, (start, end) in zip(self._variables, self._bounds, strict=True):
            held = [row - start for row in rows if start <= row < end]
            if held:
                stop = held[-1] + (1 if rows.step > 0 else -1)
                local = slice(held[0], None if stop < 0 else stop, rows.step)
                at = (local, *others)
                parts.append(shard[at])
        if not parts:
            return constant([], self.dtype, (0, *self._shape.as_list()[1:]))
        return concat(parts if rows.step > 0 else parts[::-1], 0)

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """The rows, those of the first shard first."""
        parts, _ = self._divided(indices)
        return concat(
            [one.sparse_read(at) for one, at in zip(self._variables, parts, strict=True)], 0
        )

    # Writing ---------------------------------------------------------------------------------

    def _assigned(self, operation: Operation, value: Any) -> ShardedVariable:
        for shard, (start, _) in zip(self._variables, self._bounds, strict=True):
            shape = shard.shape.as_list()
            own = slice_(value, [start, *[0] * (len(shape) - 1)], shape)
            getattr(shard, operation.value)(own)
        return self

    def _scattered(self, operation: Operation, slices: IndexedSlices) -> ShardedVariable:
        indices, owners = self._divided(slices.indices)
        values = dynamic_partition(slices.values, owners, len(self._variables))
        for shard, value, at in zip(self._variables, values, indices, strict=True):
            getattr(shard, operation.value)(IndexedSlices(value, at))
        return self

    def _divided(self, indices: Any) -> tuple[list[Tensor], Tensor]:
        """Which rows are meant in each shard, and the shard of each."""
        if indices.shape.rank != 1:
            raise ValueError(
                "ShardedVariable: indices must be 1D Tensor for sparse operations. "
                f"Received shape: {indices.shape}"
            )
        count = len(self._variables)
        each, extra = divmod(self._shape[0], count)
        sizes = [end - start for start, end in self._bounds]
        if sizes != [each + (at < extra) for at in range(count)]:
            raise NotImplementedError(
                'scatter_xxx ops are not supported in ShardedVariable that does not conform to "div" '
                "sharding"
            )
        given = convert(indices)
        shards, local = divided(given._array, self._shape[0], count)
        owners = make(np.asarray(shards, np.int32), given.dtype)
        return dynamic_partition(make(local, given.dtype), owners, count), owners

    # In functions, structures and checkpoints ------------------------------------------------

    def _trace_key(self) -> Any:
        return ShardedVariable, tuple(one._unique_id for one in self._variables)

    def _nest_components(self) -> list[Any]:
        return list(self._variables)

    def _nest_rebuilt(self, parts: Sequence[Any]) -> ShardedVariable:
        return ShardedVariable(parts)

    def _serialize_to_tensors(self) -> dict[str, Any]:
        saved = [one._serialize_to_tensors() for one in self._variables]
        return {name: concat([one[name] for one in saved], 0) for name in saved[0]}

    def _restore_from_tensors(self, restored_tensors: dict[str, Any]) -> None:
        whole = {name: convert(one) for name, one in restored_tensors.items()}
        for one in whole.values():
            if one.shape != self._shape:
                told = [str(shape.as_list()).replace(" ", "") for shape in (self._shape, one.shape)]
                raise InvalidArgumentError(
                    None,
                    None,
                    f"Shape in shape_and_slice spec {told[0]} does not match the shape stored in "
                    f"checkpoint: {told[1]}",
                )
        for shard, (start, end) in zip(self._variables, self._bounds, strict=True):
            shard._restore_from_tensors({name: one[start:end] for name, one in whole.items()})


def _is_mask(spec: Any) -> bool:
    if isinstance(spec, Tensor):
        return spec.dtype is bool_
    return isinstance(spec, bool) or (isinstance(spec, np.ndarray) and spec.dtype == np.bool_)


def _update(operation: Operation) -> Callable[..., ShardedVariable]:
    def method(
        self: ShardedVariable,
        value: Any,
        use_locking: Any = None,
        name: str | None = None,
        read_value: bool = True,
    ) -> ShardedVariable:
        return self._assigned(operation, value)

    return method


def _delta(operation: Operation) -> Callable[..., ShardedVariable]:
    def method(
        self: ShardedVariable,
        delta: Any,
        use_locking: Any = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> ShardedVariable:
        return self._assigned(operation, delta)

    return method


def _scatter(operation: Operation) -> Callable[..., ShardedVariable]:
    def method(
        self: ShardedVariable, sparse_delta: Any, use_locking: Any = False, name: str | None = None
    ) -> ShardedVariable:
        return self._scattered(operation, sparse_delta)

    return method


def _of_tensor(operator: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: ShardedVariable, *others: Any) -> Any:
        return operator(convert(self), *others)

    return method


for _operation in UPDATES:
    _make = _update if _operation is Operation.ASSIGN else _delta
    setattr(ShardedVariable, _operation.value, _make(_operation))
for _operation in SCATTERS:
    setattr(ShardedVariable, _operation.value, _scatter(_operation))
for _name in sorted(Tensor.OVERLOADABLE_OPERATORS - {"__getitem__"}):
    setattr(ShardedVariable, _name, _of_tensor(OPERATORS[_name]))
# `__eq__` compares elements; it is still found in sets and dicts
setattr(ShardedVariable, "__hash__", object.__hash__)  # noqa: B010
