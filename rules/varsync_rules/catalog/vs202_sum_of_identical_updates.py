"""VS202: a value that is the same on every replica is added up over the replicas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from varsync_runtime.semantics import Aggregation, Raises, Rule, Updated, ValueKind

from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import assigns_sums, has, updated, value_kind, words
from varsync_rules.program import Program, Update, created_here, place, replica_chain, where
from varsync_rules.repairs import aggregate_as_written, suggested
from varsync_rules.values import Data, Form, Varies

# Values that TensorFlow will not sum, as the table names them
_REFUSED = frozenset(
    {
        ValueKind.NUMBER,
        ValueKind.ZERO,
        ValueKind.REPLICA_NUMBER,
        ValueKind.SHARED_NUMPY,
        ValueKind.CAPTURED,
        ValueKind.ITSELF,
    }
)
_SUMMED = frozenset({Rule.SUM, Rule.WORKER_SUM, Rule.SLICES})


def check(program: Program) -> Iterator[Finding]:
    """Updates in replica context whose value the replicas share."""
    for update in program.updates:
        if not update.context.in_replica or update.way not in ("method", "function"):
            continue
        finding = _refused(update) or _counted_again(update)
        if finding is None:
            continue
        fix = None
        if suggested(program, update.variable) is Aggregation.ONLY_FIRST_REPLICA:
            fix = aggregate_as_written(program, update.variable)
        yield replace(finding, fix=fix)


def _refused(update: Update) -> Finding | None:
    """An update that raises because of its value."""
    kind = value_kind(update)
    if kind not in _REFUSED or assigns_sums(update.variable) or not _is_known(update.data):
        return None
    outcomes = updated(update)
    tensor = updated(update, ValueKind.TENSOR)
    raised = [outcome for outcome in outcomes if isinstance(outcome, Raises)]
    if not raised or len(raised) != len(outcomes) or any(isinstance(o, Raises) for o in tensor):
        return None
    return _finding(
        update,
        Severity.ERROR,
        f"the update of `{update.spelled}` raises {where(update.context)}: {_WHAT[kind]}",
        words(raised[0]),
    )


_WHAT = {
    ValueKind.NUMBER: "a Python number that all replicas share cannot be summed",
    ValueKind.ZERO: "a literal zero cannot be aggregated",
    ValueKind.REPLICA_NUMBER: "a Python number of each replica's own cannot be aggregated",
    ValueKind.SHARED_NUMPY: "an array made outside the replica function cannot be summed",
    ValueKind.CAPTURED: "a tensor made outside the replica function cannot be summed",
    ValueKind.ITSELF: "a mirrored variable as it is cannot be summed",
}


def _is_known(data: Data) -> bool:
    return data.form in (Form.TENSOR, Form.NUMBER, Form.ARRAY)


def counts_again(update: Update) -> bool:
    """Whether an update adds a tensor that is the same on every replica, once for each of them."""
    data = update.data
    if (
        update.op == "assign"
        or data.varies is not Varies.SAME
        or not _is_known(data)
        or data.reduced
        or data.op == "zeros"
        or "scaled" in data.tags
        or assigns_sums(update.variable)
        or not has(update.variable, aggregation=[Aggregation.SUM])
    ):
        return False
    outcomes = updated(update)
    return bool(outcomes) and all(
        isinstance(outcome, Updated) and outcome.rule in _SUMMED for outcome in outcomes
    )


def _counted_again(update: Update) -> Finding | None:
    if not counts_again(update):
        return None
    return _finding(
        update,
        Severity.WARNING,
        f"`{update.spelled}` is updated with a value that is the same on every replica, and"
        f" {where(update.context)} it is counted once for each replica",
        "aggregation SUM adds up what the replicas give: with N replicas the value counts N times",
    )


def _finding(update: Update, severity: Severity, message: str, explanation: str) -> Finding:
    return Finding(
        code="VS202",
        name="sum-of-identical-updates",
        severity=severity,
        message=message,
        span=place(update),
        related=(created_here(update.variable), *replica_chain(update)),
        explanation=explanation,
        remedy=(
            "create it with aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA, or update it on"
            " the host after strategy.run"
        ),
    )
