"""What the table says of the cases of `update`, `outside` and `random`."""

from __future__ import annotations

from varsync_runtime.semantics import (
    Call,
    Context,
    DTypeKind,
    Hangs,
    Operation,
    Raises,
    Rule,
    Synchronization,
    Updated,
    Variable,
    apply,
    meet,
    read,
    seen,
    update,
)

from tests.conformance.recorder import Step, UpdateCase
from tests.semantics.prediction.world import (
    CONTEXTS,
    VALUES,
    Json,
    hosts,
    made,
    not_made,
    replica_count,
    replicas,
    spread,
    starting,
    state,
)


def predicted_updates(case: UpdateCase) -> Json:
    variable = made(case.strategy, case.variable, case.scoped)
    if isinstance(variable, Raises):
        return not_made(variable)
    components = starting(variable, case.initial, case.shape)
    outcomes = []
    for step in case.steps:
        result, components = performed(case, step, variable, components)
        outcomes.append({**result, **state(case.strategy, variable, components)})
    return {"steps": outcomes} if case.area == "random" else outcomes[0]


def performed(
    case: UpdateCase, step: Step, variable: Variable, components: list[Json]
) -> tuple[dict[str, Json], list[Json]]:
    """What the step returns or raises, and the components after it."""
    operation = Operation(step.operation)
    context, flow, execution = CONTEXTS[step.context]
    if step.value == "all_reduced" and context is Context.REPLICA:
        # the operand is made where the operation stands
        met = meet(variable.strategy, Call.ALL_REDUCE, flow, execution)
        if isinstance(met, Raises):
            return {"error": met}, components
    outcome = update(variable, operation, context, VALUES[step.value], flow, execution)
    operands = operands_of(case, step, variable, components)
    if isinstance(outcome, Hangs):
        return {"hangs": True}, components
    if isinstance(outcome, Raises):
        return {"error": outcome}, apply(outcome, components, operands, operation)
    if outcome.rule is Rule.IN_TURN:
        return in_turn(case, step, variable, components, operands)
    after = apply(outcome, components, operands)
    return {"returned": returned(case, step, variable, after)}, after


def in_turn(
    case: UpdateCase,
    step: Step,
    variable: Variable,
    components: list[Json],
    operands: list[Json],
) -> tuple[dict[str, Json], list[Json]]:
    """Replicas that update one copy one after the other, each seeing what it holds then."""
    context, flow, execution = CONTEXTS[step.context]
    operation = Operation(step.operation)
    outcome = update(variable, operation, context, VALUES[step.value], flow, execution)
    assert isinstance(outcome, Updated)
    workers = variable.strategy.workers
    each = len(operands) // workers
    values = []
    for worker in range(workers):
        for operand in operands[worker * each : (worker + 1) * each]:
            operand = components[worker] if step.value == "self" else operand
            components = [
                apply(outcome, [copy], [operand])[0] if at == worker else copy
                for at, copy in enumerate(components)
            ]
            values.append(components[worker])
    return {"returned": values}, components


def operands_of(
    case: UpdateCase, step: Step, variable: Variable, components: list[Json]
) -> list[Json]:
    """The operand of each replica, or the one that is given on the host."""
    count = replica_count(case.strategy)
    number = int if variable.dtype is DTypeKind.INTEGER else float
    own = [number(value) for value in step.numbers[:count]]
    in_replica = step.context.startswith("replica") or step.context == "update_replica"
    values: list[Json]
    if step.value == "per_replica":
        values = own
    elif step.value == "self":
        values = itself(case, step, variable, components)
    elif step.value == "all_reduced":
        values = [sum(own)] * (count if in_replica else 1)
    elif in_replica:
        same = {"tensor_same": step.same, "literal": step.same, "zero": 0, "numpy_same": step.same}
        same |= {"captured": step.same, "plain_variable": step.same}
        values = [same[step.value]] * count if step.value in same else own
    else:
        values = [0 if step.value == "zero" else step.same]
    if step.value == "self":
        return values
    values = [number(value) for value in values]
    if not step.operation.startswith("scatter"):
        return [[value] * case.shape[0] for value in values] if case.shape else values
    if step.value == "all_reduced" and not in_replica:
        # the reduction of slices is all of them, one behind the other
        return [[(0, value) for value in own]]
    rows = [index % 2 if step.value == "rows" else 0 for index in range(len(values))]
    return list(zip(rows, values, strict=True))


def itself(case: UpdateCase, step: Step, variable: Variable, components: list[Json]) -> list[Json]:
    """What the variable is as an operand: its copies, or one value that the host reads."""
    if step.context.startswith("replica"):
        return list(replicas(case.strategy, variable, components))
    if variable.synchronization is Synchronization.ON_READ and step.context[:6] != "update":
        outcome = read(variable, Context.CROSS_REPLICA)
        return [] if isinstance(outcome, Raises) else seen(outcome, components)[:1]
    return components


def returned(case: UpdateCase, step: Step, variable: Variable, components: list[Json]) -> Json:
    """What a call that succeeded returns, read where it is returned."""
    if step.context.startswith("replica") or step.context == "update_replica":
        return replicas(case.strategy, variable, components)
    if step.context.startswith("update"):
        return components
    host = hosts(variable, components)
    if step.context.startswith("merge"):
        return spread(host, replica_count(case.strategy))
    return host
