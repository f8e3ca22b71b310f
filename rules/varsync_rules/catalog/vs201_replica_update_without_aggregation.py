"""VS201: a mirrored variable without aggregation gets another value on each replica."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from varsync_runtime.semantics import Raises

from varsync_rules.catalog.vs212_unreduced_gradients_assigned import gradients
from varsync_rules.catalog.vs213_unaggregated_layer_statistics import is_statistic
from varsync_rules.context import Because
from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import differs, unaggregated, words
from varsync_rules.program import Program, Update, created_here, place, replica_chain, where
from varsync_rules.repairs import aggregate_as_written
from varsync_rules.values import Form, Varies


def check(program: Program) -> Iterator[Finding]:
    """Updates in replica context after which the copies differ, or that CentralStorage refuses."""
    of_gradient = gradients(program)
    for update in program.updates:
        # narrower rules speak of gradients and of moving statistics
        if not of_gradient(update) and not is_statistic(update):
            finding = judge(update)
            if finding is not None:
                yield replace(finding, fix=aggregate_as_written(program, update.variable))


def judge(update: Update) -> Finding | None:
    """The finding of one update, if it is one."""
    variable = update.variable
    outcomes = unaggregated(update)
    if not outcomes:
        return None
    raised = [outcome for outcome in outcomes if isinstance(outcome, Raises)]
    name = update.spelled
    related = (created_here(variable), *replica_chain(update))
    if raised and len(raised) == len(outcomes):
        return Finding(
            code="VS201",
            name="replica-update-without-aggregation",
            severity=Severity.ERROR,
            message=f"`{name}` has no aggregation, and its update raises {where(update.context)}",
            span=place(update),
            related=related,
            explanation=words(raised[0]),
            remedy="create it with aggregation=tf.VariableAggregation.SUM or MEAN",
        )
    if differs(update.data):
        severity = Severity.WARNING
        message = (
            f"`{name}` has no aggregation: {where(update.context)} each replica writes its own"
            " value into its own copy, and the copies diverge"
        )
    elif update.context.because(Because.REPLICA):
        severity = Severity.WARNING
        message = (
            f"`{name}` has no aggregation: {where(update.context)} only some replicas write it here,"
            " and the copies diverge"
        )
    elif (
        update.data.varies is Varies.SAME
        or update.data.form is Form.UNKNOWN
        or update.context.portable
    ):
        return None
    else:
        severity = Severity.NOTE
        message = (
            f"`{name}` has no aggregation: its copies stay equal only if every replica writes the"
            " same value here"
        )
    return Finding(
        code="VS201",
        name="replica-update-without-aggregation",
        severity=severity,
        message=message,
        span=place(update),
        related=related,
        explanation="nothing is raised; the host and checkpoints see the first replica's copy",
        remedy=(
            "create it with aggregation=tf.VariableAggregation.SUM or MEAN, or with"
            " synchronization=tf.VariableSynchronization.ON_READ if each replica is to have its own"
        ),
    )
