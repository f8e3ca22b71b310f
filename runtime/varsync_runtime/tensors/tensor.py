"""`tf.Tensor`: an ndarray, its dtype and the run in which it was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from varsync_runtime.tensors import state as _state
from varsync_runtime.tensors.dtypes import FROM_NUMPY, DType, bfloat16, rounded
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape, known
from varsync_runtime.tensors.types import TensorLike

DEVICE = "/job:localhost/replica:0/task:0/device:CPU:0"

state = _state.state
hooks = _state.hooks


_OPERATORS = """
add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv div rdiv mod rmod lt le gt ge ne eq
and rand or ror xor rxor getitem pow rpow invert neg abs matmul rmatmul
"""


@export("tf.Tensor")
class Tensor(TensorLike):
    """What ops take and give. `_array` is a plain ndarray that nobody writes in place.

    The operators are set by the modules that have the ops (`override_operator`).
    """

    __slots__ = ("__dict__", "__weakref__", "_array", "_stamp", "dtype")
    __module__ = "tensorflow.python.framework.tensor"
    __array_priority__ = 100
    OVERLOADABLE_OPERATORS = frozenset(f"__{name}__" for name in _OPERATORS.split())

    _array: np.ndarray
    _stamp: object
    """The replica run in which this tensor was made, None for the host's."""
    dtype: DType
    _of_gradient = False  # whether it was made of a gradient of its replica
    _gradient_of: int | None = None  # the number of the variable, if of one alone

    def __init__(self, array: np.ndarray, dtype: DType) -> None:
        self._array = array
        self.dtype = dtype
        self._stamp = state.stamp
        state.begun = True

    @property
    def shape(self) -> TensorShape:
        return known(self._array.shape)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    @property
    def device(self) -> str:
        return DEVICE

    @property
    def _id(self) -> int:
        return id(self)

    def _rank(self) -> int:
        return self._array.ndim

    def _shape_tuple(self) -> tuple[int, ...]:
        return self._array.shape

    def _shape_as_list(self) -> list[int]:
        return list(self._array.shape)

    @property
    def _shape(self) -> TensorShape:
        return self.shape

    def get_shape(self) -> TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Checks that `shape` is the tensor's; a tensor that has a value learns nothing."""
        if state.blanks is not None and state.blanks.asked:
            self._array = state.blanks.fitting(self._array, TensorShape(shape))
        elif not self.shape.is_compatible_with(shape):
            raise ValueError(
                f"Tensor's shape {self.shape} is not compatible with supplied shape {shape}."
            )

    def ref(self) -> Reference:
        """A hashable reference, equal for the same tensor."""
        return Reference(self)

    def experimental_ref(self) -> Reference:
        return self.ref()

    @staticmethod
    def _override_operator(operator: str, function: Callable[..., Any]) -> None:
        override_operator(operator, function)

    # ------------------------------------------------------------- to Python

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        del copy  # TensorFlow always copies
        return np.array(self._value(), dtype=dtype)

    def _numpy(self) -> Any:
        """The array itself, not a copy; the scalar when there are no dimensions."""
        array = self._array
        return array if array.ndim else array[()]

    def _value(self) -> Any:
        """What Python is told of the value; raises where there is none yet."""
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (self._array, self.dtype.name)

    def __copy__(self) -> Tensor:
        return type(self)(self._array, self.dtype)

    if TYPE_CHECKING:
        # what `ops.operators` sets
        def __add__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __rtruediv__(self, other: Any) -> Any: ...
        def __floordiv__(self, other: Any) -> Any: ...
        def __rfloordiv__(self, other: Any) -> Any: ...
        def __mod__(self, other: Any) -> Any: ...
        def __rmod__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...
        def __rpow__(self, other: Any) -> Any: ...
        def __matmul__(self, other: Any) -> Any: ...
        def __rmatmul__(self, other: Any) -> Any: ...
        def __and__(self, other: Any) -> Any: ...
        def __rand__(self, other: Any) -> Any: ...
        def __or__(self, other: Any) -> Any: ...
        def __ror__(self, other: Any) -> Any: ...
        def __xor__(self, other: Any) -> Any: ...
        def __rxor__(self, other: Any) -> Any: ...
        def __lt__(self, other: Any) -> Any: ...
        def __le__(self, other: Any) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...
        def __ge__(self, other: Any) -> Any: ...
        def __neg__(self) -> Any: ...
        def __abs__(self) -> Any: ...
        def __invert__(self) -> Any: ...

    def __getitem__(self, key: Any) -> Any:
        raise NotImplementedError("the ops are not imported")

    def __round__(self, digits: int | None = None) -> Any:
        return self.astype  # TensorFlow looks it up, and says what it says of NumPy's names

    def __hash__(self) -> int:
        raise TypeError("Tensor is unhashable. Instead, use tensor.ref() as the key.")

    def eval(self, feed_dict: Any = None, session: Any = None) -> NoReturn:
        raise NotImplementedError(
            "eval is not supported when eager execution is enabled, is .numpy() what you're "
            "looking for?"
        )

    def __getattr__(self, name: str) -> Any:
        if name in _NUMPY_NAMES:
            raise AttributeError(
                f"{type(self).__name__} object has no attribute '{name}'. "
                "\n        If you are looking for numpy-related methods, please run the "
                "following:\n        tf.experimental.numpy.experimental_enable_numpy_behavior()"
                "\n      "
            )
        raise AttributeError(f"'{self._class_name()}' object has no attribute '{name}'")

    def _class_name(self) -> str:
        return f"{type(self).__module__}.{type(self).__name__}"


_NUMPY_NAMES = frozenset(
    ("T", "astype", "ravel", "transpose", "reshape", "clip", "size", "tolist", "data")
)


class EagerTensor(Tensor):
    """A tensor whose value Python may see."""

    __slots__ = ()
    __module__ = "tensorflow.python.framework.ops"

    def __getattr__(self, name: str) -> Any:
        if name in OF_GRAPHS:
            raise AttributeError(f"Tensor.{name} is undefined when eager execution is enabled.")
        return super().__getattr__(name)

    def __deepcopy__(self, memo: Any) -> EagerTensor:
        del memo
        return type(self)(self._array, self.dtype)

    def __dlpack__(self, *, stream: Any = None) -> Any:
        return self._array.copy().__dlpack__(stream=stream)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._array.__dlpack_device__()

    def consumers(self) -> NoReturn:
        raise NotImplementedError("Tensor.consumers is undefined when eager execution is enabled.")

    @property
    def backing_device(self) -> str:
        return DEVICE

    @property
    def is_packed(self) -> bool:
        return False

    def _value(self) -> Any:
        if hooks.eager_read is not None:
            hooks.eager_read(self)
        return self._numpy()

    def numpy(self) -> Any:
        """The value as NumPy has it: a copy of the array, or a scalar."""
        value = self._value()
        return value.copy() if isinstance(value, np.ndarray) else value

    def cpu(self) -> EagerTensor:
        return self

    def gpu(self, gpu_index: int = 0) -> EagerTensor:
        del gpu_index
        return self

    def __bool__(self) -> bool:
        value = self._value()
        if isinstance(value, np.ndarray) and value.size > 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. "
                "Use a.any() or a.all()"
            )
        return bool(value)

    __nonzero__ = __bool__

    def __float__(self) -> float:
        return float(self._scalar())

    def __int__(self) -> int:
        return int(self._scalar())

    def __complex__(self) -> complex:
        return complex(self._scalar())

    def __index__(self) -> int:
        value = self._value()
        if isinstance(value, np.ndarray):
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return value.__index__()

    def _scalar(self) -> Any:
        value = self._value()
        if isinstance(value, np.ndarray):
            raise TypeError("only 0-dimensional arrays can be converted to Python scalars")
        return value

    def __format__(self, format_spec: str) -> str:
        return format(self._value(), format_spec)

    def __len__(self) -> int:
        if not self._array.ndim:
            raise TypeError("Scalar tensor has no `len()`")
        return self._array.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self._array.ndim:
            raise TypeError("Cannot iterate over a scalar tensor.")
        return (self[i] for i in range(self._array.shape[0]))

    def __str__(self) -> str:
        return f"tf.Tensor({_text(self)}, shape={self.shape}, dtype={self.dtype.name})"

    def __repr__(self) -> str:
        text = _text(self, is_repr=True)
        return f"<tf.Tensor: shape={self.shape}, dtype={self.dtype.name}, numpy={text}>"


def _text(tensor: EagerTensor, is_repr: bool = False) -> str:
    value = tensor._value()
    if not is_repr:
        text = str(value)
    elif np.isscalar(value) and not isinstance(value, bytes):
        text = repr(value.item())  # type: ignore[union-attr]
    else:
        text = repr(value)
    return "\n" + text if "\n" in text else text


OF_GRAPHS = ("op", "name", "graph", "value_index")


def _of_graphs(name: str) -> property:
    """An attribute that has no value here: `__getattr__` says why."""

    def get(tensor: EagerTensor) -> NoReturn:
        raise AttributeError(name)

    return property(get)


for _name in OF_GRAPHS:
    setattr(EagerTensor, _name, _of_graphs(_name))


class Operation:
    """What `symbolic.op` gives: as much of TensorFlow's as scripts look at."""

    __module__ = "tensorflow.python.framework.ops"

    def __init__(self, name: str, kind: str, graph: Any) -> None:
        self.name = name
        self.type = kind
        self.graph = graph

    def __repr__(self) -> str:
        return f"<tf.Operation '{self.name}' type={self.type}>"


class SymbolicTensor(Tensor):
    """A tensor of a graph that is built: it has a value, but Python must not see it."""

    __slots__ = ("_kind", "_name", "_second", "_static", "graph")
    __module__ = "tensorflow.python.framework.ops"

    def __init__(
        self,
        array: np.ndarray,
        dtype: DType,
        kind: str = "Placeholder",
        name: str | None = None,
        static: TensorShape | None = None,
    ) -> None:
        # without the base class's: every op of compiled code makes one
        self._array = array
        self.dtype = dtype
        self._stamp = state.stamp
        self.graph: Any = state.graph
        self._kind = kind
        self._name = name
        self._static = static
        self._second: np.ndarray | None = None

    @property
    def shape(self) -> TensorShape:
        if self._static is not None:
            return self._static
        sizes = self._array.shape
        if 0 in sizes and self.graph is not None and not self.graph.sized:
            # of what is made of a replica's empty batch; code must not take it for empty
            return TensorShape([size or None for size in sizes])
        return known(sizes)

    @property
    def name(self) -> str:
        """TensorFlow's name of the output; a number is put to it when it is first asked for."""
        if self._name is None:
            self._name = self.graph.unique_name(self._kind) if self.graph else self._kind
        return f"{self._name}:0"

    @property
    def op(self) -> Operation:
        return Operation(self.name[:-2], self._kind, self.graph)

    @property
    def value_index(self) -> int:
        return 0

    @property
    def device(self) -> str:
        return ""

    def consumers(self) -> list[Any]:
        return []

    def _value(self) -> Any:
        raise NotImplementedError(
            f"Cannot convert a symbolic tf.Tensor ({self.name}) to a numpy array. This error may "
            "indicate that you're trying to pass a Tensor to a NumPy call, which is not supported."
        )

    def _class_name(self) -> str:
        return type(self).__name__

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")

    def eval(self, feed_dict: Any = None, session: Any = None) -> NoReturn:
        raise ValueError(
            "Cannot evaluate tensor using `eval()`: No default session is registered. Use `with "
            "sess.as_default()` or pass an explicit session to `eval(session=sess)`"
        )

    def __bool__(self) -> bool:
        if hooks.symbolic_bool is not None:
            return hooks.symbolic_bool(self)
        return disallow("Using a symbolic `tf.Tensor` as a Python `bool`")

    __nonzero__ = __bool__

    def __iter__(self) -> Iterator[Any]:
        if hooks.symbolic_iter is not None:
            return hooks.symbolic_iter(self)
        return disallow("Iterating over a symbolic `tf.Tensor`")

    def __len__(self) -> int:
        raise TypeError(
            f"len is not well defined for a symbolic Tensor ({self.name}). "
            "Please call `x.shape` rather than `len(x)` for shape information."
        )

    def __format__(self, format_spec: str) -> str:
        return object.__format__(self, format_spec)

    def __str__(self) -> str:
        return f'Tensor("{self.name}", shape={self.shape}, dtype={self.dtype.name})'

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={self.shape} dtype={self.dtype.name}>"


def disallow(task: str) -> NoReturn:
    """What TensorFlow raises for Python control flow on a tensor where AutoGraph did not run."""
    from varsync_runtime.tensors.errors import OperatorNotAllowedInGraphError

    raise OperatorNotAllowedInGraphError(
        f"{task} is not allowed. You can attempt the following resolutions to the problem:"
        " If you are running in Graph mode, use Eager execution mode or decorate this function "
        "with @tf.function. If you are using AutoGraph, you can try decorating this function with "
        "@tf.function. If that does not work, then you may be using an unsupported feature or your "
        "source code may not be visible to AutoGraph. See https://github.com/tensorflow/tensorflow/"
        "blob/master/tensorflow/python/autograph/g3doc/reference/limitations.md#access-to-source-code "
        "for more information."
    )


class Reference:
    """A hashable wrapper of a tensor or a variable; equal if it wraps the same object."""

    __slots__ = ("_wrapped",)
    __module__ = "tensorflow.python.util.object_identity"

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped

    @property
    def unwrapped(self) -> Any:
        return self._wrapped

    def deref(self) -> Any:
        """The object that is wrapped."""
        return self._wrapped

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reference):
            return NotImplemented
        return self._wrapped is other._wrapped

    def __hash__(self) -> int:
        return id(self._wrapped)

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._wrapped!r}>"


def make(array: np.ndarray, dtype: DType, kind: str = "Const") -> Tensor:
    """The tensor of `array`, which has `dtype` already: symbolic while a graph is built."""
    if dtype is bfloat16:
        array = rounded(array)
    if state.graph is None:
        return EagerTensor(array, dtype)
    return SymbolicTensor(array, dtype, kind)


def wrap(array: Any, kind: str = "Const") -> Tensor:
    """The tensor of an array or NumPy scalar whose dtype TensorFlow has."""
    array = np.asarray(array)
    return make(array, FROM_NUMPY[array.dtype], kind)


def override_operator(operator: str, function: Callable[..., Any]) -> None:
    """Makes `function` the method `operator` (`"__add__"`) of tensors."""
    setattr(Tensor, operator, function)


def _unpickle(array: np.ndarray, name: str) -> Tensor:
    from varsync_runtime.tensors.dtypes import as_dtype

    return make(array, as_dtype(name))
