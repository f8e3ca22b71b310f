"""VS213: a layer's moving statistics get another value on each replica."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from varsync_runtime.semantics import Aggregation, Raises

from varsync_rules.evaluate.attributes import library_base
from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import differs, unaggregated, words
from varsync_rules.program import Call, Program, Update, created_here, place, replica_chain, where
from varsync_rules.repairs import aggregate
from varsync_rules.surface import keras_generation
from varsync_rules.values import Instance, LibraryObject, constants

_LAYERS = frozenset({"keras.Layer", "keras.Model", "tf.Module"})
_SUMS = frozenset({"add", "sub", "subtract"})
_PRODUCTS = frozenset({"mul", "multiply"})


def check(program: Program) -> Iterator[Finding]:
    """Moving averages in layers and modules, and Keras 3's own batch normalisation."""
    for update in program.updates:
        if is_statistic(update):
            fix = aggregate(program, update.variable, Aggregation.MEAN)
            yield replace(_finding(update), fix=fix)
    for call in program.calls_to("keras.layers.BatchNormalization"):
        if call.context.replicates_visibly and _drifts(call):
            yield _note(call)


def is_statistic(update: Update) -> bool:
    """Whether a layer's call mixes the variable's old value with a value of the replica's own.

    The mix is weighted, `a * old + b * new` or `old + b * (new - old)`, and nothing aggregates it.
    """
    data = update.data
    return (
        update.op in ("assign", "assign_add", "assign_sub")
        and differs(data)
        and update.variable in data.reads
        and "weighted" in data.tags
        and not data.tags & {"gradient", "random"}
        and data.op in (_SUMS if update.op == "assign" else _SUMS | _PRODUCTS)
        and _in_a_layer(update)
        and bool(unaggregated(update))
    )


def _in_a_layer(update: Update) -> bool:
    if update.context.hook in ("Layer.call", "Model.call", "Module.__call__"):
        return True
    frame = update.frame
    while frame is not None:
        receiver = frame.receiver
        is_call = frame.name in ("call", "__call__") and isinstance(receiver, Instance)
        if is_call and library_base(receiver.cls) in _LAYERS:
            return True
        frame = frame.caller
    return False


def _drifts(call: Call) -> bool:
    """Whether a BatchNormalization keeps statistics without aggregation: Keras 3's by default."""
    if call.arguments.open:
        return False
    made = [atom for atom in call.result if isinstance(atom, LibraryObject)]
    if any(keras_generation(atom.symbol.spelled, atom.module.target) == 2 for atom in made):
        return False
    synchronized = call.arguments.value(None, "synchronized")
    known = constants(synchronized)
    if len(known) != len(synchronized) or any(known):
        return False
    return False not in constants(call.arguments.value(None, "trainable"))


def _finding(update: Update) -> Finding:
    name = update.spelled
    raised = [outcome for outcome in unaggregated(update) if isinstance(outcome, Raises)]
    severity = Severity.ERROR if raised else Severity.WARNING
    effect = "the update raises" if raised else "the copies drift apart"
    return Finding(
        code="VS213",
        name="unaggregated-layer-statistics",
        severity=severity,
        message=(
            f"`{name}` is a moving statistic of each replica's inputs and has no aggregation:"
            f" {where(update.context)} {effect}"
        ),
        span=place(update),
        related=(created_here(update.variable), *replica_chain(update)),
        explanation=(
            words(raised[0])
            if raised
            else "nothing is raised; the host and checkpoints see the first replica's copy alone"
        ),
        remedy=(
            'create it with aggregation=tf.VariableAggregation.MEAN (aggregation="mean" for'
            " add_weight of Keras 3), or all-reduce the statistic before the update"
        ),
    )


def _note(call: Call) -> Finding:
    return Finding(
        code="VS213",
        name="unaggregated-layer-statistics",
        severity=Severity.NOTE,
        message=(
            "Keras 3's BatchNormalization keeps moving statistics of each replica's own"
            f" {where(call.context)}"
        ),
        span=place(call),
        explanation=(
            "its moving mean and variance have no aggregation: the copies drift apart, and"
            " checkpoints have the first replica's"
        ),
        remedy="create it with synchronized=True if the statistics of the whole batch are meant",
    )
