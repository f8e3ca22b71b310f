"""What an operation makes of one copy of a variable: TensorFlow's kernels and their refusals.

After tensorflow/python/ops/resource_variable_ops.py, `BaseResourceVariable`. Nothing here knows of
replicas.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from varsync_runtime.ops.indexing import index_of
from varsync_runtime.ops.selection import nd_index
from varsync_runtime.semantics import Operation
from varsync_runtime.tensors import dispatch
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.errors import InvalidArgumentError, OutOfRangeError
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor, make

if TYPE_CHECKING:
    from varsync_runtime.distribute.variables.plain import BaseResourceVariable

Array = np.ndarray
OPS = {
    Operation.ASSIGN: "AssignVariableOp",
    Operation.ASSIGN_ADD: "AssignAddVariableOp",
    Operation.ASSIGN_SUB: "AssignSubVariableOp",
}


def result(variable: BaseResourceVariable, operation: Operation, value: Any, name: str) -> Array:
    """What the copy holds after the operation; `name` is what messages call it."""
    if operation is Operation.ASSIGN:
        return assigned(variable, value, name)
    if operation in (Operation.ASSIGN_ADD, Operation.ASSIGN_SUB):
        return increased(variable, operation, value)
    if operation in SCATTERS:
        return scattered(variable, operation, value)
    if operation in ND_SCATTERS:
        return nd_scattered(variable, operation, *value)
    if operation is Operation.RAW_ASSIGN:
        return raw_assigned(variable, value)
    if operation is Operation.RAW_ASSIGN_ADD:
        return raw_increased(variable, *value)
    if operation is Operation.SLICE_ASSIGN:
        return sliced(variable, *value)
    if operation is Operation.COUNT_UP_TO:
        return counted(variable, value)
    raise KeyError(operation)


def assigned(variable: BaseResourceVariable, value: Any, name: str) -> Array:
    """`assign`: a value of the variable's dtype and shape."""
    tensor = convert(value, variable.dtype)
    if not variable.shape.is_compatible_with(tensor.shape):
        raise ValueError(
            f"Cannot assign value to variable ' {name}': Shape mismatch."
            f"The variable shape {variable.shape}, and the assigned value shape {tensor.shape} "
            "are incompatible."
        )
    return tensor._array


def increased(variable: BaseResourceVariable, operation: Operation, value: Any) -> Array:
    """`assign_add` and `assign_sub`: the shapes have to be equal."""
    tensor = convert(value, variable.dtype)
    array = variable._array
    if tensor._array.shape != array.shape:
        raise _shapes_differ(variable, OPS[operation], tensor)
    if array.dtype == bool or array.dtype == object:
        raise dispatch.reject(
            OPS[operation], f"No registered '{OPS[operation]}' OpKernel for these types"
        )
    new = array + tensor._array if operation is Operation.ASSIGN_ADD else array - tensor._array
    return np.asarray(new, dtype=array.dtype)  # type: ignore[no-any-return]


def _shapes_differ(variable: BaseResourceVariable, op: str, tensor: Tensor) -> Exception:
    mine = TensorShape(variable._array.shape)
    shapes = dispatch.brackets(mine), dispatch.brackets(tensor.shape)
    if state.graph is None:
        words = (
            f"Cannot update variable with shape {shapes[0]} using a Tensor with shape {shapes[1]}, "
            "shapes must be equal."
        )
        # what fails on a parameter server comes back without the op's name
        remote = "/job:ps" in variable.device
        return InvalidArgumentError(None, None, words) if remote else dispatch.reject(op, words)
    if mine.rank != tensor.shape.rank:
        text = f"Shapes must be equal rank, but are {mine.rank} and {tensor.shape.rank}"
    else:
        pairs = zip(variable._array.shape, tensor._array.shape, strict=True)
        at, (a, b) = next((at, pair) for at, pair in enumerate(pairs) if pair[0] != pair[1])
        text = (
            f"Dimension {at} in both shapes must be equal, but are {a} and {b}. "
            f"Shapes are {shapes[0]} and {shapes[1]}."
        )
    return ValueError(
        f"{text} for '{{{{node {op}}}}} = {op}[dtype={_data_type(variable)}]({op}/resource, "
        f"{getattr(tensor, 'op', tensor).name})' with input shapes: {shapes[0]}, {shapes[1]}."
    )


def _data_type(variable: BaseResourceVariable) -> str:
    return f"DT_{variable.dtype._word.upper()}"


def quotient(value: Array, divisor: Array) -> Array:
    """Of integers, towards zero."""
    if value.dtype.kind in "iu":
        return np.trunc(value / divisor).astype(value.dtype)  # type: ignore[no-any-return]
    return np.asarray(value / divisor, dtype=value.dtype)  # type: ignore[no-any-return]


SCATTERS: dict[Operation, Callable[[Array, Array], Array]] = {
    Operation.SCATTER_ADD: np.add,
    Operation.SCATTER_SUB: np.subtract,
    Operation.SCATTER_MUL: np.multiply,
    Operation.SCATTER_DIV: quotient,
    Operation.SCATTER_MIN: np.minimum,
    Operation.SCATTER_MAX: np.maximum,
    Operation.SCATTER_UPDATE: lambda old, new: new,
    Operation.BATCH_SCATTER_UPDATE: lambda old, new: new,
}
ND_SCATTERS: dict[Operation, Callable[[Array, Array], Array]] = {
    Operation.SCATTER_ND_ADD: np.add,
    Operation.SCATTER_ND_SUB: np.subtract,
    Operation.SCATTER_ND_UPDATE: lambda old, new: new,
    Operation.SCATTER_ND_MIN: np.minimum,
    Operation.SCATTER_ND_MAX: np.maximum,
}


def scattered(variable: BaseResourceVariable, operation: Operation, value: Any) -> Array:
    """`scatter_add` and the like: the slices of one operand, one after the other."""
    if not isinstance(value, IndexedSlices):
        raise TypeError(
            f"Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: {value}"
        )
    values = convert(value.values, variable.dtype)._array
    indices = convert(value.indices)._array
    step = SCATTERS[operation]
    new = variable._array.copy()
    if operation is Operation.BATCH_SCATTER_UPDATE and indices.ndim > 1:
        for at in np.ndindex(indices.shape):
            new[at[:-1]][indices[at]] = values[at]
        return new  # type: ignore[no-any-return]
    values = np.broadcast_to(values, indices.shape + new.shape[1:])
    for at in np.ndindex(indices.shape):
        row = int(indices[at])
        if not 0 <= row < new.shape[0]:
            raise dispatch.reject(
                "ResourceScatter" + operation.value.removeprefix("scatter_").capitalize(),
                f"indices{list(at)} = {row} is not in [0, {new.shape[0]})",
            )
        new[row] = step(new[row], values[at])
    return new  # type: ignore[no-any-return]


def nd_scattered(
    variable: BaseResourceVariable, operation: Operation, indices: Any, updates: Any
) -> Array:
    """`scatter_nd_add` and the like."""
    chosen = convert(indices)
    what = convert(updates, variable.dtype)._array
    where, shape = chosen._array, variable._array.shape
    op = "ResourceScatterNd" + operation.value.removeprefix("scatter_nd_").capitalize()
    if not shape:
        raise dispatch.reject(op, "Output must be at least 1-D, got shape: []", label=None)
    fit = (*where.shape[:-1], *shape[where.shape[-1] :]) if where.ndim else what.shape
    if what.shape != fit or where.shape[-1:] > (len(shape),):
        raise dispatch.reject(op, _do_not_fit(where, what, shape), label=None)
    words = f"does not index into shape {dispatch.brackets(shape)}"
    at_once = nd_index(chosen, shape, op, words, None)
    step = ND_SCATTERS[operation]
    new = variable._array.copy()
    for at in np.ndindex(where.shape[:-1]):
        row = tuple([each[at] for each in at_once])
        new[row] = step(new[row], what[at])
    return new  # type: ignore[no-any-return]


def _do_not_fit(where: Array, what: Array, shape: tuple[int, ...]) -> str:
    outer, depth = where.ndim - 1, where.shape[-1]
    of_updates = f"[shape={dispatch.brackets(what.shape)}]"
    if what.shape[:outer] != where.shape[:outer]:
        common = zip(where.shape, what.shape, strict=False)
        a, b = next(((a, b) for a, b in common if a != b), (where.shape[0], what.shape[:1]))
        return (
            f"Dimensions [0,{outer}) of indices[shape={dispatch.brackets(where.shape)}] = {a} must "
            f"match dimensions [0,{outer}) of updates{of_updates} = {b}"
        )
    return (
        f"Dimensions [{depth},{len(shape)}) of input[shape={dispatch.brackets(shape)}] must match "
        f"dimensions [{depth},{what.ndim}) of updates{of_updates}"
    )


def sliced(variable: BaseResourceVariable, key: Any, value: Any) -> Array:
    """`v[key].assign(value)`."""
    new = variable._array.copy()
    index, given = index_of(key), convert(value, variable.dtype)._array
    whole = new[index].shape
    try:
        np.broadcast_shapes(given.shape, whole)
        new[index] = given
    except ValueError:
        shapes = dispatch.brackets(given.shape), dispatch.brackets(whole)
        raise dispatch.reject(
            "ResourceStridedSliceAssign",
            f"Cannot broadcast input shape {shapes[0]} into final shape {shapes[1]}",
            label="strided_slice/_assign",
        ) from None
    return new  # type: ignore[no-any-return]


def raw_assigned(variable: BaseResourceVariable, value: Any) -> Array:
    """`AssignVariableOp`: any shape."""
    tensor = value if isinstance(value, Tensor) else convert(value, variable.dtype)
    if tensor.dtype is not variable.dtype:
        raise dispatch.reject(
            "AssignVariableOp",
            "Trying to assign variable with wrong dtype. Expected "
            f"{variable.dtype._word} got {tensor.dtype._word}",
        )
    return tensor._array


def raw_increased(variable: BaseResourceVariable, operation: Operation, value: Any) -> Array:
    """`AssignAddVariableOp` and `AssignSubVariableOp`: the handle says what dtype it wants."""
    tensor = value if isinstance(value, Tensor) else convert(value, variable.dtype)
    if tensor.dtype is not variable.dtype and tensor._array.shape == variable._array.shape:
        words = "DType of variable handle and value does not match."
        raise dispatch.reject(OPS[operation], words)
    if tensor.dtype is not variable.dtype:
        tensor = make(tensor._array.astype(variable.dtype._array_type), variable.dtype)
    return increased(variable, operation, tensor)


def counted(variable: BaseResourceVariable, limit: int) -> Array:
    """`count_up_to`."""
    if int(variable._array) >= limit:
        raise dispatch.reject("ResourceCountUpTo", f"Reached limit of {limit}", OutOfRangeError)
    return np.asarray(variable._array + 1, dtype=variable._array.dtype)  # type: ignore[no-any-return]
