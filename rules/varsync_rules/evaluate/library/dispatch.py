"""Calls of library symbols, objects and methods: who answers, and the event of the call."""

from __future__ import annotations

import ast
from collections.abc import Callable

from varsync_rules.evaluate.attributes import library_base
from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.evaluate.library import (
    distribute,
    horovod,
    keras,
    operations,
    options,
    python,
    variables,
)
from varsync_rules.evaluate.provenance import merged_arguments
from varsync_rules.evaluate.statements import iterate
from varsync_rules.immutable import replace
from varsync_rules.program import Call, Unresolved, expression
from varsync_rules.surface import family
from varsync_rules.values import (
    UNKNOWN,
    Arguments,
    Atom,
    Const,
    Container,
    Data,
    Extended,
    Handle,
    Instance,
    LibraryObject,
    Method,
    ReplicaContext,
    Scope,
    Slice,
    Strategy,
    Symbol,
    Traced,
    Value,
    Variable,
    Varies,
    is_unknown,
    merge,
)

Handler = Callable[[Machine, Frame, ast.AST, Symbol, Arguments], Value]
_HANDLERS: dict[str, Handler] = {
    **python.SYMBOLS,
    **operations.SYMBOLS,
    **distribute.SYMBOLS,
    **dict.fromkeys(variables.CREATORS, variables.create),
    **dict.fromkeys(variables.FUNCTIONS, variables.function),
    **dict.fromkeys(horovod.REDUCTIONS, horovod.reduce),
}


def call_library(
    machine: Machine, frame: Frame, node: ast.AST, atom: Atom, arguments: Arguments
) -> Value:
    """Call something that is not of the program."""
    if isinstance(atom, Symbol):
        result = _symbol(machine, frame, node, atom, arguments)
        _record(machine, frame, node, atom.name, None, arguments, result)
        return result
    if isinstance(atom, Method):
        return _method(machine, frame, node, atom, arguments)
    if isinstance(atom, LibraryObject):
        return _method(machine, frame, node, Method(atom, "__call__"), arguments)
    if isinstance(atom, Variable):
        return (Data(),)
    return merged_arguments(machine, frame, node, arguments)


def _record(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    symbol: str,
    receiver: Atom | None,
    arguments: Arguments,
    result: Value,
) -> None:
    machine.record(
        Call,
        frame,
        node,
        symbol,
        receiver,
        symbol=symbol,
        receiver=receiver,
        arguments=arguments,
        result=result,
    )


def _symbol(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    handler = _HANDLERS.get(symbol.name)
    if handler is not None:
        return handler(machine, frame, node, symbol, arguments)
    if symbol.name.startswith("tf.data."):
        return operations.dataset(machine, frame, node, symbol, arguments)
    if symbol.name in operations.DATA_CLASSES:
        return operations.operation(machine, frame, node, symbol, arguments)
    if symbol.name in keras.MODEL_MAKERS:
        return keras.made_model(machine, frame, node, symbol, arguments)
    if operations.looks_like_a_class(symbol):
        return operations.instance_of_library(machine, frame, node, symbol, arguments)
    if symbol.name.startswith("keras.losses."):
        return keras.functional_loss(machine, frame, node, symbol, arguments)
    if symbol.name.startswith(("tf.", "numpy.", "keras.")):
        return operations.operation(machine, frame, node, symbol, arguments)
    if symbol.name.startswith("math."):
        return python.math_function(machine, frame, node, symbol, arguments)
    # a function that is not of the program may have reduced what it was given
    return tuple(
        replace(atom, varies=min(atom.varies, Varies.UNKNOWN)) if isinstance(atom, Data) else atom
        for atom in merged_arguments(machine, frame, node, arguments)
    )


def _method(
    machine: Machine, frame: Frame, node: ast.AST, method: Method, arguments: Arguments
) -> Value:
    receiver, name = method.receiver, method.name
    if isinstance(receiver, (Variable, Slice)):
        return variables.method(machine, frame, node, receiver, name, arguments)
    if isinstance(receiver, Container):
        return python.container_method(machine, frame, node, receiver, name, arguments)
    result: Value
    if isinstance(receiver, Strategy):
        result = distribute.method(machine, frame, node, receiver, name, arguments)
        symbol = f"tf.distribute.Strategy.{name}"
    elif isinstance(receiver, Extended):
        result = distribute.extended(machine, frame, node, receiver, name, arguments)
        symbol = f"tf.distribute.StrategyExtended.{name}"
        if name in distribute.RUNS:
            receiver, symbol = receiver.strategy, "tf.distribute.Strategy.run"
    elif isinstance(receiver, ReplicaContext):
        result = distribute.in_replica(machine, frame, node, receiver, name, arguments)
        symbol = f"tf.distribute.ReplicaContext.{name}"
    elif isinstance(receiver, Instance):
        result = keras.instance_method(machine, frame, node, receiver, name, arguments)
        symbol = f"{library_base(receiver.cls)}.{name}"
    elif isinstance(receiver, LibraryObject):
        result, symbol = _object_method(machine, frame, node, receiver, name, arguments)
    elif isinstance(receiver, Data):
        if name in variables.UPDATES and (is_unknown(receiver) or "weights" in receiver.tags):
            _unresolved(machine, frame, node, receiver, name, arguments)
        result = operations.data_method(machine, frame, node, receiver, name, arguments)
        symbol = f"?.{name}"
    elif isinstance(receiver, Scope):
        return distribute.scope_method(frame, receiver, name)
    elif isinstance(receiver, Handle):
        return UNKNOWN
    elif isinstance(receiver, Traced) and name == "get_concrete_function":
        result = operations.concrete_function(machine, frame, node, receiver, arguments)
        symbol = f"tf.function.{name}"
    elif isinstance(receiver, Const):
        return python.format_text(machine, frame, node, str(receiver.value), arguments)
    else:
        result, symbol = UNKNOWN, f"?.{name}"
    _record(machine, frame, node, symbol, receiver, arguments, result)
    return result


def _unresolved(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    receiver: Data,
    name: str,
    arguments: Arguments,
) -> None:
    """Note what looks like the update of a variable, but of which one is not known."""
    value = arguments.value(0, "value", "delta", "sparse_delta")
    given = merge(atom for atom in value if isinstance(atom, Data))
    spelled = _receiver_text(frame, node)
    machine.record(Unresolved, frame, node, op=name, spelled=spelled, receiver=receiver, data=given)


def _receiver_text(frame: Frame, node: ast.AST) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return expression(frame.module, node.func.value)
    return ""


def _object_method(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    receiver: LibraryObject,
    name: str,
    arguments: Arguments,
) -> tuple[Value, str]:
    base = family(receiver.symbol.name)
    if base:
        result = keras.object_method(machine, frame, node, receiver, name, arguments)
        return result, f"{base}.{name}"
    owner = receiver.symbol.name
    if owner == "tf.GradientTape" or owner in horovod.TAPES:
        result = operations.tape_method(machine, frame, node, receiver, name, arguments)
    elif owner == "tf.distribute.ClusterCoordinator" and name == "schedule":
        result = distribute.coordinator_schedule(machine, frame, node, receiver, arguments)
    elif owner == "tf.data.Dataset":
        result = (receiver,)
    elif owner == options.PARSER:
        result = options.parser_method(machine, frame, node, receiver, name, arguments)
    elif owner == "contextlib.ExitStack" and name == "enter_context":
        result = python.enter_context(machine, frame, arguments)
    elif name in ("get_next", "__next__"):
        result = iterate(machine, frame, (receiver,), node)
    elif owner.startswith("tf.distribute.DistributedDataset"):
        result = (receiver,)
    else:
        result = UNKNOWN
    return result, f"{owner}.{name}"
