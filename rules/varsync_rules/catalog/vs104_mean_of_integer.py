"""VS104: a variable of integers has aggregation MEAN: its creation, or its update, raises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from varsync_runtime.semantics import Aggregation, DTypeKind, Raises, StrategyKind

from varsync_rules.evaluate.library.distribute import MEAN_OF_INTEGERS
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import creation_raises, dtype_kind, has, updated, words
from varsync_rules.program import Event, Program, created_here, place, replica_chain, where
from varsync_rules.repairs import aggregate_as_written
from varsync_rules.values import Form, Variable

# What the table says of it; what raises for another reason is another rule's.
_NO_MEAN = "aggregation=MEAN and a non-floating dtype"
_MEAN_IS_FLOAT = "Tensor conversion requested dtype"
_DIVIDING = frozenset({StrategyKind.MIRRORED, StrategyKind.CENTRAL_STORAGE})


def check(program: Program) -> Iterator[Finding]:
    """MEAN and a dtype that has no mean: creations, or updates where those go through."""
    yield from _created(program)
    yield from _updated(program)
    yield from _given_means(program)


def _created(program: Program) -> Iterator[Finding]:
    for creation in program.creations:
        variable = creation.variable
        if dtype_kind(variable) is DTypeKind.FLOATING:
            continue
        if not has(variable, aggregation=[Aggregation.MEAN]):
            continue
        raised = creation_raises(creation)
        if raised is None or _NO_MEAN not in raised.message:
            continue
        finding = _finding(creation, variable, raised, where(creation.context))
        yield replace(finding, fix=aggregate_as_written(program, variable))


def _updated(program: Program) -> Iterator[Finding]:
    """Updates under CentralStorageStrategy, which makes such a variable."""
    for update in program.updates:
        variable, context = update.variable, update.context
        if not context.in_replica or context.graph or update.way not in ("method", "function"):
            continue
        if dtype_kind(variable) is not DTypeKind.INTEGER or update.data.form is Form.UNKNOWN:
            continue
        if not has(variable, aggregation=[Aggregation.MEAN]):
            continue
        outcomes = updated(update)
        raised = [outcome for outcome in outcomes if isinstance(outcome, Raises)]
        if raised and len(raised) == len(outcomes) and _MEAN_IS_FLOAT in raised[0].message:
            related = (created_here(variable), *replica_chain(update))
            at = f"when it is updated {where(context)}"
            finding = _finding(update, variable, raised[0], at, related)
            yield replace(finding, fix=aggregate_as_written(program, variable))


def _given_means(program: Program) -> Iterator[Finding]:
    """Integers that are written with what a reduction with MEAN makes of integers."""
    for update in program.updates:
        variable, context, data = update.variable, update.context, update.data
        if dtype_kind(variable) is not DTypeKind.INTEGER or update.way != "method":
            continue
        if data.op != MEAN_OF_INTEGERS or data.dtype != "float64" or len(update.value) != 1:
            continue
        if context.graph or "scatter" in update.op or not context.kinds <= _DIVIDING:
            continue
        if not all(strategy.replicates for strategy in context.strategies):
            continue
        if any(isinstance(outcome, Raises) for outcome in updated(update)):
            continue
        yield Finding(
            code="VS104",
            name="mean-of-integer",
            severity=Severity.ERROR,
            message=(
                f"`{update.spelled}` has dtype {variable.dtype} and is given the mean of integers over"
                f" the replicas, a float64, which raises {where(context)}"
            ),
            span=place(update),
            related=(created_here(variable), *replica_chain(update)),
            explanation=f"ValueError: {_MEAN_IS_FLOAT} {variable.dtype} for Tensor with dtype float64",
            remedy="reduce with ReduceOp.SUM and divide, or cast the mean to the variable's dtype",
        )


def _finding(
    event: Event, variable: Variable, raised: Raises, at: str, related: tuple[Related, ...] = ()
) -> Finding:
    return Finding(
        code="VS104",
        name="mean-of-integer",
        severity=Severity.ERROR,
        message=(
            f"{variable.called} has dtype {variable.dtype} and aggregation MEAN, which raises {at}"
        ),
        span=place(event),
        related=related,
        explanation=words(raised),
        remedy=(
            "give it a floating dtype, or use SUM for a count and ONLY_FIRST_REPLICA for a"
            " value that is the same on every replica"
        ),
    )
