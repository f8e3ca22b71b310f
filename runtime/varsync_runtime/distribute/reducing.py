"""`strategy.reduce` and `extended.reduce_to`: sums and means over the replicas, for the host.

After `_reduce_to` in tensorflow/python/distribute/mirrored_strategy.py and
collective_all_reduce_strategy.py, and `reduce_non_distributed_value` in cross_device_ops.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from varsync_runtime import semantics
from varsync_runtime.distribute import brought, contexts, rejections, telling
from varsync_runtime.distribute.arriving import Exchange, arrive
from varsync_runtime.distribute.enums import ReduceOp
from varsync_runtime.distribute.values import DistributedValues, Mirrored
from varsync_runtime.distribute.where import context_of, execution
from varsync_runtime.function import graphs
from varsync_runtime.replicas.orders import Order
from varsync_runtime.semantics import Call, Raises, Read, ReadForm, Rule, words
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import FROM_NUMPY
from varsync_runtime.tensors.exports import registry
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.spec import TensorSpec
from varsync_runtime.tensors.tensor import SymbolicTensor, Tensor, make

if TYPE_CHECKING:
    from varsync_runtime.distribute.strategy import StrategyBase


def reduce(strategy: StrategyBase, op: ReduceOp, value: Any, ring: bool = False) -> Any:
    """The sum or mean of a value; of a structure of values, where the strategy takes it apart."""
    if hasattr(value, "_variable_number") and not getattr(value, "_is_unread", False):
        return variable(strategy, op, value)
    if not strategy.extended._replicas_meet:
        return value
    if strategy.extended._reduces_structures:
        return nest.map_structure(lambda one: leaf(strategy, op, one, ring), value)
    return leaf(strategy, op, value, ring)


def variable(strategy: StrategyBase, op: ReduceOp, value: Any) -> Any:
    """`strategy.reduce` of a variable itself, as the table says."""
    form = ReadForm.REDUCE_SUM if op is ReduceOp.SUM else ReadForm.REDUCE_MEAN
    in_table = value._in_table
    if value._distribute_strategy is None:
        from varsync_runtime.distribute.merging import under

        in_table = under(in_table, strategy._in_table)
    context = context_of(value)
    outcome = semantics.read(in_table, context, form, execution())
    if isinstance(outcome, Raises):
        error = rejections.error(outcome, value=lambda: repr(value))
        raise rejections.rejected(error, value._variable_number, "reduce", context.value)
    is_one = not hasattr(value, "_crew") or value._is_mirrored()
    if is_one and (op is ReduceOp.MEAN or not strategy.extended._replicas_meet):
        return value  # TensorFlow hands on the variable
    if not hasattr(value, "_crew"):
        return value._read()
    from varsync_runtime.distribute.variables import reading

    array = reading.combined(value, outcome, context, "reduce")
    telling.read(value, context, outcome)
    return make(array, FROM_NUMPY[array.dtype])


def leaf(strategy: StrategyBase, op: ReduceOp, value: Any, ring: bool = False) -> Any:
    """One value."""
    crew = strategy._crew
    outcome = semantics.meet(strategy._in_table, Call.REDUCE)
    assert isinstance(outcome, Read)
    if isinstance(value, Mirrored):
        # the same on all: its mean is itself
        if op is ReduceOp.SUM:
            raise AssertionError
        return value._get()
    if hasattr(value, "_variable_number") and not getattr(value, "_is_unread", False):
        return variable(strategy, op, value)
    if not isinstance(value, DistributedValues) and crew.workers == 1:
        return not_distributed(op, value, crew.replicas)
    if crew.workers == 1:
        require_alike(value)
    is_one = not isinstance(value, DistributedValues)
    part = None
    if crew.index is not None:
        part = value if is_one else value._of_replica(crew.index)
    return over_replicas(strategy, op, part, ring, None if is_one else value._parts.brought)


def require_alike(value: DistributedValues) -> None:
    """Raises what TensorFlow's AddN does of parts that differ in dtype or shape."""
    parts = value._parts.specs()
    if not all(isinstance(one, (Tensor, TensorSpec)) for one in parts):
        return
    forms = [(one.dtype, one.shape) for one in parts]
    if forms.count(forms[0]) < len(forms):
        stand_ins = [make(np.zeros(shape, dtype._array_type), dtype) for dtype, shape in forms]
        registry()["tf.add_n"](stand_ins)


def over_replicas(
    strategy: StrategyBase,
    op: ReduceOp,
    part: Any,
    ring: bool,
    everyones: Sequence[np.ndarray] | None = None,
) -> Any:
    """The sum or mean of all replicas' parts, which `everyones` are if they are known here."""
    from varsync_runtime.distribute.variables.reading import mean

    crew = strategy._crew
    if ring or crew.workers > 1:
        graphs.collective()
    if isinstance(part, IndexedSlices):
        own = convert(part.values)._array
        arrive(crew, Exchange.GATHER, "reduce", "", own)
        values = np.concatenate(crew.gather(own))
        indices = np.concatenate(crew.gather(convert(part.indices)._array))
        if op is ReduceOp.MEAN:
            values = np.asarray(values / values.dtype.type(crew.replicas))
        telling.synchronised(None, "reduce", op.name, values.nbytes)
        return IndexedSlices(
            make(values, part.values.dtype), make(indices, part.indices.dtype), part.dense_shape
        )
    tensor = None if part is None and crew.index is None else _tensor(part)
    array = np.zeros(()) if tensor is None else tensor._array
    order = Order.RANKS
    if ring:
        order = Order.RING if array.dtype != np.int32 else Order.RANKS
    elif isinstance(tensor, SymbolicTensor) and tensor._kind > "replica_":
        # a graph adds in the order of the ops' names: the others' begin with "replica_"
        order = Order.FIRST_LAST
    telling.synchronised(None, "reduce", op.name, array.nbytes)
    order = arrive(crew, Exchange.REDUCE, "reduce", "", array, order)
    total = crew.sum(array, order) if everyones is None else brought.added(everyones, order)
    if op is ReduceOp.MEAN:
        total = mean(total, crew.replicas)
    dtype = FROM_NUMPY[total.dtype]
    if tensor is not None and tensor._array.dtype == total.dtype:
        dtype = tensor.dtype
    return make(total, dtype)


def _tensor(part: Any) -> Tensor:
    """What a replica gives; a structure of distributed values is refused."""
    try:
        return convert(part)
    except ValueError as error:
        if any(isinstance(one, DistributedValues) for one in nest.flatten(part)):
            rejections.rejected(error, None, "reduce", _context())
        raise


def _context() -> str:
    return "cross_replica" if contexts.in_cross_replica_context() else "outside_scope"


def not_distributed(op: ReduceOp, value: Any, replicas: int) -> Any:
    """A value that is one for all replicas: `reduce_non_distributed_value`."""
    if not isinstance(value, (Tensor, IndexedSlices)) and np.all(value == 0):
        if not hasattr(value, "shape"):
            raise AttributeError(f"'{type(value).__name__}' object has no attribute 'shape'")
        return np.zeros(value.shape, dtype=value.dtype)
    if op is ReduceOp.MEAN:
        return value
    if replicas == 1:
        return value if isinstance(value, IndexedSlices) else convert(value)
    error = rejections.error(words.ONE_VALUE, value=lambda: str(value))
    raise rejections.rejected(error, None, "reduce", _context())


def sum_and_count(value: Any, axis: Any) -> tuple[Any, Tensor]:
    """A replica's part of a mean along `axis`: `mean_reduce_helper`."""
    total = registry()["tf.reduce_sum"](value, axis=axis)
    shape = convert(value).shape

    def size(one: int) -> int:
        rank = shape.rank
        assert rank is not None
        if not -rank <= one < rank:
            raise ValueError(f"`axis` = {one!r} out of range for `value` with rank {rank}")
        return int(shape[one])

    if isinstance(axis, int):
        count = size(axis)
    elif isinstance(axis, (tuple, list)):
        count = int(np.prod([size(one) for one in axis]))
    else:
        raise TypeError(f"Expected `axis` to be an integer, tuple or list not: {axis!r}")
    return total, convert(np.int64(count))


__all__ = ["Rule", "leaf", "reduce", "sum_and_count"]
