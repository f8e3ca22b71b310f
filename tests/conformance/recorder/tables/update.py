"""Operations on one variable: every operation in every context, every kind of value."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.recorder import axes
from tests.conformance.recorder.cases import Step, UpdateCase, Variable

from .variables import variables

HOST_CONTEXTS = (*axes.CROSS_CONTEXTS, *axes.MERGE_CONTEXTS, *axes.UPDATE_CONTEXTS)
# Each of these traces a graph, which costs ten times what an eager case does; they go through
# the same code of a variable as their eager sisters, so one scatter operation stands for all.
SCATTER_CONTEXTS = (
    "replica_eager",
    "replica_fn_outer",
    "cross_scope",
    "cross_fn",
    "merge_call",
    "update",
    "update_replica",
)
SCATTER_VALUES = ("tensor", "tensor_same", "captured", "per_replica", "all_reduced", "rows")
OUTSIDE_CONTEXTS = ("replica_eager", "replica_fn_outer", "cross_scope", "merge_call", "update")
# What strategy.run returned, given to a variable that knows nothing of replicas
OUTSIDE_PER_REPLICA = (*OUTSIDE_CONTEXTS, "cross_outside", "cross_fn", "merge_call_fn")


def cases() -> Iterator[UpdateCase]:
    """Every case of `update`, then of `outside`."""
    for strategy in axes.STRATEGIES:
        for variable in variables():
            for step in steps(strategy):
                yield case("update", strategy, variable, step)
    for strategy in axes.STRATEGIES:
        for variable in variables(("float32",)):
            for step in steps_outside():
                if possible(strategy, step):
                    yield case("outside", strategy, variable, step)


def case(area: str, strategy: str, variable: Variable, step: Step) -> UpdateCase:
    """One operation with the usual numbers on a variable of the shape that it needs."""
    shape = (2,) if step.operation.startswith("scatter") else ()
    scoped = area != "outside"
    return UpdateCase(area, strategy, variable, (step,), shape=shape, scoped=scoped)


def steps(strategy: str) -> Iterator[Step]:
    """The operations, each with a context and a kind of value that it can have."""
    seen = set()
    for step in (*operations_by_context(), *values_by_context()):
        if step not in seen and possible(strategy, step):
            seen.add(step)
            yield step


def steps_outside() -> Iterator[Step]:
    """The operations on a variable that was made outside the scope."""
    for context in OUTSIDE_CONTEXTS:
        for operation in (*axes.ASSIGNS, "scatter_add"):
            yield Step(operation, context, "tensor")
    for context in OUTSIDE_PER_REPLICA:
        for operation in (*axes.ASSIGNS, "scatter_add"):
            yield Step(operation, context, "per_replica")
    for operation in axes.SCATTERS:
        if operation != "scatter_add":
            yield Step(operation, "cross_scope", "per_replica")


def operations_by_context() -> Iterator[Step]:
    contexts = (*axes.REPLICA_CONTEXTS, *HOST_CONTEXTS, axes.UPDATE_REPLICA)
    for operation in (*axes.ASSIGNS, *axes.SCATTERS):
        for context in contexts:
            if operation in (*axes.ASSIGNS, "scatter_add") or context in SCATTER_CONTEXTS:
                yield Step(operation, context, "tensor")
                if context in HOST_CONTEXTS:
                    yield Step(operation, context, "per_replica")


def values_by_context() -> Iterator[Step]:
    for operation in ("assign", "assign_add"):
        for context in ("replica_eager", axes.UPDATE_REPLICA):
            for value in axes.REPLICA_VALUES:
                yield Step(operation, context, value)
        for context in ("cross_scope", "merge_call", "update"):
            for value in axes.HOST_VALUES:
                yield Step(operation, context, value)
    for value in axes.REPLICA_VALUES:
        yield Step("assign_add", "replica_fn_outer", value)
    for value in axes.HOST_VALUES:
        yield Step("assign", "cross_fn", value)
    for operation in ("scatter_add", "scatter_update"):
        for value in SCATTER_VALUES:
            yield Step(operation, "replica_eager", value)


def possible(strategy: str, step: Step) -> bool:
    """Whether the strategy has such a step at all."""
    if strategy == "ps":
        # a closure has no merge_call of its own, and only the coordinator could make a PerReplica
        contexts = {*axes.REPLICA_CONTEXTS, *axes.CROSS_CONTEXTS}
        return step.context in contexts - {*axes.NOT_CLOSURES} and (
            step.value not in ("argument", "per_replica", "all_reduced")
        )
    return True
