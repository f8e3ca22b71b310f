"""The table's words for where code runs."""

from __future__ import annotations

from typing import Any

from varsync_runtime.distribute import contexts
from varsync_runtime.function import flow as function_flow
from varsync_runtime.semantics import Context, ControlFlow, Execution
from varsync_runtime.tensors.state import state


def context_of(variable: Any) -> Context:
    """In which context a variable is used here."""
    mode = contexts.current_mode()
    if _outside(variable):
        return Context.OUTSIDE_SCOPE
    if mode.in_cross_replica:
        inside = contexts.update_replica_id() is not None
        return Context.UPDATE if inside else Context.CROSS_REPLICA
    inside = contexts.update_replica_id() is not None
    return Context.UPDATE_FROM_REPLICA if inside else Context.REPLICA


def is_foreign(variable: Any) -> bool:
    """Whether the variable belongs to another strategy than the one that is current."""
    strategy = variable._distribute_strategy
    if strategy is None or _outside(variable):
        return False
    return strategy is not contexts.get_strategy()


def _outside(variable: Any) -> bool:
    """Whether no strategy was entered: to a variable of one, `run` of the default one is none."""
    mode, default = contexts.current_mode(), contexts.default_mode()
    if mode is default or mode.strategy is not default.strategy:
        return mode is default
    return variable._distribute_strategy not in (None, default.strategy)


def execution() -> Execution:
    """Whether a graph is built."""
    return Execution.EAGER if state.graph is None else Execution.FUNCTION


def flow() -> ControlFlow:
    """What stands around this code since the replica's function began."""
    return ControlFlow(function_flow.current().value)
