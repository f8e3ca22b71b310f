"""One rank does it, all have the result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from varsync_runtime.events import here
from varsync_runtime.replicas.host.context import situation
from varsync_runtime.replicas.intents import Intent
from varsync_runtime.replicas.world import current

Result = TypeVar("Result")


def meet(operation: str) -> None:
    """All ranks of this worker arrive; Drift where they do not arrive for the same."""
    world = current()
    site = here()
    where = f"{Path(site.filename).name}:{site.line}" if site.line else ""
    world.meet(Intent("host", operation, site=where), world.local_ranks)


def once(operation: str, do: Callable[[], Result]) -> Result:
    """The first rank's result, or its exception, in all ranks of the worker. Both are pickled."""
    meet(operation)
    return handed_on(do)


def handed_on(do: Callable[[], Result]) -> Result:
    """As `once`, where the ranks have just met."""
    world = current()
    first = world.local_ranks[0]
    outcome: tuple[bool, Any] = (True, None)
    if world.rank == first:
        outcome = attempt(do)
    good, result = world.share(outcome, first, world.local_ranks)
    if not good:
        raise result
    answer: Result = result
    return answer


def once_for_first(
    operation: str, do: Callable[[], Result], others: Callable[[], Result]
) -> Result:
    """The first rank's result stays with it; the others' is theirs, after it was done."""
    meet(operation)
    world = current()
    first = world.local_ranks[0]
    outcome: tuple[bool, Any] = attempt(do) if world.rank == first else (True, None)
    good, result = outcome
    failure = world.share(None if good else result, first, world.local_ranks)
    if failure is not None:
        raise failure
    if world.rank != first:
        return others()
    answer: Result = result
    return answer


def attempt(do: Callable[[], Result]) -> tuple[bool, Any]:
    """Whether it went well, and the result or the exception; what it calls is not shared again."""
    situation.acting += 1
    try:
        return True, do()
    except Exception as error:
        return False, error
    finally:
        situation.acting -= 1
