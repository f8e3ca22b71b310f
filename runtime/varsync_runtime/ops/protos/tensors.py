"""`TensorProto`: a tensor as a message; `tf.make_tensor_proto`, `tf.io.serialize_tensor` and back."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from varsync_runtime.ops.protos.messages import Field, Message
from varsync_runtime.ops.protos.wire import DecodeError
from varsync_runtime.tensors import blanks, dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import reject
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor, make

CODES = {one.as_datatype_enum: one for one in dtypes.ALL}


class Dim(Message):
    __module__ = "tensorflow.core.framework.tensor_shape_pb2"
    FULL_NAME = "tensorflow.TensorShapeProto.Dim"
    FIELDS = (Field(1, "size", "int64"), Field(2, "name", "string"))


class TensorShapeProto(Message):
    __module__ = "tensorflow.core.framework.tensor_shape_pb2"
    FULL_NAME = "tensorflow.TensorShapeProto"
    FIELDS = (Field(2, "dim", Dim, repeated=True), Field(3, "unknown_rank", "bool"))


class TensorProto(Message):
    __module__ = "tensorflow.core.framework.tensor_pb2"
    FULL_NAME = "tensorflow.TensorProto"
    FIELDS = (
        Field(
            1, "dtype", tuple((number, f"DT_{one._word.upper()}") for number, one in CODES.items())
        ),
        Field(2, "tensor_shape", TensorShapeProto),
        Field(3, "version_number", "int32"),
        Field(4, "tensor_content", "bytes"),
        Field(5, "float_val", "float", repeated=True),
        Field(6, "double_val", "double", repeated=True),
        Field(7, "int_val", "int32", repeated=True),
        Field(8, "string_val", "bytes", repeated=True),
        Field(9, "scomplex_val", "float", repeated=True),
        Field(10, "int64_val", "int64", repeated=True),
        Field(11, "bool_val", "bool", repeated=True),
        Field(12, "dcomplex_val", "double", repeated=True),
        Field(13, "half_val", "int32", repeated=True),
        Field(16, "uint32_val", "int64", repeated=True),
        Field(17, "uint64_val", "uint64", repeated=True),
    )


_LISTS = {
    "float32": "float_val", "float64": "double_val", "int32": "int_val", "int16": "int_val",
    "int8": "int_val", "uint8": "int_val", "uint16": "int_val", "string": "string_val",
    "complex64": "scomplex_val", "complex128": "dcomplex_val", "int64": "int64_val",
    "bool": "bool_val", "float16": "half_val", "bfloat16": "half_val", "uint32": "uint32_val",
    "uint64": "uint64_val",
}  # fmt: skip


def _shape(sizes: Any) -> TensorShapeProto:
    return TensorShapeProto(dim=[Dim(size=int(one)) for one in sizes])


def _entries(array: np.ndarray) -> list[Any]:
    """The elements as the lists of the message have them."""
    flat = array.reshape(-1)
    if array.dtype.kind == "c":
        return [part for one in flat.tolist() for part in (one.real, one.imag)]
    if array.dtype == np.float16:
        return flat.view(np.uint16).tolist()
    return flat.tolist()


def proto_of(tensor: Tensor, content: bool) -> TensorProto:
    """The message of a tensor; `content`: as raw bytes, where the dtype has some."""
    made = TensorProto(dtype=tensor.dtype.as_datatype_enum)
    made.tensor_shape.CopyFrom(_shape(tensor._array.shape))
    made.tensor_shape.SetInParent()
    array = _stored(tensor)
    if content and tensor.dtype is not dtypes.string:
        made.tensor_content = array.tobytes()
    else:
        getattr(made, _LISTS[tensor.dtype.name]).extend(_entries(array))
    return made


def _stored(tensor: Tensor) -> np.ndarray:
    """The array as it is in files: a bfloat16 has two bytes."""
    if tensor.dtype is not dtypes.bfloat16:
        return tensor._array
    return (tensor._array.view(np.uint32) >> 16).astype(np.uint16)


def array_of(proto: TensorProto) -> tuple[np.ndarray, dtypes.DType]:
    """The array of a message, and its dtype."""
    dtype = CODES[proto.dtype]
    sizes = [one.size for one in proto.tensor_shape.dim]
    is_bfloat16 = dtype is dtypes.bfloat16
    kind = np.dtype(np.uint16) if is_bfloat16 else np.dtype(dtype._array_type)
    if proto.tensor_content:
        array = np.frombuffer(proto.tensor_content, kind)
    else:
        values = list(getattr(proto, _LISTS[dtype.name]))
        if dtype.is_complex:
            values = [complex(*pair) for pair in zip(values[::2], values[1::2], strict=True)]
        if dtype is dtypes.float16:
            array = np.array(values, np.uint16).view(kind)
        else:
            array = np.empty(len(values), kind)
            array[:] = values
        count = int(np.prod(sizes))
        # the last one stands for all that follow
        array = np.concatenate([array, np.repeat(array[-1:], max(count - len(array), 0))])
        if not len(array):
            array = np.resize(dtypes.blank([1], dtype), count)
    if is_bfloat16:
        array = (array.astype(np.uint32) << 16).view(np.float32)
    return array.reshape(sizes).copy(), dtype


@export("tf.make_tensor_proto")
def make_tensor_proto(
    values: Any,
    dtype: Any = None,
    shape: Any = None,
    verify_shape: bool = False,
    allow_broadcast: bool = False,
) -> TensorProto:
    """tensorflow/python/framework/tensor_util.py, `make_tensor_proto`."""
    if isinstance(values, TensorProto):
        return values
    tensor = convert(values, None if dtype is None else as_dtype(dtype))
    have = tensor._array.shape
    sizes = have if shape is None else tuple(int(one) for one in shape)
    if shape is not None and sizes != have:
        if verify_shape:
            raise TypeError(f"Expected Tensor's shape: {sizes}, but got {have}.")
        if tensor._array.size not in (1, int(np.prod(sizes))):
            raise ValueError(
                f"Too many elements provided. Takes at most {int(np.prod(sizes))}, but got "
                f"{tensor._array.size}."
            )
    made = proto_of(tensor, content=tensor._array.size > 1 and tensor._array.size == np.prod(sizes))
    made.tensor_shape.CopyFrom(_shape(sizes))
    made.tensor_shape.SetInParent()
    return made


@export("tf.make_ndarray")
def make_ndarray(tensor: Any) -> np.ndarray:
    """The array of a TensorProto."""
    tensor.tensor_shape  # noqa: B018 - anything else has none, and Python says so
    return array_of(tensor)[0]


@export("tf.io.serialize_tensor")
def serialize_tensor(tensor: Any, name: str | None = None) -> Tensor:
    """The bytes of a tensor's message."""
    return convert(proto_of(convert(tensor), content=True).SerializeToString())


@export("tf.io.parse_tensor")
def parse_tensor(serialized: Any, out_type: Any, name: str | None = None) -> Tensor:
    """The tensor of such bytes."""
    wanted = as_dtype(out_type)
    data: bytes = convert(serialized)._array.item()
    unknown = blanks.result(None, wanted)
    if unknown is not None:
        return unknown
    try:
        proto = TensorProto.FromString(data)
    except DecodeError:
        text = base64.b64encode(data).decode()
        words = f"Could not parse `serialized` as TensorProto, base64: {text}"
        raise reject("ParseTensor", words, label=None) from None
    array, dtype = array_of(proto)
    if dtype is not wanted:
        raise reject(
            "ParseTensor",
            f"Type mismatch between parsed tensor ({dtype._word}) and dtype ({wanted._word})",
        )
    return make(array, dtype)
