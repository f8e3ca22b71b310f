"""What the table of TensorFlow's semantics says of the program's variables and updates.

A value of the program may be several things; a prediction is made only of what is known, and it
holds when it holds for every known possibility.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from varsync_runtime import semantics
from varsync_runtime.semantics import (
    Aggregation,
    Context,
    DTypeKind,
    Operation,
    Raises,
    StrategyKind,
    Synchronization,
    Updated,
    ValueKind,
)
from varsync_runtime.semantics.classes import SYNC_ON_READ
from varsync_runtime.semantics.kinds import may_replicate

from varsync_rules.context import Context as Where
from varsync_rules.context import Role
from varsync_rules.program import Creation, Event, Program, Update
from varsync_rules.surface import INTEGERS, keras_generation
from varsync_rules.values import (
    Atom,
    Const,
    Data,
    Form,
    Heap,
    Made,
    Strategy,
    Variable,
    Varies,
    constants,
)

# What the host alone does
_OF_STRATEGY = frozenset(
    f"tf.distribute.Strategy.{name}"
    for name in (
        *("run", "experimental_run_v2", "experimental_run", "scope", "reduce", "gather"),
        *("experimental_distribute_dataset", "distribute_datasets_from_function"),
        *("experimental_local_results", "experimental_distribute_values_from_function"),
    )
)
_HOST_ONLY = _OF_STRATEGY | {
    *(f"keras.Model.{name}" for name in ("fit", "evaluate", "predict", "save", "save_weights")),
    *(f"tf.train.Checkpoint.{name}" for name in ("save", "write", "restore", "read")),
    *("tf.train.CheckpointManager.save", "tf.saved_model.save"),
}
_WORKERS = {StrategyKind.MULTI_WORKER_MIRRORED: 2}


def strategies(context: Where) -> tuple[semantics.Strategy, ...]:
    """The strategies in force as the table knows them: of two replicas unless the program says so.

    One that is not known is taken for MirroredStrategy, whose rules the others share where they
    replicate. Where the program chooses between strategies, those count that replicate. Without any
    strategy: none.
    """
    found: dict[semantics.Strategy, None] = {}
    replicating = [strategy for strategy in context.strategies if strategy.replicates]
    for strategy in replicating or context.strategies:
        for kind in strategy.kinds:
            found.setdefault(_strategy(kind, strategy.devices or 2))
    if not found and context.portable:
        for kind in context.callers:
            found.setdefault(_strategy(kind, 2))
    return tuple(found)


def _strategy(kind: StrategyKind | None, replicas: int) -> semantics.Strategy:
    """A kind of strategy as the table knows it, of so many replicas where it can have several."""
    kind = kind or StrategyKind.MIRRORED
    workers = _WORKERS.get(kind, 1)
    if kind is StrategyKind.PARAMETER_SERVER or not may_replicate(kind):
        replicas = 1
    return semantics.Strategy(kind, max(replicas, workers), workers)


def home(variable: Variable, where: Where) -> Where:
    """The context that decides what class a variable has: where it was created.

    A creation in portable code is taken to be under the strategy of the place that uses it.
    """
    made = variable.context
    if where.strategies and all(is_outside(variable, held) for held in where.strategies):
        return replace(made, strategies=(), portable=False)
    is_known = any(strategy.kind is not None for strategy in made.strategies)
    if not made.portable or is_known:
        return made
    return where if where.strategies or not made.strategies else made


def is_outside(thing: Heap, strategy: Strategy) -> bool:
    """Whether an object was made outside the scope of a strategy for certain, and of any other.

    What a function makes whose callers are not shown is so only where the function makes the
    strategy, too: a caller can't be in its scope.
    """
    made = thing.context
    if made.strategies:
        return all(held.kind is StrategyKind.DEFAULT for held in made.strategies)
    if strategy.kind in (None, StrategyKind.DEFAULT) or made.unknown_scope:
        return False
    if not made.portable:
        return True
    return strategy.context.portable and thing.frame.entry == strategy.frame.entry


def known_host(program: Program) -> Callable[[Event], bool]:
    """A test whether an event is in cross-replica context for certain.

    Portable code, whose callers are not shown, is if it or what it calls uses a strategy as only
    the host may: `strategy.run`, `scope`, `reduce`, a distributed dataset; or `fit`, `save`.
    """
    hosts: set[int] = set()
    for call in program.calls:
        if call.symbol in _HOST_ONLY and call.context.in_cross_replica:
            frame = call.frame
            while frame is not None and id(frame) not in hosts:
                if not frame.context_at_entry.in_cross_replica:
                    break
                hosts.add(id(frame))
                frame = frame.caller

    def test(event: Event) -> bool:
        context = event.context
        if not context.in_cross_replica:
            return False
        if context.role is Role.MERGE or not context.portable:
            return True
        frame = event.frame
        while frame is not None:
            if id(frame) in hosts:
                return True
            frame = frame.caller
        return False

    return test


def dtype_kind(variable: Variable) -> DTypeKind:
    """The kind of a variable's dtype; floating where it is not known."""
    if variable.dtype in INTEGERS:
        return DTypeKind.INTEGER
    if variable.dtype == "bool":
        return DTypeKind.BOOL
    if variable.dtype == "string":
        return DTypeKind.STRING
    if variable.dtype is not None and variable.dtype.startswith("complex"):
        return DTypeKind.COMPLEX
    return DTypeKind.FLOATING


def modes(variable: Variable) -> Iterator[tuple[Synchronization, Aggregation]]:
    """Every known pair of modes that a variable may have; none where one of the two isn't known."""
    for synchronization in sorted(variable.synchronizations, key=lambda mode: mode.value):
        for aggregation in sorted(variable.aggregations, key=lambda mode: mode.value):
            yield synchronization, aggregation


def has(
    variable: Variable,
    synchronization: Iterable[Synchronization] | None = None,
    aggregation: Iterable[Aggregation] | None = None,
) -> bool:
    """Whether all that is known of the variable's modes is among these; False where nothing is."""
    for held, wanted in (
        (variable.synchronizations, synchronization),
        (variable.aggregations, aggregation),
    ):
        if wanted is not None and (not held or not held <= frozenset(wanted)):
            return False
    return True


def created(
    variable: Variable, context: Where
) -> list[tuple[semantics.Strategy, semantics.Variable | Raises]]:
    """What creating the variable gives under each strategy that may be in force."""
    return [
        (strategy, semantics.create(strategy, synchronization, aggregation, dtype_kind(variable)))
        for strategy in strategies(context)
        for synchronization, aggregation in modes(variable)
    ]


def has_own_copies(variable: Variable, context: Where) -> bool:
    """Whether each replica has a copy of its own under every strategy that may be in force."""
    outcomes = [made for _, made in created(variable, context)]
    return bool(outcomes) and all(
        isinstance(made, semantics.Variable) and made.cls in SYNC_ON_READ for made in outcomes
    )


def creation_raises(creation: Creation) -> Raises | None:
    """The exception, when creating the variable raises whatever is in force."""
    outcomes = [outcome for _, outcome in created(creation.variable, creation.context)]
    raised = [outcome for outcome in outcomes if isinstance(outcome, Raises)]
    return raised[0] if raised and len(raised) == len(outcomes) else None


def creation_fails(variable: Variable) -> bool | None:
    """Whether making a variable raises, for its modes and dtype; None where that isn't known."""
    aggregations, dtype = variable.aggregations, variable.dtype
    if not variable.resolved or (dtype is None and Aggregation.MEAN in aggregations):
        return None
    made = created(variable, variable.context)
    if not made:
        return None if variable.context.portable or variable.context.unknown_scope else False
    raising = {isinstance(outcome, Raises) for _, outcome in made}
    return raising.pop() if len(raising) == 1 else None


def value_kind(update: Update) -> ValueKind:
    """What kind of value an update is given, as the table tells them apart."""
    data = update.data
    if update.value and all(_is_mirrored(atom, update) for atom in update.value):
        return ValueKind.ITSELF
    if data.reduced and data.form is not Form.NUMBER:
        return ValueKind.ALL_REDUCED
    if data.form is Form.PER_REPLICA:
        return ValueKind.PER_REPLICA
    if data.form is Form.NUMBER:
        if data.made is Made.REPLICA and data.varies is Varies.DIFFERS:
            return ValueKind.REPLICA_NUMBER
        zero = [atom for atom in update.value if isinstance(atom, Const) and atom.value == 0]
        return ValueKind.ZERO if zero and len(zero) == len(update.value) else ValueKind.NUMBER
    if data.form is Form.ARRAY:
        return ValueKind.NUMPY if data.made is Made.REPLICA else ValueKind.SHARED_NUMPY
    if data.made is Made.HOST and data.form is Form.TENSOR:
        return ValueKind.CAPTURED
    return ValueKind.TENSOR


def _is_mirrored(atom: Atom, update: Update) -> bool:
    """Whether an atom is a variable with equal copies: to TensorFlow it is one value, as it is."""
    return (
        isinstance(atom, Variable)
        and has(atom, synchronization=[Synchronization.AUTO, Synchronization.ON_WRITE])
        and bool(strategies(home(atom, update.context)))
    )


def is_trainable(variable: Variable) -> bool | None:
    """Whether a variable is trainable: as given or by default; None where that isn't known."""
    given = variable.trainable
    if given and given != (Const(None),):
        known = {atom.value if isinstance(atom, Const) else None for atom in given}
        return bool(known.pop()) if len(known) == 1 and None not in known else None
    if variable.arguments.open or variable.context.rewritten:
        return None
    if variable.api == "keras.Variable":
        return True
    if variable.api in ("keras.Metric.add_weight", "keras.Optimizer.add_variable"):
        return False
    on_read = Synchronization.ON_READ in variable.synchronizations
    return not on_read if len(variable.synchronizations) == 1 else None


def assigns_sums(variable: Variable) -> bool:
    """Whether `v.assign_add(x)` is `v.assign(v + x)`: it is for a variable of Keras 3.

    Keras 3 alone has keras.Variable and takes the modes as strings.
    """
    return generation(variable) == 3


def generation(variable: Variable) -> int | None:
    """Which Keras made a variable: 2, 3, or None for TensorFlow, or where it isn't known which."""
    if not variable.api.startswith("keras."):
        return None
    spelled = constants(variable.attributes.get("spelled", ()))
    target = variable.module.target
    found = {keras_generation(str(name), target) for name in spelled}
    known = found.pop() if len(found) == 1 else None
    if known is not None:
        return known
    given = constants(variable.aggregation) + constants(variable.synchronization)
    if variable.api == "keras.Variable" or any(isinstance(mode, str) for mode in given):
        return 3
    return None


def table_context(where: Where) -> Context:
    """The table's name for a context."""
    if where.role is Role.REPLICA:
        return Context.REPLICA
    return Context.UPDATE if where.role is Role.UPDATE else Context.CROSS_REPLICA


def updated(update: Update, value: ValueKind | None = None) -> list[Updated | Raises]:
    """What an update does under each strategy that may be in force, for all known modes.

    `value` overrides the kind of value. Creations that raise are left out.
    """
    try:
        operation = Operation(update.op)
    except ValueError:
        return []
    found: list[Updated | Raises] = []
    for _, made in created(update.variable, home(update.variable, update.context)):
        if isinstance(made, Raises):
            continue
        outcome = semantics.update(
            made, operation, table_context(update.context), value or value_kind(update)
        )
        if isinstance(outcome, (Updated, Raises)):
            found.append(outcome)
    return found


# What CentralStorageStrategy says; what raises for another reason is another rule's.
_NO_AGGREGATION = "You must specify an aggregation method"


def reduces(variable: Variable, context: Where) -> bool:
    """Whether the host's read of a variable adds up, or averages, what several replicas have."""
    outcomes = [
        semantics.read(made, Context.CROSS_REPLICA)
        for _, made in created(variable, home(variable, context))
        if not isinstance(made, Raises)
    ]
    return bool(outcomes) and all(
        isinstance(outcome, semantics.Read) and outcome.reduces for outcome in outcomes
    )


def unaggregated(update: Update) -> list[Updated | Raises]:
    """What an update in replica context does that nothing aggregates: copies diverge, or it raises.

    Empty where the replicas' values are aggregated, or where it is not known.
    """
    context = update.context
    if not context.in_replica or not context.may_replicate:
        return []
    if update.way not in ("method", "function"):
        return []
    outcomes = updated(update, ValueKind.TENSOR)
    for outcome in outcomes:
        if isinstance(outcome, Raises):
            if _NO_AGGREGATION not in outcome.message:
                return []
        elif not outcome.diverges:
            return []
    return outcomes


def differs(data: Data) -> bool:
    """Whether data is known to be another on each replica."""
    return data.varies is Varies.DIFFERS and not data.reduced


def words(raised: Raises) -> str:
    """An exception as TensorFlow prints it."""
    return f"{raised.exception}: {raised.message}" if raised.message else raised.exception
