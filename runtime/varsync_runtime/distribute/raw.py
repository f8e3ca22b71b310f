"""`tf.raw_ops` on a variable's handle: they know nothing of replicas.

After tensorflow/core/kernels/resource_variable_ops.cc.
"""

from __future__ import annotations

from typing import Any

from varsync_runtime.distribute import telling
from varsync_runtime.distribute.variables import updating
from varsync_runtime.distribute.variables.plain import BaseResourceVariable, Handle
from varsync_runtime.distribute.where import context_of
from varsync_runtime.semantics import Context, Operation, Raises, Updated, ValueKind
from varsync_runtime.tensors import variables as tensor_variables
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor


def variable_of(resource: Any) -> BaseResourceVariable:
    """The variable, or the copy, of a handle."""
    if isinstance(resource, BaseResourceVariable):
        return resource
    if isinstance(resource, Handle):
        return resource._variable
    raise ValueError(f"not a handle of a variable: {resource!r}")


def write(resource: Any, operation: Operation, value: Any) -> None:
    """Writes through a handle: for a distributed variable, the copy whose handle it is."""
    variable = variable_of(resource)
    container = variable._of_distributed()
    owner = variable if container is None else container
    context = context_of(owner)
    outcome = updating.ask(owner, operation, context, ValueKind.TENSOR)
    if isinstance(outcome, Raises):
        raise updating.refused(owner, outcome, operation, context, value)
    assert isinstance(outcome, Updated)
    updating.carry_out(owner, outcome.rule, operation, value, context)
    telling.written(owner, operation.value, context, outcome.rule)


@export("tf.raw_ops.ReadVariableOp")
def ReadVariableOp(resource: Any, dtype: Any, name: str | None = None) -> Tensor:
    """The value of the copy."""
    variable = variable_of(resource)
    owner = variable._of_distributed()
    if owner is not None and context_of(owner) is Context.OUTSIDE_SCOPE:
        return tensor_variables.read(variable)
    return variable._read()


@export("tf.raw_ops.AssignVariableOp")
def AssignVariableOp(
    resource: Any, value: Any, validate_shape: bool = False, name: str | None = None
) -> None:
    """Writes the copy."""
    write(resource, Operation.RAW_ASSIGN, value)


@export("tf.raw_ops.AssignAddVariableOp")
def AssignAddVariableOp(resource: Any, value: Any, name: str | None = None) -> None:
    """Adds to the copy."""
    write(resource, Operation.RAW_ASSIGN_ADD, (Operation.ASSIGN_ADD, value))


@export("tf.raw_ops.AssignSubVariableOp")
def AssignSubVariableOp(resource: Any, value: Any, name: str | None = None) -> None:
    """Subtracts from the copy."""
    write(resource, Operation.RAW_ASSIGN_ADD, (Operation.ASSIGN_SUB, value))


@export("tf.raw_ops.VarIsInitializedOp")
def VarIsInitializedOp(resource: Any, name: str | None = None) -> Tensor:
    """Whether there is a value: always."""
    return variable_of(resource).is_initialized()
