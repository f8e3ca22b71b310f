"""Work that another process does beside this one."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Result = TypeVar("Result")

_SECONDS_TO_LIVE_ALONE = 0.5


def beside(work: Callable[[], Result]) -> Callable[[], Result]:
    """Starts `work` in another process; call the result for what it gave.

    Where there is no fork, or that process ends before it is done, the work is done here, then.
    What it gives has to be picklable. Not for a process that has threads.
    """
    import multiprocessing

    if "fork" not in multiprocessing.get_all_start_methods():
        return work
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, sender, os.getpid()), daemon=True)
    with _interrupts_wait():
        process.start()
    sender.close()

    def collect() -> Result:
        try:
            result: Result = receiver.recv()
        except EOFError:
            result = work()
        process.join()
        return result

    return collect


def available() -> int:
    """How many processes can run at a time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def _interrupts_wait() -> Iterator[None]:
    """An interrupt waits until the parent knows its child, and until the child lets it end it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(work: Callable[[], Result], sender: Connection, parent: int) -> None:
    """In the other process: it ends without a word at an interrupt, and when its parent has ended."""

    def look_at_parent(number: int, frame: FrameType | None) -> None:
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    signal.signal(signal.SIGALRM, look_at_parent)
    signal.setitimer(signal.ITIMER_REAL, _SECONDS_TO_LIVE_ALONE, _SECONDS_TO_LIVE_ALONE)
    # the parent does it again where it fails, and says what is wrong
    with contextlib.suppress(Exception):
        sender.send(work())
    sender.close()
