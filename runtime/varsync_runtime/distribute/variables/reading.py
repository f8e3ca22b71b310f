"""Executes the table's answers to reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from varsync_runtime import events, semantics
from varsync_runtime.distribute import contexts, devices, rejections, telling
from varsync_runtime.distribute.arriving import Exchange, arrive
from varsync_runtime.distribute.rounds import current_run
from varsync_runtime.distribute.where import context_of, execution, is_foreign
from varsync_runtime.function import control, graphs, scopes
from varsync_runtime.semantics import Context, Raises, Read, ReadForm, Rule, Use
from varsync_runtime.tensors import variables as tensor_variables
from varsync_runtime.tensors.dispatch import reject
from varsync_runtime.tensors.dtypes import FROM_NUMPY
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor, make

if TYPE_CHECKING:
    from varsync_runtime.distribute.variables.distributed import DistributedVariable
    from varsync_runtime.distribute.variables.plain import BaseResourceVariable

HOST = (Context.CROSS_REPLICA, Context.OUTSIDE_SCOPE)


def ask(variable: Any, form: ReadForm, context: Context) -> Read | Raises:
    """The table's answer."""
    if is_foreign(variable):
        mode = contexts.current_mode()
        use = Use.READ_IN_RUN if mode.replica_context is not None else Use.READ_IN_SCOPE
        outcome = semantics.mix(variable._in_table, mode.strategy._in_table, use)
        assert not isinstance(outcome, semantics.Updated)
        return outcome
    return semantics.read(variable._in_table, context, form, execution())


def require(variable: Any, form: ReadForm, **facts: Any) -> Read:
    """Raises what the table says of this form of reading here."""
    context = context_of(variable)
    outcome = ask(variable, form, context)
    if isinstance(outcome, Raises):
        raise refused(variable, outcome, form, context, **facts)
    return outcome


def is_refused(variable: Any, form: ReadForm) -> bool:
    """Whether the table says that this form of reading fails here; nothing is raised or told."""
    return isinstance(ask(variable, form, context_of(variable)), Raises)


def refused(
    variable: Any, outcome: Raises, form: ReadForm, context: Context, **facts: Any
) -> BaseException:
    """The exception, told."""
    mode = contexts.current_mode()
    error = rejections.error(
        outcome,
        cls=type(variable).__name__,
        strategy=lambda: variable._distribute_strategy,
        current=lambda: mode.strategy,
        value=lambda: repr(variable),
        data_type=lambda: variable.dtype._word.upper(),
        aggregation=lambda: variable.aggregation,
        **facts,
    )
    return rejections.rejected(error, variable._variable_number, form.value, context.value)


# One copy --------------------------------------------------------------------------------------


def single(variable: BaseResourceVariable) -> np.ndarray:
    """The value of a variable of its own, or of one copy of a distributed one."""
    if variable._home is not None:
        return copy(variable)
    run = current_run()
    if run is not None and contexts.current_mode().replica_context is not None:
        run.take_turn()
    return variable._array


def tell(variable: BaseResourceVariable) -> None:
    """Tells of a read of a variable that needs nobody else for it."""
    context = context_of(variable)
    outcome = ask(variable, ReadForm.VALUE, context)
    if isinstance(outcome, Read):
        telling.read(variable, context, outcome)


def copy(variable: BaseResourceVariable) -> np.ndarray:
    """The value of one copy; the host asks the process that has it."""
    container = variable._of_distributed()
    crew = variable._strategy._crew
    home = variable._home
    assert home is not None
    updating = contexts.update_replica_id() is not None
    in_replica = current_run() is not None and (
        contexts.current_mode().replica_context is not None or updating
    )
    if home == crew.index and (in_replica or updating or crew.local == 1):
        return variable._array
    if in_replica:
        return of_another_replica(variable, home)
    if container is not None and container._is_mirrored() and not stale(container):
        return container._local_array()  # type: ignore[no-any-return]
    array: np.ndarray = crew.tell(variable._array, home)
    return array


def of_another_replica(variable: BaseResourceVariable, home: int) -> np.ndarray:
    """The value of a copy that another replica's process has."""
    run = current_run()
    container = variable._of_distributed()
    seen = None
    if (
        run is not None
        and container is not None
        and container._crew is run.crew
        and contexts.update_replica_id() is None
    ):
        seen = run.look(variable.name, container._variable_number, home)
    if seen is None:
        raise NotModelled(f"a replica that reads another replica's copy: {variable.name}")
    return seen


def stale(variable: DistributedVariable) -> bool:
    """Whether this process's copy need not be replica 0's."""
    return variable._unsure or variable._crew.has_observers


# A distributed variable --------------------------------------------------------------------------


def value(variable: DistributedVariable) -> np.ndarray:
    """What a reader gets here: a meeting of all who run this code, if it has to be put together."""
    context = context_of(variable)
    synchronising = context is Context.REPLICA and contexts.in_variable_sync_on_read_context()
    form = ReadForm.SYNC_ON_READ_CONTEXT if synchronising else ReadForm.VALUE
    copy_of = on_device(variable) if context in HOST else None
    if copy_of is not None:
        form = ReadForm.ON_DEVICE
    outcome = ask(variable, form, context)
    if isinstance(outcome, Raises):
        raise refused(variable, outcome, form, context)
    if synchronising and outcome.rule is not Rule.OWN:
        return synchronised(variable, outcome)
    if copy_of is not None and outcome.rule is Rule.OWN:
        array: np.ndarray = variable._crew.tell(variable._local_array(), copy_of)
    else:
        array = combined(variable, outcome, context)
    telling.read(variable, context, outcome)
    if context is Context.REPLICA and not variable._is_mirrored() and crew_of(variable) > 1:
        telling.partial_read(variable)
    return array


def on_device(variable: DistributedVariable) -> int | None:
    """The copy on the device that `tf.device` names here; None for the first, or if there is none."""
    name = scopes.current_device()
    if name is None or devices.DEVICE.match(name) is None:
        return None
    for at, device in enumerate(variable._devices):
        if at and devices.same(name, device):
            return at
    return None


def crew_of(variable: DistributedVariable) -> int:
    """How many replicas there are."""
    return variable._crew.replicas


def combined(
    variable: DistributedVariable, outcome: Read, context: Context, operation: str = "read"
) -> np.ndarray:
    """Executes the rule of a read, which is part of this operation."""
    crew = variable._crew
    match outcome.rule:
        case Rule.OWN:
            return variable._local_array()
        case Rule.FIRST | Rule.WORKER_FIRST:
            own = variable._local_array()
            if variable._is_mirrored() and not stale(variable):
                return own
            array: np.ndarray = crew.tell(own, 0)
            return array
        case Rule.SUM:
            return total(variable, operation)
        case Rule.MEAN:
            return mean(total(variable, operation), crew.replicas)
    raise NotImplementedError(f"{outcome.rule} of a read in {context}")


def total(variable: DistributedVariable, operation: str) -> np.ndarray:
    """The sum of all copies."""
    own = variable._local_array()
    order = arrive(variable._crew, Exchange.REDUCE, operation, variable.name, own)
    return variable._crew.sum(own, order)


def mean(total: np.ndarray, count: int) -> np.ndarray:
    """TensorFlow's division of a sum: integers give float64, but for a single replica."""
    if count == 1:
        return total
    if total.dtype.kind in "iu":
        return np.asarray(total / np.float64(count))  # type: ignore[no-any-return]
    if state.graph is not None and total.dtype.kind == "f":
        # compiled, a quotient by a constant is a product
        inverse = total.dtype.type(1) / total.dtype.type(count)
        return np.asarray(total * inverse, dtype=total.dtype)  # type: ignore[no-any-return]
    return np.asarray(total / total.dtype.type(count), dtype=total.dtype)  # type: ignore[no-any-return]


def synchronised(variable: DistributedVariable, outcome: Read) -> np.ndarray:
    """A read in replica context that is aggregated: the replicas meet."""
    from varsync_runtime.distribute import merging

    return merging.exchange(variable, outcome.rule, "read")


def tensor(variable: DistributedVariable) -> Tensor:
    """The same as a tensor of which the tapes know."""
    graphs.used(variable, written=False)
    array = value(variable)
    if array.dtype != variable._local_array().dtype:
        return make(array, FROM_NUMPY[array.dtype], "ReadVariableOp")
    if not state.tapes:
        return make(array, variable.dtype, "ReadVariableOp")
    return recorded(variable, array)


def recorded(variable: DistributedVariable, array: np.ndarray) -> Tensor:
    """The tensor, and what the table says of its gradient."""
    context = context_of(variable)
    outcome = semantics.gradient(variable._in_table, context)
    if outcome is Rule.SHARE:
        from varsync_runtime.tensors.tape import record

        tensor_variables.accessed(variable)
        result = make(array, variable.dtype, "ReadVariableOp")
        count = variable._in_table.copies
        record([variable._tape_key()], [result], lambda dy: [dy / count])
        return result
    if outcome is Rule.NOTHING and variable.trainable:
        return make(array, variable.dtype, "ReadVariableOp")
    if isinstance(outcome, Raises):
        return make(array, variable.dtype, "ReadVariableOp")
    return tensor_variables.read(variable, array)


def tape_key(variable: DistributedVariable) -> Any:
    """What stands for the variable on tapes: the handle of the copy that belongs here."""
    require(variable, ReadForm.HANDLE)
    return variable._own


# Rows ---------------------------------------------------------------------------------------------


NO_ROWS = {
    ReadForm.SPARSE_READ: ("ResourceGather", "params must be at least 1 dimensional"),
    ReadForm.GATHER_ND: ("ResourceGatherNd", "params must be at least a vector"),
}


def rows(variable: Any, indices: Any, form: ReadForm) -> Tensor:
    """`sparse_read` and `gather_nd`."""
    from varsync_runtime.tensors.convert import convert
    from varsync_runtime.tensors.exports import registry

    require(variable, form, count=lambda: convert(indices).shape[-1])

    if not variable._local_array().ndim:
        op, words = NO_ROWS[form]
        raise reject(op, words, label=None)
    name = "tf.gather" if form is ReadForm.SPARSE_READ else "tf.gather_nd"
    result: Tensor = registry()[name](variable._read(), convert(indices))
    return result


def number(variable: DistributedVariable, kind: type) -> Any:
    """`float(v)`, `int(v)`, `complex(v)`: Python refuses them, unless AutoGraph makes casts of them."""
    if control.is_cast(kind):
        return kind(variable._read())
    context = context_of(variable).value
    error = control.no_number(variable, kind)
    raise rejections.rejected(error, variable._variable_number, kind.__name__, context)


def site() -> events.Site:
    """The user's line."""
    return events.here()
