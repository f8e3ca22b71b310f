"""The end of a rank that exchanges its values with others in a way of its own, as on TensorFlow.

A process that ends takes the exchanges with it that others have not finished: it stays until they have
ended, or do nothing. Whoever then still waits for it waits in vain.
"""

from __future__ import annotations

import time

from varsync_runtime.replicas import lineage
from varsync_runtime.replicas.block import Block
from varsync_runtime.replicas.endings import State

POLL = 0.02
INTERVAL = 0.5  # seconds for which it is seen how busy the others are
IDLE = 0.05  # of a processor: less is nothing
QUIET = 2  # intervals of nothing


def part(block: Block, seat: int) -> None:
    """Says that the rank on a seat has come to its end, and waits until no other one is busy."""
    block.set_state(seat, State.ENDED)
    quiet, used, end = 0, _used(block, seat), time.monotonic() + INTERVAL
    while quiet < QUIET and not block.verdict and _others(block, seat):
        time.sleep(POLL)
        if time.monotonic() >= end:
            before, used, end = used, _used(block, seat), time.monotonic() + INTERVAL
            quiet = quiet + 1 if used - before < IDLE * INTERVAL else 0


def _others(block: Block, seat: int) -> list[int]:
    """The seats of the other ranks that have not come to their end."""
    over = (State.ENDED, State.LOST)
    return [one for one in range(block.seats) if one != seat and block.state(one) not in over]


def _used(block: Block, seat: int) -> float:
    """The seconds of a processor that the others have used."""
    return sum(lineage.used_seconds(block.pid(one)) for one in _others(block, seat))
