"""VS207: the host adds to a variable of which every replica has its own part."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from varsync_runtime import semantics
from varsync_runtime.semantics import (
    Aggregation,
    Context,
    DTypeKind,
    Operation,
    Raises,
    Rule,
    Synchronization,
    Updated,
    Variable,
)

from varsync_rules.changes import Fix, IncrementToAssign
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import (
    dtype_kind,
    generation,
    has,
    known_host,
    strategies,
    updated,
    words,
)
from varsync_rules.program import Call, Program, Update, created_here, place, span, where
from varsync_rules.repairs import INCREMENTS, is_name
from varsync_rules.surface import keras_generation
from varsync_rules.values import Form, LibraryObject


def check(program: Program) -> Iterator[Finding]:
    """Increments on the host, which raise; integers assigned there, which lose the remainder."""
    is_host = program.once(known_host)
    for update in program.updates:
        if update.way not in ("method", "function") or not is_host(update):
            continue
        if not has(update.variable, [Synchronization.ON_READ], [Aggregation.SUM]):
            continue
        finding = _raises(update) or _truncates(update)
        if finding is not None:
            yield finding
    for call in program.methods("update_state", "__call__"):
        if is_host(call):
            finding = _metric(call)
            if finding is not None:
                yield finding


def _raises(update: Update) -> Finding | None:
    """`v.assign_add(x)`, where it is TensorFlow's."""
    if update.op not in INCREMENTS or update.data.form is Form.PER_REPLICA:
        return None
    if update.variable.api.startswith("keras.") and generation(update.variable) != 2:
        return None
    outcomes = updated(update)
    raised = [outcome for outcome in outcomes if isinstance(outcome, Raises)]
    if not raised or len(raised) != len(outcomes):
        return None
    finding = _finding(
        update,
        Severity.ERROR,
        f"`{update.spelled}.{update.op}` raises on the host: each replica holds a part of the sum,"
        " and none is the one to add to",
        words(raised[0]),
        "let the replicas add, or assign the new total: v.assign(v + x)",
    )
    return replace(finding, fix=_fix(update))


def _fix(update: Update) -> Fix | None:
    """`v.assign_add(x)` of numbers that can be shared out as an assignment of the total."""
    call = update.node
    if dtype_kind(update.variable) is not DTypeKind.FLOATING or update.variable.dtype is None:
        return None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    if call.func.attr not in INCREMENTS or not is_name(call.func.value):
        return None
    if not call.args and not any(given.arg == "value" for given in call.keywords):
        return None
    return Fix("assign the new total", IncrementToAssign(place(update)))


def _truncates(update: Update) -> Finding | None:
    """`v.assign(5)` of an integer: each copy gets a share, cut off."""
    if update.op != "assign" and not (update.op in INCREMENTS and generation(update.variable) == 3):
        return None
    if dtype_kind(update.variable) is not DTypeKind.INTEGER or _is_zero(update):
        return None
    outcomes = updated(update)
    if not outcomes or not all(
        isinstance(outcome, Updated) and outcome.rule is Rule.SHARE for outcome in outcomes
    ):
        return None
    return _finding(
        update,
        Severity.WARNING,
        f"`{update.spelled}` is an integer and is assigned on the host: each replica gets its share"
        " of the value, and the remainder of the division is lost",
        "the host's assign writes value / number of replicas into every copy, cut off",
        "give the variable a floating dtype, or keep the host's part in a variable of its own",
    )


def _is_zero(update: Update) -> bool:
    if update.data.op == "zeros":
        return True
    return bool(update.value) and all(getattr(atom, "value", None) == 0 for atom in update.value)


def _finding(
    update: Update, severity: Severity, message: str, explanation: str, remedy: str
) -> Finding:
    return Finding(
        code="VS207",
        name="on-read-sum-host-increment",
        severity=severity,
        message=message,
        span=place(update),
        related=(created_here(update.variable),),
        explanation=explanation,
        remedy=remedy,
    )


def _metric(call: Call) -> Finding | None:
    """`metric.update_state(x)` of a metric of Keras 2, which adds to such variables."""
    metric = call.receiver
    if not isinstance(metric, LibraryObject) or not call.symbol.startswith("keras.Metric."):
        return None
    generation_of_it = keras_generation(metric.symbol.spelled, metric.module.target)
    if generation_of_it != 2 or not metric.context.replicates_visibly:
        return None
    outcomes = [
        semantics.update(made, Operation.ASSIGN_ADD, Context.CROSS_REPLICA)
        for strategy in strategies(metric.context)
        if isinstance(
            made := semantics.create(strategy, Synchronization.ON_READ, Aggregation.SUM), Variable
        )
    ]
    raised = [outcome for outcome in outcomes if isinstance(outcome, Raises)]
    if not raised or len(raised) != len(outcomes):
        return None
    return Finding(
        code="VS207",
        name="on-read-sum-host-increment",
        severity=Severity.ERROR,
        message=(
            f"this metric of Keras 2 is updated on the host, which raises {where(metric.context)}:"
            " each replica holds a part of its sums"
        ),
        span=place(call),
        related=(Related(span(metric.module, metric.node), "the metric is created here"),),
        explanation=words(raised[0]),
        remedy="call update_state in the function that strategy.run is given",
    )
