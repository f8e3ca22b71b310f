"""VS503: a variable on a parameter server, where a program counts on its modes."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.semantics import Aggregation, StrategyKind, Synchronization

from varsync_rules.context import Context
from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import has
from varsync_rules.program import (
    Creation,
    Program,
    Update,
    created_here,
    place,
    replica_chain,
    unique,
)
from varsync_rules.values import Variable

_NOT_SUM = frozenset(Aggregation) - {Aggregation.SUM}


def check(program: Program) -> Iterator[Finding]:
    """Modes that are ignored, and values that are read, changed and written back."""
    found = [_creation(program, creation) for creation in program.creations]
    found += [_update(update) for update in program.updates]
    yield from unique(finding for finding in found if finding is not None)


def _is_on_servers(context: Context) -> bool:
    return any(strategy.kind is StrategyKind.PARAMETER_SERVER for strategy in context.strategies)


def _ignored(variable: Variable) -> str:
    """Which mode of a variable means something else than what a parameter server does, in words."""
    if has(variable, aggregation=[Aggregation.MEAN]):
        return "aggregation MEAN: the updates of all workers are applied, and none is averaged"
    if has(variable, aggregation=[Aggregation.ONLY_FIRST_REPLICA]):
        return "aggregation ONLY_FIRST_REPLICA: the updates of all workers are applied"
    if has(variable, [Synchronization.ON_READ], _NOT_SUM):
        return "synchronization ON_READ: there is one copy, and no worker has its own"
    if has(variable, [Synchronization.NONE]):
        return "synchronization NONE: there is one copy, and no worker has its own"
    return ""


def _creation(program: Program, creation: Creation) -> Finding | None:
    if not _is_on_servers(creation.context):
        return None
    ignored = _ignored(creation.variable)
    if not ignored:
        return None
    name = creation.variable.called
    # a counter of all workers' steps may be what is meant
    is_certain = not has(creation.variable, aggregation=[Aggregation.ONLY_FIRST_REPLICA]) and any(
        update.context.in_replica for update in program.updates_of(creation.variable)
    )
    return Finding(
        code="VS503",
        name="parameter-server-ignores-mode",
        severity=Severity.WARNING if is_certain else Severity.NOTE,
        message=f"ParameterServerStrategy ignores that {name} has {ignored}",
        span=place(creation),
        explanation="there is one copy on a server, and every worker's update is applied to it",
        remedy="return a worker's own values from the scheduled function; keep a total and a count",
    )


def _update(update: Update) -> Finding | None:
    """A value that goes to a worker and comes back, while the others write."""
    variable = update.variable
    if update.op != "assign" or update.way not in ("method", "function"):
        return None
    if not update.context.in_replica or variable not in update.data.reads:
        return None
    if not _is_on_servers(update.context) or not _is_on_servers(variable.context):
        return None
    return Finding(
        code="VS503",
        name="parameter-server-ignores-mode",
        severity=Severity.WARNING,
        message=(
            f"`{update.spelled}` is read, changed and written back under ParameterServerStrategy:"
            " what other workers write in between is lost"
        ),
        span=place(update),
        related=(created_here(variable), *replica_chain(update)),
        explanation="workers do not wait for each other, and a read and a write are two messages",
        remedy="use assign_add or assign_sub, or let the coordinator do it after join()",
    )
