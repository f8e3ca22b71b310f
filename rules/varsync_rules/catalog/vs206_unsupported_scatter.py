"""VS206: a scatter method that a distributed variable does not have."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.semantics import Raises, ValueKind

from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import generation, known_host, updated, words
from varsync_rules.program import Program, Update, created_here, place, replica_chain, where
from varsync_rules.values import Strategy


def check(program: Program) -> Iterator[Finding]:
    """Scatters that raise in replica context and on the host."""
    is_host = program.once(known_host)
    for update in program.updates:
        if "scatter" not in update.op or update.way not in ("method", "function"):
            continue
        # code that nobody calls is for strategies where it spells a mode
        certain = update.context.in_replica or is_host(update) or update.variable.spells_a_mode
        if not certain or generation(update.variable) == 3:
            continue
        outcomes = updated(update, ValueKind.TENSOR)
        raised = [outcome for outcome in outcomes if isinstance(outcome, Raises)]
        if not raised or len(raised) != len(outcomes):
            continue
        if all(outcome.exception == "NotImplementedError" for outcome in raised):
            yield _finding(update, raised[0])


def _finding(update: Update, raised: Raises) -> Finding:
    variable = update.variable
    strategies: tuple[Strategy, ...] = variable.context.strategies
    context = variable.context if strategies else update.context
    if "ON_READ" in raised.message:
        why = "an ON_READ variable takes no scatters"
    elif "aggregation" in raised.message:
        why = "rows that several replicas set have no sum or mean"
    else:
        why = "distributed variables do not have it"
    return Finding(
        code="VS206",
        name="unsupported-scatter",
        severity=Severity.ERROR,
        message=f"`{update.spelled}.{update.op}` raises {where(context)}: {why}",
        span=place(update),
        related=(created_here(variable), *replica_chain(update)),
        explanation=words(raised),
        remedy=(
            "gather the rows of all replicas first and write them to a variable without"
            " aggregation, or make a dense update with assign_add"
        ),
    )
