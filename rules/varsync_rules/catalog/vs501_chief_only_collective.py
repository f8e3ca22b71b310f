"""VS501: only some of the workers come to an operation that needs them all."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_rules.collectives import (
    Collective,
    collectives,
    holders_of_workers,
    spans_workers,
    updated_on_workers,
)
from varsync_rules.context import Because, Condition
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.program import Event, Program, expression, place, span, unique
from varsync_rules.values import Heap, Value

_RESTORES = frozenset(
    {
        "tf.train.Checkpoint.restore",
        "tf.train.Checkpoint.read",
        "tf.train.CheckpointManager.restore_or_initialize",
        "keras.Model.load_weights",
    }
)
_ENDS = (
    "the other workers do not come, and nothing is raised while they live; afterwards"
    " UnavailableError: Collective ops is aborted"
)


def check(program: Program) -> Iterator[Finding]:
    """Collectives and writes under a condition on the worker."""
    yield from unique([*_hangs(program), *_differs(program)])


def _hangs(program: Program) -> Iterator[Finding]:
    found = [
        (collective, condition)
        for collective in program.once(collectives)
        for condition in _of_worker(program, collective.event)
    ]
    sides = {(id(condition.node), condition.branch, one.key) for one, condition in found}
    for collective, condition in found:
        # the workers that do not come here come to the same on the other side
        if (id(condition.node), 1 - condition.branch, collective.key) not in sides:
            yield _hang(collective, condition)


def _of_worker(program: Program, event: Event) -> Iterator[Condition]:
    """The conditions on the worker around an event that are not around a strategy's making."""
    common = {
        id(condition.node)
        for strategy in program.strategies
        if spans_workers((strategy,))
        for condition in strategy.context.conditions
    }
    for condition in event.context.conditions:
        if condition.because is Because.CHIEF and id(condition.node) not in common:
            yield condition


def _hang(collective: Collective, condition: Condition) -> Finding:
    return Finding(
        code="VS501",
        name="chief-only-collective",
        severity=Severity.ERROR,
        message=(
            f"{collective.what} needs all workers, but only those come here that"
            f" `{_tested(condition)}` lets through: they wait for the others"
        ),
        span=place(collective.event),
        related=(
            Related(span(condition.module, condition.node), "the workers part here"),
            *_calls(collective.event, condition),
        ),
        explanation=_ENDS,
        remedy="let every worker do it, and only print or keep the result on the chief",
    )


def _calls(event: Event, condition: Condition) -> tuple[Related, ...]:
    """The calls that lead from the condition to the event, outermost first."""
    found: list[Related] = []
    frame = event.frame
    while frame.caller is not None and condition in frame.context_at_entry.conditions:
        at = span(frame.caller.module, frame.call_node)
        found.append(Related(at, f"`{frame.name}` is called here"))
        frame = frame.caller
    return tuple(reversed(found))


def _tested(condition: Condition) -> str:
    return expression(condition.module, getattr(condition.node, "test", condition.node))


def _differs(program: Program) -> Iterator[Finding]:
    """Values that only some of the workers are given."""
    for call in program.calls:
        if call.symbol in _RESTORES and call.context.in_cross_replica and call.receiver is not None:
            held: Value = (call.receiver,)
            if any(True for _ in holders_of_workers(held)):
                yield from _one_sided(program, call, f"`{call.method}`")
    for update in program.updates:
        if (
            update.context.in_cross_replica
            and update.way in ("method", "function")
            and _is_shared(update.variable)
            and updated_on_workers(update, collective=False)
        ):
            yield from _one_sided(program, update, f"`{update.op}` of `{update.spelled}`")


def _is_shared(variable: Heap) -> bool:
    return spans_workers(variable.context.strategies)


def _one_sided(program: Program, event: Event, what: str) -> Iterator[Finding]:
    for condition in _of_worker(program, event):
        yield Finding(
            code="VS501",
            name="chief-only-collective",
            severity=Severity.WARNING,
            message=(
                f"{what} is done only by the workers that `{_tested(condition)}` lets through: the"
                " others keep what they have, and the workers differ"
            ),
            span=place(event),
            related=(Related(span(condition.module, condition.node), "the workers part here"),),
            explanation="nothing waits and nothing is raised: each worker writes its own copies",
            remedy="let every worker do it, or bring the chief's value to all with all_reduce",
        )
        return
