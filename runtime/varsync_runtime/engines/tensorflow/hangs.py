"""A worker that waits for one that has ended: TensorFlow raises there as soon as the other is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from varsync_runtime.engines.tensorflow import places
from varsync_runtime.engines.tensorflow.variables import number_of
from varsync_runtime.engines.tensorflow.wrapping import is_heard
from varsync_runtime.events import Site
from varsync_runtime.replicas.intents import Intent
from varsync_runtime.replicas.world import current

ABORTED = "Collective ops is aborted by"
READ = "value"  # what a read is called that TensorFlow does
NODE = re.compile(r"\{\{node (?P<name>[^}]+)\}\}")

NEXT = "next batch"  # what the workers ask each other for when one goes over batches

_asked_for = ""
_compiled: dict[str, Intent] = {}
"""What is done by a node of what TensorFlow has compiled."""


@contextmanager
def exchanging(operation: str, variable: Any, site: Site | None = None) -> Iterator[None]:
    """What may wait for other workers is done in here, for a line of the user."""
    if current().workers == 1 or not is_heard():
        yield
        return
    known = number_of(variable) is not None
    intent = Intent(
        "collective",
        _asked_for or ("read" if operation == READ else operation),
        variable.name.removesuffix(":0") if known else "",
        site=str(site or places.here() or places.now()),
    )
    before = len(_operations())
    try:
        yield
    except Exception as error:
        if is_in_vain(error):
            raise current().stuck(intent) from None
        raise
    finally:
        for one in _operations()[before:]:
            if one.type.startswith("Collective"):
                _compiled.setdefault(one.name, intent)


def next_batch(original: Any, *args: Any, **kwargs: Any) -> Any:
    """Around what gives the next batch: whoever waits in it waits for that."""
    global _asked_for
    before, _asked_for = _asked_for, NEXT
    try:
        return original(*args, **kwargs)
    finally:
        _asked_for = before


def _operations() -> list[Any]:
    """What the graph holds that is being made."""
    from tensorflow.python.eager import context
    from tensorflow.python.framework import ops

    return [] if context.executing_eagerly() else ops.get_default_graph().get_operations()


@contextmanager
def running() -> Iterator[None]:
    """What TensorFlow has compiled is run in here."""
    try:
        yield
    except Exception as error:
        if not is_in_vain(error):
            raise
        nodes = (_compiled.get(found["name"]) for found in NODE.finditer(str(error)))
        other = Intent("collective", site=str(places.named(str(error)) or places.now()))
        raise current().stuck(next(filter(None, nodes), other)) from None


def is_in_vain(error: Exception) -> bool:
    """Whether TensorFlow raises this because the worker that it waited for has ended."""
    world = current()
    others = (rank for rank in range(world.size) if rank != world.rank)
    return ABORTED in str(error) and any(map(world.has_parted, others))
