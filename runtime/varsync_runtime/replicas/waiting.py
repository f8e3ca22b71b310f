"""How a rank waits for others, and how it knows that they will never come.

A rank spins for some microseconds (others are often nearly there), then lets other processes run
for some more, then dozes until it is rung, and looks around now and then. It never gives up by the
clock. Waiting is hopeless when a rank that is missing has ended, or when every rank waits or has
ended and no meeting is complete. The latter is read twice with the ranks' turn counters in between:
nobody moved, so it held at one instant.
"""

from __future__ import annotations

import os
import sys
import time
from typing import NoReturn

from varsync_runtime.events import recorder
from varsync_runtime.events.timeline import now
from varsync_runtime.replicas.block import AWAITS, STATE, SUPERVISOR, TURN, VERDICT, Block, fence
from varsync_runtime.replicas.endings import CLASSES, RunOver, State, Verdict

SPINS = 60
# seconds in which a rank lets others run instead of dozing: where other work keeps the processors
# busy, it comes back late from that, but at once when it is rung
YIELDING = 40e-6
SHORTEST, LONGEST = 2e-3, 20e-3  # seconds of a doze, if nobody rings
UNRUNG = 200e-6  # seconds of a doze on a word whose writer does not ring
SETTLE = 0.4  # seconds that others get to arrive somewhere before a hopeless wait is told
CPUS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
# bound here: a script may get patched ones
_monotonic, _sleep, _getppid = time.monotonic, time.sleep, os.getppid
_yield = getattr(os, "sched_yield", lambda: _sleep(0))


def wait(block: Block, seat: int, theirs: int, want: int, *, rung: bool = True) -> None:
    """Returns when word `theirs` of the block has reached `want`; raises RunOver on a verdict.

    `rung` says whether who writes the word also rings it.
    """
    begun = now()
    try:
        _wait(block, seat, theirs, want, rung)
    finally:
        recorder.waited(begun)


def _wait(block: Block, seat: int, theirs: int, want: int, rung: bool) -> None:
    words = block.words
    for _ in range(SPINS if block.seats <= CPUS else 10):
        if words[theirs] >= want:
            return
    end = _monotonic() + (YIELDING if block.seats <= CPUS else 0.0)
    while True:
        _yield()
        if words[theirs] >= want:
            return
        if words[VERDICT]:
            stop(block, seat)
        if _monotonic() > end:
            break
    awaits = block.row(seat) + AWAITS
    block.set_state(seat, State.WAITING)
    words[awaits] = theirs
    fence()
    try:
        _doze_until(block, seat, theirs, want, rung)
    finally:
        words[awaits] = 0
        block.set_state(seat, State.RUNNING)


def wait_a_while(block: Block, theirs: int, want: int, seconds: float) -> None:
    """Returns when word `theirs` has reached `want`, or after so many seconds, or at a verdict.

    For what is better in order, but not worth a run that hangs: nobody takes this for waiting.
    """
    words = block.words
    end = 0.0
    while words[theirs] < want and not words[VERDICT]:
        end = end or _monotonic() + seconds
        if _monotonic() > end:
            return
        _sleep(UNRUNG / 4)


def _doze_until(block: Block, seat: int, theirs: int, want: int, rung: bool) -> None:
    words = block.words
    pause = SHORTEST if rung else UNRUNG
    hopeless_since = 0.0
    while (value := words[theirs]) < want:
        if words[VERDICT]:
            stop(block, seat)
        block.bell.doze(theirs, value, pause)
        if words[theirs] >= want:
            return
        pause = min(pause * 2, LONGEST)
        orphaned(block)
        if deadlocked(block):
            block.judge(Verdict.STUCK, seat)
        elif hopeless(block, seat):
            hopeless_since = hopeless_since or _monotonic()
            if _monotonic() - hopeless_since > SETTLE:
                block.judge(Verdict.STUCK, seat)


def hopeless(block: Block, seat: int) -> bool:
    """Whether a rank for which this one waits has ended without coming."""
    over = (State.ENDED, State.LOST)
    gone = [other for other in block.lacks(seat) if block.state(other) in over]
    # one that came and then ended has come: look again now that its end is known
    return bool(gone) and bool(set(gone) & set(block.lacks(seat)))


def deadlocked(block: Block) -> bool:
    """Whether every rank waits or has ended, and no meeting is complete."""
    words, seats = block.words, block.seats
    rows = [block.row(seat) for seat in range(seats)]
    turns = []
    waits = False
    for seat, row in enumerate(rows):
        turns.append(words[row + TURN])
        state = words[row + STATE]
        if state == State.WAITING:
            waits = True
            if not block.lacks(seat):
                return False
        elif state not in (State.ENDED, State.LOST):
            return False
    return waits and seats == block.seats and turns == [words[row + TURN] for row in rows]


def orphaned(block: Block) -> None:
    """Ends this process where its supervisor is gone (the kernel does it on Linux)."""
    if sys.platform == "linux":
        if _getppid() == block.words[SUPERVISOR]:
            return
    else:
        try:
            os.kill(block.words[SUPERVISOR], 0)
            return
        except ProcessLookupError:
            pass
        except PermissionError:
            return
    os._exit(1)


def stop(block: Block, seat: int) -> NoReturn:
    """Raises what the block's verdict says."""
    verdict = block.verdict
    raise CLASSES.get(verdict, RunOver)(verdict, block.table(), TEXTS[verdict])


TEXTS = {
    Verdict.NONE: "",
    Verdict.LOST: "another replica was killed",
    Verdict.STUCK: "this waits for a replica that never comes",
    Verdict.DRIFT: "the replicas' host code went different ways",
    Verdict.TIMEOUT: "the time limit is reached",
    Verdict.INTERRUPTED: "interrupted",
    Verdict.FAILED: "a replica could not be started",
    Verdict.OVER: "the run is over",
}
