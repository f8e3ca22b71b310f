"""Runs a function in several ranks, for tests.

results = run_ranks(3, lambda world: world.all_reduce(numpy.ones(4)))
"""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable
from typing import Any

from varsync_runtime.events import Event, read_frame, recorder
from varsync_runtime.replicas import births
from varsync_runtime.replicas.account import Account, Ending
from varsync_runtime.replicas.channel import Kind
from varsync_runtime.replicas.endings import RunOver
from varsync_runtime.replicas.supervisor import supervise
from varsync_runtime.replicas.world import World

SOON = 15.0
"""Seconds in which what ends by itself has ended, on a busy machine too; waiting would take longer."""


class Ended(Exception):
    """The result of a rank that gave none: how it ended."""


def run_ranks(
    size: int,
    function: Callable[[World], Any],
    *,
    workers: int = 1,
    timeout: float = 20.0,
    capacity: int = 64,
) -> list[Any]:
    """What `function(world)` returns in each of `size` ranks, or the exception that it raised.

    Results are pickled. A rank that could not give any (it was killed, or stopped with the run)
    has an `Ended` that says how it ended, or the RunOver that unwound it.
    """
    return account_of(size, function, workers=workers, timeout=timeout, capacity=capacity)[0]


def account_of(
    size: int,
    function: Callable[[World], Any],
    *,
    workers: int = 1,
    timeout: float = 20.0,
    capacity: int = 64,
    on_event: Callable[[int, Event], None] | None = None,
) -> tuple[list[Any], Account]:
    """As `run_ranks`, and the supervisor's account. `on_event(seat, event)` gets what ranks tell."""

    def main(world: World) -> Ending:
        _record(world)
        world.grow(size)
        try:
            result, ending = function(world), Ending(0)
        except RunOver as over:
            result, ending = over, Ending(1, over=over.verdict)
        except Exception as error:
            text = "".join(traceback.format_exception(error))
            result, ending = error, Ending(1, f"{type(error).__name__}: {error}", text)
        recorder.flush()
        _send(world, result)
        return ending

    results: dict[int, Any] = {}

    def keep(seat: int, frame: bytes) -> None:
        results[seat] = pickle.loads(frame)

    def tell(seat: int, frame: bytes) -> None:
        for event in read_frame(frame) if on_event else ():
            on_event(seat, event)  # type: ignore[misc]

    account = supervise(
        main,
        workers=workers,
        capacity=capacity,
        timeout=timeout,
        on_event=tell,
        on_result=keep,
    )
    return [results.get(end.seat, Ended(str(end))) for end in account.ranks], account


def _record(world: World) -> None:
    """The events of this rank, and of those that are copied from it, go to the supervisor."""
    recorder.start(world.processes.channel.event)  # type: ignore[union-attr]
    births.hooks.before.append(recorder.flush)
    births.hooks.after.append(
        lambda world: recorder.forked(world.processes.channel.event)  # type: ignore[union-attr]
    )


def _send(world: World, result: object) -> None:
    try:
        frame = pickle.dumps(result)
    except Exception as error:
        frame = pickle.dumps(TypeError(f"{result!r} cannot be pickled: {error}"))
    world.processes.channel.send(Kind.RESULT, frame)  # type: ignore[union-attr]
