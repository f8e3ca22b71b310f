"""VS204: every replica has data of its own, and only the first one's is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from varsync_runtime.semantics import Aggregation, Rule, Synchronization, Updated

from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import differs, has, known_host, updated
from varsync_rules.program import (
    Event,
    Program,
    Update,
    created_here,
    place,
    replica_chain,
    where,
)

# Reads that see every copy
_EACH = frozenset({"local_results", "strategy.reduce"})
_DROPPED = frozenset({Rule.FIRST, Rule.WORKER_FIRST})


def check(program: Program) -> Iterator[Finding]:
    """Updates with a replica's own data under ONLY_FIRST_REPLICA."""
    is_host = program.once(known_host)
    for update in program.updates:
        if not update.context.in_replica or update.way not in ("method", "function"):
            continue
        if not has(update.variable, aggregation=[Aggregation.ONLY_FIRST_REPLICA]):
            continue
        if not differs(update.data) or "gradient" in update.data.tags:
            continue
        finding = _judge(program, update, is_host)
        if finding is not None:
            yield finding


def _judge(program: Program, update: Update, is_host: Callable[[Event], bool]) -> Finding | None:
    outcomes = updated(update)
    rules = {outcome.rule for outcome in outcomes if isinstance(outcome, Updated)}
    if not rules or any(not isinstance(outcome, Updated) for outcome in outcomes):
        return None
    related: tuple[Related, ...] = (created_here(update.variable), *replica_chain(update))
    if rules <= _DROPPED:
        consequence = f"{where(update.context)} only the first replica's is used"
    elif rules == {Rule.OWN} and has(update.variable, [Synchronization.ON_READ]):
        read = next(
            (r for r in program.reads_of(update.variable) if r.use not in _EACH and is_host(r)),
            None,
        )
        if read is None:
            return None
        related = (*related, Related(place(read), "the host reads the first replica's copy here"))
        consequence = "the host reads the first replica's copy alone"
    else:
        return None
    is_sum = is_added_up(update)
    return Finding(
        code="VS204",
        name="only-first-replica-drops-data",
        severity=Severity.WARNING if is_sum else Severity.NOTE,
        message=(
            f"`{update.spelled}` is updated with each replica's own data, but {consequence}"
            + ("" if is_sum else ": right only if it may stand for all")
        ),
        span=place(update),
        related=related,
        explanation=(
            "aggregation ONLY_FIRST_REPLICA takes the first replica's value (on each worker) and"
            " drops the others"
        ),
        remedy=(
            "create it with aggregation=tf.VariableAggregation.SUM or MEAN, or reduce the value"
            " with all_reduce first"
        ),
    )


def is_added_up(update: Update) -> bool:
    """Whether an update adds a part to a sum or a count."""
    return update.op != "assign" or _adds_to_itself(update)


def _adds_to_itself(update: Update) -> bool:
    """`v.assign(v + x)` of a sum or a count."""
    data = update.data
    return (
        update.variable in data.reads
        and data.op in ("add", "sub")
        and not data.tags & {"mean", "max", "index", "ratio"}
    )
