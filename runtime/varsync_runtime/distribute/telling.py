"""Events of variables: told only where somebody listens, since finding the user's line takes time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from varsync_runtime import events
from varsync_runtime.events import Site, recorder
from varsync_runtime.semantics import Context, Read, Rule

_mixed: set[tuple[tuple[str, Site], ...]] = set()


def mixed(met: Sequence[tuple[str, str]], workers: int = 0, raised: str = "") -> None:
    """Replicas met with different operations (what, and "file:line"); told once for each place."""
    sides = tuple((what, Site.parse(site)) for what, site in met)
    if listening() and sides not in _mixed:
        _mixed.add(sides)
        events.tell(events.Mixed(events.step(), sides, workers, raised))


def listening() -> bool:
    """Whether events go anywhere."""
    return recorder.current.send is not None


def read(variable: Any, context: Context, outcome: Read) -> None:
    """Host code or a replica reads."""
    if listening():
        site = events.here()
        number = variable._variable_number
        events.count(events.Read(number, context.value, outcome.reduces, site))
        if outcome.reduces:
            nbytes = variable._local_array().nbytes
            event = events.Synchronised(number, "read", outcome.rule.name, True, site)
            events.count(event, nbytes)


def partial_read(variable: Any) -> None:
    """A replica reads its own copy of what the host reads as a sum or a mean."""
    if listening():
        events.count(events.PartialRead(variable._variable_number, events.here()))


def written(variable: Any, operation: str, context: Context, rule: Rule) -> None:
    """A variable was written."""
    if listening():
        number = variable._variable_number
        event = events.Written(number, operation, context.value, rule.name, events.here())
        events.count(event)


def synchronised(
    number: int | None, cause: str, operation: str, nbytes: int, changed: bool = True
) -> None:
    """The replicas exchanged values."""
    if listening():
        event = events.Synchronised(number, cause, operation, changed, events.here())
        events.count(event, nbytes)
