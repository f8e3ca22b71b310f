"""The tables of training: gradients, Keras optimizers and moving averages of a variable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from varsync_runtime.semantics.classes import (
    HOST,
    MIRRORED,
    PLAIN,
    REPLICATED,
    SINGLE,
    SYNC_ON_READ,
)
from varsync_runtime.semantics.kinds import Aggregation, Context, Operation, StrategyKind
from varsync_runtime.semantics.outcomes import Raises, Rule, Updated, Variable
from varsync_runtime.semantics.rows import Row, Table, row
from varsync_runtime.semantics.words import NO_HANDLE, NO_REDUCE_OP

NONE = Aggregation.NONE
REPLICA = Context.REPLICA
IN_SCOPE = Context.CROSS_REPLICA
OUTSIDE = Context.OUTSIDE_SCOPE

GRADIENTS: Table[Rule | Raises] = Table(
    ("strategy", "variable", "aggregation", "trainable", "context"),
    row(NO_REDUCE_OP, variable=SYNC_ON_READ, aggregation=NONE, context=HOST),
    row(
        NO_HANDLE,
        variable=REPLICATED,
        context=IN_SCOPE,
        note="a tape watches the handle of a copy, and the scope alone is no replica",
    ),
    row(Rule.NOTHING, trainable=(False,), note="a tape watches trainable variables only: None"),
    row(Rule.OWN, context=REPLICA),
    row(
        Rule.NOTHING,
        strategy=StrategyKind.MULTI_WORKER_MIRRORED,
        variable=SYNC_ON_READ,
        aggregation=(Aggregation.SUM, Aggregation.MEAN),
        context=OUTSIDE,
        note="the read is a collective, through which no gradient goes: None",
    ),
    row(
        Rule.SHARE,
        variable=SYNC_ON_READ,
        aggregation=Aggregation.MEAN,
        context=OUTSIDE,
        note="of the mean to one copy",
    ),
    row(Rule.SAME),
)

OPTIMIZERS: Table[Rule | Raises] = Table(
    ("strategy", "variable", "aggregation", "replicas", "context"),
    row(
        Raises("AssertionError", ""),
        strategy=(StrategyKind.MIRRORED, StrategyKind.MULTI_WORKER_MIRRORED),
        variable=PLAIN,
        context=REPLICA,
        note="made outside the scope: extended.update takes distributed variables only",
    ),
    row(
        Rule.SUM,
        context=REPLICA,
        note="Keras sums the gradients and writes each copy in extended.update, whatever the modes",
    ),
    row(NO_REDUCE_OP, variable=SYNC_ON_READ, aggregation=NONE, context=HOST),
    row(
        Raises("AttributeError", "'NoneType' object has no attribute 'merge_call'"),
        variable=REPLICATED,
        context=IN_SCOPE,
        note="keras.src.backend.tensorflow.optimizer_distribute asks for the replica context",
    ),
    row(
        Raises("AttributeError", "'NoneType' object has no attribute 'merge_call'"),
        strategy=(StrategyKind.ONE_DEVICE, StrategyKind.CENTRAL_STORAGE),
        context=IN_SCOPE,
    ),
    row(Rule.SAME, note="outside any scope the gradient is one value"),
)


@dataclass(frozen=True)
class Average:
    """`tf.train.ExponentialMovingAverage.apply`: where a new average starts, and what is averaged.

    The average is an ON_WRITE variable without aggregation; copy r of it starts with `start` of
    the variable's copies and moves towards `value` of them.
    """

    start: Rule
    value: Rule


AVERAGES: Table[Average | Raises] = Table(
    ("variable", "aggregation", "replicas", "context"),
    row(Average(Rule.OWN, Rule.OWN), variable=SINGLE),
    row(
        Average(Rule.FIRST, Rule.MEAN),
        variable=SYNC_ON_READ,
        context=REPLICA,
        note="moving_averages.assign_moving_average reduces what the replicas read",
    ),
    row(NO_REDUCE_OP, variable=SYNC_ON_READ, aggregation=NONE),
    row(
        Raises("TypeError", "tuple indices must be integers or slices, not"),
        variable=REPLICATED,
        context=OUTSIDE,
    ),
    row(Average(Rule.FIRST, Rule.OWN), variable=MIRRORED, note="copies that differ stay so"),
    row(Average(Rule.SUM, Rule.OWN), aggregation=Aggregation.SUM, note="starts with what is read"),
    row(Average(Rule.MEAN, Rule.OWN), aggregation=Aggregation.MEAN),
    row(Average(Rule.FIRST, Rule.OWN), aggregation=Aggregation.ONLY_FIRST_REPLICA),
)


def find_gradient(variable: Variable, context: Context) -> Row[Rule | Raises]:
    """The row of the table of gradients that answers."""
    return GRADIENTS.find(
        strategy=variable.strategy.kind,
        variable=variable.cls,
        aggregation=variable.aggregation,
        trainable=variable.trainable,
        context=context,
    )


@cache
def gradient(variable: Variable, context: Context) -> Rule | Raises:
    """What `tape.gradient(loss, v)` gives: OWN, SAME or SHARE of the gradient; NOTHING is None."""
    return find_gradient(variable, context).outcome


def find_optimizer(variable: Variable, context: Context) -> Row[Rule | Raises]:
    """The row of the table of optimizers that answers."""
    return OPTIMIZERS.find(
        strategy=variable.strategy.kind,
        variable=variable.cls,
        aggregation=variable.aggregation,
        replicas=variable.strategy.replicas,
        context=context,
    )


@cache
def apply_gradients(variable: Variable, context: Context) -> Updated | Raises:
    """What a Keras 3 optimizer's `apply_gradients` subtracts from each copy, times its rate."""
    outcome = find_optimizer(variable, context).outcome
    if isinstance(outcome, Raises):
        return outcome
    workers = variable.strategy.workers
    several = variable.strategy.replicas > 1
    return Updated(
        outcome,
        Operation.ASSIGN_SUB,
        variable.dtype,
        workers,
        collective=outcome is Rule.SUM and workers > 1,
        merges=outcome is Rule.SUM and several,
    )


def find_average(variable: Variable, context: Context) -> Row[Average | Raises]:
    """The row of the table of moving averages that answers."""
    return AVERAGES.find(
        variable=variable.cls,
        aggregation=variable.aggregation,
        replicas=variable.strategy.replicas,
        context=context,
    )


@cache
def average(variable: Variable, context: Context) -> Average | Raises:
    """What `tf.train.ExponentialMovingAverage.apply([v])` averages."""
    return find_average(variable, context).outcome
