"""VS216: a count over the replicas' parts is aggregated with MEAN, which gives 1/N of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from varsync_runtime.semantics import Aggregation, Rule, Updated

from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import differs, has, updated
from varsync_rules.program import Program, Update, created_here, place, replica_chain, where
from varsync_rules.repairs import aggregate
from varsync_rules.values import Data

# What a count or a total over the batch is no longer after it went through one of these
_NO_COUNT = frozenset({"mean", "div", "scaled", "norm", "max", "gradient", "per_example"})


def check(program: Program) -> Iterator[Finding]:
    """Counts that replicas add to a variable with aggregation MEAN."""
    for update in program.updates:
        if (
            update.op == "assign_add"
            and update.context.in_replica
            and update.context.may_replicate
            and update.way in ("method", "function")
            and is_count(update.data)
            and has(update.variable, aggregation=[Aggregation.MEAN])
            and _is_averaged(update)
        ):
            yield replace(
                _finding(update), fix=aggregate(program, update.variable, Aggregation.SUM)
            )


def is_count(data: Data) -> bool:
    """Whether data is a number of a replica's own that adds up over the replicas."""
    return differs(data) and data.op in ("count", "sum") and not data.tags & _NO_COUNT


def _is_averaged(update: Update) -> bool:
    """Whether the replicas' values are averaged: when they are written, or the copies when read."""
    outcomes = updated(update)
    return bool(outcomes) and all(
        isinstance(outcome, Updated) and outcome.rule in (Rule.MEAN, Rule.OWN)
        for outcome in outcomes
    )


def _finding(update: Update) -> Finding:
    name = update.spelled
    return Finding(
        code="VS216",
        name="mean-of-a-count",
        severity=Severity.WARNING,
        message=(
            f"`{name}` adds up each replica's part with aggregation MEAN: {where(update.context)}"
            " it gets 1/N of the total over N replicas"
        ),
        span=place(update),
        related=(created_here(update.variable), *replica_chain(update)),
        explanation="nothing is raised: MEAN divides the replicas' sum by the number of replicas",
        remedy="create it with aggregation=tf.VariableAggregation.SUM",
    )
