"""VS602: the host reads in every step what has to be reduced over the replicas to be read."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime import semantics
from varsync_runtime.semantics import Aggregation, Raises, Synchronization

from varsync_rules.context import Context
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import reduces, strategies
from varsync_rules.program import (
    Call,
    Event,
    Program,
    created_here,
    place,
    span,
    unique,
    where,
)
from varsync_rules.values import LibraryObject

# Reads that give each copy, or none
_UNREDUCED = frozenset({"local_results", "print"})
STEPS = frozenset({"run", "experimental_run_v2", "experimental_run", "call_for_each_replica"})


def check(program: Program) -> Iterator[Finding]:
    """Reads that reduce, in each turn of a loop over steps or in a compiled step."""
    yield from unique(_findings(program))


def _findings(program: Program) -> Iterator[Finding]:
    steps = list(steps_of(program))
    if not steps:
        return
    for read in program.reads:
        if read.context.in_cross_replica and read.use not in _UNREDUCED:
            step = _step_beside(read, steps)
            if step is not None and reduces(read.variable, read.context):
                name = f"`{read.spelled}`" if read.spelled else read.variable.called
                made = created_here(read.variable)
                yield _finding(read, step, name, made, read.variable.context)
    for call in program.calls_to("keras.Metric.result"):
        metric = call.receiver
        if isinstance(metric, LibraryObject) and call.context.in_cross_replica:
            step = _step_beside(call, steps)
            if step is not None and _is_reduced(metric):
                made = Related(span(metric.module, metric.node), "the metric is created here")
                yield _finding(call, step, "this metric's result", made, metric.context)


def steps_of(program: Program) -> Iterator[Call]:
    """The calls of strategy.run by the host."""
    for call in program.calls:
        is_run = call.symbol.startswith("tf.distribute.Strategy") and call.method in STEPS
        if is_run and call.context.in_cross_replica:
            yield call


def _step_beside(event: Event, steps: list[Call]) -> Call | None:
    """A step that runs as often as the event: in each turn of a loop, or in a compiled step."""
    context = event.context
    if context.loop is not None:
        turn = context.each_turn
        if turn is None:
            return None
        return next(
            (s for s in steps if s.context.loop is not None and s.context.loop.node is turn.node),
            None,
        )
    if not context.traced or context.conditions:
        return None
    return next((s for s in steps if s.context.loop is None and s.frame is event.frame), None)


def _is_reduced(metric: LibraryObject) -> bool:
    """Whether a metric of Keras has a part on each of several replicas."""
    for strategy in strategies(metric.context):
        made = semantics.create(strategy, Synchronization.ON_READ, Aggregation.SUM)
        if isinstance(made, Raises):
            return False
        outcome = semantics.read(made, semantics.Context.CROSS_REPLICA)
        if strategy.replicas > 1 and isinstance(outcome, semantics.Read) and outcome.reduces:
            return True
    return False


def _finding(event: Event, step: Call, name: str, made: Related, home: Context) -> Finding:
    return Finding(
        code="VS602",
        name="host-read-each-step",
        severity=Severity.NOTE,
        message=(
            f"{name} is read by the host in every step: {where(home)} each read is a"
            " reduction, and the host waits for it"
        ),
        span=place(event),
        related=(made, Related(place(step), "the step runs here")),
        explanation="an ON_READ variable is reduced anew by each read of the host",
        remedy="read it once an epoch, or every hundred steps",
    )
