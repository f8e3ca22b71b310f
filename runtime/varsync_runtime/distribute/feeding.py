"""Collective ops in graphs: each takes a key, an argument of the function that it belongs to."""

from __future__ import annotations

from typing import Any

from varsync_runtime import semantics
from varsync_runtime.distribute import rejections
from varsync_runtime.distribute.where import execution
from varsync_runtime.function import dry, flow, graphs
from varsync_runtime.semantics import Call, Context, ControlFlow, Raises


def collective(strategy: Any, call: Call) -> None:
    """A collective op of this call runs here; raises where its key does not reach it."""
    graphs.collective()
    site = flow.calling_branch()
    if site is None:
        return
    outcome = semantics.meet(strategy._in_table, call, ControlFlow.FUNCTION_IN_BRANCH, execution())
    if isinstance(outcome, Raises):
        error = rejections.error(outcome, file=site.filename, line=site.line)
        if not dry.is_dry():
            rejections.tell(error, None, call.value, Context.REPLICA.value, site)
        raise error
