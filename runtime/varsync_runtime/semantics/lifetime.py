"""The tables of a variable's place: made in replica code, and used under another strategy."""

from __future__ import annotations

from functools import cache

from varsync_runtime.semantics.classes import MEETING, MIRRORED, REPLICATING, SINGLE, SYNC_ON_READ
from varsync_runtime.semantics.kinds import (
    Execution,
    Made,
    Making,
    Operation,
    PerWorkerUse,
    StrategyKind,
    Use,
    VariableClass,
)
from varsync_runtime.semantics.outcomes import (
    Hangs,
    Raises,
    Read,
    Rule,
    Strategy,
    Updated,
    Variable,
)
from varsync_runtime.semantics.rows import SEVERAL, Row, Table, row
from varsync_runtime.semantics.words import NOT_FED, NOT_LIFTED

MIXING = Raises("RuntimeError", "Mixing different tf.distribute.Strategy objects")

MAKINGS: Table[Made | Raises | Hangs] = Table(
    ("strategy", "workers", "replicas_of_worker", "making", "execution"),
    row(
        Hangs(),
        strategy=StrategyKind.MULTI_WORKER_MIRRORED,
        workers=SEVERAL,
        making=Making.FIRST_REPLICA_ONLY,
        note="the initial value is sent to all workers",
    ),
    row(
        Raises(
            "ValueError",
            "tf.function only supports singleton tf.Variables created on the first call.",
        ),
        making=Making.EACH_CALL,
        execution=Execution.FUNCTION,
    ),
    row(Made.ONE_EACH_CALL, making=Making.EACH_CALL, note="what was written before is lost"),
    row(
        Raises("RuntimeError", "with mismatching name on device 1"),
        strategy=MEETING,
        making=Making.NAMES_DIFFER,
        replicas_of_worker=SEVERAL,
        note="shared_variable_creator; a number at the end of the name does not count",
    ),
    row(
        NOT_FED,
        strategy=REPLICATING,
        replicas_of_worker=SEVERAL,
        making=Making.ONCE_BESIDE_COLLECTIVE,
        execution=Execution.FUNCTION,
        note="an all_reduce or all_gather; under MultiWorkerMirroredStrategy any aggregated update: "
        "its key is no argument of the tf.cond that computes the initial values, since those of "
        "the second copy are read from the first, and cannot be lifted out of the function",
    ),
    row(
        NOT_LIFTED,
        strategy=REPLICATING,
        replicas_of_worker=SEVERAL,
        making=Making.ONCE_UNDER_XLA,
        execution=Execution.FUNCTION,
        note="XLA takes no such tf.cond",
    ),
    row(
        Made.ONE,
        note="shared_variable_creator: the worker's first replica's arguments alone are looked at",
    ),
)

MIXTURES: Table[Rule | Raises] = Table(
    ("variable", "strategy", "use", "copy_for_each"),
    row(
        Raises("RuntimeError", "Must not nest tf.distribute.Strategy scopes."),
        strategy=StrategyKind.DEFAULT,
        use=Use.SCOPE_IN_SCOPE,
    ),
    row(MIXING, use=Use.SCOPE_IN_SCOPE),
    # A variable that belongs to a strategy
    row(MIXING, variable=SYNC_ON_READ),
    row(
        MIXING,
        variable=(*MIRRORED, VariableClass.AGGREGATING),
        use=(Use.WRITE_IN_RUN, Use.WRITE_IN_SCOPE),
    ),
    row(
        Raises("IndexError", "tuple index out of range"),
        variable=MIRRORED,
        use=Use.READ_IN_RUN,
        copy_for_each=(False,),
        note="values.DistributedVariable._get asks for the copy of a replica that it has not",
    ),
    row(Rule.OWN, variable=MIRRORED, use=Use.READ_IN_RUN),
    row(Rule.FIRST, variable=MIRRORED, use=Use.READ_IN_SCOPE),
    # A plain variable belongs to none
    row(Rule.IN_TURN, variable=SINGLE, use=Use.WRITE_IN_RUN),
    row(Rule.SAME, variable=SINGLE, use=Use.WRITE_IN_SCOPE),
    row(Rule.FIRST, variable=SINGLE),
)

PER_WORKER: Table[Rule | Raises] = Table(
    ("use",),
    row(Raises("AttributeError", "object has no attribute '_"), use=PerWorkerUse.MODES),
    row(
        Raises("AttributeError", "'NoneType' object has no attribute '_values'"),
        use=PerWorkerUse.WRITE_ON_COORDINATOR,
    ),
    row(
        Rule.NOTHING,
        use=PerWorkerUse.READ_ON_COORDINATOR,
        note="the coordinator has a copy of its own, to which no closure writes",
    ),
    row(Rule.OWN, note="each worker has a copy, whichever closures it is given"),
)


def find_making(
    strategy: Strategy, making: Making, execution: Execution = Execution.EAGER
) -> Row[Made | Raises | Hangs]:
    """The row of the table of variables made in replica code that answers."""
    return MAKINGS.find(
        strategy=strategy.kind,
        workers=strategy.workers,
        replicas_of_worker=strategy.replicas_of_worker,
        making=making,
        execution=execution,
    )


@cache
def make(
    strategy: Strategy, making: Making, execution: Execution = Execution.EAGER
) -> Made | Raises | Hangs:
    """What comes of a variable that a function makes which the strategy runs."""
    return find_making(strategy, making, execution).outcome


def find_mixture(variable: Variable, other: Strategy, use: Use) -> Row[Rule | Raises]:
    """The row of the table of mixed strategies that answers."""
    return MIXTURES.find(
        variable=variable.cls,
        strategy=variable.strategy.kind,
        use=use,
        copy_for_each=variable.copies >= other.replicas,
    )


@cache
def mix(variable: Variable, other: Strategy, use: Use) -> Updated | Read | Raises:
    """What using a variable does where a strategy is current that it was not made in.

    Writes are `assign_add`. `SCOPE_IN_SCOPE` enters the variable's scope inside the other's.
    """
    outcome = find_mixture(variable, other, use).outcome
    if isinstance(outcome, Raises):
        return outcome
    if use in (Use.WRITE_IN_RUN, Use.WRITE_IN_SCOPE):
        return Updated(outcome, Operation.ASSIGN_ADD, variable.dtype)
    return Read(outcome)


def find_per_worker(use: PerWorkerUse) -> Row[Rule | Raises]:
    """The row of the table of variables with a copy a worker that answers."""
    return PER_WORKER.find(use=use)


@cache
def per_worker(use: PerWorkerUse) -> Rule | Raises:
    """What a use of a `per_worker_variable=True` does: OWN is each worker's own copy."""
    return find_per_worker(use).outcome
