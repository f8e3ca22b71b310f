"""Shows a run while it goes on, from a thread beside the one that watches over it."""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import stat
import threading
import time
from collections.abc import Iterator
from types import FrameType

from varsync_runtime.course import Course

from varsync.console.live.look import Look
from varsync.console.live.picture import Shown, draw
from varsync.console.live.screen import Screen
from varsync.console.progress import DELAY
from varsync.console.style import Style

INTERVAL = 0.2
"""In seconds, between two pictures."""
SOONEST = 0.05
"""Between two writes: what the script writes waits no longer than this."""
SHARE = 0.02
"""Of a processor's time: so much may go into drawing."""
PATIENCE = 1.0
"""For a process of the script's that has got away and holds its terminal open."""


@contextlib.contextmanager
def on_terminal(title: str, most: int | None, style: Style) -> Iterator[View | None]:
    """A view on the terminal of the standard error; None where the standard output goes through a
    pipe, to somebody who may write there too, or where the system has no terminal to give."""
    output = _kind(1)
    if output is not None and (stat.S_ISFIFO(output.st_mode) or stat.S_ISSOCK(output.st_mode)):
        yield None
        return
    terminal = os.fstat(2).st_rdev
    is_same = output is not None and stat.S_ISCHR(output.st_mode) and output.st_rdev == terminal
    try:
        screen = Screen(2, (1, 2) if is_same else (2,))
    except OSError:
        yield None
        return
    view = View(screen, title, most, style)
    try:
        yield view
    finally:
        view.close()


def _kind(descriptor: int) -> os.stat_result | None:
    try:
        return os.fstat(descriptor)
    except OSError:
        return None


class View:
    """An onlooker of one run: see `varsync_runtime.course`. Close it in any case."""

    def __init__(self, screen: Screen, title: str, most: int | None, style: Style) -> None:
        self._screen = screen
        self._title = title
        self._most = most
        self._style = style
        self._look = Look()
        self._thread: threading.Thread | None = None
        self._drawing = threading.RLock()
        self._wake, self._waker = os.pipe()
        self._stops = signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL
        if self._stops:
            signal.signal(signal.SIGTSTP, self._stop)

    def enter_rank(self) -> None:
        self._stop_as_before()
        self._screen.enter()
        os.close(self._wake)
        os.close(self._waker)

    def begin(self, course: Course) -> None:
        self._look.begin(course)
        self._thread = threading.Thread(target=self._run, name="view", daemon=True)
        self._thread.start()

    def end(self) -> None:
        if self._thread is not None:
            self._screen.leave()
            os.write(self._waker, b".")
            self._thread.join()
            self._thread = None
            self._look.end()

    def close(self) -> None:
        """Takes it away, if that was not done."""
        self.end()
        self._stop_as_before()
        self._screen.close()
        os.close(self._wake)
        os.close(self._waker)

    def _stop_as_before(self) -> None:
        if self._stops:
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-Z: the terminal is the shell's until the run goes on."""
        with self._drawing:
            self._screen.show(b"", ())
            os.kill(os.getpid(), signal.SIGSTOP)

    def _run(self) -> None:
        """Hands on what the script writes, and draws, until it can't write any more."""
        screen, written, lines = self._screen, b"", list[str]()
        shown, due, over = 0.0, time.monotonic() + DELAY, 0.0
        while True:
            now = time.monotonic()
            if now >= (min(due, shown + SOONEST) if written else due):
                before = lines
                if now >= due:
                    try:
                        lines = self._lines()
                    except Exception:  # the script's output matters more than the picture
                        lines, due = [], math.inf
                        continue
                    due = now + max(INTERVAL, (time.monotonic() - now) / SHARE)
                if written or lines != before:
                    with self._drawing:
                        screen.show(written, lines)
                    written, shown = b"", now
            pause = (min(due, shown + SOONEST) if written else due) - time.monotonic()
            awaited = [screen.master] if over else [screen.master, self._wake]
            ready, _, _ = select.select(awaited, [], [], min(max(pause, 0.0), PATIENCE))
            if self._wake in ready:
                over, due = time.monotonic() + PATIENCE, math.inf
            if screen.master in ready:
                more = screen.read()
                if more is None:
                    break
                written += more
            if over and time.monotonic() > over:
                break
        with self._drawing:
            screen.finish(written)

    def _lines(self) -> list[str]:
        look = self._look
        if look.course is None:
            return []
        moment, seconds = look.course.now(), time.monotonic() - look.begun
        shown = Shown(self._title, moment, self._most, seconds, look.observations)
        size = self._screen.size()
        return draw(shown, size.columns, size.lines, self._style)
