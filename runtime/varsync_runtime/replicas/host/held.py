"""What replicas print: held back until their segment ends, and then written in order of rank.

TensorFlow's replicas are threads that take turns, each until it meets the others or ends. Processes
run at the same time; that their lines come in the same order, the first rank writes them all.
"""

from __future__ import annotations

import time

LONGEST = 1.0  # seconds after which somebody who prints wants to be seen
MOST = 1 << 20  # characters

# What was printed in a segment: pieces, each with the descriptor of its stream
Printed = tuple[tuple[int, str], ...]


class _Held:
    """Of this process."""

    def __init__(self) -> None:
        self.active = False
        self.pieces: list[tuple[int, str]] = []
        self.length = 0
        self.since = 0.0


_held = _Held()


def hold(active: bool) -> bool:
    """From now on what replica code prints is held back, or not; whether it was before."""
    before, _held.active = _held.active, active
    return before


def keep(fd: int, lines: str) -> Printed:
    """Takes whole lines for the stream of a descriptor; what must go out at once instead."""
    if not _held.pieces:
        _held.since = time.monotonic()
    _held.pieces.append((fd, lines))
    _held.length += len(lines)
    if not _held.active or _held.length > MOST or time.monotonic() - _held.since > LONGEST:
        return take()
    return ()


def take() -> Printed:
    """What is held back; nothing is any more."""
    printed = tuple(_held.pieces)
    _held.pieces.clear()
    _held.length = 0
    return printed
