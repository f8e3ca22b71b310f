"""Other modes than the script's for some of its variables: what if it had written these?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from varsync_runtime.distribute.enums import VariableAggregationV2, VariableSynchronization
from varsync_runtime.events.asked import ModeAsked
from varsync_runtime.tensors import origins

_asked: list[ModeAsked] = []


def ask(modes: Iterable[ModeAsked]) -> None:
    """Has variables that are made from now on made with these modes."""
    _asked[:] = modes


def replaced(name: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `tf.Variable` with the modes that are asked for; `name` is the full one."""
    if not _asked:
        return kwargs
    site = origins.of_variable().origin.site
    for mode in _asked:
        if not mode.is_of(name, site):
            continue
        kwargs = dict(kwargs)
        if mode.synchronization is not None:
            kwargs["synchronization"] = VariableSynchronization[mode.synchronization]
        if mode.aggregation is not None:
            kwargs["aggregation"] = VariableAggregationV2[mode.aggregation]
    return kwargs
