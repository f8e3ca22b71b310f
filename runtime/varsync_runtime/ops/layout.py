"""Reshaping, transposing, joining, splitting and repeating: where elements stand."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive

from varsync_runtime.ops.shaping import unbroadcast
from varsync_runtime.tensors import blanks, dtypes
from varsync_runtime.tensors.convert import Packing, agreeing, convert, holds_tensors
from varsync_runtime.tensors.dispatch import Op, brackets, call
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import InvalidArgumentError, Rejected, UnimplementedError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.guesses import Numbers, numbers, of_both, sizes_of
from varsync_runtime.tensors.passing import IDENTITY
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tape import Adding
from varsync_runtime.tensors.tensor import Tensor, make


def integers(value: Any, what: str = "shape", op_name: str = "Reshape") -> tuple[int, ...]:
    """Sizes, axes or the like as Python numbers: from a list, a tensor, a shape, one number."""
    if type(value) is int:
        return (value,)
    if type(value) is Numbers:
        return value
    if type(value) in (list, tuple) and all(type(one) is int for one in value):
        return tuple(value)
    tensor = convert(value)
    if tensor.dtype.is_floating and isinstance(value, (list, tuple)) and holds_tensors(value):
        # a list with tensors in it is packed, and cast
        tensor = cast(tensor, dtypes.int32)
    if not tensor.dtype.is_integer:
        if not tensor._array.size:
            return ()
        raise InvalidArgumentError(
            None,
            None,
            f"Value for attr '{what}' of {tensor.dtype._word} is not in the list of allowed values: "
            f"int32, int64\n\t; NodeDef: {{{{node {op_name}}}}} [Op:{op_name}]",
        )
    return numbers(tensor)


def integer(value: Any) -> int:
    """One number, an axis for example; TypeError for what is no integer."""
    if type(value) is int:
        return value
    array = convert(value, None if isinstance(value, (Tensor, VariableLike)) else dtypes.int32)
    return int(array._array.reshape(-1)[0])


# ------------------------------------------------------------------- dtype


def _cast(array: np.ndarray, dtype: Any) -> Any:
    source = array.dtype.kind
    if source == "O" or dtype.kind == "O":
        names = [dtypes.FROM_NUMPY[one]._word for one in (array.dtype, dtype)]
        raise Rejected(f"Cast {names[0]} to {names[1]} is not supported", UnimplementedError)
    if source == "c" and dtype.kind != "c":
        array = array.real
        source = "f"
    if source == "f" and dtype.kind in "iu":
        return _float_to_integer(array, dtype)
    return array.astype(dtype)


def _float_to_integer(array: np.ndarray, dtype: Any) -> Any:
    if dtype.itemsize == 8:
        return array.astype(dtype)
    if dtype.itemsize == 4:
        # what a processor gives for what does not fit
        wide: np.ndarray = array.astype(np.int64)
        if dtype.kind == "u":
            return wide.astype(dtype)
        fits = (wide >= -(2**31)) & (wide < 2**31)
        return np.where(fits, wide, -(2**31)).astype(dtype)
    return array.astype(np.int64).astype(dtype)


def _cast_plain(gradient: Any, dtype: Any) -> Any:
    return _cast(np.asarray(gradient), np.dtype(dtype))


_cast_back = primitive(_cast_plain)
defvjp(_cast_back, lambda ans, g, dtype: lambda gg: _cast_back(gg, g.dtype))
CAST = Op(
    "Cast",
    _cast_back,
    plain=_cast,
    result=None,
    vjps=(lambda g, out, array, dtype: _cast_back(g, array.dtype),),
)
# NumPy's dtype does not tell this one
CAST_TO_BFLOAT16 = Op("Cast", CAST.kernel, plain=_cast, result=dtypes.bfloat16, vjps=CAST.vjps)


@export("tf.cast", "tf.dtypes.cast")
def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """`x` as `dtype`; itself if it has it already."""
    wanted = as_dtype(dtype)
    if not isinstance(x, Tensor):
        if getattr(x, "_is_cast_to_itself", False) and x.dtype is wanted:
            return x
        if hasattr(x, "with_values"):
            return x.with_values(cast(x.values, wanted))
        if isinstance(x, IndexedSlices):
            return IndexedSlices(cast(x.values, wanted), x.indices, x.dense_shape)
        x = convert(x)
    if x.dtype is wanted:
        return x
    array_type = wanted._array_type if wanted._array_type is not None else wanted.as_numpy_dtype
    to = CAST_TO_BFLOAT16 if wanted is dtypes.bfloat16 else CAST
    return call(to, (x,), {"dtype": array_type})


@export("tf.dtypes.saturate_cast", "tf.saturate_cast")
def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Any:
    """`value` as `dtype`; what does not fit becomes its smallest or largest number."""
    value = convert(value)
    wanted = as_dtype(dtype)
    low = max(float(value.dtype.min), float(wanted.min))
    high = min(float(value.dtype.max), float(wanted.max))
    clipped = make(np.clip(value._array, low, high).astype(value.dtype._array_type), value.dtype)
    return cast(clipped, wanted)


@export("tf.bitcast")
def bitcast(input: Any, type: Any, name: str | None = None) -> Tensor:
    """The same bytes as another dtype."""
    wanted = as_dtype(type)
    return make(convert(input)._array.view(wanted._array_type), wanted, "Bitcast")


# ------------------------------------------------------------------- shape


def _reshape(array: np.ndarray, shape: tuple[int, ...]) -> Any:
    unknown = [i for i, size in enumerate(shape) if size == -1]
    if len(unknown) > 1:
        raise Rejected(f"Only one input size may be -1, not both {unknown[0]} and {unknown[1]}")
    try:
        return array.reshape(shape)
    except ValueError:
        if blanks.are_guessed():
            return blanks.array(shape, array.dtype)
    if unknown:
        known = int(np.prod([size for size in shape if size != -1]))
        words = (
            f"Input to reshape is a tensor with {array.size} values, but the requested shape "
            f"requires a multiple of {known}"
        )
        raise Rejected(words, static=words) from None
    negative = [i for i, size in enumerate(shape) if size < 0]
    if negative:
        raise Rejected(f"Size {negative[0]} must be non-negative, not {shape[negative[0]]}")
    count = int(np.prod(shape))
    raise Rejected(
        f"Input to reshape is a tensor with {array.size} values, but the requested shape has {count}",
        static=f"Cannot reshape a tensor with {array.size} elements to shape {brackets(shape)} "
        f"({count} elements) for '{{{{node Reshape}}}} = Reshape' with input shapes: "
        f"{brackets(array.shape)}, [{len(shape)}].",
    )


RESHAPE = Op(
    "Reshape",
    lambda array, shape: anp.reshape(array, shape),
    plain=_reshape,
    vjps=(lambda g, out, array, shape: anp.reshape(g, array.shape),),
)


@export("tf.reshape")
def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """The same elements in another shape; one size may be -1."""
    return call(RESHAPE, (convert(tensor),), {"shape": integers(shape, "Tshape")})


def _transpose(array: np.ndarray, perm: tuple[int, ...]) -> Any:
    if len(perm) != array.ndim:
        raise Rejected(
            f"transpose expects a vector of size {array.ndim}. But input(1) is a vector of size "
            f"{len(perm)}",
            static=f"Dimension must be {len(perm)} but is {array.ndim} for '{{{{node transpose}}}} = "
            f"Transpose' with input shapes: {brackets(array.shape)}, [{len(perm)}].",
        )
    for one in perm:
        if not -array.ndim <= one < array.ndim:
            raise Rejected(f"{one} is out of range [0 .. {array.ndim})")
    if len({one % array.ndim for one in perm}) != len(perm):
        missing = min(set(range(array.ndim)) - {one % array.ndim for one in perm})
        raise Rejected(f"{missing} is missing from {{{','.join(map(str, perm))}}}.")
    return np.transpose(array, perm)


def _inverse(perm: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(np.argsort([one % len(perm) for one in perm]).tolist()) if perm else ()


TRANSPOSE = Op(
    "Transpose",
    lambda array, perm: anp.transpose(array, perm),
    plain=_transpose,
    vjps=(lambda g, out, array, perm: anp.transpose(g, _inverse(perm)),),
    label="transpose",
)


CONJ = Op("Conj", anp.conj, plain=np.conj, vjps=(lambda g, out, array: anp.conj(g),))


@export("tf.transpose")
def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: str = "transpose") -> Tensor:
    """The axes in the order of `perm`, or reversed."""
    a = convert(a)
    order = tuple(reversed(range(a._array.ndim))) if perm is None else integers(perm)
    out: Tensor = call(TRANSPOSE, (a,), {"perm": order})
    if conjugate and out.dtype.is_complex:
        return call(CONJ, (out,))
    return out


def _expand(array: np.ndarray, axis: int) -> Any:
    if not -array.ndim - 1 <= axis <= array.ndim:
        raise Rejected(
            f"Tried to expand dim index {axis} for tensor with {array.ndim} dimensions.",
            static=f"dim {axis} not in the interval [{-array.ndim - 1}, {array.ndim}]. for "
            "'{{node ExpandDims}} = ExpandDims'",
        )
    return np.expand_dims(array, axis)


EXPAND_DIMS = Op(
    "ExpandDims",
    lambda array, axis: anp.expand_dims(array, axis),
    plain=_expand,
    vjps=(lambda g, out, array, axis: anp.reshape(g, array.shape),),
)


@export("tf.expand_dims")
def expand_dims(input: Any, axis: Any, name: str | None = None) -> Tensor:
    """One more axis, of size 1, at `axis`."""
    return call(EXPAND_DIMS, (convert(input),), {"axis": integer(axis)})


def _squeeze(array: np.ndarray, axis: tuple[int, ...]) -> Any:
    for one in axis:
        if not -array.ndim <= one < array.ndim:
            raise Rejected(
                f"Tried to squeeze dim index {one} for tensor with {array.ndim} dimensions."
            )
        if array.shape[one] != 1:
            raise Rejected(
                f"Can not squeeze dim[{one}], expected a dimension of 1, got {array.shape[one]}",
                static=f"Can not squeeze dim[{one}], expected a dimension of 1, got "
                f"{array.shape[one]} for '{{{{node Squeeze}}}} = Squeeze'",
            )
    return np.squeeze(array, axis or None)


SQUEEZE = Op(
    "Squeeze",
    lambda array, axis: anp.squeeze(array, axis or None),
    plain=_squeeze,
    vjps=(lambda g, out, array, axis: anp.reshape(g, array.shape),),
)


@export("tf.squeeze")
def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """Without the axes of size 1, or without those of them in `axis`."""
    axes = () if axis is None else integers(axis)
    return call(SQUEEZE, (convert(input),), {"axis": axes})


def _broadcast_to(array: np.ndarray, shape: tuple[int, ...]) -> Any:
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise Rejected(
            f"Incompatible shapes: {brackets(array.shape)} vs. {brackets(shape)}",
            static=f"Incompatible shapes: {brackets(array.shape)} vs. {brackets(shape)}",
        ) from None


BROADCAST_TO = Op(
    "BroadcastTo",
    lambda array, shape: array * anp.ones(shape, dtype=array.dtype),
    plain=_broadcast_to,
    vjps=(lambda g, out, array, shape: unbroadcast(g, array),),
)


@export("tf.broadcast_to")
def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """`input` repeated along new and size 1 axes."""
    sizes = integers(shape)
    input = convert(input)
    return call(BROADCAST_TO, (input,), {"shape": of_both(_with_own, sizes, sizes_of(input))})


def _with_own(sizes: tuple[int, ...], own: tuple[int, ...]) -> tuple[int, ...]:
    """`sizes`, with the tensor's own where they are -1."""
    before = len(sizes) - len(own)
    if before < 0:
        return tuple(sizes)
    return tuple(
        own[i - before] if size == -1 and i >= before else size for i, size in enumerate(sizes)
    )


# ------------------------------------------------------------------- join and split


def _pack(*arrays: np.ndarray, axis: int) -> Any:
    first = arrays[0].shape
    for number, one in enumerate(arrays):
        if one.shape != first:
            raise Rejected(
                f"Shapes of all inputs must match: values[0].shape = {brackets(first)} != "
                f"values[{number}].shape = {brackets(one.shape)}",
                static=_merging(first, one.shape, number),
            )
    return np.stack(arrays, axis)


def _merging(first: tuple[int, ...], other: tuple[int, ...], number: int) -> str:
    if len(first) != len(other):
        return f"Shapes must be equal rank, but are {len(first)} and {len(other)}"
    axis = next(i for i, (a, b) in enumerate(zip(first, other, strict=True)) if a != b)
    return (
        f"Dimension {axis} in both shapes must be equal, but are {first[axis]} and {other[axis]}. "
        f"Shapes are {brackets(first)} and {brackets(other)}.\n\tFrom merging shape 0 with other "
        "shapes. for '{{node stack}} = Pack'"
    )


class _Each:
    """One gradient rule for each of any number of inputs."""

    def __init__(self, rule: Any) -> None:
        self.rule = rule

    def __len__(self) -> int:
        return 1 << 30

    def __getitem__(self, position: int) -> Any:
        rule = self.rule
        return lambda g, out, *arrays, **attributes: rule(position, g, arrays, **attributes)


def _pack_back(position: int, g: Any, arrays: Any, axis: int) -> Any:
    index: list[Any] = [slice(None)] * (arrays[0].ndim + 1)
    index[axis] = position
    return g[tuple(index)]


PACK = Op(
    "Pack",
    lambda *arrays, axis: anp.stack(arrays, axis),
    plain=_pack,
    types=("T",),
    allowed=dtypes.ALL,
    vjps=_Each(_pack_back),  # type: ignore[arg-type]
    label="stack",
)


@export("tf.stack")
def stack(values: Any, axis: int = 0, name: str = "stack") -> Tensor:
    """Tensors of one shape along a new axis."""
    if isinstance(values, Tensor):
        values = [values[i] for i in range(values._array.shape[0])]
    values = list(values)
    if not values:
        return convert([])
    tensors = agreeing(values)
    rank = tensors[0]._array.ndim + 1
    if not -rank <= axis < rank:
        raise ValueError(f"Argument `axis` = {axis} not in range [{-rank}, {rank})")
    return call(PACK, tensors, {"axis": axis})


@export("tf.parallel_stack")
def parallel_stack(values: Any, name: str = "parallel_stack") -> Tensor:
    """`stack` along the first axis."""
    return stack(values)


def _concat(*arrays: np.ndarray, axis: int) -> Any:
    first = arrays[0]
    if not first.ndim:
        raise Rejected("ConcatOp : Can't concatenate scalars (use tf.stack instead)")
    if not -first.ndim <= axis < first.ndim:
        raise Rejected(
            f"ConcatOp : Expected concatenating dimensions in the range [{-first.ndim}, {first.ndim})"
            f", but got {axis}"
        )
    for number, one in enumerate(arrays):
        if one.ndim != first.ndim:
            raise Rejected(
                "ConcatOp : Ranks of all input tensors should match: shape[0] = "
                f"{brackets(first.shape)} vs. shape[{number}] = {brackets(one.shape)}"
            )
        for i in range(first.ndim):
            if i != axis % first.ndim and one.shape[i] != first.shape[i]:
                raise Rejected(
                    f"ConcatOp : Dimension {i} in both shapes must be equal: shape[0] = "
                    f"{brackets(first.shape)} vs. shape[{number}] = {brackets(one.shape)}",
                    static=f"Dimension {i} in both shapes must be equal, but are {first.shape[i]} and "
                    f"{one.shape[i]}. Shapes are {brackets(first.shape)} and {brackets(one.shape)}. "
                    "for '{{node concat}} = ConcatV2'",
                )
    return np.concatenate(arrays, axis)


def _concat_back(position: int, g: Any, arrays: Any, axis: int) -> Any:
    sizes = [one.shape[axis] for one in arrays[: position + 1]]
    index: list[Any] = [slice(None)] * g.ndim
    index[axis] = slice(sum(sizes[:-1]), sum(sizes))
    return g[tuple(index)]


CONCAT = Op(
    "ConcatV2",
    lambda *arrays, axis: anp.concatenate(arrays, axis),
    plain=_concat,
    types=("T",),
    allowed=dtypes.ALL,
    vjps=_Each(_concat_back),  # type: ignore[arg-type]
    label="concat",
)


@export("tf.concat")
def concat(values: Any, axis: Any, name: str = "concat") -> Tensor:
    """Tensors one after the other along an axis that they have."""
    if not isinstance(values, (list, tuple)):
        values = [values]
    tensors = agreeing(values)
    where = integer(axis)
    if len(tensors) == 1:
        return identity(tensors[0])
    if not tensors:
        raise InvalidArgumentError(
            None,
            None,
            "OpKernel 'ConcatV2' has constraint on attr 'T' not in NodeDef '[N=0, Tidx=DT_INT32]'",
        )
    return call(CONCAT, tensors, {"axis": where})


@export("tf.identity")
def identity(input: Any, name: str | None = None) -> Any:
    """The same value as another tensor."""
    if isinstance(input, IndexedSlices):
        return IndexedSlices(identity(input.values), identity(input.indices), input.dense_shape)
    try:
        tensor = convert(input)
    except ValueError as error:
        if state.graph is None or not isinstance(input, VariableLike):
            raise
        # op_def_library says which input it was
        raise ValueError(
            f"Tried to convert 'input' to a tensor and failed. Error: {error}"
        ) from error
    return call(IDENTITY, (tensor,))


Packing.pack = staticmethod(lambda items: call(PACK, items, {"axis": 0}))
Packing.cast = staticmethod(cast)
Packing.reshape = staticmethod(reshape)
Packing.transpose = staticmethod(transpose)
Adding.concat = staticmethod(lambda items: concat(items, 0))
