"""Variables of which there is one copy, and the copies that distributed variables are made of.

After tensorflow/python/ops/resource_variable_ops.py.
"""

from __future__ import annotations

import copy
import functools
import weakref
from typing import Any

import numpy as np

from varsync_runtime import events, semantics
from varsync_runtime.distribute import ledger
from varsync_runtime.distribute.enums import (
    VariableSynchronization,
)
from varsync_runtime.distribute.rounds import current_run
from varsync_runtime.distribute.variables import kernels
from varsync_runtime.distribute.variables.base import Aggregations, Variable
from varsync_runtime.function import control, graphs, undo
from varsync_runtime.semantics import Operation
from varsync_runtime.tensors import variables as tensor_variables
from varsync_runtime.tensors.dtypes import DType, bfloat16, resource, rounded
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import DEVICE, OF_GRAPHS, Tensor, _text
from varsync_runtime.tensors.types import CompositeTensor

_TF = "tensorflow.python.ops.resource_variable_ops"


class Properties:
    """What a variable is made with, apart from its value."""

    __slots__ = (
        "aggregation", "caching_device", "constraint", "dtype", "name", "shape",
        "synchronization", "trainable",
    )  # fmt: skip

    def __init__(
        self,
        *,
        name: str,
        dtype: DType,
        shape: TensorShape,
        trainable: Any,
        synchronization: VariableSynchronization,
        aggregation: Aggregations,
        constraint: Any = None,
        caching_device: Any = None,
    ) -> None:
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.trainable = trainable
        self.synchronization = synchronization
        self.aggregation = aggregation
        self.constraint = constraint
        self.caching_device = caching_device

    def renamed(self, name: str) -> Properties:
        """The same under another name."""
        other = copy.copy(self)
        other.name = name
        return other


class BaseResourceVariable(Variable):
    """One value: a variable of its own, or a copy of a distributed one.

    `_home` is the replica whose process holds a copy's value; None for a variable of its own, of
    which every process holds the value.
    """

    __module__ = _TF
    _private = False
    """Whether a replica made it by itself: then the others have others."""

    def __init__(
        self,
        properties: Properties,
        array: np.ndarray,
        in_table: semantics.Variable,
        strategy: Any = None,
        home: int | None = None,
        device: str = DEVICE,
    ) -> None:
        self._properties = properties
        self.dtype = properties.dtype
        self.trainable = properties.trainable
        self._array = array
        self._in_table = in_table
        self._strategy = strategy
        self._home = home
        self._device = device
        self._container: weakref.ref[Any] | None = None
        self._variable_number = -1 if home is not None else ledger.enter(self)
        self._unique = f"{self._shared_name}_{self._variable_number}"
        self._initial = None

    def _properties_to_send(self) -> dict[str, Any]:
        """What another process needs to make this variable, apart from its value."""
        return {
            name: getattr(self._properties, name)
            for name in Properties.__slots__
            if name not in ("constraint", "caching_device")
        }

    # What it is ----------------------------------------------------------------------------

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name, with the `:0` of an output."""
        return f"{self._properties.name}:0"

    @property
    def _shared_name(self) -> str:
        return self._properties.name

    @property
    def _unique_id(self) -> str:
        return self._unique

    @property
    def shape(self) -> TensorShape:  # type: ignore[override]
        """The shape it was made with."""
        return self._properties.shape

    def set_shape(self, shape: Any) -> None:
        """Says more of a shape that is partly unknown."""
        self._properties = copy.copy(self._properties)
        self._properties.shape = self._properties.shape.merge_with(shape)

    @property
    def synchronization(self) -> VariableSynchronization:
        return self._properties.synchronization

    @property
    def aggregation(self) -> Aggregations:
        return self._properties.aggregation

    @property
    def constraint(self) -> Any:
        """The function that optimizers apply after an update."""
        return self._properties.constraint

    @property
    def device(self) -> str:
        """Where TensorFlow would have put it."""
        return self._device

    @property
    def handle(self) -> Any:
        """What raw operations take for the variable."""
        return Handle(self)

    @property
    def _distribute_strategy(self) -> Any:
        return self._strategy

    @property
    def op(self) -> Any:
        """Its handle's operation."""
        return self.handle.op

    @property
    def create(self) -> Any:
        """The operation that makes it: none."""
        return None

    @property
    def initial_value(self) -> Any:
        """Not kept when eager."""
        raise RuntimeError("This property is not supported when eager execution is enabled.")

    def is_initialized(self, name: str | None = None) -> Tensor:
        """Whether it has a value: always."""
        del name
        from varsync_runtime.tensors.convert import convert

        return convert(True)

    _distributed_container: weakref.ref[Any]
    """Only copies of a distributed variable have it, as in TensorFlow."""

    def _of_distributed(self) -> Any:
        """The distributed variable that this is a copy of; None if it is of none."""
        return self._container() if self._container is not None else None

    def _number(self) -> int | None:
        whole = self._of_distributed()
        return self._variable_number if whole is None else whole._number()

    # Reading -------------------------------------------------------------------------------

    def _local_array(self) -> np.ndarray:
        """What this process holds."""
        return self._array

    def _array_now(self) -> np.ndarray:
        from varsync_runtime.distribute.variables import reading

        return reading.single(self)

    def _read(self) -> Tensor:
        graphs.used(self, written=False)
        return tensor_variables.read(self)

    def value(self) -> Tensor:
        return self._read()

    def read_value(self) -> Tensor:
        return self._read()

    def read_value_no_copy(self) -> Tensor:
        """The value, as a tensor."""
        return self._read()

    def numpy(self) -> Any:
        if state.graph is not None:
            raise NotImplementedError("numpy() is only available when eager execution is enabled.")
        return self._read().numpy()

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        del copy
        return np.asarray(self.numpy(), dtype=dtype)  # type: ignore[no-any-return]

    def __bool__(self) -> bool:
        return bool(self._read())

    __nonzero__ = __bool__

    def __float__(self) -> float:
        read = self._read()
        return float(read if control.is_cast(float) else read.numpy())

    def __int__(self) -> int:
        read = self._read()
        return int(read if control.is_cast(int) else read.numpy())

    def __complex__(self) -> complex:
        return complex(self._read().numpy())

    # Writing -------------------------------------------------------------------------------

    def _write(self, operation: Operation, value: Any, name: str | None = None) -> None:
        """Writes here and now, whatever the context; `name` is for messages."""
        new = kernels.result(self, operation, value, name or self.name)
        if self.dtype is bfloat16:
            new = rounded(new)
        undo.log(self, self._array)
        self._array = new

    def _hold(self, array: np.ndarray) -> None:
        """Takes over what another process wrote."""
        undo.log(self, self._array)
        self._array = array

    def __iadd__(self, other: Any) -> Any:
        from varsync_runtime.distribute.variables import updating

        updating.refuse(self, Operation.AUGMENTED_ASSIGNMENT)
        return self + other

    __isub__ = __imul__ = __itruediv__ = __ipow__ = __iadd__

    def count_up_to(self, limit: int) -> Tensor:
        """Adds one as long as the limit is not reached; what it was before."""
        before = self.read_value()
        self._update(Operation.COUNT_UP_TO, limit)
        return before

    # Other ---------------------------------------------------------------------------------

    def __copy__(self) -> Any:
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        from varsync_runtime.distribute.variables import updating

        updating.refuse(self, Operation.DEEPCOPY)
        array = self._array_now() if self._home is None else self._array
        copied = type(self)(
            self._properties, array, self._in_table, self._strategy, self._home,
            self._device,
        )  # fmt: skip
        memo[id(self)] = copied
        copied._private = current_run() is not None
        return copied

    def __reduce__(self) -> Any:
        return _unpickled, (self.numpy(), self._properties.name, self.trainable)

    def __repr__(self) -> str:
        start = f"<tf.Variable '{self.name}' shape={self.get_shape()} dtype={self.dtype.name}"
        if state.graph is not None:
            return f"{start}>"
        return f"{start}, numpy={_text(self.read_value(), is_repr=True)}>"  # type: ignore[arg-type]

    __str__ = __repr__


def _unpickled(value: Any, name: str, trainable: bool) -> Any:
    return Variable(value, name=name, trainable=trainable)


def _assign(operation: Operation) -> Any:
    def method(
        self: Any,
        value: Any,
        use_locking: Any = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        return self._update(
            operation, value, read_value=read_value, use_locking=use_locking, name=name
        )

    return method


def _assign_delta(operation: Operation) -> Any:
    def method(
        self: Any,
        delta: Any,
        use_locking: Any = None,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        return self._update(
            operation, delta, read_value=read_value, use_locking=use_locking, name=name
        )

    return method


def _scatter(operation: Operation) -> Any:
    def method(
        self: Any, sparse_delta: Any, use_locking: Any = False, name: str | None = None
    ) -> Any:
        return self._update(operation, sparse_delta, use_locking=use_locking, name=name)

    return method


def _nd_scatter(operation: Operation) -> Any:
    def method(self: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self._update(operation, (indices, updates), name=name)

    return method


def with_updates(cls: type, delta: bool = False) -> None:
    """Gives a class the methods that write."""
    increment = _assign_delta if delta else _assign
    setattr(cls, Operation.ASSIGN.value, _assign(Operation.ASSIGN))
    for operation in (Operation.ASSIGN_ADD, Operation.ASSIGN_SUB):
        setattr(cls, operation.value, increment(operation))
    for operation in kernels.SCATTERS:
        setattr(cls, operation.value, _scatter(operation))
    for operation in kernels.ND_SCATTERS:
        setattr(cls, operation.value, _nd_scatter(operation))


with_updates(BaseResourceVariable, delta=True)


class ResourceVariable(BaseResourceVariable, CompositeTensor):
    """A variable as TensorFlow makes it without a strategy, or a copy of a distributed one."""

    __module__ = _TF
    _is_cast_to_itself = True


class UnliftedInitializerVariable(ResourceVariable):
    """A variable that a `tf.function` makes on its first call."""

    __module__ = "tensorflow.python.eager.polymorphic_function.polymorphic_function"


class UninitializedVariable(BaseResourceVariable):
    """A variable that came out of a SavedModel."""

    __module__ = _TF


class _UnreadVariable(BaseResourceVariable):
    """What `assign` returns: the variable that was written, to be read."""

    __module__ = _TF
    _is_unread = True

    def __init__(self, parent: BaseResourceVariable) -> None:
        self._parent = parent
        self.dtype = parent.dtype
        self.trainable = parent.trainable
        self._in_table = parent._in_table
        self._strategy = parent._strategy
        self._home = parent._home
        self._device = parent._device
        self._container = parent._container
        self._variable_number = parent._variable_number

    @functools.cached_property
    def _properties(self) -> Properties:  # type: ignore[override]
        return self._parent._properties.renamed("UnreadVariable")

    @property
    def _array(self) -> np.ndarray:
        return self._parent._array

    @_array.setter
    def _array(self, array: np.ndarray) -> None:
        self._parent._array = array

    def _array_now(self) -> np.ndarray:
        return self._parent._array_now()

    def _read(self) -> Tensor:
        return self._parent._read()

    def _update(
        self, operation: Operation, value: Any, read_value: bool = True, **named: Any
    ) -> Any:
        return self._parent._update(operation, value, read_value, **named)

    @property
    def handle(self) -> Any:
        return self._parent.handle

    def _tape_key(self) -> Any:
        return self._parent._tape_key()

    @property
    def _unique_id(self) -> str:
        return self._parent._unique_id


class Handle:
    """What raw operations take for a variable."""

    __slots__ = ("_variable",)
    __module__ = "tensorflow.python.framework.ops"

    def __init__(self, variable: BaseResourceVariable) -> None:
        self._variable = variable

    def __getattr__(self, name: str) -> Any:
        if name in OF_GRAPHS:
            raise AttributeError(f"Tensor.{name} is undefined when eager execution is enabled.")
        # only handles of copies have it, and Keras asks whether it is there
        if name == "_distributed_container" and self._variable._container is not None:
            return self._variable._container
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    @property
    def dtype(self) -> DType:
        """The dtype of handles."""
        return resource

    @property
    def shape(self) -> TensorShape:
        """A handle is a scalar."""
        return TensorShape(())

    @property
    def device(self) -> str:
        """Where the variable is."""
        return self._variable.device

    @property
    def op(self) -> Any:
        """The operation that made it."""
        from varsync_runtime.tensors.tensor import Operation as Op

        if state.graph is None:
            raise AttributeError("op")
        return Op(self._variable._shared_name, "VarHandleOp", state.graph)

    @property
    def name(self) -> str:
        """The variable's name."""
        return self._variable.name

    def __repr__(self) -> str:
        return f'<ResourceHandle(name="{self._variable._shared_name}")>'


def site() -> events.Site:
    """The user's line."""
    return events.here()
