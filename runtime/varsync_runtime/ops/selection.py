"""Choosing and placing elements: masks, indices, conditions."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive

from varsync_runtime.ops.indexing import put
from varsync_runtime.ops.layout import integer, integers, reshape
from varsync_runtime.ops.shaping import unbroadcast
from varsync_runtime.tensors import dtypes, variables
from varsync_runtime.tensors.convert import agreeing, convert
from varsync_runtime.tensors.dispatch import Op, brackets, call, reject
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.guesses import Again, of_both, second_of, sizes_of, with_second
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.shapes import known
from varsync_runtime.tensors.slices import Densifying, IndexedSlices
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tape import record
from varsync_runtime.tensors.tensor import Tensor, make, wrap

# ------------------------------------------------------------------- rows added up


def _add_rows(values: Any, index: np.ndarray, rows: int) -> Any:
    """Row i is the sum of the rows of `values` whose index is i; a negative index is none."""
    values = np.asarray(values)
    inner = values.shape[index.ndim :]
    flat, ids = values.reshape((index.size, *inner)), index.reshape(-1)
    out = np.zeros((rows, *inner), dtype=values.dtype)
    kept = (ids >= 0) & (ids < rows)
    np.add.at(out, ids[kept], flat[kept])
    return out


def _rows_back(g: Any, index: np.ndarray, rows: int) -> Any:
    inside = (index >= 0) & (index < rows)
    taken = g[np.where(inside, index, 0)]
    shape = index.shape + (1,) * (g.ndim - 1)
    return taken * inside.reshape(shape).astype(g.dtype)


add_rows = primitive(_add_rows)
defvjp(add_rows, lambda ans, values, index, rows: lambda g: _rows_back(g, index, rows))
UNSORTED_SEGMENT_SUM = Op(
    "UnsortedSegmentSum",
    add_rows,
    plain=_add_rows,
    vjps=(lambda g, out, values, index, rows: _rows_back(g, index, rows),),
)


@export("tf.math.unsorted_segment_sum")
def unsorted_segment_sum(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """Row i is the sum of the rows whose segment is i."""
    data, ids = convert(data), convert(segment_ids)
    rows = integer(num_segments)
    bad = np.argwhere(ids._array >= rows)
    if bad.size:
        where = brackets(bad[0].tolist())
        raise reject(
            "UnsortedSegmentSum",
            f"segment_ids{where} = {ids._array[tuple(bad[0])]} is out of range [0, {rows})",
        )
    attributes = Again({"index": ids._array, "rows": rows}, index=second_of(ids))
    return call(UNSORTED_SEGMENT_SUM, (data,), attributes)


Densifying.unsorted_segment_sum = staticmethod(unsorted_segment_sum)

# ------------------------------------------------------------------- by a mask

BOOLEAN_MASK = Op(
    "GatherV2",
    lambda array, index: array[index],
    vjps=(lambda g, out, array, index: put(g, array.shape, index),),
    label="boolean_mask",
)


@export("tf.boolean_mask")
def boolean_mask(tensor: Any, mask: Any, axis: Any = None, name: str = "boolean_mask") -> Tensor:
    """The elements of `tensor` where `mask` is true, in one axis."""
    tensor, mask = convert(tensor), convert(mask)
    first = 0 if axis is None else int(convert(axis)._array)
    first = first + tensor._array.ndim if first < 0 else first
    rank = mask._array.ndim
    if not rank:
        raise ValueError("mask cannot be scalar.")
    shape = known(tensor._array.shape[first : first + rank])
    if shape != mask.shape:
        raise ValueError(f"Shapes {shape} and {mask.shape} are incompatible")
    chosen = np.nonzero(mask._array.astype(np.bool_))
    index = (*(slice(None),) * first, *chosen)
    return call(BOOLEAN_MASK, (tensor,), {"index": index})


def _zeroed(mask_is: bool) -> Any:
    def rule(g: Any, out: Any, condition: Any, x: Any, y: Any) -> Any:
        zeros = anp.zeros_like(g)
        kept = anp.where(condition, g, zeros) if mask_is else anp.where(condition, zeros, g)
        return unbroadcast(kept, x if mask_is else y)

    return rule


SELECT = Op(
    "SelectV2",
    lambda condition, x, y: anp.where(condition, x, y),
    plain=np.where,
    types=((dtypes.bool_,), "T", "T"),
    result=1,
    vjps=(None, _zeroed(True), _zeroed(False)),
    arguments=("condition", "t", "e"),
)


@export("tf.where")
def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """`x` where `condition` is true and `y` elsewhere; without both, where it is true."""
    if (x is None) != (y is None):
        raise ValueError("x and y must both be non-None or both be None.")
    mask = convert(condition)
    if x is None:
        return wrap(np.argwhere(mask._array).astype(np.int64), "Where")
    x, y = agreeing((x, y))
    return call(SELECT, (mask, x, y))


# ------------------------------------------------------------------- by indices


def _checked_indices(indices: Tensor, op_name: str = "GatherV2") -> np.ndarray:
    if indices.dtype not in (dtypes.int16, dtypes.int32, dtypes.int64):
        raise InvalidArgumentError(
            None,
            None,
            f"Value for attr 'Tindices' of {indices.dtype._word} is not in the list of allowed values: "
            f"int16, int32, int64\n\t; NodeDef: {{{{node {op_name}}}}} [Op:{op_name}]",
        )
    return indices._array


def in_range(index: np.ndarray, size: int, op_name: str) -> None:
    """Raises for the first index that is no row of `size` rows."""
    bad = (index < 0) | (index >= size)
    if bad.any():
        at = tuple(np.argwhere(bad)[0].tolist())
        where = brackets(at) if at else ""
        raise reject(op_name, f"indices{where} = {index[at]} is not in [0, {size})")


def take(array: Any, index: np.ndarray, axis: int) -> Any:
    spec: list[Any] = [slice(None)] * array.ndim
    spec[axis] = index
    return array[tuple(spec)]


def take_back(g: Any, out: Any, array: Any, index: np.ndarray, axis: int) -> Any:
    rank = index.ndim
    order = tuple(range(axis, axis + rank)) + tuple(
        i for i in range(g.ndim) if not axis <= i < axis + rank
    )
    summed = add_rows(anp.transpose(g, order), index, array.shape[axis])
    return anp.moveaxis(summed, 0, axis)


GATHER = Op("GatherV2", take, vjps=(take_back,))


def _batched(array: Any, index: tuple[np.ndarray, ...]) -> Any:
    return array[index]


def _scatter_add(g: Any, shape: tuple[int, ...], index: tuple[np.ndarray, ...]) -> Any:
    out = np.zeros(shape, dtype=np.asarray(g).dtype)
    np.add.at(out, index, g)
    return out


scatter_add = primitive(_scatter_add)
defvjp(scatter_add, lambda ans, g, shape, index: lambda gg: gg[index])
GATHER_BY = Op(
    "GatherV2",
    _batched,
    vjps=(lambda g, out, array, index: scatter_add(g, array.shape, index),),
)


@export("tf.gather")
def gather(
    params: Any, indices: Any, validate_indices: Any = None, axis: Any = None, batch_dims: int = 0,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """The slices of `params` number `indices` along an axis."""
    where = batch_dims if axis is None else integer(axis)
    chosen = convert(indices)
    if where == 0 and batch_dims == 0:
        return _gather_rows(params, chosen)
    tensor = convert(params)
    index = _checked_indices(chosen)
    rank = tensor._array.ndim
    if where >= rank or where < -rank:
        words = f"Shape must be at least rank {where + 1} but is rank {rank}"
        raise ValueError(words) if state.graph is not None else reject("GatherV2", words)
    where %= rank
    in_range(index, tensor._array.shape[where], "GatherV2")
    if batch_dims:
        return _gather_batched(tensor, index, where, batch_dims % max(index.ndim, 1))
    attributes = Again({"index": index, "axis": where}, index=second_of(chosen))
    return call(GATHER, (tensor,), attributes)


def _gather_batched(tensor: Tensor, index: np.ndarray, axis: int, batch: int) -> Tensor:
    """One gather for each of the leading `batch` axes, which indices have, too."""
    shape = tensor._array.shape
    inner = index.ndim - batch
    rank = axis + inner + len(shape) - axis - 1
    spec: list[Any] = []
    for i in range(len(shape)):
        if i == axis:
            lifted = index.shape[:batch] + (1,) * (axis - batch) + index.shape[batch:]
            spec.append(index.reshape(lifted + (1,) * (rank - len(lifted))))
        else:
            at = i if i < axis else i + inner - 1
            spec.append(np.arange(shape[i]).reshape((-1,) + (1,) * (rank - at - 1)))
    return call(GATHER_BY, (tensor,), {"index": tuple(spec)})


def _gather_rows(params: Any, chosen: Tensor) -> Tensor:
    """Rows: the gradient is IndexedSlices, and that of a variable is the variable's."""
    index = _checked_indices(chosen)
    if isinstance(params, VariableLike):
        variables.accessed(params)
        source, array, dtype = params._tape_key(), params._array_now(), params.dtype
        kind = "ResourceGather"
    else:
        source = convert(params)
        array, dtype, kind = source._array, source.dtype, "GatherV2"
    if not array.ndim:
        words = "Shape must be at least rank 1 but is rank 0"
        raise ValueError(words) if state.graph is not None else reject(kind, words)
    in_range(index, array.shape[0], kind)
    sizes = of_both(
        lambda places, rows: (*places, *rows[1:]),
        sizes_of(chosen),
        sizes_of(source) if isinstance(source, Tensor) else array.shape,
    )
    out = with_second(make(array[index], dtype, kind), sizes)
    if state.tapes:
        record((source,), (out,), _rows_gradient(array.shape, chosen))
    return out


def _rows_gradient(shape: tuple[int, ...], chosen: Tensor) -> Any:
    def backward(dy: Any) -> list[Any]:
        values = reshape(convert(dy), (chosen._array.size, *shape[1:]))
        dense = make(np.array(shape, dtype=np.int32), dtypes.int32)
        return [IndexedSlices(values, reshape(chosen, (-1,)), dense)]

    return backward


def nd_index(
    indices: Tensor, shape: tuple[int, ...], op_name: str, words: str, label: str | None = ""
) -> tuple[np.ndarray, ...]:
    """An index of NumPy of the indices in the last axis; all must lie in `shape`."""
    index = indices._array
    depth = index.shape[-1] if index.ndim else 0
    if depth > len(shape):
        raise reject(
            op_name,
            f"index innermost dimension length must be <= params rank; saw: {depth} vs. {len(shape)}",
        )
    limits = np.array(shape[:depth], dtype=np.int64)
    bad = ((index < 0) | (index >= limits)).any(axis=-1)
    if bad.any():
        at = tuple(np.argwhere(bad)[0].tolist())
        found = f"indices{brackets(at)} = {brackets(index[at].tolist())} {words}"
        raise reject(op_name, found, label=label)
    return tuple(np.moveaxis(index, -1, 0)) if depth else ()


def _second_index(indices: Tensor) -> tuple[np.ndarray, ...] | None:
    """The index of the second value, where there is one."""
    second = second_of(indices)
    return None if second is None else tuple(np.moveaxis(second, -1, 0))


def _in_params(shape: tuple[int, ...]) -> str:
    return f"does not index into param shape {brackets(shape)}, node name: GatherNd"


GATHER_ND = Op(
    "GatherNd",
    _batched,
    vjps=(lambda g, out, array, index: scatter_add(g, array.shape, index),),
)


@export("tf.gather_nd")
def gather_nd(
    params: Any,
    indices: Any,
    batch_dims: int = 0,
    name: str | None = None,
    bad_indices_policy: str = "",
) -> Tensor:
    """The elements or slices at the indices in the last axis of `indices`."""
    tensor, chosen = convert(params), convert(indices)
    shape = tensor._array.shape
    if not batch_dims:
        index = nd_index(chosen, shape, "GatherNd", _in_params(shape))
        if chosen._array.ndim == 2 and chosen._array.shape[-1] == 1:
            return _gather_rows(tensor, reshape(chosen, (-1,)))
        return call(GATHER_ND, (tensor,), Again({"index": index}, index=_second_index(chosen)))
    inner = nd_index(chosen, shape[batch_dims:], "GatherNd", _in_params(shape))
    lead = chosen._array.shape[:-1]
    grid = np.indices(lead)[:batch_dims] if lead else ()
    return call(GATHER_ND, (tensor,), {"index": (*grid, *inner)})


# ------------------------------------------------------------------- placing


def _updated(tensor: Any, updates: Any, index: Any) -> Any:
    out = np.array(tensor)
    out[index] = updates
    return out


def _cleared(g: Any, index: Any) -> Any:
    out = np.array(g)
    out[index] = 0
    return out


cleared = primitive(_cleared)
defvjp(cleared, lambda ans, g, index: lambda gg: cleared(gg, index))
updated = primitive(_updated)
defvjp(
    updated,
    lambda ans, tensor, updates, index: lambda g: cleared(g, index),
    lambda ans, tensor, updates, index: lambda g: g[index],
)


def _extreme_updated(function: Any) -> Any:
    def kernel(tensor: Any, updates: Any, index: Any) -> Any:
        out = np.array(tensor)
        function.at(out, index, updates)
        return out

    return kernel


def _placing(name: str, kernel: Any, vjps: Any) -> Op:
    return Op(name, kernel, types=("T",), allowed=dtypes.ALL, vjps=vjps,
              differentiable=vjps is not None, arguments=("tensor", "updates"))  # fmt: skip


def _same(g: Any, out: Any, tensor: Any, updates: Any, index: Any) -> Any:
    return g


TENSOR_SCATTER_UPDATE = _placing(
    "TensorScatterUpdate",
    updated,
    (
        lambda g, out, tensor, updates, index: cleared(g, index),
        lambda g, out, tensor, updates, index: g[index],
    ),
)
TENSOR_SCATTER_ADD = _placing(
    "TensorScatterAdd",
    lambda tensor, updates, index: tensor + scatter_add(updates, tensor.shape, index),
    (_same, lambda g, out, tensor, updates, index: g[index]),
)
TENSOR_SCATTER_SUB = _placing(
    "TensorScatterSub",
    lambda tensor, updates, index: tensor - scatter_add(updates, tensor.shape, index),
    (_same, lambda g, out, tensor, updates, index: -g[index]),
)
TENSOR_SCATTER_MAX = _placing("TensorScatterMax", _extreme_updated(np.maximum), None)
TENSOR_SCATTER_MIN = _placing("TensorScatterMin", _extreme_updated(np.minimum), None)


def _tensor_scatter(op: Op, *names: str, doc: str) -> Any:
    def scatter(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        target, new = agreeing((tensor, updates))
        chosen = convert(indices)
        shape = target._array.shape
        words = f"does not index into shape {brackets(shape)}"
        index = nd_index(chosen, shape, op.name, words)
        return call(op, (target, new), {"index": index})

    scatter.__name__ = scatter.__qualname__ = names[0].rpartition(".")[2]
    scatter.__doc__ = doc
    return export(*names)(scatter)


tensor_scatter_nd_update = _tensor_scatter(
    TENSOR_SCATTER_UPDATE, "tf.tensor_scatter_nd_update", doc="`tensor` with new elements."
)
tensor_scatter_nd_add = _tensor_scatter(
    TENSOR_SCATTER_ADD, "tf.tensor_scatter_nd_add", doc="`tensor` with something added."
)
tensor_scatter_nd_sub = _tensor_scatter(
    TENSOR_SCATTER_SUB, "tf.tensor_scatter_nd_sub", doc="`tensor` with something taken off."
)
tensor_scatter_nd_max = _tensor_scatter(
    TENSOR_SCATTER_MAX, "tf.tensor_scatter_nd_max", doc="`tensor`, or what is larger."
)
tensor_scatter_nd_min = _tensor_scatter(
    TENSOR_SCATTER_MIN, "tf.tensor_scatter_nd_min", doc="`tensor`, or what is smaller."
)

SCATTER_ND = Op(
    "ScatterNd",
    lambda updates, shape, index: scatter_add(updates, shape, index),
    plain=_scatter_add,
    vjps=(lambda g, out, updates, shape, index: g[index],),
)


@export("tf.scatter_nd")
def scatter_nd(indices: Any, updates: Any, shape: Any, name: str | None = None) -> Tensor:
    """Zeros with `updates` at `indices`, added up where they meet."""
    sizes = integers(shape)
    chosen = convert(indices)
    index = nd_index(chosen, sizes, "ScatterNd", f"does not index into shape {brackets(sizes)}")
    attributes = Again({"shape": sizes, "index": index}, index=_second_index(chosen))
    return call(SCATTER_ND, (convert(updates),), attributes)


def _one_hot(index: np.ndarray, size: int, on: Any, off: Any, axis: int, dtype: Any) -> np.ndarray:
    rows = np.where(index[..., None] == np.arange(size), on, off).astype(dtype)
    return np.ascontiguousarray(np.moveaxis(rows, -1, axis))


ONE_HOT = Op("OneHot", _one_hot, result=None, differentiable=False, label="one_hot")


@export("tf.one_hot")
def one_hot(
    indices: Any, depth: Any, on_value: Any = None, off_value: Any = None, axis: Any = None,
    dtype: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """A row for each index: `on_value` at the index, `off_value` elsewhere."""
    chosen = convert(indices)
    on, off, wanted = _on_and_off(on_value, off_value, dtype)
    if chosen.dtype not in (dtypes.uint8, dtypes.int8, dtypes.int32, dtypes.int64):
        raise InvalidArgumentError(
            None,
            None,
            f"Value for attr 'TI' of {chosen.dtype._word} is not in the list of allowed values: uint8, "
            "int8, int32, int64\n\t; NodeDef: {{node OneHot}} [Op:OneHot]",
        )
    size = integer(depth)
    if size < 0:
        raise reject("OneHot", f"depth must be non-negative, got: {size}")
    attributes = {
        "size": size, "on": on, "off": off, "axis": -1 if axis is None else axis,
        "dtype": wanted._array_type,
    }  # fmt: skip
    return call(ONE_HOT, (chosen,), attributes)


def _on_and_off(on_value: Any, off_value: Any, dtype: Any) -> tuple[Any, Any, dtypes.DType]:
    given = None if dtype is None else as_dtype(dtype)
    on = (
        None
        if on_value is None
        else convert(on_value, given if not isinstance(on_value, Tensor) else None)
    )
    off = (
        None
        if off_value is None
        else convert(off_value, given if not isinstance(off_value, Tensor) else None)
    )
    if on is not None and off is not None and on.dtype is not off.dtype:
        raise TypeError(
            f"dtype {on.dtype} of on_value does not match dtype {off.dtype} of off_value"
        )
    for one, what in ((on, "on_value"), (off, "off_value")):
        if one is not None and given is not None and one.dtype is not given:
            raise TypeError(f"dtype {one.dtype} of {what} does not match dtype parameter {given}")
    wanted = given or (on.dtype if on else off.dtype if off else dtypes.float32)
    return (1 if on is None else on._numpy()), (0 if off is None else off._numpy()), wanted


@export("tf.dynamic_partition")
def dynamic_partition(
    data: Any, partitions: Any, num_partitions: int, name: str | None = None
) -> list[Tensor]:
    """The rows of each partition."""
    ids = convert(partitions)
    outside = (ids._array < 0) | (ids._array >= num_partitions)
    if outside.any():
        at = tuple(np.argwhere(outside)[0].tolist())
        found = f"partitions{brackets(at)} = {ids._array[at]} is not in [0, {num_partitions})"
        raise reject("DynamicPartition", found)
    return [boolean_mask(data, ids._array == number) for number in range(num_partitions)]
