"""VS601: a total that is read once an epoch is reduced in every step."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.semantics import Aggregation, Synchronization, Updated

from varsync_rules.catalog.vs202_sum_of_identical_updates import counts_again
from varsync_rules.catalog.vs602_host_read_each_step import steps_of
from varsync_rules.collectives import functions_of
from varsync_rules.context import Loop
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import has, is_trainable, updated
from varsync_rules.program import (
    Call,
    Program,
    Read,
    Update,
    created_here,
    place,
    replica_chain,
    unique,
    where,
)

_WRITTEN = (Synchronization.AUTO, Synchronization.ON_WRITE)
_REDUCED = (Aggregation.SUM, Aggregation.MEAN)


def check(program: Program) -> Iterator[Finding]:
    """Sums that steps add to, and that only the host reads, seldom."""
    steps = list(steps_of(program))
    if steps:
        yield from unique(_findings(program, steps))


def _findings(program: Program, steps: list[Call]) -> Iterator[Finding]:
    for update in program.updates:
        if not _meets(update):
            continue
        loops = [loop for step in steps if _runs(step, update) and (loop := step.context.loop)]
        reads = list(program.reads_of(update.variable))
        if not loops or not reads or any(_has_steps_inside(loop, steps) for loop in loops):
            continue
        if all(_is_seldom(read, loops) for read in reads):
            yield _finding(update, reads[0])


def _meets(update: Update) -> bool:
    """Whether an update adds to a sum in each step, and reduces over the replicas to do it."""
    if update.op not in ("assign_add", "assign_sub") or not update.context.in_replica:
        return False
    if update.context.conditions or is_trainable(update.variable) is not False:
        return False
    if not has(update.variable, _WRITTEN, _REDUCED):
        return False
    if counts_again(update):
        return False
    outcomes = updated(update)
    return bool(outcomes) and all(isinstance(o, Updated) and o.merges for o in outcomes)


def _runs(step: Call, update: Update) -> bool:
    """Whether the function that a step runs is the one in which the update stands."""
    functions = set(functions_of(step.arguments.value(0, "fn")))
    frame = update.frame
    while frame is not None:
        if frame.function in functions:
            return True
        frame = frame.caller
    return False


def _has_steps_inside(loop: Loop, steps: list[Call]) -> bool:
    """Whether a loop's turns are not steps: a loop over steps stands in it."""
    return any(
        other.node is not loop.node and other.within(loop.node)
        for step in steps
        if (other := step.context.loop)
    )


def _is_seldom(read: Read, loops: list[Loop]) -> bool:
    """Whether the host reads, and not in every turn of a loop over steps."""
    if not read.context.in_cross_replica:
        return False
    turn = read.context.each_turn
    return turn is None or not any(turn.within(loop.node) for loop in loops)


def _finding(update: Update, read: Read) -> Finding:
    return Finding(
        code="VS601",
        name="synchronises-too-often",
        severity=Severity.NOTE,
        message=(
            f"`{update.spelled}` is reduced over the replicas in every step, and only read behind"
            f" them: {where(update.context)} an ON_READ variable is reduced once, by the read"
        ),
        span=place(update),
        related=(
            created_here(update.variable),
            Related(place(read), "it is read here"),
            *replica_chain(update),
        ),
        explanation="each update of a mirrored variable with SUM or MEAN is an all-reduce",
        remedy="create it with synchronization=tf.VariableSynchronization.ON_READ",
    )
