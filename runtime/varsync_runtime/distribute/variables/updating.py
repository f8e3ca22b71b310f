"""Executes the table's answers to updates.

What a write does is asked of `semantics.update`, with the operation, the context and the kind of
value that are seen; here is only how a rule is carried out by processes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from varsync_runtime import events, semantics
from varsync_runtime.distribute import contexts, ledger, merging, rejections, telling
from varsync_runtime.distribute.alike import alike
from varsync_runtime.distribute.arriving import Exchange, arrive
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.kinds import kind_of
from varsync_runtime.distribute.regroup import select_leaf
from varsync_runtime.distribute.rounds import ReplicaRun, current_run
from varsync_runtime.distribute.values import DistributedValues, Mirrored, Parts
from varsync_runtime.distribute.variables import kernels
from varsync_runtime.distribute.where import context_of, execution, flow, is_foreign
from varsync_runtime.semantics import (
    Context,
    ControlFlow,
    Operation,
    Raises,
    Rule,
    Updated,
    Use,
    ValueKind,
    words,
)
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Operation as Node
from varsync_runtime.tensors.tensor import Tensor, make

if TYPE_CHECKING:
    from varsync_runtime.distribute.variables.distributed import DistributedVariable
    from varsync_runtime.distribute.variables.plain import BaseResourceVariable

HOST = (Context.CROSS_REPLICA, Context.OUTSIDE_SCOPE)
IN_UPDATE = (Context.UPDATE, Context.UPDATE_FROM_REPLICA)
# What each replica does by itself
ALONE = (Rule.OWN, Rule.IN_TURN, Rule.NOTHING, Rule.PRIMARY)
# What takes the replicas' values together
EXCHANGES = (Rule.SUM, Rule.MEAN, Rule.FIRST, Rule.WORKER_FIRST, Rule.SLICES, Rule.SLICES_OVER_N)
# What a distributed variable hands on to its first copy
OF_PRIMARY = (Operation.SLICE_ASSIGN, Operation.SCATTER_ND_MIN, Operation.SCATTER_ND_MAX)
# TensorFlow's kernels raise these themselves, and know the words
NATURAL = (
    words.OTHER_DTYPE.message,
    words.NO_SLICES.message,
    "Shape mismatch.",
    "Shapes must be equal rank",
    "shapes must be equal",
)


def in_table(variable: Any, value: Any = None) -> semantics.Variable:
    """The variable as the table knows it; one that belongs to no strategy is the current one's.

    Where each worker has one replica, the table means by a PerReplica what `run` returns, which is
    none; if it is one nevertheless, it is refused as where there are several.
    """
    known: semantics.Variable = variable._in_table
    strategy = known.strategy
    if variable._distribute_strategy is None:
        strategy = contexts.get_strategy()._in_table
    if isinstance(value, DistributedValues) and not hasattr(value, "_variable_number"):
        parts = max(value._parts.count, 2)
        strategy = replace(strategy, replicas=max(strategy.replicas, parts * strategy.workers))
    return merging.under(known, strategy)


def ask(
    variable: Any,
    operation: Operation,
    context: Context,
    kind: ValueKind,
    around: ControlFlow = ControlFlow.STRAIGHT,
    read_value: bool = True,
    value: Any = None,
) -> Updated | Raises:
    """The table's answer."""
    outcome = semantics.update(
        in_table(variable, value), operation, context, kind, around, execution(), read_value
    )
    assert not isinstance(outcome, semantics.Hangs)  # asked without a partner that is missing
    return outcome


def refused(
    variable: Any, outcome: Raises, operation: Operation, context: Context, value: Any = None
) -> BaseException:
    """The exception, told."""
    error = rejections.error(
        outcome,
        kind=type(value).__name__,
        value=lambda: str(value),
        cls=lambda: _class_that_lacks(variable, operation),
        dtype=lambda: variable.dtype._word,
        dtype_name=lambda: variable.dtype.name,
        data_type=lambda: variable.dtype._word.upper(),
        strategy=lambda: variable._distribute_strategy,
        current=contexts.get_strategy,
        name=lambda: variable.name,
        aggregation=lambda: variable.aggregation,
    )
    number = variable._variable_number
    return rejections.rejected(error, number, operation.value, context.value)


def _class_that_lacks(variable: Any, operation: Operation) -> str:
    """The class that has no such method; on the host a distributed variable asks what it reads."""
    of_read = operation in (Operation.SCATTER_ND_MIN, Operation.SCATTER_ND_MAX)
    if of_read and hasattr(variable, "_crew"):
        eager = "tensorflow.python.framework.ops.EagerTensor"
        return eager if state.graph is None else "SymbolicTensor"
    return type(variable).__name__


def refuse(variable: Any, operation: Operation) -> None:
    """Raises if the table does not allow an operation that has no value."""
    context = context_of(variable)
    outcome = ask(variable, operation, context, ValueKind.TENSOR)
    if isinstance(outcome, Raises):
        raise refused(variable, outcome, operation, context)


def update(
    variable: Any, operation: Operation, value: Any, read_value: bool, named: dict[str, Any]
) -> Any:
    """A method of a variable that writes; what it returns."""
    context = context_of(variable)
    if is_foreign(variable):
        _require_own(variable, operation, context)
    if context is Context.REPLICA:
        return _in_replica(variable, operation, value, read_value, named)
    kind = kind_for(variable, operation, value, None)
    outcome = ask(variable, operation, context, kind, read_value=read_value, value=value)
    if isinstance(outcome, Raises):
        if outcome.written is not Rule.NOTHING:
            carry_out(variable, outcome.written, operation, value, context)
        elif outcome.message in NATURAL:
            attempt(variable, operation, value)
            outcome = ask(variable, operation, context, ValueKind.TENSOR, read_value=read_value)
        if isinstance(outcome, Raises):
            raise refused(variable, outcome, operation, context, value)
    return _written(variable, outcome.rule, operation, value, context, read_value)


def _written(
    variable: Any, rule: Rule, operation: Operation, value: Any, context: Context, read_value: bool
) -> Any:
    """Writes and tells of it; what the method returns."""
    carry_out(variable, rule, operation, value, context)
    run = current_run()
    if rule is Rule.IN_TURN and (run is None or run.crew.replicas == 1):
        rule = Rule.OWN  # there is nobody to take turns with
    telling.written(variable, operation.value, context, rule)
    return _returned(variable, context, operation, read_value)


def kind_for(variable: Any, operation: Operation, value: Any, run: ReplicaRun | None) -> ValueKind:
    """The kind of an operand; of those that are no single value the table knows tensors alone."""
    if operation in kernels.ND_SCATTERS or operation is Operation.COUNT_UP_TO:
        return ValueKind.TENSOR
    return kind_of(variable, value, run)


def _require_own(variable: Any, operation: Operation, context: Context) -> None:
    mode = contexts.current_mode()
    use = Use.WRITE_IN_RUN if mode.replica_context is not None else Use.WRITE_IN_SCOPE
    outcome = semantics.mix(variable._in_table, mode.strategy._in_table, use)
    if isinstance(outcome, Raises):
        raise refused(variable, outcome, operation, context)


# In replica context ------------------------------------------------------------------------------


def _in_replica(
    variable: Any, operation: Operation, value: Any, read_value: bool, named: dict[str, Any]
) -> Any:
    run = current_run()
    context = Context.REPLICA
    around = flow()
    if run is not None:
        value = run.numbers.as_given(value)
    kind = kind_for(variable, operation, value, run)
    # whether the replicas meet does not depend on what they bring
    whatever = ask(variable, operation, context, ValueKind.TENSOR, around, read_value)
    if _meets(whatever):
        return merging.update(variable, operation, value, read_value, named)
    outcome = ask(variable, operation, context, kind, around, read_value)
    if isinstance(outcome, Raises):
        if outcome.message in NATURAL:
            attempt(variable, operation, value)
            outcome = whatever
        if isinstance(outcome, Raises):
            raise refused(variable, outcome, operation, context, value)
    return _written(variable, outcome.rule, operation, value, context, read_value)


def _meets(outcome: Updated | Raises) -> bool:
    if isinstance(outcome, Raises):
        # what is refused only after the values were aggregated
        return outcome.message == words.OTHER_DTYPE.message
    return outcome.rule not in ALONE and (outcome.merges or outcome.rule in EXCHANGES)


# Rules -------------------------------------------------------------------------------------------


def attempt(variable: Any, operation: Operation, value: Any) -> None:
    """Runs the operation for TensorFlow's words: its kernel raises.

    The table knows scalars: a list that has a variable's shape is as good as a tensor.
    """
    kernels.result(copy_here(variable), operation, value, variable.name)


def copy_here(variable: Any) -> BaseResourceVariable:
    """The copy whose value this process has."""
    own: BaseResourceVariable = getattr(variable, "_own", variable)
    return own


def carry_out(
    variable: Any, rule: Rule, operation: Operation, value: Any, context: Context
) -> None:
    """Writes as the rule says, with a value that was given here."""
    if hasattr(variable, "_crew"):
        _distributed(variable, rule, operation, value, context)
        return
    if rule is Rule.NOTHING:
        return
    if isinstance(value, DistributedValues) and not hasattr(value, "_variable_number"):
        value = value._values[0]
    run = current_run()
    target = variable
    if rule is Rule.IN_TURN and run is not None:
        run.take_turn()
        target._write(operation, value)
        run.wrote_plain(target)
        return
    if target._home is None or context not in HOST:
        target._write(operation, value)
    else:
        write_at(target, target._home, target._strategy._crew, operation, value)
    if target._home is not None:
        _wrote_copy(target, operation, context)


def write_at(
    copy: BaseResourceVariable, home: int, crew: Crew, operation: Operation, value: Any
) -> None:
    """Host code writes one copy, which one process has; an observer does as replica 0."""
    value = nest.map_structure(_read_now, value)

    def write() -> None:
        copy._write(operation, value)

    alike(crew, operation.value, write if (crew.index or 0) == home else None)


def _wrote_copy(copy: BaseResourceVariable, operation: Operation, context: Context) -> None:
    """One copy of a distributed variable was written by itself."""
    container = copy._of_distributed()
    if container is None or not container._is_mirrored():
        return
    if context in HOST:
        diverged(container, operation, Rule.PRIMARY, context)
    elif context is Context.REPLICA:
        run = current_run()
        if run is not None:
            run.wrote_own(container, operation.value, context.value)
            container._unsure = True


def _distributed(
    variable: DistributedVariable, rule: Rule, operation: Operation, value: Any, context: Context
) -> None:
    crew = variable._crew
    own = variable._own
    match rule:
        case Rule.NOTHING:
            return
        case Rule.SAME:
            own._write(operation, _read_once(value), variable.name)
            if operation is Operation.ASSIGN:
                variable._unsure = variable._diverged = False
        case Rule.SHARE:
            part = share(variable, value)
            own._write(operation, part, variable.name)
            if variable.dtype.is_integer:
                telling.shared(variable, _exact_share(variable, value), part._array)
            variable._unsure = False
        case Rule.OWN:
            _own(variable, operation, value, context)
        case Rule.PRIMARY:
            write_at(own, 0, crew, operation, value)
            diverged(variable, operation, rule, context)
        case Rule.FIRST_AGAIN | Rule.MEAN_AGAIN:
            _again(variable, rule, operation)
        case _:
            raise NotImplementedError(f"{rule} of {operation} in {context}")


def _read_once(value: Any) -> Any:
    """What a variable of another kind holds: read by all, not by each copy."""
    return value._read() if hasattr(value, "_crew") else value


def _read_now(value: Any) -> Any:
    """What a variable holds: to read it may be a meeting, for which all are here."""
    return value._read() if hasattr(value, "_variable_number") else value


def _own(variable: DistributedVariable, operation: Operation, value: Any, context: Context) -> None:
    crew = variable._crew
    run = current_run()

    def write() -> None:
        operand = value
        if value is variable:
            operand = make(variable._local_array(), variable.dtype)
        elif isinstance(value, DistributedValues):
            operand = select_leaf(crew.index or 0, value)
        variable._own._write(operation, operand)

    is_replica = crew.index is not None
    if context in HOST and isinstance(value, DistributedValues):
        alike(crew, operation.value, write if is_replica else None)
    elif is_replica:
        write()
    if not variable._is_mirrored():
        return
    if run is not None and is_replica:
        of_gradient = getattr(getattr(value, "values", value), "_of_gradient", False)
        run.wrote_own(variable, operation.value, context.value, of_gradient)
        variable._unsure = True
    elif context in HOST:
        diverged(variable, operation, Rule.OWN, context)


def diverged(
    variable: DistributedVariable, operation: Operation, rule: Rule, context: Context
) -> None:
    """Host code gave the copies their own values: compares them."""
    if variable._is_mirrored():
        write = ledger.OwnWrite(operation.value, context.value, rule.name, events.here())
        ledger.compare(variable, write)


def share(variable: DistributedVariable, value: Any) -> Tensor:
    """1/N of a value, in the variable's dtype: `values_util.on_read_assign_cross_replica`."""
    array = _exact_share(variable, value).astype(variable.dtype._array_type)
    return make(array, as_dtype(variable.dtype))


def _exact_share(variable: DistributedVariable, value: Any) -> np.ndarray:
    part = value / variable._crew.replicas
    return part._array if isinstance(part, Tensor) else np.asarray(part)


def _again(variable: DistributedVariable, rule: Rule, operation: Operation) -> None:
    """Each worker writes its copies in turn with what the variable reads by then."""
    crew = variable._crew
    outcome = Updated(rule, operation, variable._in_table.dtype, crew.workers)
    own = variable._local_array()
    arrive(crew, Exchange.GATHER, operation.value, variable.name, own)
    copies = semantics.apply(outcome, crew.gather(own), [])
    index = crew.index or 0
    variable._own._write(
        Operation.ASSIGN, make(np.asarray(copies[crew.first + index]), variable.dtype)
    )


# What is returned --------------------------------------------------------------------------------


def without_value() -> Any:
    """What a write returns that is not asked for its value: compiled, the operation."""
    return (
        None if state.graph is None else Node("AssignVariableOp", "AssignVariableOp", state.graph)
    )


def _returned(variable: Any, context: Context, operation: Operation, read_value: bool) -> Any:
    from varsync_runtime.distribute.variables.plain import _UnreadVariable

    if not read_value:
        return without_value()
    if not hasattr(variable, "_crew"):
        return _UnreadVariable(variable)
    crew = variable._crew
    if context is Context.REPLICA or context in IN_UPDATE:
        return _UnreadVariable(variable._own)
    if operation in OF_PRIMARY:
        return _UnreadVariable(variable._primary)
    if variable._is_mirrored():
        if crew.local == 1:
            return _UnreadVariable(variable._own)
        part = make(variable._local_array(), variable.dtype, "Identity")
        if not variable._unsure and not crew.has_observers:
            return Mirrored([part] * crew.local)
        known = {} if crew.index is None else {crew.index: part}
        return Mirrored(Parts(crew.local, known, None if crew.local == 1 else crew))
    return variable.read_value()


# Slices ------------------------------------------------------------------------------------------


def slice_of(variable: Any, whole: Tensor, key: Any) -> Tensor:
    """`v[key]`: a tensor, with a method `assign` where TensorFlow gives it one."""
    part: Tensor = Tensor.__getitem__(whole, key)
    context = context_of(variable)
    outcome = ask(variable, Operation.SLICE_ASSIGN, context, ValueKind.TENSOR)
    if isinstance(outcome, Raises):
        return part  # it has none: AttributeError

    def assign(value: Any, name: str | None = None) -> Any:
        del name
        carry_out(variable, outcome.rule, Operation.SLICE_ASSIGN, (key, value), context)
        telling.written(variable, Operation.SLICE_ASSIGN.value, context, outcome.rule)
        return _returned(variable, context, Operation.SLICE_ASSIGN, True)

    part.assign = assign  # type: ignore[attr-defined]
    return part
