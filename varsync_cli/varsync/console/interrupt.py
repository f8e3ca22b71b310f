"""Ctrl-C: one line and exit code 130, whenever it comes.

A KeyboardInterrupt may come in code that swallows it, and leaves others time to print what became
of them. So the process ends in the signal's handler.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

INTERRUPTED = 130
_first = ""


class Interrupted(BaseException):
    """A signal ends the process, with exit code `code`; no handler of errors takes it for its own."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def write_first(text: str) -> None:
    """From here on this is written before the line that says so: what takes a bar away."""
    global _first
    _first = text


def end_when_interrupted() -> None:
    """Lets this process end at SIGINT; where the signal is ignored, or is a caller's, it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def ignore_interrupts() -> None:
    """From here on, where everything is written, the exit code is what it is."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Signals that end the process come after what is done in it: no file is left half-written."""
    mask = getattr(signal, "pthread_sigmask", None)
    if mask is None:
        yield
        return
    before = mask(signal.SIG_BLOCK, _numbers())
    try:
        yield
    finally:
        mask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def unwound() -> Iterator[None]:
    """What ends this process raises Interrupted in it, so that what was begun there is undone.

    A second signal does not disturb that. Where SIGINT is a caller's, all stays as it is.
    """
    if signal.getsignal(signal.SIGINT) is not _end:
        yield
        return
    numbers = [
        number for number in _numbers() if signal.getsignal(number) in (_end, signal.SIG_DFL)
    ]
    before = {number: signal.signal(number, _unwind) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _numbers() -> list[signal.Signals]:
    """The signals with which others end a process; not every system has all."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _unwind(signum: int, frame: object) -> None:
    for number in _numbers():
        if signal.getsignal(number) is _unwind:
            signal.signal(number, signal.SIG_IGN)
    raise Interrupted(128 + signum)


def _end(signum: int, frame: object) -> None:
    # not sys.stderr: it may be in the middle of a write
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            os.write(2, f"{_first}varsync: interrupted\n".encode())
    # the table of children is there when a child is
    multiprocessing = sys.modules.get("multiprocessing")
    children = getattr(multiprocessing, "active_children", list)
    try:
        for child in children():
            child.kill()
    finally:
        os._exit(INTERRUPTED)
