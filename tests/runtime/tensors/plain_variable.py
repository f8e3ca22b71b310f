"""The least that a variable is: what tapes and conversion ask of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from varsync_runtime.ops.operators import OPERATORS
from varsync_runtime.tensors import variables
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.tensor import Tensor


class PlainVariable(VariableLike):
    """A value with a name."""

    def __init__(self, value: Any, trainable: bool = True, name: str = "Variable") -> None:
        tensor = convert(value)
        self._value, self.dtype, self.trainable = tensor._array, tensor.dtype, trainable
        self.shape, self.name = tensor.shape, f"{name}:0"

    def _array_now(self) -> np.ndarray:
        return self._value

    def _read(self) -> Tensor:
        return variables.read(self)

    def __repr__(self) -> str:
        value = self._value if self._value.ndim else self._value[()]
        return (
            f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}, numpy={value}>"
        )

    __hash__ = object.__hash__


for _name, _operator in OPERATORS.items():
    if _name not in ("__eq__", "__ne__"):
        setattr(PlainVariable, _name, _operator)
