"""One variable in another's place, while a function of a SavedModel runs.

The function is the script's own Python code, which knows the variables that were there when it was
saved. While it runs they are the loaded ones: they have their classes and their states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from varsync_runtime.distribute import contexts
from varsync_runtime.distribute.values import current_replica
from varsync_runtime.tensors import errors

CROSS_REPLICA = (
    "Graph execution error:\n\nassertion failed: [Trying to access a placeholder that is not "
    "supposed to be executed. This means you are executing a graph generated from the "
    "cross-replica context in an in-replica context.]"
)


def plain(variable: Any) -> Any:
    """The one copy of a loaded variable that a function uses here."""
    if not hasattr(variable, "_parts"):
        return variable
    replica = current_replica()
    if replica is None:
        raise errors.InvalidArgumentError(None, None, CROSS_REPLICA)
    if contexts.in_default_context():
        return variable._parts.fetch()[0]
    return variable._parts.fetch()[replica]


@contextmanager
def standing_in(pairs: Sequence[tuple[Any, Any]]) -> Iterator[None]:
    """Inside, the first variable of each pair is the second one."""
    others = [(one, plain(other)) for one, other in pairs]
    before = [(one, type(one), vars(one)) for one, _ in pairs]
    first = [other for _, other in others if other._stands_for is None]
    try:
        for other in first:
            other._stands_for = other
        for one, other in others:
            _become(one, type(other), vars(other))
        yield
    finally:
        for one, kind, state in reversed(before):
            _become(one, kind, state)
        for other in first:
            other._stands_for = None


def _become(variable: Any, kind: type, state: dict[str, Any]) -> None:
    variable.__class__ = kind
    variable.__dict__ = state
