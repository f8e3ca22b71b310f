"""TensorFlow's element types: the names, what NumPy calls them, what kind they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.exports import provide

_TF = "tensorflow.python.framework.dtypes"


class DTypeMeta(type):
    """The class of `DType`, named because `type(tf.DType)` is printed by some scripts."""


class DType(metaclass=DTypeMeta):
    """The type of a tensor's elements. There is one instance a name; compare with `is` or `==`."""

    __slots__ = (
        "__weakref__",
        "_array_type",
        "_number",
        "_numpy",
        "_word",
        "is_floating",
        "is_integer",
        "name",
    )

    def __init__(self, name: str, number: int, numpy_type: Any, word: str, kind: str) -> None:
        self.name = name
        self.is_floating = kind == "floating"
        self.is_integer = kind == "integer"
        self._number = number
        self._numpy = numpy_type
        self._word = word
        """What TensorFlow's C++ messages call it: `float` for float32."""
        self._array_type: Any = None if numpy_type is None else np.dtype(numpy_type)

    @property
    def as_numpy_dtype(self) -> Any:
        """The NumPy scalar type, `object` for strings."""
        if self._numpy is None:
            raise NotModelled(f"tf.{self.name}")
        return self._numpy

    @property
    def as_datatype_enum(self) -> int:
        return self._number

    @property
    def is_numpy_compatible(self) -> bool:
        return self not in (resource, variant)

    @property
    def is_complex(self) -> bool:
        return self in (complex64, complex128)

    @property
    def is_bool(self) -> bool:
        return self is bool_

    @property
    def is_quantized(self) -> bool:
        return self.name.startswith("q")

    @property
    def is_unsigned(self) -> bool:
        return self.is_integer and self.name.startswith("u")

    @property
    def is_numeric(self) -> bool:
        return self.is_floating or self.is_integer or self.is_complex or self.is_quantized

    @property
    def _is_ref_dtype(self) -> bool:
        return False

    @property
    def base_dtype(self) -> DType:
        return self

    @property
    def real_dtype(self) -> DType:
        return {complex64: float32, complex128: float64}.get(self, self)

    @property
    def size(self) -> int:
        """The bytes of one element; 1 where TensorFlow has no fixed number."""
        if self is bfloat16:
            return 2
        if self is string:
            return 0
        return 1 if self._array_type is None else int(self._array_type.itemsize)

    @property
    def min(self) -> Any:
        return self._limit("min")

    @property
    def max(self) -> Any:
        return self._limit("max")

    def _limit(self, side: str) -> Any:
        if self is bfloat16:
            # as many digits less as the mantissa is shorter
            largest = np.float32((2 - 2.0**-7) * 2.0**127)
            return largest if side == "max" else -largest
        if self.is_floating:
            return self.as_numpy_dtype(getattr(np.finfo(self.as_numpy_dtype), side))
        if self.is_integer:
            return int(getattr(np.iinfo(self.as_numpy_dtype), side))
        if self is bool_:
            return side == "max"
        raise TypeError(f"Cannot find {side}imum value of {self!r}.")

    @property
    def limits(self) -> tuple[Any, Any]:
        """The range of pixels of the type: -1 to 1 of floats, and nothing below 0."""
        if self.is_floating:
            return -1, 1
        if not (self.is_integer or self.is_bool):
            raise ValueError(f"{self} does not have defined limits.")
        return (False, True) if self.is_bool else (0, self.max)

    def is_compatible_with(self, other: Any) -> bool:
        return as_dtype(other) is self

    def is_subtype_of(self, other: Any) -> bool:
        """Whether it is the same type."""
        return self == other

    def most_specific_common_supertype(self, types: Iterable[Any]) -> DType | None:
        """This type, if the others are the same; None if there is none for all of them."""
        return self if all(self == other for other in types) else None

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is str:
            return _BY_NAME.get(other) is self
        if other is None:
            return False
        try:
            return as_dtype(other) is self
        except TypeError:
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    # the dispatcher looks signatures up by it at every op: the C slot is ten times as quick
    __hash__ = object.__hash__

    def __int__(self) -> int:
        return self._number

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: '{self.name}'>"

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)


DTypeMeta.__module__ = DType.__module__ = _TF

float32 = DType("float32", 1, np.float32, "float", "floating")
float64 = DType("float64", 2, np.float64, "double", "floating")
int32 = DType("int32", 3, np.int32, "int32", "integer")
uint8 = DType("uint8", 4, np.uint8, "uint8", "integer")
int16 = DType("int16", 5, np.int16, "int16", "integer")
int8 = DType("int8", 6, np.int8, "int8", "integer")
string = DType("string", 7, object, "string", "")
complex64 = DType("complex64", 8, np.complex64, "complex64", "complex")
int64 = DType("int64", 9, np.int64, "int64", "integer")
bool_ = DType("bool", 10, np.bool_, "bool", "")
qint8 = DType("qint8", 11, None, "qint8", "quantized")
quint8 = DType("quint8", 12, None, "quint8", "quantized")
qint32 = DType("qint32", 13, None, "qint32", "quantized")
# NumPy has none: its numbers are held as float32, and rounded wherever they come from
bfloat16 = DType("bfloat16", 14, np.float32, "bfloat16", "floating")
qint16 = DType("qint16", 15, None, "qint16", "quantized")
quint16 = DType("quint16", 16, None, "quint16", "quantized")
uint16 = DType("uint16", 17, np.uint16, "uint16", "integer")
complex128 = DType("complex128", 18, np.complex128, "complex128", "complex")
float16 = DType("float16", 19, np.float16, "half", "floating")
resource = DType("resource", 20, None, "resource", "")
variant = DType("variant", 21, None, "variant", "")
uint32 = DType("uint32", 22, np.uint32, "uint32", "integer")
uint64 = DType("uint64", 23, np.uint64, "uint64", "integer")

ALL = (
    float32, float64, int32, uint8, int16, int8, string, complex64, int64, bool_, qint8, quint8,
    qint32, bfloat16, qint16, quint16, uint16, complex128, float16, resource, variant, uint32,
    uint64,
)  # fmt: skip
_ALIASES = {
    "half": float16, "double": float64, "float": float32, "str": string, "object": string,
}  # fmt: skip
_BY_NAME = {one.name: one for one in ALL} | _ALIASES
_BY_NUMBER = {one.as_datatype_enum: one for one in ALL}
FROM_NUMPY: dict[Any, DType] = {
    one._array_type: one for one in ALL if one._array_type is not None and one is not bfloat16
}
_BY_CLASS: dict[Any, DType] = {
    float: float32, bool: bool_, object: string,
}  # fmt: skip


def rounded(array: np.ndarray) -> np.ndarray:
    """Float32 numbers as bfloat16 has them: the nearest, of two the even one."""
    bits = np.ascontiguousarray(array, dtype=np.float32).view(np.uint32)
    up = np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    short = np.where(np.isnan(array), bits, bits + up) & np.uint32(0xFFFF0000)
    return short.view(np.float32).reshape(np.shape(array))


def blank(shape: Sequence[int], dtype: DType) -> np.ndarray:
    """Zeros; of strings, empty ones."""
    return np.full(shape, b"" if np.dtype(dtype._array_type).hasobject else 0, dtype._array_type)


def as_dtype(type_value: Any) -> DType:
    """The DType that `type_value` names: a DType, a name, a number, a NumPy or Python type."""
    kind = type(type_value)
    if kind is DType:
        return type_value
    if kind is str and type_value in _BY_NAME:
        return _BY_NAME[type_value]
    try:
        if kind is int:
            return _BY_NUMBER[type_value]
        if isinstance(type_value, str):
            return _BY_NAME[type_value]
        if type_value in _BY_CLASS:
            return _BY_CLASS[type_value]
        # a dtype of NumPy's is equal to the Python type that it stands for
        if any(type_value is one for one in (None, int, complex, str, bytes)):
            raise KeyError
    except (KeyError, TypeError):
        pass
    else:
        found = _from_numpy(type_value)
        if found is not None:
            return found
        inner = getattr(type_value, "dtype", None)
        if inner is not None and inner is not type_value and not isinstance(type_value, type):
            return as_dtype(inner)
    raise TypeError(
        f"Cannot convert the argument `type_value`: {type_value!r} to a TensorFlow DType."
    )


def _from_numpy(type_value: Any) -> DType | None:
    try:
        numpy_type = np.dtype(type_value)
    except TypeError:
        return None
    if numpy_type.kind in "SU":
        return string
    return FROM_NUMPY.get(numpy_type)


for _one in ALL:
    provide(f"tf.{_one.name}", _one)
    provide(f"tf.dtypes.{_one.name}", _one)
for _name in ("half", "double"):
    provide(f"tf.{_name}", _ALIASES[_name])
    provide(f"tf.dtypes.{_name}", _ALIASES[_name])
provide("tf.DType", DType)
provide("tf.dtypes.DType", DType)
provide("tf.as_dtype", as_dtype)
provide("tf.dtypes.as_dtype", as_dtype)
