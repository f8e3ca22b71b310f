"""Tensors from nothing: constants, zeros, ranges; and what a tensor's shape is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.ops.layout import cast, integers
from varsync_runtime.tensors import blanks, dtypes, pythonvalues
from varsync_runtime.tensors.convert import agreeing, convert, form_of
from varsync_runtime.tensors.dispatch import Op, brackets, call, reject
from varsync_runtime.tensors.dtypes import DType, as_dtype
from varsync_runtime.tensors.exports import export, provide
from varsync_runtime.tensors.guesses import give, of_both, sizes_of, with_second
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.registered import functions_for
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tape import record
from varsync_runtime.tensors.tensor import EagerTensor, SymbolicTensor, Tensor, make, wrap

provide("tf.newaxis", None)


@export("tf.constant")
def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const") -> Tensor:
    """A tensor of a Python value or an array, as `dtype` and in `shape` if they are given."""
    wanted = None if dtype is None else as_dtype(dtype)
    if isinstance(value, (Tensor, VariableLike)):
        tensor = _of_tensor(value, wanted)
    elif not isinstance(value, type) and (
        hasattr(value, "__tf_tensor__") or functions_for(type(value))
    ):
        # convert_to_tensor knows how to make a tensor of it
        raise ValueError(
            f"Attempt to convert a value ({value!r}) with an unsupported type ({type(value)}) "
            "to a Tensor."
        )
    else:
        tensor = convert(value, wanted)
    return tensor if shape is None else _shaped(tensor, TensorShape(shape), value, shape)


def _of_tensor(value: Any, dtype: DType | None) -> Tensor:
    if state.graph is not None and isinstance(value, Tensor):
        raise TypeError("Expected any non-tensor type, but got a tensor instead.")
    tensor = convert(value)
    if dtype is not None and tensor.dtype is not dtype:
        raise TypeError(
            f"Expected tensor {tensor._numpy()} with dtype {dtype!r}, but got dtype "
            f"{tensor.dtype!r}."
        )
    return tensor


def _shaped(tensor: Tensor, shape: TensorShape, value: Any, given: Any) -> Tensor:
    if tensor.shape == shape:
        return tensor
    count = shape.num_elements()
    if tensor._array.size == count:
        return make(tensor._array.reshape(tuple(shape)), tensor.dtype)
    if tensor._array.size == 1 and not tensor._array.ndim:
        return make(np.full(tuple(shape), tensor._array), tensor.dtype)
    raise TypeError(
        "Eager execution of tf.constant with unsupported shape. Tensor "
        f"{tensor._array} (converted from {value}) has {tensor._array.size} elements, but got "
        f"`shape` {shape} with {count} elements)."
    )


def _sizes(shape: Any, op_name: str = "Fill") -> tuple[int, ...]:
    if isinstance(shape, TensorShape) and not shape.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape {shape} to a Tensor.")
    if isinstance(shape, (list, tuple)) and any(one is None for one in shape):
        raise ValueError("Can't convert Python sequence with mixed types to Tensor.")
    sizes = integers(shape, "index_type", op_name)
    for size in sizes:
        if size < 0:
            raise reject(op_name, f"Dimension {size} must be >= 0")
    return sizes


def _filled(shape: tuple[int, ...], value: Any, dtype: DType, kind: str) -> Tensor:
    if dtype is dtypes.string:
        value = b"" if value == 0 else value
    array_type = dtype._array_type if dtype._array_type is not None else dtype.as_numpy_dtype

    def build(sizes: tuple[int, ...]) -> np.ndarray:
        return np.full(sizes, value, dtype=array_type)

    return with_second(make(build(shape), dtype, kind), shape, build)


@export("tf.zeros")
def zeros(
    shape: Any, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None
) -> Tensor:
    """Zeros (false, or empty strings)."""
    return _filled(_sizes(shape), 0, as_dtype(dtype), "zeros")


@export("tf.ones")
def ones(
    shape: Any, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None
) -> Tensor:
    """Ones (or true)."""
    return _filled(_sizes(shape), 1, as_dtype(dtype), "ones")


@export("tf.zeros_like")
def zeros_like(
    input: Any, dtype: Any = None, name: str | None = None, layout: Any = None
) -> Tensor:
    """Zeros of the shape of `input`, and of its dtype or `dtype`."""
    tensor = form_of(input)
    wanted = tensor.dtype if dtype is None else as_dtype(dtype)
    return _following(tensor, _filled(sizes_of(tensor), 0, wanted, "zeros_like"))


@export("tf.ones_like")
def ones_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Tensor:
    """Ones of the shape of `input`, and of its dtype or `dtype`."""
    tensor = form_of(input)
    wanted = tensor.dtype if dtype is None else as_dtype(dtype)
    return _following(tensor, _filled(sizes_of(tensor), 1, wanted, "ones_like"))


def _following(tensor: Tensor, made: Tensor) -> Tensor:
    """What is made in the size of a batch that is not known while it is traced is made of that.

    So there is a way for gradients, which ends there.
    """
    if state.tapes and state.graph is not None and not state.graph.sized:
        record([tensor], [made], lambda _: [None])
    return made


@export("tf.fill")
def fill(dims: Any, value: Any, name: str | None = None, layout: Any = None) -> Tensor:
    """`value` everywhere."""
    from varsync_runtime.ops.layout import broadcast_to

    number = convert(value)
    if number._array.ndim:
        raise reject("Fill", f"value must be a scalar, got shape {brackets(number.shape)}")
    return broadcast_to(number, _sizes(dims))


@export("tf.eye", "tf.linalg.eye")
def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """The identity matrix, once for each of `batch_shape`."""
    wanted = as_dtype(dtype)
    rows = integers(num_rows)
    columns = rows if num_columns is None else integers(num_columns)
    batch = () if batch_shape is None else integers(batch_shape)
    sizes = of_both(lambda *parts: sum(parts, ()), batch, rows, columns)

    def build(shape: tuple[int, ...]) -> np.ndarray:
        matrix: np.ndarray = np.eye(*shape[-2:], dtype=wanted._array_type)
        return np.array(np.broadcast_to(matrix, shape))

    return with_second(make(build(sizes), wanted, "eye"), sizes, build)


_RANGE_ORDER = (
    dtypes.int32, dtypes.int64, dtypes.float16, dtypes.float32, dtypes.float64,
)  # fmt: skip


def _range(start: np.ndarray, limit: np.ndarray, delta: np.ndarray, dtype: Any) -> np.ndarray:
    low, high, step = (one.astype(dtype) for one in (start, limit, delta))
    if np.dtype(dtype).kind in "iu":
        return np.arange(low, high, step, dtype=dtype)
    count = int(np.ceil(abs((float(high) - float(low)) / float(step))))
    return np.asarray(low + step * np.arange(count, dtype=dtype), dtype)


RANGE = Op("Range", _range, result=None, differentiable=False, label="range")


@export("tf.range")
def range_(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range"
) -> Tensor:
    """Numbers from `start` up to `limit`, which is left out."""
    if limit is None:
        start, limit = 0, start
    given = [convert(one) for one in (start, limit, delta)]
    if dtype is None:
        kinds = [one.dtype for one in given]
        assert all(kind in _RANGE_ORDER for kind in kinds)
        wanted = max(kinds, key=_RANGE_ORDER.index)
    else:
        wanted = as_dtype(dtype)
    low, high, step = (one._array.astype(wanted._array_type) for one in given)
    for one, what in ((low, "start"), (high, "limit"), (step, "delta")):
        if one.ndim:
            raise reject("Range", f"{what} must be a scalar, not shape {brackets(one.shape)}")
    if not step:
        raise reject("Range", f"Requires delta != 0: {step}")
    if step > 0 and low > high:
        raise reject("Range", f"Requires start <= limit when delta > 0: {low}/{high}")
    if step < 0 and low < high:
        raise reject("Range", f"Requires start >= limit when delta < 0: {low}/{high}")
    return call(RANGE, given, {"dtype": wanted._array_type})


@export("tf.linspace")
def linspace(start: Any, stop: Any, num: Any, name: str | None = None, axis: int = 0) -> Tensor:
    """`num` numbers in equal steps, both ends among them."""
    first = convert(start)
    last = convert(stop, first.dtype)
    count = int(convert(num)._array)
    kind = first._array.dtype if first.dtype.is_floating else np.dtype(np.float64)
    a, b = np.broadcast_arrays(first._array.astype(kind), last._array.astype(kind))
    if count <= 1:
        return wrap(np.stack([a] * count, axis) if count > 0 else np.zeros((0, *a.shape), kind))
    step = (b - a) / kind.type(count - 1)
    rows = [a + step * kind.type(i) for i in range(count - 1)]
    return wrap(np.stack([*rows, b], axis))


@export("tf.shape")
def shape(input: Any, out_type: Any = None, name: str | None = None) -> Tensor:
    """The sizes of the axes, as a tensor."""
    return _counted(np.shape, input, out_type, "Shape")


@export("tf.shape_n")
def shape_n(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> list[Tensor]:
    """The shape of each of several tensors."""
    return [shape(one, out_type) for one in input]


@export("tf.size")
def size(input: Any, out_type: Any = None, name: str | None = None) -> Tensor:
    """How many elements there are."""
    return _counted(np.size, input, out_type, "Size")


def _counted(count: Callable[[Any], Any], input: Any, out_type: Any, kind: str) -> Tensor:
    """What is counted of a tensor; where its size is a guess, of the second one too."""
    wanted = dtypes.int32 if out_type is None else as_dtype(out_type)
    tensor = form_of(input)
    made = make(np.array(count(tensor._array), dtype=wanted._array_type), wanted, kind)
    second = getattr(tensor, "_second", None)
    if second is not None and isinstance(made, SymbolicTensor):
        give(made, np.array(count(second), dtype=wanted._array_type))
    return made


@export("tf.rank")
def rank(input: Any, name: str | None = None) -> Tensor:
    """How many axes there are."""
    return make(np.array(form_of(input)._array.ndim, dtype=np.int32), dtypes.int32, "Rank")


@export("tf.broadcast_static_shape")
def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """The shape that two shapes broadcast to; ValueError if they do not."""
    try:
        return TensorShape(np.broadcast_shapes(tuple(shape_x), tuple(shape_y)))
    except ValueError:
        raise ValueError(
            f"Incompatible shapes for broadcasting. Two shapes are compatible if for each dimension "
            f"pair they are either equal or one of them is 1. Received: {shape_x} and {shape_y}."
        ) from None


@export("tf.broadcast_dynamic_shape")
def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Tensor:
    """The shape that two shapes broadcast to, as a tensor."""
    x, y = agreeing((shape_x, shape_y))
    try:
        both = np.broadcast_shapes(tuple(x._array.tolist()), tuple(y._array.tolist()))
    except ValueError:
        raise reject("BroadcastArgs", "Incompatible shapes between op input") from None
    return make(np.array(both, dtype=x.dtype._array_type), x.dtype)


@export("tf.ensure_shape")
def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Tensor:
    """`x`, if it has `shape`, where None stands for any size."""
    from varsync_runtime.ops.layout import identity

    tensor, wanted = convert(x), TensorShape(shape)
    if blanks.are_guessed():
        return make(state.blanks.fitting(tensor._array, wanted), tensor.dtype)
    if not tensor.shape.is_compatible_with(wanted):
        sizes = ",".join(map(str, tensor.shape))
        expected = ",".join("?" if one is None else str(one) for one in wanted)
        words = (
            f"Shape of tensor input [{sizes}] is not compatible with expected shape [{expected}]."
        )
        if state.graph is not None:
            raise ValueError(
                f"Shapes must be equal rank, but are {tensor.ndim} and {wanted.rank}"
                if tensor.ndim != wanted.rank
                else words
            )
        raise reject("EnsureShape", words)
    return identity(tensor)


@export("tf.no_op")
def no_op(name: str | None = None) -> None:
    """Does nothing."""


@export("tf.group")
def group(*inputs: Any, **kwargs: Any) -> None:
    """Does nothing: what runs at once needs no grouping."""


@export("tf.get_static_value")
def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """The value as NumPy has it if it is known, None if not: of a graph's tensors, constants."""
    if isinstance(tensor, Tensor):
        is_known = isinstance(tensor, EagerTensor) or getattr(tensor, "_kind", "") == "Const"
        return tensor._numpy() if is_known else None
    return None if tensor is None else pythonvalues.to_array(tensor, None)[0]


SEQUENCE_MASK = Op(
    "SequenceMask",
    lambda lengths, width: np.arange(width) < lengths[..., None],
    result=dtypes.bool_,
    differentiable=False,
)


@export("tf.sequence_mask")
def sequence_mask(
    lengths: Any, maxlen: Any = None, dtype: Any = dtypes.bool_, name: str | None = None
) -> Tensor:
    """True for the first `lengths[i]` places of row i."""
    rows = convert(lengths)
    width = rows._array.max(initial=0) if maxlen is None else convert(maxlen)._array
    return cast(call(SEQUENCE_MASK, (rows,), {"width": int(width)}), dtype)
