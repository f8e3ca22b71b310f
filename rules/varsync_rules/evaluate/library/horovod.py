"""Horovod: where it reduces gradients over its processes."""

from __future__ import annotations

import ast

from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.evaluate.provenance import data_of
from varsync_rules.immutable import replace
from varsync_rules.values import (
    UNKNOWN,
    Arguments,
    Average,
    Container,
    LibraryObject,
    Symbol,
    Value,
)

_MODULES = ("horovod.tensorflow", "horovod.tensorflow.keras", "horovod.keras")
TAPES = frozenset(f"{module}.DistributedGradientTape" for module in _MODULES)
OPTIMIZERS = frozenset(f"{module}.DistributedOptimizer" for module in _MODULES)
REDUCTIONS = frozenset(
    f"{module}.{name}" for module in _MODULES for name in ("allreduce", "grouped_allreduce")
)


def of_tape(tape: LibraryObject) -> frozenset[Average]:
    """The reduction of the gradients of one of Horovod's tapes."""
    if tape.symbol.name not in TAPES:
        return frozenset()
    return frozenset({Average(tape.node, tape.module, "horovod")})


def reduce(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """hvd.allreduce(tensor), hvd.grouped_allreduce(tensors)."""
    value = arguments.value(0, "tensor", "tensors")
    if not value:
        return UNKNOWN
    data = data_of(machine, frame, value, node, f"call {symbol.name}")
    if "gradient" in data.tags:
        made = Average(node, frame.module, "horovod")
        data = replace(data, averages=data.averages | {made})
    if any(isinstance(atom, Container) for atom in value):
        return (machine.container(frame, node, "list", rest=(data,)),)
    return (data,)
