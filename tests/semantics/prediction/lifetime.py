"""What the table says of the cases of `mixed` and `making`."""

from __future__ import annotations

from varsync_runtime.semantics import (
    Aggregation,
    Context,
    Execution,
    Hangs,
    Made,
    Making,
    Operation,
    Raises,
    Read,
    Strategy,
    StrategyKind,
    Synchronization,
    Updated,
    Use,
    Variable,
    apply,
    create,
    make,
    mix,
    seen,
    update,
)

from tests.conformance.recorder.cases import ProgramCase
from tests.conformance.recorder.theatre import joined
from tests.semantics.prediction.world import (
    ANYTHING,
    STRATEGIES,
    Json,
    made,
    part_of_worker,
    spread,
    starting,
    state,
)

USES = {
    "run_assign_add": Use.WRITE_IN_RUN,
    "run_read": Use.READ_IN_RUN,
    "scope_assign_add": Use.WRITE_IN_SCOPE,
    "scope_read": Use.READ_IN_SCOPE,
    "scope_create": Use.SCOPE_IN_SCOPE,
}


def predicted_mixed(case: ProgramCase) -> Json:
    """A variable of one strategy used under another."""
    variable = made(case.strategy, case.variable, True)
    assert isinstance(variable, Variable)
    other = STRATEGIES[case.context]
    use = USES[case.name]
    components = starting(variable, 1)
    outcome = mix(variable, other, use)
    in_run = use in (Use.WRITE_IN_RUN, Use.READ_IN_RUN)
    count = other.replicas if in_run else 1
    if isinstance(outcome, Raises):
        result: Json = {"error": outcome}
    elif isinstance(outcome, Read):
        result = {"returned": spread(seen(outcome, components), count)}
    else:
        values = []
        operands = [10.0 * (replica + 1) for replica in range(count)] if in_run else [5.0]
        for operand in operands:
            components = apply(outcome, components, [operand])
            values += components[:1]
        result = {"returned": values}
    return {**result, **state(case.strategy, variable, components)}


MAKINGS = {
    "value_differs": Making.ARGUMENTS_DIFFER,
    "synchronization_differs": Making.ARGUMENTS_DIFFER,
    "aggregation_differs": Making.ARGUMENTS_DIFFER,
    "name_differs": Making.NAMES_DIFFER,
    "first_replica_only": Making.FIRST_REPLICA_ONLY,
    "each_step": Making.EACH_CALL,
    "each_step_fn": Making.EACH_CALL,
    "once_by_guard": Making.ONCE,
    "once_by_guard_fn": Making.ONCE,
}


def predicted_making(case: ProgramCase) -> Json:
    """Variables that the replicas' function makes: each worker's first replica decides."""
    strategy = STRATEGIES[case.strategy]
    making = MAKINGS[case.name]
    if making is Making.ONCE and strategy.kind is StrategyKind.MULTI_WORKER_MIRRORED:
        # there the update is a collective op
        making = Making.ONCE_BESIDE_COLLECTIVE
    graph = case.name.endswith("_fn")
    outcome = make(strategy, making, Execution.FUNCTION if graph else Execution.EAGER)
    if isinstance(outcome, Hangs):
        # one worker waits, the others make nothing
        return {"workers": [{"hangs": True}, *[{"made": []}] * (strategy.workers - 1)]}
    parts = [
        part_of_worker(made_by(case, strategy, outcome, graph, worker), worker, strategy.workers)
        for worker in range(strategy.workers)
    ]
    return joined(parts) if len(parts) > 1 else parts[0]


def made_by(
    case: ProgramCase, strategy: Strategy, outcome: Made | Raises, graph: bool, worker: int
) -> dict[str, Json]:
    """What a worker makes whose first replica has the arguments of the case's situation."""
    synchronization, aggregation = Synchronization.AUTO, Aggregation.SUM
    if case.name in ("synchronization_differs", "name_differs"):
        aggregation = Aggregation.NONE
    if case.name == "synchronization_differs" and worker:
        synchronization = Synchronization.ON_READ
    if case.name == "aggregation_differs" and worker:
        aggregation = Aggregation.MEAN
    variable = create(strategy, synchronization, aggregation, in_function=graph)
    assert isinstance(variable, Variable)
    updates = 0
    if isinstance(outcome, Made) and case.name.startswith(("each", "once")):
        updates = {Made.ONE_EACH_CALL: 1, Made.ONE: 2}[outcome]
    shown: Json = {
        "class": variable.cls.value,
        "synchronization": variable.synchronization.name,
        "aggregation": variable.aggregation.name,
        "holds": after(variable, updates, 0 if case.name == "value_differs" else 1),
    }
    if isinstance(outcome, Raises):
        if graph:
            shown["holds"] = ANYTHING  # whether a function's variable is initialised by now
        return {"error": outcome, "made": [shown]}
    return {"made": [shown] * (2 if outcome is Made.ONE_EACH_CALL else 1)}


def after(variable: Variable, updates: int, initial: int) -> list[Json]:
    """What the variable holds after the replicas added 10, 20, ... to it so many times."""
    components = starting(variable, initial)
    if not updates:
        return components
    outcome = update(variable, Operation.ASSIGN_ADD, Context.REPLICA)
    assert isinstance(outcome, Updated)
    count = variable.strategy.replicas
    for _ in range(updates):
        operands = [10.0 * (replica + 1) for replica in range(count)]
        components = apply(outcome, components, operands)
    return components
