"""What is told when a distributed variable is read."""

from __future__ import annotations

import functools
from typing import Any

from varsync_runtime import events
from varsync_runtime.engines.tensorflow import (
    library,
    places,
    positions,
    rejections,
    telling,
    variables,
)
from varsync_runtime.engines.tensorflow.wrapping import is_heard, unheard, wrap
from varsync_runtime.events import Site
from varsync_runtime.semantics import Context

REDUCED = ("SUM", "MEAN")
IN_REPLICA = (Context.REPLICA, Context.UPDATE_FROM_REPLICA)


def install() -> None:
    """Wraps the methods that read."""
    from tensorflow.python.distribute import ps_values, values

    for cls, names in {
        values.DistributedVariable: ("_get", "value"),
        values.MirroredVariable: ("_get", "value"),
        values.SyncOnReadVariable: ("_get", "value"),
        ps_values.AggregatingVariable: ("value", "read_value", "_dense_var_to_tensor"),
    }.items():
        for name in names:
            wrap(cls, name, _read)
    handle = values.DistributedVariable.handle
    values.DistributedVariable.handle = property(functools.partial(_handle, handle.fget))
    wrap(values.DistributedDelegate, "__getattr__", _attribute)
    wrap(values.DistributedDelegate, "__str__", _quietly)


def _handle(original: Any, variable: Any) -> Any:
    with rejections.told(variable, "handle"):
        return original(variable)


def _attribute(original: Any, self: Any, name: str) -> Any:
    """It asks what it would read whether it has the attribute; NumPy takes the value this way."""
    if name == "__array__":
        return original(self, name)
    with rejections.told(self, "value"):
        return _quietly(original, self, name)


def _quietly(original: Any, *args: Any) -> Any:
    with unheard():
        return original(*args)


def _read(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    if not is_heard() or not variables.is_whole(self):
        return original(self, *args, **kwargs)
    with rejections.told(self, "value"), unheard():
        result = original(self, *args, **kwargs)
    tell(self)
    return result


def tell(variable: Any, reduced: str = "") -> None:
    """Tells of a read of a whole variable, of which `reduced` was made if not what it says."""
    from tensorflow.python.distribute import values

    context, replica = positions.context(), positions.replica()
    number, aggregation = variables.number_of(variable), reduced or variables.aggregation(variable)
    on_read = isinstance(variable, values.SyncOnReadVariable)
    reduces = on_read and context not in IN_REPLICA and aggregation in REDUCED
    nbytes = positions.nbytes(variable) or 0
    by = library.user()
    partial = (
        on_read
        and context is Context.REPLICA
        and variable._distribute_strategy.num_replicas_in_sync > 1
        and places.is_replica_code_of_user()
    )

    def told(site: Site) -> None:
        telling.count(replica, events.Read, number, context.value, reduces, site)
        if reduces:
            fields = (number, "read", aggregation, True, site, False, by)
            telling.count(replica, events.Synchronised, *fields, nbytes=nbytes)
        if partial:
            telling.count(replica, events.PartialRead, number, site)

    telling.when_run(told)
