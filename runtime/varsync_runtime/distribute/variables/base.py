"""`tf.Variable`: the one class that scripts name, and what all variables have in common.

After tensorflow/python/ops/variables.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime import semantics
from varsync_runtime.distribute import ledger
from varsync_runtime.distribute.enums import (
    VariableAggregation,
    VariableAggregationV2,
    VariableSynchronization,
)
from varsync_runtime.function import graphs
from varsync_runtime.semantics import Operation, ReadForm
from varsync_runtime.tensors.dtypes import DType
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Reference, Tensor

Aggregations = VariableAggregation | VariableAggregationV2


class VariableMetaclass(type):
    """Calls of `tf.Variable` make a variable of the class that the current strategy gives it."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        make = cls.__dict__.get("_make")
        if make is not None:
            return make.__func__(*args, **kwargs)
        return super().__call__(*args, **kwargs)


class VariableBase(VariableLike, metaclass=VariableMetaclass):
    """What tf.Variable and tf.compat.v1.Variable have in common: everything."""

    dtype: DType
    trainable: bool
    name: str
    shape: TensorShape
    _variable_number: int
    _distribute_strategy: Any
    _in_table: semantics.Variable

    def __del__(self) -> None:
        ledger.let_go(self)

    def _number(self) -> int | None:
        return self._variable_number

    # Reading -------------------------------------------------------------------------------

    def value(self) -> Tensor:
        """The value, as a tensor."""
        raise NotImplementedError

    def read_value(self) -> Tensor:
        """The value, as a new tensor."""
        raise NotImplementedError

    def numpy(self) -> Any:
        """The value, as NumPy has it."""
        raise NotImplementedError

    def initialized_value(self) -> Tensor:
        """The value, where it can be told beforehand: not when eager."""
        raise NotImplementedError

    def load(self, value: Any, session: Any = None) -> None:
        """Assigns a value."""
        del session
        self._update(Operation.ASSIGN, value)

    def eval(self, session: Any = None) -> Any:
        """The value, as NumPy has it."""
        del session
        raise RuntimeError("This operation is not supported when eager execution is enabled.")

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """Rows of the value: of distributed variables in `extended.update` alone."""
        from varsync_runtime.distribute.variables import reading

        return reading.rows(self, indices, ReadForm.SPARSE_READ)

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        """Elements of the value: the same."""
        from varsync_runtime.distribute.variables import reading

        return reading.rows(self, indices, ReadForm.GATHER_ND)

    def __getitem__(self, key: Any) -> Any:
        from varsync_runtime.distribute.variables import updating

        return updating.slice_of(self, self._read(), key)

    def __tf_tensor__(self, dtype: DType | None = None, name: str | None = None) -> Tensor:
        del name
        from varsync_runtime.tensors.convert import convert

        return convert(self, dtype)

    def _dense_var_to_tensor(
        self, dtype: DType | None = None, name: str | None = None, as_ref: bool = False
    ) -> Tensor:
        del as_ref
        return self.__tf_tensor__(dtype, name)

    # Writing -------------------------------------------------------------------------------

    def _update(
        self, operation: Operation, value: Any, read_value: bool = True, **named: Any
    ) -> Any:
        """What all methods that write do."""
        from varsync_runtime.distribute.variables import updating

        graphs.used(self, written=True)
        return updating.update(self, operation, value, read_value, named)

    # What there is no second opinion about --------------------------------------------------

    @property
    def graph(self) -> Any:
        """The graph that is built."""
        if state.graph is None:
            raise AttributeError("Tensor.graph is undefined when eager execution is enabled.")
        return state.graph

    @property
    def initializer(self) -> Any:
        """The operation that initializes it: none."""
        return None

    @property
    def _in_graph_mode(self) -> bool:
        return False

    @property
    def synchronization(self) -> VariableSynchronization:
        """When the copies are brought together."""
        raise NotImplementedError

    @property
    def aggregation(self) -> Aggregations:
        """How what the replicas write becomes one value."""
        raise NotImplementedError

    def get_shape(self) -> TensorShape:
        """The shape."""
        return self.shape

    def ref(self) -> Reference:
        """A hashable reference."""
        return Reference(self)

    def experimental_ref(self) -> Reference:
        """The older name of `ref`."""
        return Reference(self)

    def __hash__(self) -> int:
        raise TypeError(
            f"Variable is unhashable. Instead, use variable.ref() as the key. (Variable: {self})"
        )

    # so that an array on the left leaves an operation to the variable
    __array_priority__ = 100

    def __eq__(self, other: object) -> Any:
        if other is None:
            raise ValueError(
                "Attempt to convert a value (None) with an unsupported type "
                f"({type(None)}) to a Tensor."
            )
        return Tensor.__eq__(self._read(), other)

    def __ne__(self, other: object) -> Any:
        if other is None:
            return self == other
        return Tensor.__ne__(self._read(), other)

    def __iter__(self) -> Any:
        return iter(self._read())

    def _should_act_as_resource_variable(self) -> None:
        """TensorFlow asks whether there is such a method."""

    def _array_now(self) -> np.ndarray:
        raise NotImplementedError


def _operator(name: str) -> Callable[..., Any]:
    def operator(self: VariableBase, *operands: Any) -> Any:
        return getattr(Tensor, name)(self._read(), *operands)

    operator.__name__ = name
    return operator


for _name in sorted(Tensor.OVERLOADABLE_OPERATORS - {"__eq__", "__ne__", "__getitem__"}):
    setattr(VariableBase, _name, _operator(_name))


@export("tf.Variable")
class Variable(VariableBase):
    """A variable. Its class depends on where it is made: see `variables.creation`."""

    __module__ = "tensorflow.python.ops.variables"

    @staticmethod
    def _make(*args: Any, **kwargs: Any) -> Any:
        from varsync_runtime.distribute import telling
        from varsync_runtime.distribute.variables import creation

        made = creation.from_call(*args, **kwargs)
        telling.swallowed(made, args, kwargs)
        return made


@export("tf.compat.v1.Variable")
class VariableV1(Variable):
    """The same for TensorFlow 1, where an argument says whether there are resources."""

    __module__ = "tensorflow.python.ops.variable_v1"

    @staticmethod
    def _make(*args: Any, **kwargs: Any) -> Any:
        from varsync_runtime.distribute.variables import creation

        kwargs.pop("use_resource", None)
        return creation.from_call(*args, **kwargs)
