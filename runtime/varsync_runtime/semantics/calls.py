"""The table of calls in which replicas or workers meet: `all_reduce`, `merge_call`, `reduce`."""

from __future__ import annotations

from functools import cache

from varsync_runtime.semantics.classes import MEETING
from varsync_runtime.semantics.kinds import Call, ControlFlow, Execution, StrategyKind
from varsync_runtime.semantics.outcomes import Hangs, Raises, Read, Rule, Strategy
from varsync_runtime.semantics.rows import SEVERAL, Row, Table, row
from varsync_runtime.semantics.words import DIFFERENT_NUMBER, MERGE_CALL_IN_GRAPH, NOT_FED

IN_REPLICA = (Call.ALL_REDUCE, Call.ALL_GATHER, Call.MERGE_CALL)
ON_HOST = (Call.REDUCE, Call.GATHER)

CALLS: Table[Rule | Raises | Hangs] = Table(
    ("strategy", "workers", "replicas_of_worker", "call", "flow", "execution", "missing"),
    row(
        Hangs(),
        strategy=StrategyKind.MULTI_WORKER_MIRRORED,
        workers=SEVERAL,
        call=ON_HOST,
        flow=ControlFlow.REPLICAS_DIFFER,
        note="a worker that leaves it out leaves the others waiting in the collective",
    ),
    row(
        DIFFERENT_NUMBER,
        strategy=MEETING,
        call=IN_REPLICA,
        flow=ControlFlow.REPLICAS_DIFFER,
        replicas_of_worker=SEVERAL,
        note="mirrored_run._call_for_each_replica",
    ),
    row(
        Hangs(),
        strategy=StrategyKind.MULTI_WORKER_MIRRORED,
        workers=SEVERAL,
        call=(Call.ALL_REDUCE, Call.ALL_GATHER),
        flow=ControlFlow.REPLICAS_DIFFER,
        note="the same",
    ),
    row(
        MERGE_CALL_IN_GRAPH,
        strategy=MEETING,
        call=IN_REPLICA,
        flow=ControlFlow.TENSOR_CONDITION,
        execution=Execution.FUNCTION,
        note="mirrored_run._MirroredReplicaContext._merge_call; one replica too",
    ),
    row(
        MERGE_CALL_IN_GRAPH,
        strategy=MEETING,
        call=IN_REPLICA,
        flow=ControlFlow.NESTED_FUNCTION,
        note="the same place; one replica too",
    ),
    row(
        NOT_FED,
        strategy=StrategyKind.MIRRORED,
        replicas_of_worker=SEVERAL,
        call=(Call.ALL_REDUCE, Call.ALL_GATHER, Call.GATHER),
        flow=ControlFlow.FUNCTION_IN_BRANCH,
        execution=Execution.FUNCTION,
        note="the collective op's key is an argument of the inner function, which the tf.cond does "
        "not hand on; a loop does, and so does a branch without a function in it",
    ),
    row(
        Raises("AttributeError", "'NoneType' object has no attribute 'dtype'"),
        strategy=StrategyKind.MIRRORED,
        missing=(True,),
    ),
    row(Raises("ValueError", "Attempt to convert a value (None)"), missing=(True,)),
    row(
        Rule.SUM,
        call=(Call.ALL_REDUCE, Call.REDUCE),
        note="or the mean, with ReduceOp.MEAN",
    ),
    row(Rule.SAME, call=Call.MERGE_CALL, note="every replica gets what the function returns"),
    row(Rule.JOINED, call=(Call.ALL_GATHER, Call.GATHER)),
)


def find_call(
    strategy: Strategy,
    call: Call,
    flow: ControlFlow = ControlFlow.STRAIGHT,
    execution: Execution = Execution.EAGER,
    *,
    missing: bool = False,
) -> Row[Rule | Raises | Hangs]:
    """The row of the table of calls that answers."""
    return CALLS.find(
        strategy=strategy.kind,
        workers=strategy.workers,
        replicas_of_worker=strategy.replicas_of_worker,
        call=call,
        flow=flow,
        execution=execution,
        missing=missing,
    )


@cache
def meet(
    strategy: Strategy,
    call: Call,
    flow: ControlFlow = ControlFlow.STRAIGHT,
    execution: Execution = Execution.EAGER,
    *,
    missing: bool = False,
) -> Read | Raises | Hangs:
    """What each replica, or the host, gets from a call in which replicas or workers meet.

    `missing`: the value is None, such as the gradient of a variable that is not trainable.
    """
    outcome = find_call(strategy, call, flow, execution, missing=missing).outcome
    if not isinstance(outcome, Rule):
        return outcome
    reduces = call is not Call.MERGE_CALL and strategy.replicas > 1
    workers = strategy.workers
    return Read(outcome, workers, collective=reduces and workers > 1, reduces=reduces)
