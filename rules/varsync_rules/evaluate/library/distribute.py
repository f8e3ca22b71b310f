"""tf.distribute: strategies, what they run and where, replica contexts, cross-replica operations."""

from __future__ import annotations

import ast
from collections.abc import Callable

from varsync_runtime.semantics.kinds import StrategyKind

from varsync_rules.context import Context, Role
from varsync_rules.evaluate import workers
from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.evaluate.provenance import data_of, made_in
from varsync_rules.immutable import replace
from varsync_rules.surface import INTEGERS, STRATEGIES
from varsync_rules.values import (
    UNKNOWN,
    Argument,
    Arguments,
    Atom,
    Bound,
    Const,
    Container,
    Data,
    Extended,
    Form,
    Function,
    LibraryObject,
    Made,
    Partial,
    ReplicaContext,
    Scope,
    Strategy,
    Symbol,
    Traced,
    Value,
    Variable,
    Varies,
    join,
)

RUNS = frozenset({"run", "experimental_run_v2", "experimental_run", "call_for_each_replica"})
_CALLABLE = (Function, Bound, Traced, Partial)


def make_strategy(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """A strategy made by its constructor."""
    kind = STRATEGIES[symbol.name]
    strategy = machine.made(Strategy, frame, node, symbol.name, kind=kind)
    strategy.devices = _devices(kind, arguments)
    if strategy not in machine.program.strategies:
        machine.program.strategies.append(strategy)
    return (strategy,)


def _devices(kind: StrategyKind, arguments: Arguments) -> int | None:
    """The number of devices where the call spells them."""
    if kind in (StrategyKind.MIRRORED, StrategyKind.CENTRAL_STORAGE):
        given = arguments.get(0, "devices", "compute_devices")
        if given is not None and len(given.value) == 1:
            atom = given.value[0]
            if isinstance(atom, Container) and not atom.rest:
                return len(atom.items) or None
            if isinstance(atom, Const) and isinstance(atom.value, str):
                return 1
    return None


def method(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    strategy: Strategy,
    name: str,
    arguments: Arguments,
) -> Value:
    """A method of a strategy."""
    if name == "scope":
        return (Scope(strategy),)
    if name in RUNS:
        return run(machine, frame, node, strategy, arguments)
    if name in ("reduce", "reduce_to", "batch_reduce"):
        value = arguments.value(1, "value")
        data = data_of(machine, frame, value, node, f"strategy.{name}")
        return (_reduced(frame, name, data, arguments),)
    if name == "gather":
        return (Data(Form.TENSOR, Varies.SAME, made_in(frame.context), reduced=True),)
    if name in (
        "experimental_distribute_dataset",
        "distribute_datasets_from_function",
        "experimental_distribute_datasets_from_function",
        "experimental_make_numpy_dataset",
        "make_dataset_iterator",
        "make_input_fn_iterator",
    ):
        symbol = Symbol("tf.distribute.DistributedDataset")
        made = machine.made(LibraryObject, frame, node, symbol, symbol=symbol, args=arguments)
        machine.write(made, "element", (one_of_each(strategy),))
        return (made,)
    if name == "experimental_distribute_values_from_function":
        return (one_of_each(strategy),)
    if name in ("experimental_local_results", "unwrap"):
        data = data_of(machine, frame, arguments.value(0, "value"), node, "local_results")
        element = replace(data, form=Form.TENSOR, varies=Varies.SAME, made=made_in(frame.context))
        return (machine.container(frame, node, "tuple", rest=(element,)),)
    return UNKNOWN


def _reduced(frame: Frame, name: str, data: Data, arguments: Arguments) -> Data:
    """The result of a reduction over the replicas; with ReduceOp.SUM it is a total."""
    op = arguments.value(0, "reduce_op")
    tags = (data.tags - {"total", "share"} - workers.OWN) | {"reduced"}
    # the sum of 1/N of each is a mean; of a gradient it is the gradient of the whole batch
    # (strategy.reduce in replica context raises)
    in_place = name == "all_reduce" or not frame.context.in_replica
    if in_place and sums(op) and ("scaled" not in tags or "gradient" in tags):
        tags |= {"total"}
    reduced = replace(
        data,
        form=Form.TENSOR,
        varies=Varies.SAME,
        made=made_in(frame.context),
        reduced=True,
        tags=tags,
        averages=data.averages if sums(op) else frozenset(),
    )
    if data.dtype in INTEGERS and _is(op, "MEAN"):
        # with one replica alone nothing is divided
        several = frame.context.replicates_visibly
        dtype = "float64" if several else None
        return replace(reduced, op=MEAN_OF_INTEGERS if several else reduced.op, dtype=dtype)
    return reduced


MEAN_OF_INTEGERS = "mean of integers"
"""The operation of a mean over the replicas of integers, which TensorFlow makes a float64 of."""


def sums(reduce_op: Value) -> bool:
    """Whether a reduction is known to be ReduceOp.SUM."""
    return _is(reduce_op, "SUM")


def _is(reduce_op: Value, name: str) -> bool:
    return bool(reduce_op) and all(
        (isinstance(atom, Symbol) and atom.name == f"tf.distribute.ReduceOp.{name}")
        or (isinstance(atom, Const) and str(atom.value).upper() == name)
        for atom in reduce_op
    )


def scope_method(frame: Frame, scope: Scope, name: str) -> Value:
    """`scope.__enter__()` and `scope.__exit__(…)`, called by hand."""
    context = frame.context
    if name == "__enter__":
        frame.context = replace(context, strategies=(scope.strategy,))
        return (scope.strategy,)
    if name == "__exit__" and context.strategies == (scope.strategy,):
        frame.context = replace(context, strategies=())
    return UNKNOWN


def run(
    machine: Machine, frame: Frame, node: ast.AST, strategy: Strategy, arguments: Arguments
) -> Value:
    """strategy.run(fn, args, kwargs): fn in replica context, its results per replica."""
    target = arguments.value(0, "fn")
    context = replica_context(frame.context, (strategy,))
    given = arguments.value(1, "args")
    positional: list[Argument] = []
    is_open = False
    for atom in given:
        if isinstance(atom, Container) and not atom.rest:
            for position in sorted(key for key in atom.items if isinstance(key, int)):
                positional.append(Argument(inside(atom.items[position])))
        elif not (isinstance(atom, Const) and atom.value is None):
            is_open = True
    keywords: list[tuple[str, Argument]] = []
    for atom in arguments.value(2, "kwargs"):
        if isinstance(atom, Container):
            for key, item in atom.items.items():
                keywords.append((str(key), Argument(inside(item))))
            is_open |= bool(atom.rest)
    if any(isinstance(atom, LibraryObject) for atom in given):
        positional = [Argument((Data(Form.TENSOR, Varies.DIFFERS, Made.REPLICA),))]
    batch = [atom for atom in given if isinstance(atom, Data)]
    if batch and len(batch) == len(given):
        # `args=inputs`: the parts of what a distributed dataset gave
        most = max(map(_required, target), default=0)
        positional = [Argument(inside(tuple(batch)))] * most
    passed = Arguments(tuple(positional), tuple(keywords), is_open)
    results = [
        machine.call_atom(frame, node, atom, passed, context, True)
        for atom in target
        if not isinstance(atom, (Data, Const))
    ]
    result = join(*results) or UNKNOWN
    if frame.context.in_replica:
        return result
    return per_replica(machine, frame, node, result, strategy)


def _required(target: Atom) -> int:
    """How many arguments without a default a function of the program takes."""
    if isinstance(target, Traced):
        return _required(target.target)
    if isinstance(target, Bound):
        return max(_required(target.function) - 1, 0)
    if not isinstance(target, Function):
        return 0
    spec = target.node.args
    return len(spec.posonlyargs) + len(spec.args) - len(spec.defaults)


def replica_context(context: Context, strategies: tuple[Strategy, ...]) -> Context:
    """The context of a function that a strategy runs on each replica."""
    return Context(
        role=Role.REPLICA,
        strategies=strategies,
        portable=context.portable and all(s.kind is None for s in strategies),
        callers=context.callers,
        traced=context.traced,
        conditions=(),
        loops=0,
        in_run=True,
    )


def inside(value: Value) -> Value:
    """A host value given to strategy.run, as the replica function gets it.

    What is not known is taken for a part of a batch, with the tag `assumed`: it may be an option.
    """
    results: list[Value] = []
    for atom in value:
        if isinstance(atom, Data):
            if atom.form is Form.PER_REPLICA or (
                atom.form is Form.UNKNOWN and atom.varies is not Varies.SAME
            ):
                known = atom.form is Form.PER_REPLICA
                tags = atom.tags if known else atom.tags | {"assumed"}
                own = replace(
                    atom, form=Form.TENSOR, varies=Varies.DIFFERS, made=Made.REPLICA, tags=tags
                )
                results.append((own,))
            else:
                results.append((atom,))
        elif isinstance(atom, LibraryObject) and atom.symbol.name.startswith("tf.distribute."):
            results.append((atom,))
        else:
            results.append((atom,))
    return join(*results)


def one_of_each(strategy: Strategy) -> Data:
    """A value of each replica, as the host holds it.

    Of a strategy that is not known it may be a plain tensor; so it is, mostly, with one replica per
    worker, which the tag `per_worker` tells. One replica's alone has the tag `alone`.
    """
    if not strategy.replicates:
        return Data(Form.TENSOR, Varies.DIFFERS, Made.HOST, tags=frozenset({"alone"}))
    if strategy.kind in (None, StrategyKind.PARAMETER_SERVER):
        return Data(varies=Varies.DIFFERS, made=Made.HOST)
    workers = strategy.kind is StrategyKind.MULTI_WORKER_MIRRORED
    tags = frozenset({"per_worker"}) if workers else frozenset[str]()
    return Data(Form.PER_REPLICA, Varies.DIFFERS, Made.HOST, tags=tags)


def per_replica(
    machine: Machine, frame: Frame, node: ast.AST, value: Value, strategy: Strategy
) -> Value:
    """What a replica function returned, as the host gets it."""
    each = one_of_each(strategy)
    results: list[Value] = []
    for atom in value:
        if isinstance(atom, Data):
            results.append((_regrouped(atom, each),))
        elif isinstance(atom, Container) and atom.kind in ("tuple", "list", "dict"):
            made = machine.made(Container, frame, node, "per_replica", id(atom), kind=atom.kind)
            for key, item in list(atom.items.items()):
                machine.put(made, key, per_replica(machine, frame, node, item, strategy))
            if atom.rest:
                machine.put(made, None, per_replica(machine, frame, node, atom.rest, strategy))
            results.append((made,))
        elif isinstance(atom, (Const, Variable)):
            # the same object from every replica comes back as it is
            results.append((atom,))
        else:
            results.append((Data(varies=Varies.DIFFERS, made=Made.HOST),))
    return join(*results)


def _regrouped(data: Data, each: Data) -> Data:
    if data.varies is Varies.SAME and (data.form is Form.NUMBER or data.made is Made.HOST):
        return data
    form = data.form if data.form is Form.UNKNOWN or "alone" in each.tags else each.form
    tags = data.tags | each.tags
    if "per_worker" in each.tags and data.varies is Varies.DIFFERS and not data.reduced:
        tags |= {"of_worker"}
    return replace(data, form=form, made=Made.HOST, tags=tags)


def extended(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    receiver: Extended,
    name: str,
    arguments: Arguments,
) -> Value:
    """A method of `strategy.extended`."""
    if name in ("update", "update_non_slot"):
        target = arguments.value(0, "var", "colocate_with")
        context = replace(frame.context, role=Role.UPDATE)
        values = [inside(value) for value in _packed(arguments.value(2, "args"))]
        passed = Arguments((Argument(target), *(Argument(value) for value in values)))
        results = [
            machine.call_atom(frame, node, atom, passed, context, False)
            for atom in arguments.value(1, "fn")
            if isinstance(atom, _CALLABLE)
        ]
        return join(*results) or UNKNOWN
    if name == "call_for_each_replica":
        return run(machine, frame, node, receiver.strategy, arguments)
    return method(machine, frame, node, receiver.strategy, name, arguments)


def _packed(value: Value) -> list[Value]:
    """The elements of an `args=(…)` tuple."""
    for atom in value:
        if isinstance(atom, Container) and not atom.rest:
            return [atom.items[key] for key in sorted(k for k in atom.items if isinstance(k, int))]
        if isinstance(atom, Container):
            return [atom.rest]
    return []


def in_replica(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    receiver: ReplicaContext,
    name: str,
    arguments: Arguments,
) -> Value:
    """A method of a replica context."""
    if name == "all_reduce":
        data = data_of(machine, frame, arguments.value(1, "value"), node, "all_reduce")
        result = _reduced(frame, name, data, arguments)
        given = arguments.value(1, "value")
        if any(isinstance(atom, Container) for atom in given):
            return (machine.container(frame, node, "list", rest=(result,)),)
        return (result,)
    if name == "all_gather":
        return (Data(Form.TENSOR, Varies.SAME, made_in(frame.context), reduced=True),)
    if name == "merge_call":
        context = replace(frame.context, role=Role.MERGE, graph="")
        strategies: Value = receiver.strategies or UNKNOWN
        values = [across(value) for value in _packed(arguments.value(1, "args"))]
        for atom in arguments.value(2, "kwargs"):
            if isinstance(atom, Container):
                values.extend(across(item) for item in atom.items.values())
        passed = Arguments((Argument(strategies), *(Argument(value) for value in values)))
        results = [
            machine.call_atom(frame, node, atom, passed, context, False)
            for atom in arguments.value(0, "merge_fn")
            if isinstance(atom, _CALLABLE)
        ]
        return join(*results) or UNKNOWN
    return UNKNOWN


def across(value: Value) -> Value:
    """A replica's value as the merge function gets it: one of each replica."""
    return tuple(
        replace(atom, form=Form.PER_REPLICA)
        if isinstance(atom, Data)
        and atom.varies is Varies.DIFFERS
        and atom.form is not Form.UNKNOWN
        else atom
        for atom in value
    )


def get_replica_context(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.distribute.get_replica_context(): None in cross-replica context."""
    context = frame.context
    if context.in_replica or context.portable or context.role is Role.UPDATE:
        return (ReplicaContext(context.strategies),)
    if context.strategies:
        return (Const(None),)
    return (ReplicaContext(()),)


def get_strategy(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.distribute.get_strategy(): the one in force, else the default one."""
    context = frame.context
    if context.strategies:
        return context.strategies
    kind = None if context.portable else StrategyKind.DEFAULT
    return (machine.made(Strategy, frame, node, "current", kind=kind),)


def set_strategy(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.distribute.experimental_set_strategy(strategy): in force from here on."""
    given = tuple(a for a in arguments.value(0, "strategy") if isinstance(a, Strategy))
    current: Frame | None = frame
    while current is not None:
        current.context = replace(current.context, strategies=given)
        current = current.caller
    return (Const(None),)


def has_strategy(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.distribute.has_strategy()."""
    context = frame.context
    if context.strategies and all(
        s.kind not in (None, StrategyKind.DEFAULT) for s in context.strategies
    ):
        return (Const(True),)
    if context.portable or context.strategies:
        return (Data(Form.NUMBER, Varies.SAME, Made.HOST),)
    return (Const(False),)


def in_cross_replica_context(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """tf.distribute.in_cross_replica_context()."""
    context = frame.context
    if context.role is Role.REPLICA:
        return (Const(False),)
    if context.role is Role.MERGE or (context.strategies and not context.portable):
        return (Const(True),)
    if context.portable:
        return (Data(Form.NUMBER, Varies.SAME, Made.HOST),)
    return (Const(False),)


def coordinator_schedule(
    machine: Machine, frame: Frame, node: ast.AST, receiver: LibraryObject, arguments: Arguments
) -> Value:
    """ClusterCoordinator.schedule(fn, args): fn on some worker, a replica context of its own."""
    strategies = tuple(
        atom for atom in receiver.args.value(0, "strategy") if isinstance(atom, Strategy)
    )
    context = replace(
        replica_context(frame.context, strategies), hook="ClusterCoordinator.schedule"
    )
    values = [inside(value) for value in _packed(arguments.value(1, "args"))]
    passed = Arguments(tuple(Argument(value) for value in values))
    for atom in arguments.value(0, "fn"):
        if isinstance(atom, _CALLABLE):
            machine.call_atom(frame, node, atom, passed, context, True)
    return UNKNOWN


Handler = Callable[[Machine, Frame, ast.AST, Symbol, Arguments], Value]
SYMBOLS: dict[str, Handler] = {
    **dict.fromkeys(STRATEGIES, make_strategy),
    "tf.distribute.get_replica_context": get_replica_context,
    "tf.distribute.get_strategy": get_strategy,
    "tf.distribute.experimental_set_strategy": set_strategy,
    "tf.distribute.has_strategy": has_strategy,
    "tf.distribute.in_cross_replica_context": in_cross_replica_context,
}
