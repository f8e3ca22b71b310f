"""VS205: replicas synchronise inside a graph that TensorFlow can't merge them in."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime import semantics
from varsync_runtime.semantics import (
    Aggregation,
    ControlFlow,
    Execution,
    Operation,
    Raises,
    StrategyKind,
    Variable,
)

from varsync_rules import predict
from varsync_rules.context import Context, Role
from varsync_rules.evaluate.library.keras import converts_branches
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.program import (
    Call,
    Event,
    Program,
    Update,
    created_here,
    place,
    replica_chain,
    span,
    where,
)
from varsync_rules.scopes import is_of_keras_2
from varsync_rules.surface import family
from varsync_rules.values import Const, Instance, LibraryObject

_MERGING = frozenset(
    {
        StrategyKind.MIRRORED,
        StrategyKind.MULTI_WORKER_MIRRORED,
        StrategyKind.CENTRAL_STORAGE,
    }
)
_OF_THE_CONTEXT = frozenset(
    f"tf.distribute.ReplicaContext.{name}" for name in ("all_reduce", "all_gather", "merge_call")
)
_OF_OPTIMIZERS = frozenset(
    f"{base}.{name}"
    for base in ("keras.Optimizer", "tf.train.Optimizer")
    for name in ("apply_gradients", "minimize", "apply")
)


def check(program: Program) -> Iterator[Finding]:
    """Synchronising operations under a branch or loop of the graph, or in a nested tf.function."""
    for update in program.updates:
        if _in_own_graph(update) and update.way in ("method", "function"):
            raised = _raises(update)
            if raised is not None:
                message = f"the update of `{update.spelled}` has to synchronise the replicas"
                yield _finding(update, message, raised, (created_here(update.variable),))
    for call in program.calls:
        if _in_own_graph(call) and _synchronises(call):
            raised = _assign_raises(call.context)
            if raised is not None:
                message = f"`{call.method}` has to synchronise the replicas"
                yield _finding(call, message, raised, ())
        elif _accumulates(call):
            raised = _assign_raises(call.context)
            if raised is not None:
                yield _accumulation(call, raised)


def _in_own_graph(event: Event) -> bool:
    """Whether this replica code is traced into a graph of its own.

    AutoGraph leaves most of Keras's hooks as they are: Python's `if` on a tensor is none there.
    """
    context = event.context
    if context.role is not Role.REPLICA or not context.graph:
        return False
    if not context.hook or context.graph != "a condition on a tensor":
        return True
    owner = _hooked(event)
    return owner is not None and converts_branches(owner, context.hook)


def _hooked(event: Event) -> Instance | None:
    """The instance whose method Keras called."""
    owner = None
    frame = event.frame
    while frame is not None:
        if isinstance(frame.receiver, Instance):
            owner = frame.receiver
        frame = frame.caller
    return owner


def _flow(context: Context) -> ControlFlow:
    nested = context.graph == "a nested tf.function"
    return ControlFlow.NESTED_FUNCTION if nested else ControlFlow.TENSOR_CONDITION


def _raises(update: Update) -> Raises | None:
    """What the update raises for where it stands, and would not elsewhere."""
    try:
        operation = Operation(update.op)
    except ValueError:
        return None
    made = predict.created(update.variable, predict.home(update.variable, update.context))
    return _certain([outcome for _, outcome in made], operation, update.context)


def _assign_raises(context: Context) -> Raises | None:
    """The same for an operation that synchronises as an update of an aggregated variable does."""
    strategies = predict.strategies(context)
    if not all(strategy.kind in _MERGING for strategy in strategies):
        return None
    made = [semantics.create(strategy, aggregation=Aggregation.SUM) for strategy in strategies]
    return _certain(made, Operation.ASSIGN, context)


def _certain(
    made: list[Variable | Raises], operation: Operation, context: Context
) -> Raises | None:
    raised: list[Raises] = []
    for variable in made:
        if isinstance(variable, Raises):
            return None
        straight = semantics.update(variable, operation, semantics.Context.REPLICA)
        outcome = semantics.update(
            variable,
            operation,
            semantics.Context.REPLICA,
            flow=_flow(context),
            execution=Execution.FUNCTION,
        )
        if isinstance(straight, Raises) or not isinstance(outcome, Raises):
            return None
        raised.append(outcome)
    return raised[0] if raised else None


def _synchronises(call: Call) -> bool:
    if call.symbol in _OF_THE_CONTEXT or call.symbol in _OF_OPTIMIZERS:
        return True
    # self.optimizer of a model is what compile() was given
    return call.symbol == "?.apply_gradients" and call.context.hook.startswith("Model.")


def _accumulates(call: Call) -> bool:
    """An optimizer of Keras 3 that accumulates gradients: it applies them under a tf.cond."""
    if family(call.symbol) != "keras.Optimizer":
        return False
    if any(isinstance(made, LibraryObject) and is_of_keras_2(made) for made in call.result):
        return False
    given = call.arguments.value(None, "gradient_accumulation_steps")
    return bool(given) and all(
        isinstance(atom, Const) and isinstance(atom.value, int) and atom.value > 1 for atom in given
    )


def _finding(event: Event, message: str, raised: Raises, related: tuple[Related, ...]) -> Finding:
    graph = event.context.graph
    condition = next((c for c in reversed(event.context.conditions) if c.tensor), None)
    if condition is not None and "nested" not in graph:
        related = (*related, Related(span(condition.module, condition.node), "the graph's branch"))
    return Finding(
        code="VS205",
        name="sync-in-control-flow",
        severity=Severity.ERROR,
        message=f"{message}, which {graph} prevents: it raises {where(event.context)}",
        span=place(event),
        related=(*related, *replica_chain(event)),
        explanation=predict.words(raised),
        remedy=(
            "take the branch for the value and synchronise after it, or put the branch around"
            " strategy.run"
        ),
    )


def _accumulation(call: Call, raised: Raises) -> Finding:
    return Finding(
        code="VS205",
        name="sync-in-control-flow",
        severity=Severity.ERROR,
        message=(
            "gradient_accumulation_steps makes the optimizer apply gradients under a tf.cond, which"
            f" raises {where(call.context)}"
        ),
        span=place(call),
        explanation=predict.words(raised),
        remedy=(
            "accumulate in variables with synchronization=tf.VariableSynchronization.ON_READ and"
            " apply the gradients in a strategy.run of its own"
        ),
    )
