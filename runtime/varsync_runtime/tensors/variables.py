"""Reading a variable so that the tapes know of it."""

from __future__ import annotations

import numpy as np

from varsync_runtime.tensors.dispatch import record
from varsync_runtime.tensors.passing import READ
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor, make


def accessed(variable: VariableLike) -> None:
    """Lets the open tapes watch a trainable variable that is about to be used."""
    if state.tapes and variable.trainable:
        for tape in state.tapes:
            tape.variable_accessed(variable)


def read(variable: VariableLike, array: np.ndarray | None = None) -> Tensor:
    """The tensor of a variable's value; its gradient is the variable's.

    `array` is the value if it is not `variable._array_now()` (a sum over replicas, say).
    """
    accessed(variable)
    value = variable._array_now() if array is None else array
    tensor = make(value, variable.dtype, "ReadVariableOp")
    if state.tapes:
        record(READ, (variable._tape_key(),), (tensor,), {})
    return tensor
