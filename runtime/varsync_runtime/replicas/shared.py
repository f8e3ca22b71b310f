"""The transport through shared memory.

Before a beat a seat writes into one of its two slots, in turn, and counts the arrival in its word
for each other seat; the beat is complete for it when their words have come as far. Seats that meet
again and again need not ask whether a slot has been read: whoever came to the last beat has read
the one before. Where the seats change, the owner waits for the readers of the slot.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from typing import NoReturn

from varsync_runtime.replicas.block import AWAITS, IN_ORDER, READ, SLOT, Block, fence
from varsync_runtime.replicas.endings import Drift, Verdict
from varsync_runtime.replicas.intents import Intent
from varsync_runtime.replicas.transport import Unlike
from varsync_runtime.replicas.waiting import SETTLE, TEXTS, wait

# words of a slot's header
TAG, BEAT = 0, 1
TOLD = -1  # the tag of a seat that has said what it was about to do
# bound here: a script may get patched ones
_monotonic, _sleep = time.monotonic, time.sleep


class _Circle:
    """Some seats that meet, as one of them sees them."""

    def __init__(self, block: Block, seat: int, seats: Sequence[int]) -> None:
        own, theirs = block.arrivals + seat * block.capacity, block.arrivals + seat
        others = [other for other in seats if other != seat]
        self.beats = 0  # the same number for all of them
        self.name = zlib.crc32(repr(seats).encode())
        self.own = [(own + other, block.row(other) + AWAITS) for other in others]
        self.awaited = [(theirs + other * block.capacity, own + other) for other in others]
        slots = [[block.slot(other, side) for other in seats] for side in (0, 1)]
        self.headers = [[header for header, _ in side] for side in slots]
        self.views = [tuple(view for _, view in side) for side in slots]
        self.readers = [block.row(other) + READ for other in seats]


class SharedTransport:
    """The end of the process on `seat`. See Transport."""

    def __init__(self, block: Block, seat: int) -> None:
        self.block = block
        self.seat = seat
        self.capacity = SLOT
        self._words = block.words
        self._slots = (block.slot(seat, 0), block.slot(seat, 1))
        self._circles: dict[tuple[int, ...], _Circle] = {}
        self._read = block.row(seat) + READ
        self._beats = 0
        # for each side: the circle that used it last, in which of its beats, the readers' beats
        self._uses: list[tuple[_Circle | None, int, list[int]]] = [(None, 0, []), (None, 0, [])]

    def slot(self, seats: Sequence[int]) -> memoryview:
        circle = self._circle(seats)
        side = circle.beats & 1
        user, beat, reading = self._uses[side]
        if user is not None and (user is not circle or beat != circle.beats - 2):
            for word, theirs in zip(user.readers, reading, strict=True):
                wait(self.block, self.seat, word, theirs, rung=False)
        return self._slots[side][1]

    def beat(self, seats: Sequence[int], tag: int, size: int) -> Sequence[memoryview]:
        circle = self._circle(seats)
        words = self._words
        side = circle.beats & 1
        self._beats += 1
        header = self._slots[side][0]
        # also who meets, and how often they have: others may believe to be in another meeting
        mark = (circle.beats << 33) + circle.name + tag
        header[TAG] = mark
        header[BEAT] = self._beats
        if not IN_ORDER:
            fence()
        for word, _ in circle.own:
            words[word] += 1
        fence()
        for word, awaits in circle.own:
            if words[awaits] == word:
                self.block.bell.ring(word)
        for theirs, mine in circle.awaited:
            if words[theirs] < words[mine]:
                wait(self.block, self.seat, theirs, words[mine])
        if not IN_ORDER:
            fence()
        headers = circle.headers[side]
        self._uses[side] = (circle, circle.beats, [header[BEAT] for header in headers])
        circle.beats += 1
        for header in headers:
            if header[TAG] != mark:
                raise Unlike
        return circle.views[side]

    def differ(self, seats: Sequence[int], intent: Intent, packed: bytes) -> NoReturn:
        block, circle = self.block, self._circle(seats)
        block.post(self.seat, packed, intent)
        side = (circle.beats - 1) & 1
        self._slots[side][0][TAG] = TOLD
        # nobody ends the run before all have told; one that met others does not know of this
        until = _monotonic() + SETTLE
        while block.verdict is Verdict.NONE and _monotonic() < until:
            if all(header[TAG] == TOLD for header in circle.headers[side]):
                break
            _sleep(5e-4)
        block.judge(Verdict.DRIFT, self.seat)
        raise Drift(Verdict.DRIFT, block.table(), TEXTS[Verdict.DRIFT])

    def done(self) -> None:
        self._words[self._read] = self._beats

    def post(self, intent: Intent, packed: bytes) -> None:
        self.block.post(self.seat, packed, intent)

    def _circle(self, seats: Sequence[int]) -> _Circle:
        key = tuple(seats)
        circle = self._circles.get(key)
        if circle is None:
            circle = self._circles[key] = _Circle(self.block, self.seat, key)
        return circle
