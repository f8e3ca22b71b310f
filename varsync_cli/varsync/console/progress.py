"""How far a run has come: one line on a terminal, which is gone when the run is over.

A run that takes less than a second does not show it. Where the standard error is no terminal nothing
is shown at all.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TextIO, TypeAlias

from varsync.console import interrupt
from varsync.console.terminal import size, takes_what_moves

Told: TypeAlias = Callable[[int, int, str], None]
"""Takes how many of how many things are done, and what is being done: "reading files"."""


def silently(done: int, total: int, what: str) -> None:
    """Says nothing."""


DELAY = 1.0
"""In seconds, from the beginning of the run."""
INTERVAL = 0.1
WIDEST_BAR = 40
NARROWEST_BAR = 8
ERASE = "\r\x1b[K"


class Progress:
    """Call it with `done, total, what`, as often as there is news; `clear` it before other output."""

    def __init__(
        self,
        stream: TextIO,
        *,
        delay: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._next = clock() + (DELAY if delay is None else delay)
        self._shown = False

    def __call__(self, done: int, total: int, what: str) -> None:
        now = self._clock()
        if now < self._next:
            return
        self._next = now + INTERVAL
        self._shown = True
        # a Ctrl-C may come between these two: it erases what is not there yet
        interrupt.write_first(ERASE)
        self._write(ERASE + line(done, total, what, size(self._stream.fileno()).columns - 1))

    def clear(self) -> None:
        """Takes the line away. It may come again."""
        if self._shown:
            self._write(ERASE)
            interrupt.write_first("")
            self._shown = False

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(text)
            self._stream.flush()


@contextlib.contextmanager
def on_terminal(*, quiet: bool = False, delay: float | None = None) -> Iterator[Told]:
    """The progress of what is done in it, on the standard error where that is a terminal.

    It shows after so many seconds, else after DELAY.
    """
    if quiet or sys.stderr is None or not takes_what_moves(sys.stderr):
        yield silently
        return
    progress = Progress(sys.stderr, delay=delay)
    try:
        yield progress
    finally:
        progress.clear()


def line(done: int, total: int, what: str, columns: int) -> str:
    """The text of at most so many columns: words and numbers, and a bar where there is room."""
    count = f"{done}/{total}"
    room = min(columns - len(what) - len(count) - 4, WIDEST_BAR)
    if room < NARROWEST_BAR:
        return f"{what} {count}"[: max(columns, 0)]
    full = room * min(done, total) // max(total, 1)
    return f"{what} [{'#' * full}{'.' * (room - full)}] {count}"
