"""What is told when a variable is written."""

from __future__ import annotations

from typing import Any

from varsync_runtime import events
from varsync_runtime.distribute import ledger
from varsync_runtime.engines.tensorflow import (
    exchanges,
    gradients,
    numbering,
    places,
    positions,
    reads,
    rejections,
    steps,
    telling,
    variables,
)
from varsync_runtime.engines.tensorflow.wrapping import is_heard, unheard, wrap
from varsync_runtime.events import Site
from varsync_runtime.semantics import Context, Operation, Rule

SCATTERS = ("add", "sub", "mul", "div", "min", "max", "update", "nd_add", "nd_sub", "nd_update")
OPERATIONS = ("assign", "assign_add", "assign_sub", *(f"scatter_{one}" for one in SCATTERS))
AUGMENTED = [f"__i{one}__" for one in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")]
VALUES = ("value", "delta", "sparse_delta")
HOST = (Context.CROSS_REPLICA, Context.OUTSIDE_SCOPE)
IN_UPDATE = (Context.UPDATE, Context.UPDATE_FROM_REPLICA)
AGGREGATED = {
    "SUM": Rule.SUM,
    "MEAN": Rule.MEAN,
    "ONLY_FIRST_REPLICA": Rule.FIRST,
}


def install() -> None:
    """Wraps the methods that write."""
    from tensorflow.python.distribute import distribute_lib, ps_values, values
    from tensorflow.python.ops import resource_variable_ops
    from tensorflow.python.ops import variables as base

    for extended in (distribute_lib.StrategyExtendedV2, distribute_lib.StrategyExtendedV1):
        wrap(extended, "update", _update)
    for cls in (
        values.DistributedVariable,
        values.MirroredVariable,
        values.SyncOnReadVariable,
        ps_values.AggregatingVariable,
        ps_values.CachingVariable,
        resource_variable_ops.BaseResourceVariable,
        resource_variable_ops.ResourceVariable,
        base.Variable,
    ):
        for operation in OPERATIONS:
            wrap(cls, operation, _writing(operation))
    slices = Operation.SLICE_ASSIGN.value
    wrap(resource_variable_ops.BaseResourceVariable, "_strided_slice_assign", _writing(slices))
    for augmented in AUGMENTED:
        setattr(values.DistributedVariable, augmented, _rebound)


def _rebound(self: Any, other: Any) -> Any:
    """TensorFlow's class has no such method: Python goes on to `+` and the like."""
    del other
    if is_heard():
        number, replica = variables.number_of(self), positions.replica()
        telling.when_run(lambda site: telling.count(replica, events.Rebound, number, site))
    return NotImplemented


def _update(original: Any, self: Any, var: Any, *args: Any, **kwargs: Any) -> Any:
    with rejections.told(var, "update"):
        result = original(self, var, *args, **kwargs)
    in_step = steps.current() is not None
    if is_heard() and not in_step and variables.is_whole(var) and _is_mirrored(var):
        rule, context = Rule.OWN.name, Context.UPDATE.value
        telling.when_run(
            lambda site: steps.compare(var, ledger.OwnWrite("update", context, rule, site)),
            after=exchanges.done(result),
        )
    return result


def _writing(operation: str) -> Any:
    def write(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_heard():
            return original(self, *args, **kwargs)
        value = args[0] if args else next((kwargs[one] for one in VALUES if one in kwargs), None)
        if not variables.is_whole(self):
            return _write_copy(original, self, operation, value, args, kwargs)
        with steps.wishing(operation, self):
            with rejections.told(self, operation), unheard():
                result = original(self, *args, **kwargs)
            _wrote(self, operation, value)
            if _reads_back(self, args, kwargs):
                reads.tell(self)
        return result

    return write


def _reads_back(variable: Any, args: Any, kwargs: Any) -> bool:
    """Whether the host's write gives back what an ON_READ variable reads then."""
    from tensorflow.python.distribute import values

    on_read = isinstance(variable, values.SyncOnReadVariable)
    read_value = args[3] if len(args) > 3 else kwargs.get("read_value", True)
    return on_read and read_value and positions.context() in HOST


def _wrote(variable: Any, operation: str, value: Any) -> None:
    context, replica = positions.context(), positions.replica()
    rule = rule_of(variable, operation, value, context)
    number = variables.number_of(variable)
    telling.when_run(
        lambda site: telling.count(
            replica, events.Written, number, operation, context.value, rule.name, site
        )
    )
    if rule is Rule.SHARE and variable.dtype.is_integer:
        _tell_shared(variable, value)
    if not _is_mirrored(variable):
        return
    if rule is Rule.OWN:
        with unheard():
            copy = variable._get()
        _own(variable, copy, operation, context, value)
    elif rule is Rule.WORKER_FIRST and not replica:
        telling.when_run(
            lambda site: steps.wrote_own(
                variable, 0, ledger.OwnWrite(operation, context.value, rule.name, site)
            )
        )
    elif operation == "assign" and context in HOST:
        telling.when_run(lambda site: steps.settled(variable))


def _tell_shared(variable: Any, value: Any) -> None:
    number = variables.number_of(variable)
    replicas = variable._distribute_strategy.num_replicas_in_sync

    def tell(site: Site, given: Any) -> None:
        if (given % replicas).any():
            assert number is not None
            shown, part = telling.value_of(given), telling.value_of(variables.held(variable)[0])
            step = numbering.step()
            telling.tell(events.Shared(number, shown, part, replicas, step, site))

    telling.when_run(tell, [value])


def _write_copy(
    original: Any, copy: Any, operation: str, value: Any, args: Any, kwargs: Any
) -> Any:
    """One copy of a distributed variable is written by itself."""
    with unheard():
        result = original(copy, *args, **kwargs)
    container = variables.container_of(copy)
    if container is not None and _is_mirrored(container):
        _own(container, copy, operation, positions.context(), value)
    return result


def _own(variable: Any, copy: Any, operation: str, context: Context, value: Any) -> None:
    """Copies of a mirrored variable got values of their own, in a replica this one."""
    if len(variables.copies(variable)) < 2 and not _has_workers(variable):
        return
    through = places.through()
    of_gradient = gradients.is_of_gradient(value)
    replica = positions.replica()
    in_step = steps.current() is not None

    def write(site: Site) -> ledger.OwnWrite:
        rule = Rule.OWN.name
        return ledger.OwnWrite(
            operation, context.value, rule, site, of_gradient=of_gradient, through=through
        )

    if in_step:
        told = [variables.read(copy)] if _is_cheap(copy) else []
        telling.when_run(
            lambda site, *arrays: steps.wrote_own(variable, replica, write(site), *arrays), told
        )
    elif context in HOST:
        telling.when_run(lambda site: steps.compare(variable, write(site)))


def _is_cheap(copy: Any) -> bool:
    """Whether it is a copy, and it costs little to know what it holds."""
    nbytes = positions.nbytes(copy) if hasattr(copy, "handle") else None
    return nbytes is not None and nbytes <= ledger.CHEAP


def rule_of(variable: Any, operation: str, value: Any, context: Context) -> Rule:
    """What TensorFlow has made of a write."""
    from tensorflow.python.distribute import ps_values, values

    aggregation = variables.aggregation(variable)
    if isinstance(variable, values.SyncOnReadVariable):
        shares = context in HOST and aggregation == "SUM" and operation == "assign"
        if shares:
            return Rule.SHARE
        return Rule.SAME if context in HOST else Rule.OWN
    if isinstance(variable, values.DistributedVariable):
        if context in HOST:
            return Rule.OWN if _is_per_replica(value) else Rule.SAME
        if context in IN_UPDATE or aggregation == "NONE":
            return Rule.OWN
        return _first(variable) if aggregation == "ONLY_FIRST_REPLICA" else AGGREGATED[aggregation]
    if isinstance(variable, ps_values.AggregatingVariable):
        return Rule.SAME if context in HOST else AGGREGATED.get(aggregation, Rule.SAME)
    several = context is Context.REPLICA and _replicas() > 1
    return Rule.IN_TURN if several else Rule.OWN


def _first(variable: Any) -> Rule:
    return Rule.WORKER_FIRST if _has_workers(variable) else Rule.FIRST


def _has_workers(variable: Any) -> bool:
    return bool(variable._distribute_strategy.extended._in_multi_worker_mode())


def _replicas() -> int:
    from tensorflow.python.distribute import distribute_lib

    return int(distribute_lib.get_strategy().num_replicas_in_sync)


def _is_per_replica(value: Any) -> bool:
    from tensorflow.python.distribute import values

    is_values = isinstance(value, values.DistributedValues)
    return is_values and not isinstance(value, (values.DistributedVariable, values.Mirrored))


def _is_mirrored(variable: Any) -> bool:
    from tensorflow.python.distribute import values

    return isinstance(variable, values.MirroredVariable)
