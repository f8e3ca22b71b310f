"""`merge_call`, and what is built on it: aggregated writes, all-reduce, all-gather.

The replicas post what they call; TensorFlow's main thread would group their arguments and run
replica 0's function, so here each process does what replica 0 asked for, with its own part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from varsync_runtime import events, semantics
from varsync_runtime.distribute import (
    brought,
    contexts,
    cross_device_ops,
    feeding,
    ledger,
    rejections,
    telling,
)
from varsync_runtime.distribute.arriving import Exchange, arrive
from varsync_runtime.distribute.contexts import Mode
from varsync_runtime.distribute.crew import share
from varsync_runtime.distribute.description import Description, Leaf, describe, same, signature
from varsync_runtime.distribute.kinds import kind_of, together
from varsync_runtime.distribute.regroup import regroup, select_leaf
from varsync_runtime.distribute.rounds import Met, ReplicaRun, _RequestedStop, alike, current_run
from varsync_runtime.distribute.values import PerReplica
from varsync_runtime.distribute.where import execution, flow
from varsync_runtime.events import Site
from varsync_runtime.events.sites import Instead
from varsync_runtime.function import graphs
from varsync_runtime.replicas.orders import Order
from varsync_runtime.semantics import (
    Aggregation,
    Call,
    Context,
    ControlFlow,
    Operation,
    Raises,
    Rule,
    Strategy,
    StrategyKind,
    Updated,
    ValueKind,
    VariableClass,
    words,
)
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert, is_tensor
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.exports import registry
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor, make

if TYPE_CHECKING:
    from varsync_runtime.distribute.strategy import StrategyBase


NUMBERS = (int, float, complex, np.ndarray, np.generic)


@dataclass(frozen=True)
class Request:
    """What a replica asks for in a meeting: replica 0's is done.

    `call` is "update", "all_reduce" and so on, or the name of the user's function.
    """

    call: str
    operation: str = ""
    variable: int = -1
    kind: ValueKind = ValueKind.TENSOR
    args: Description = ()
    kwargs: Description = ()
    extra: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        fields = (
            self.call, self.operation, self.variable, self.kind, self.args, self.kwargs, self.extra
        )  # fmt: skip
        return Request, fields

    @property
    def wanted(self) -> tuple[str, str, int]:
        """What is asked for, whatever it is given."""
        return self.call, self.operation, self.variable

    def __str__(self) -> str:
        variable = ledger.variable(self.variable)
        of = f" of {variable.name}" if variable is not None else ""
        return f"{self.operation or self.call}{of}".removesuffix(":0")


def under(variable: semantics.Variable, strategy: Strategy) -> semantics.Variable:
    """A variable of no strategy, used where one is current."""
    return variable if variable.strategy == strategy else replace(variable, strategy=strategy)


def refuse_in_graph(run: ReplicaRun, call: Call) -> None:
    """Raises where replicas cannot meet: in another graph than that in which they were started."""
    around = flow()
    if around is ControlFlow.STRAIGHT:
        return
    outcome = semantics.meet(run.strategy._in_table, call, around, execution())
    if isinstance(outcome, Raises):
        error = rejections.error(outcome)
        raise rejections.rejected(error, None, call.value, Context.REPLICA.value)


def gathered(run: ReplicaRun, request: Request, arrays: Sequence[np.ndarray] = ()) -> list[Met]:
    """The meeting: what all replicas ask for; `arrays` are what this one brings along."""
    variable = ledger.variable(request.variable)
    met = run.meet(
        "merge",
        request,
        arrays,
        operation=request.operation or request.call,
        variable=variable.name.removesuffix(":0") if variable is not None else "",
    )
    if len({one.report.payload.wanted for one in met}) > 1:
        telling.mixed([(str(one.report.payload), one.intent.site) for one in met])
    return met


class crossing:
    """Inside a `merge_call`: cross-replica context, and what is made belongs to no replica."""

    def __init__(self, run: ReplicaRun) -> None:
        self.run = run

    def __enter__(self) -> None:
        contexts.push(Mode(self.run.strategy, None))
        state.stamp = None

    def __exit__(self, kind: Any, error: BaseException | None, *_: object) -> None:
        contexts.pop()
        state.stamp = self.run.stamp
        self.run.new_segment()
        if isinstance(error, Exception):
            # it is the main thread that fails: replica code is unwound, and cannot catch it
            self.run.merge_error = error
            raise _RequestedStop from error


# The user's merge_call ---------------------------------------------------------------------------


def merge_call(
    strategy: StrategyBase, merge_fn: Callable[..., Any], args: Sequence[Any], kwargs: Any
) -> Any:
    """`_MirroredReplicaContext._merge_call`."""
    run = current_run()
    assert run is not None
    refuse_in_graph(run, Call.MERGE_CALL)
    args, kwargs = tuple(args), dict(kwargs or {})
    name = getattr(merge_fn, "__qualname__", type(merge_fn).__name__)
    code = getattr(merge_fn, "__code__", None)
    request = Request(
        "merge_call",
        name,
        args=describe(args, run),
        kwargs=describe(kwargs, run),
        extra=None if code is None else (code.co_filename, code.co_firstlineno),
    )
    met = gathered(run, request)
    requests: list[Request] = [one.report.payload for one in met]
    if requests[0].call == "merge_call":
        return merged(run, requests, merge_fn, args, kwargs)
    return follow(run, met, args, kwargs)


def merged(
    run: ReplicaRun, requests: list[Request], merge_fn: Any, args: Any, kwargs: dict[str, Any]
) -> Any:
    """What replica 0's function makes of what all replicas brought, for this replica."""
    first = requests[0]
    if any((one.operation, one.extra) != (first.operation, first.extra) for one in requests):
        merge_fn = share(merge_fn, run.crew.ranks[0], run.crew.ranks)
    with crossing(run):
        grouped = regroup(args, [one.args for one in requests], run.crew)
        named = regroup(kwargs, [one.kwargs for one in requests], run.crew)
        result = merge_fn(run.strategy, *grouped, **named)
    return given_back(run, result)


def given_back(run: ReplicaRun, result: Any) -> Any:
    """This replica's part of what a merge function returned."""

    def own(value: Any) -> Any:
        part = select_leaf(run.index, value)
        if part is value or not isinstance(part, Tensor):
            return part
        return make(part._array, part.dtype, "Identity")  # made for this replica

    return nest.map_structure(own, result)


# What other calls become -------------------------------------------------------------------------


def require_grouping(run: ReplicaRun, requests: list[Request], args: Any, kwargs: Any) -> None:
    """Raises what `distribute_utils.regroup` says of arguments that do not fit together."""
    if alike(run.last_met):
        return
    with crossing(run):
        regroup(args, [one.args for one in requests], run.crew)
        regroup(kwargs, [one.kwargs for one in requests], run.crew)


def follow(run: ReplicaRun, met: Sequence[Met], args: Any, kwargs: dict[str, Any]) -> Any:
    """Does what replica 0 asked for, at its line, whatever this replica wanted."""
    requests: list[Request] = [one.report.payload for one in met]
    with at_line_of_first(met):
        return _follow(run, requests, args, kwargs)


def at_line_of_first(met: Sequence[Met]) -> AbstractContextManager[None]:
    """What is done in here is told for the line of replica 0, of whatever line this replica came."""
    line = met[0].intent.site
    if all(one.intent.site == line for one in met):
        return nullcontext()
    return Instead(Site.parse(line))


def _follow(run: ReplicaRun, requests: list[Request], args: Any, kwargs: dict[str, Any]) -> Any:
    first = requests[0]
    if first.call == "merge_call":
        return merged(run, requests, None, args, kwargs)
    require_grouping(run, requests, args, kwargs)
    if first.call == "update":
        variable = ledger.variable(first.variable)
        return carry_out_update(run, variable, requests, args[0])
    with crossing(run):
        if first.call == "all_reduce":
            return reduce_all(run, args, first.extra)
        if first.call == "all_gather":
            return [gather_flat(run, value, first.extra) for value in args]
    raise NotModelled(f"replicas that meet in {first} and in another call")


# Aggregated writes -------------------------------------------------------------------------------


def update(
    variable: Any, operation: Operation, value: Any, read_value: bool, named: dict[str, Any]
) -> Any:
    """A write in replica context that is aggregated: `values._on_write_update_replica`."""
    from varsync_runtime.distribute.variables import updating

    run = current_run()
    assert run is not None
    if hasattr(variable, "_crew"):
        kwargs = dict(named)
        if operation in (Operation.ASSIGN, Operation.ASSIGN_ADD, Operation.ASSIGN_SUB):
            kwargs["read_value"] = read_value
    else:
        # an AggregatingVariable hands on what it was given
        kwargs = {key: given for key, given in named.items() if given}
    request = Request(
        "update",
        operation.value,
        variable._variable_number,
        kind_of(variable, value, run),
        describe((value,), run),
        describe(kwargs, run),
    )
    met = gathered(run, request, brought.along(run.crew, (value,)))
    result = follow(run, met, (value,), kwargs)
    return result if read_value else updating.without_value()


def carry_out_update(run: ReplicaRun, variable: Any, requests: list[Request], value: Any) -> Any:
    """Asks the table, and writes."""
    from varsync_runtime.distribute.variables import updating

    first = requests[0]
    operation = Operation(first.operation)
    values = [one.args[2][0] for one in requests]
    kind = together(first.kind, values)
    outcome = updating.ask(variable, operation, Context.REPLICA, kind)
    with crossing(run):
        if kind is ValueKind.LIST and _reduced_by_parts(variable):
            value = reduced_parts(run, variable, operation, value, values)
            outcome = Updated(Rule.OWN, operation, variable._in_table.dtype)
        if isinstance(outcome, Raises):
            if outcome.message == words.OTHER_DTYPE.message:
                rule = semantics.update(
                    replace(
                        variable._in_table, dtype=semantics.DTypeKind.FLOATING
                    ), operation, Context.REPLICA, ValueKind.TENSOR,
                )  # fmt: skip
                assert isinstance(rule, Updated)
                require_alike(values)
                operand = aggregated(
                    run, variable, rule.rule, own_part(run, value), operation.value
                )
                updating.attempt(variable, operation, operand)
            elif outcome.message in updating.NATURAL:
                updating.attempt(variable, operation, value)
                outcome = updating.ask(variable, operation, Context.REPLICA, ValueKind.NUMBER)
        if isinstance(outcome, Raises):
            shown = regroup(value, values, run.crew)
            given = value if outcome.message != words.ONE_VALUE.message else shown
            raise updating.refused(variable, outcome, operation, Context.REPLICA, given)
        if outcome.rule in (Rule.SUM, Rule.MEAN):
            require_alike(values)
        write(run, variable, outcome.rule, operation, value)
        telling.written(variable, operation.value, Context.REPLICA, outcome.rule)
        array = updating.copy_here(variable)._array
    return make(array, variable.dtype, "Identity")


def _reduced_by_parts(variable: Any) -> bool:
    """Whether a list is taken apart before it is reduced: `MirroredExtended._reduce_to` does so."""
    known = variable._in_table
    return (
        known.strategy.kind is StrategyKind.MIRRORED
        and known.cls is VariableClass.MIRRORED
        and known.aggregation in (Aggregation.SUM, Aggregation.MEAN)
    )


def reduced_parts(
    run: ReplicaRun, variable: Any, operation: Operation, value: Any, values: Sequence[Description]
) -> Any:
    """A list of numbers and tensors, each reduced as if it was given alone.

    What comes of it is one value for the variable, whose dtype all of it gets.
    """
    from varsync_runtime.distribute.variables import updating

    if isinstance(value, (list, tuple)):
        columns = zip(*(each[2] for each in values), strict=True)
        return [
            reduced_parts(run, variable, operation, part, column)
            for part, column in zip(value, columns, strict=True)
        ]
    kind = together(kind_of(variable, value, run), values)
    if kind is ValueKind.OTHER_DTYPE:
        kind = ValueKind.TENSOR
    outcome = updating.ask(variable, operation, Context.REPLICA, kind)
    if isinstance(outcome, Raises):
        raise updating.refused(variable, outcome, operation, Context.REPLICA, value)
    part = aggregated(run, variable, outcome.rule, value, operation.value)
    return registry()["tf.cast"](part, variable.dtype) if isinstance(part, Tensor) else part


def require_alike(values: Sequence[Description]) -> None:
    """Raises what TensorFlow's AddN does of values that differ in dtype or shape."""
    signatures = [signature(one) if isinstance(one, Leaf) else None for one in values]
    if len(set(signatures)) == 1 or None in signatures:
        return
    stand_ins = [
        make(np.zeros(shape, name), as_dtype(name)) for name, shape in filter(None, signatures)
    ]
    registry()["tf.add_n"](stand_ins)


def write(run: ReplicaRun, variable: Any, rule: Rule, operation: Operation, value: Any) -> None:
    """Writes the copy of this process with what the replicas' values become."""
    from varsync_runtime.distribute.variables import updating

    own = updating.copy_here(variable)
    value = own_part(run, value)
    if rule in (Rule.SLICES, Rule.SLICES_OVER_N):
        for slices in all_slices(run, variable, rule, operation.value, value):
            own._write(operation, slices, variable.name)
        return
    if value is variable and rule in (Rule.OWN, Rule.MEAN):
        # the mean of a variable is the variable: each copy gets its own
        rule, value = Rule.OWN, make(own._array, variable.dtype)
    operand = aggregated(run, variable, rule, value, operation.value)
    if variable._private and run.index:
        return  # replica 0's is written, which this process does not have
    own._write(operation, operand, variable.name)
    workers_agree = rule is not Rule.WORKER_FIRST or run.crew.workers == 1
    if not workers_agree and run.index == 0 and telling.listening():
        context = Context.REPLICA.value
        wrote = ledger.OwnWrite(operation.value, context, rule.name, events.here())
        telling.of_worker(variable, wrote)
    if operation is Operation.ASSIGN and hasattr(variable, "_crew"):
        variable._unsure = variable._unsure and (rule is Rule.OWN or not workers_agree)


def own_part(run: ReplicaRun, value: Any) -> Any:
    """This replica's part of a PerReplica that the replicas' function uses as a whole."""
    return select_leaf(run.index, value)


def aggregated(run: ReplicaRun, variable: Any, rule: Rule, value: Any, operation: str) -> Any:
    """What the replicas' values become in this operation on a variable."""
    crew = run.crew
    number = variable._variable_number
    match rule:
        case Rule.SUM | Rule.MEAN:
            tensor = convert(value)
            result = combined(run, tensor, rule, operation, variable.name)
            if telling.listening() and (crew.replicas > 1 or is_tensor(value)):
                changed = not _is_from_all(run, rule, tensor, result)
                size = tensor._array.nbytes
                own = not changed and run.starts_from_own_values
                telling.synchronised(number, "update", rule.name, size, changed, own)
            return result
        case Rule.FIRST | Rule.WORKER_FIRST:
            if crew.local == 1:
                return value
            received = from_first(run, value)
            if telling.listening():
                changed = not all(map(telling.same, _arrays(value), _arrays(received)))
                telling.synchronised(number, "update", rule.name, nbytes(value), changed)
            return received
        case Rule.WORKER_SUM:
            return make(np.asarray(convert(value)._array * crew.workers), variable.dtype)
    return value


def _is_from_all(run: ReplicaRun, rule: Rule, tensor: Tensor, result: Tensor) -> bool:
    """Whether all replicas gave this value; of large ones what came of them tells."""
    if run.brought:
        first, *others = run.brought[0]
        return all(telling.same(first, one) for one in others)
    whole = run.crew.replicas if rule is Rule.SUM else 1
    return telling.same(tensor._array, result._array, whole)


def _arrays(value: Any) -> list[np.ndarray]:
    """What a value consists of; nothing is made of it that a graph would know."""
    if isinstance(value, IndexedSlices):
        return [*_arrays(value.values), *_arrays(value.indices)]
    if hasattr(value, "_variable_number"):
        return [value._local_array()]
    return [value._array if isinstance(value, Tensor) else np.asarray(value)]


def nbytes(value: Any) -> int:
    """The bytes of a tensor, or of the rows of one; 8 for a number."""
    tensor = value.values if isinstance(value, IndexedSlices) else value
    array = getattr(tensor, "_array", None)
    return 8 if array is None else int(array.nbytes)


def combined(
    run: ReplicaRun,
    tensor: Tensor,
    rule: Rule,
    operation: str,
    variable: str = "",
    order: Order = Order.RANKS,
    at: int = 0,
) -> Tensor:
    """The sum or mean over all replicas, for an operation on a variable.

    `at` counts the values of the replicas' meeting.
    """
    if run.crew.workers > 1:
        # the replicas of one worker know by now that they want the same
        order = arrive(run.crew, Exchange.REDUCE, operation, variable, tensor._array, order)
    if operation == "all_reduce":
        feeding.collective(run.strategy, Call.ALL_REDUCE)
    elif run.strategy._in_table.kind is StrategyKind.MULTI_WORKER_MIRRORED:
        graphs.collective()  # with one worker, too
    if at < len(run.brought):
        total = brought.added(run.brought[at], order)
    else:
        total = run.crew.sum(tensor._array, order)
    return divided(run, total, tensor, rule)


def divided(run: ReplicaRun, total: np.ndarray, tensor: Tensor, rule: Rule) -> Tensor:
    """The sum, or the mean, of tensors like this one."""
    from varsync_runtime.distribute.variables.reading import mean
    from varsync_runtime.tensors.dtypes import FROM_NUMPY

    if rule is not Rule.MEAN:
        return make(total, tensor.dtype, "Identity")
    total = mean(total, run.crew.replicas)
    dtype = tensor.dtype if total.dtype == tensor._array.dtype else FROM_NUMPY[total.dtype]
    return make(total, dtype, "truediv")


def from_first(run: ReplicaRun, value: Any) -> Any:
    """The value of this worker's first replica."""
    crew = run.crew
    if hasattr(value, "_variable_number"):
        value = value._read()
    return share(value, crew.ranks[0], crew.ranks)


def all_slices(
    run: ReplicaRun, variable: Any, rule: Rule, operation: str, value: Any
) -> list[IndexedSlices]:
    """Every replica's slices, in order."""
    crew = run.crew
    own = convert(value.values)._array
    if crew.replicas == 1:
        telling.synchronised(None, "update", "SLICES", own.nbytes)
        return [value]  # as it is: its indices may be a list
    if crew.workers > 1:
        arrive(crew, Exchange.GATHER, operation, variable.name, own)
    values = crew.gather(own)
    indices = crew.gather(convert(value.indices)._array)
    telling.synchronised(None, "update", "SLICES", own.nbytes)
    dtype = value.values.dtype
    if rule is Rule.SLICES_OVER_N:
        values = [np.asarray(array / array.dtype.type(crew.replicas)) for array in values]
    return [
        IndexedSlices(make(array, dtype), make(at, value.indices.dtype))
        for array, at in zip(values, indices, strict=True)
    ]


# All-reduce in replica context -------------------------------------------------------------------


def all_reduce(run: ReplicaRun, op: Any, flat: Sequence[Any]) -> Any:
    """`ReplicaContext.all_reduce` of tensors, IndexedSlices or variables; a list of results.

    If replica 0 writes a variable instead, it is what the write returned, which is no list.
    """
    refuse_in_graph(run, Call.ALL_REDUCE)
    flat = [_read(one) for one in flat]
    request = Request(
        "all_reduce",
        "all_reduce",
        args=describe(tuple(flat), run),
        kwargs=describe({}, run),
        extra=op.name,
    )
    met = gathered(run, request, brought.along(run.crew, flat))
    requests: list[Request] = [one.report.payload for one in met]
    if requests[0].call == "update":
        variable = ledger.variable(requests[0].variable)
        outcome = differing(variable, Operation(requests[0].operation))
        if not (isinstance(outcome, Raises) and outcome.written is not Rule.NOTHING):
            require_grouping(run, requests, tuple(flat), {})
        return carry_out_update(run, variable, requests, flat[0])
    if requests[0].call != "all_reduce":
        return follow(run, met, tuple(flat), {})
    whole = one_object(run, requests)
    require_grouping(run, requests, tuple(flat), {})
    with at_line_of_first(met), crossing(run):
        if any(whole):
            return unreduced(run, flat, whole)
        op_name = requests[0].extra
        return reduce_all(run, flat, op_name)


def _read(value: Any) -> Any:
    """What is reduced. Compiled, each replica has a tensor of its own of a number, or a variable."""
    if isinstance(value, Tensor):
        return value
    if hasattr(value, "_variable_number"):
        alone = value._distribute_strategy is None
        return value if alone and state.graph is None else value._read()
    if state.graph is not None and isinstance(value, NUMBERS):
        return convert(value)
    return value


def one_object(run: ReplicaRun, requests: Sequence[Request]) -> list[bool]:
    """Which values of an all-reduce are one object for all replicas of this worker."""
    alone = run.crew.local == 1 and run.crew.workers > 1
    if alone or any(one.call != "all_reduce" for one in requests):
        return []
    columns = zip(*(one.args[2] for one in requests), strict=False)
    return [
        isinstance(column[0], Leaf) and (len(column) == 1 or same(column)) for column in columns
    ]


def unreduced(run: ReplicaRun, flat: Sequence[Any], whole: Sequence[bool]) -> list[Any]:
    """An all-reduce of the host's own values: `CrossDeviceOps.batch_reduce` hands them back.

    It takes them for PerReplica values of one part, which it looks for on every device if it has to
    reduce them nevertheless.
    """
    first = flat[0]
    if state.graph is None:
        if isinstance(first, (int, float, complex)):
            name = type(first).__name__
            raise AttributeError(f"'{name}' object has no attribute 'dtype'")
        if any(one and isinstance(value, NUMBERS) for one, value in zip(whole, flat, strict=True)):
            raise ValueError(
                "destinations must be one of a `DistributedValues` object, a tf.Variable object, "
                "or a device string."
            )
    if not all(whole) or run.crew.workers > 1:
        raise IndexError("tuple index out of range")
    return [value._read() if hasattr(value, "_variable_number") else value for value in flat]


def differing(variable: Any, operation: Operation) -> Updated | Raises:
    """The table's answer where some replicas call all_reduce and the others write."""
    from varsync_runtime.distribute.variables import updating

    return updating.ask(
        variable, operation, Context.REPLICA, ValueKind.TENSOR, ControlFlow.DIFFERENT_CALLS
    )


def reduce_all(run: ReplicaRun, values: Sequence[Any], op: str) -> list[Any]:
    """The values of an all-reduce, for this replica."""
    rule = Rule[op]
    dense = {
        at: convert(one) for at, one in enumerate(values) if not isinstance(one, IndexedSlices)
    }
    reduced = packed(run, dense, rule) if packs(run, list(dense.values())) else {}
    for at, value in enumerate(values):
        if at in reduced:
            continue
        tensor = dense.get(at)
        reduced[at] = (
            reduced_slices(run, value, rule)
            if tensor is None
            else one_reduced(run, tensor, rule, at)
        )
    exchanged = [dense[at] if at in dense else convert(one.values) for at, one in enumerate(values)]
    telling.all_reduced(op, exchanged)
    for at in dense:
        reduced[at]._stamp = run.stamp  # each replica gets a tensor of its own
    return [reduced[at] for at in range(len(values))]


def one_reduced(run: ReplicaRun, tensor: Tensor, rule: Rule, at: int) -> Tensor:
    """One tensor of an all-reduce; `at` counts them."""
    ops = run.strategy.extended._cross_device_ops
    is_int32 = tensor.dtype.name == "int32"  # TensorFlow adds them on one device, whatever is given
    several = run.crew.workers == 1 < run.crew.replicas
    adding = ops._adding() if several and not is_int32 else None
    if adding is None:
        order = Order.RANKS if is_int32 else ops._order
        return combined(run, tensor, rule, "all_reduce", order=order, at=at)
    graphs.collective()
    parts = run.brought[at] if at < len(run.brought) else run.crew.gather(tensor._array)
    total = convert(adding([make(part, tensor.dtype) for part in parts]))
    return divided(run, total._array, tensor, rule)


def packs(run: ReplicaRun, tensors: Sequence[Tensor]) -> bool:
    """Whether an all-reduce exchanges its tensors as one: what TensorFlow compiles does."""
    return (
        state.graph is not None
        and len(tensors) > 1
        and run.crew.workers == 1 < run.crew.replicas
        and run.strategy.extended._cross_device_ops is cross_device_ops.DEFAULT
        and len({one.dtype for one in tensors}) == 1
        and tensors[0].dtype.name != "int32"
    )


def packed(run: ReplicaRun, dense: dict[int, Tensor], rule: Rule) -> dict[int, Any]:
    """Tensors that are exchanged as one, the last one first."""
    order = sorted(dense, reverse=True)
    graphs.collective()
    if run.brought:
        rows = zip(*(run.brought[at] for at in order), strict=True)
        total = brought.added([joined(row) for row in rows], Order.RING)
    else:
        total = run.crew.sum(joined([dense[at]._array for at in order]), Order.RING)
    ends = np.cumsum([dense[at]._array.size for at in order])
    pieces = zip(order, np.split(total, ends[:-1]), strict=True)
    return {
        at: divided(run, piece.reshape(dense[at]._array.shape), dense[at], rule)
        for at, piece in pieces
    }


def joined(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """The elements of arrays, one after the other."""
    whole: np.ndarray = np.concatenate([array.ravel() for array in arrays])
    return whole


def reduced_slices(run: ReplicaRun, value: IndexedSlices, rule: Rule) -> IndexedSlices:
    """The rows of all replicas, one behind the other."""
    crew = run.crew
    own = convert(value.values)._array
    feeding.collective(run.strategy, Call.ALL_REDUCE)
    if crew.workers > 1:
        arrive(crew, Exchange.GATHER, "all_reduce", "", own)
    values = np.concatenate(crew.gather(own))
    indices = np.concatenate(crew.gather(convert(value.indices)._array))
    if rule is Rule.MEAN:
        values = np.asarray(values / values.dtype.type(crew.replicas))
    made = make(values, value.values.dtype)
    made._stamp = run.stamp
    return IndexedSlices(made, make(indices, value.indices.dtype), value.dense_shape)


def all_gather(run: ReplicaRun, flat: Sequence[Any], axis: int) -> Any:
    """`ReplicaContext.all_gather` of tensors; a list of results.

    If replica 0 writes a variable instead, it is what the write returned, which is no list.
    """
    refuse_in_graph(run, Call.ALL_GATHER)
    args = tuple(map(convert, flat))
    request = Request(
        "all_gather",
        "all_gather",
        args=describe(args, run),
        kwargs=describe({}, run),
        extra=axis,
    )
    met = gathered(run, request)
    return follow(run, met, args, {})


def gather_flat(run: ReplicaRun, value: Any, axis: int) -> Tensor:
    """All replicas' tensors, one behind the other, for this replica."""
    tensor = convert(value)
    if run.crew.workers > 1:
        arrive(run.crew, Exchange.GATHER, "all_gather", "", tensor._array)
    feeding.collective(run.strategy, Call.ALL_GATHER)
    parts = run.crew.gather(tensor._array)
    telling.synchronised(None, "gather", "all_gather", tensor._array.nbytes)
    result = make(np.concatenate(parts, axis=axis), tensor.dtype)
    result._stamp = run.stamp
    return result


# Reads in replica context that are aggregated ------------------------------------------------------


def exchange(variable: Any, rule: Rule, cause: str) -> np.ndarray:
    """What an ON_READ variable's copies become, for replica code that asks for it."""
    from varsync_runtime.distribute.variables.reading import mean

    run = current_run()
    assert run is not None
    refuse_in_graph(run, Call.ALL_REDUCE)
    request = Request("read", "read", variable._variable_number)
    met = gathered(run, request)
    own = variable._local_array()
    if any(one.report.payload.call != request.call for one in met):
        raise NotModelled(f"replicas that meet in {request} and in another call")
    telling.synchronised(variable._variable_number, cause, rule.name, own.nbytes)
    if rule is Rule.WORKER_FIRST:
        array: np.ndarray = from_first(run, make(own, variable.dtype))._array
        return array
    order = Order.RING
    if run.crew.workers > 1:
        order = arrive(run.crew, Exchange.REDUCE, cause, variable.name, own, order)
    feeding.collective(run.strategy, Call.ALL_REDUCE)
    total = run.crew.sum(own, order)
    return mean(total, run.crew.replicas) if rule is Rule.MEAN else total


__all__ = [
    "PerReplica",
    "_RequestedStop",
    "all_gather",
    "all_reduce",
    "merge_call",
    "update",
]
