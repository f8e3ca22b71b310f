"""The memory that all ranks share: made before the first fork, without a name, so it cannot leak.

    global words | a row of words per seat | arrivals, seats x seats | intents | slots

A seat is a process's place in the block for life; ranks are given to seats. Every word is eight
bytes, aligned, and written by one process (the supervisor writes the rows of the dead), so a store
is seen whole. Words of a row that do not explain themselves: READ, the last beat whose data the
seat has read; AWAITS, the word on which it dozes (0: none); ADOPTED, whether the supervisor is its
process's parent for good; STEP, the number of its step; BEGUN, how many times it has begun replica
code; INTENT and OTHER, the lengths of the last intent of a collective and of the last of another
kind; LATEST, which of the two came last; LINE, see `note_line`. Arrivals: word
[i, j] counts the meetings with j at which i has arrived. Slots: two per seat, used in turn.
"""

from __future__ import annotations

import mmap
import platform
import threading
from collections.abc import Sequence

from varsync_runtime.replicas.bell import Bell
from varsync_runtime.replicas.endings import NoRoom, Standing, State, Verdict
from varsync_runtime.replicas.intents import Intent, shortened, unpack

WORD = 8
# global words
VERDICT, CULPRIT, SEATS, SUPERVISOR = range(4)
GLOBALS = 16
# words of a row
(
    STATE, TURN, PID, RANK, WORKER, READ, INTENT, AWAITS, ADOPTED, BEGUN, OTHER, LATEST, LINE, STEP
) = range(14)  # fmt: skip
ROW = 16
INTENT_BYTES = 1024
# for a seat: the intents of its last collective, of its last other meeting, and a line
_PART = {INTENT: 0, OTHER: 1, LINE: 2}
PARTS = len(_PART)
HEADER = 2 * WORD  # of a slot: its tag and the number of the beat
CHUNK = 1 << 18
# a slot holds a chunk and the share of the chunk before that its owner has reduced
SLOT = CHUNK + CHUNK // 2 + 4096


class Block:
    """Room for `capacity` seats. Raises NoRoom where the system gives no memory."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.rows = GLOBALS
        self.arrivals = self.rows + ROW * capacity
        self._intents = (self.arrivals + capacity * capacity) * WORD
        self._slots = _page(self._intents + PARTS * INTENT_BYTES * capacity)
        size = self._slots + 2 * capacity * _page(HEADER + SLOT)
        try:
            self._map = mmap.mmap(-1, size)
        except (OSError, ValueError) as error:
            raise NoRoom(
                f"no room for {size >> 20} MiB of shared memory for {capacity} replicas: {error}"
            ) from error
        self.bell = Bell(self._map)
        self.bytes = memoryview(self._map)
        self.words = self.bytes[: self._intents].cast("q")

    def slot(self, seat: int, side: int) -> tuple[memoryview, memoryview]:
        """The header (as words) and the SLOT bytes of one of a seat's two slots."""
        start = self._slots + (2 * seat + side) * _page(HEADER + SLOT)
        data = start + HEADER
        return self.bytes[start:data].cast("q"), self.bytes[data : data + SLOT]

    def row(self, seat: int) -> int:
        """Where the row of a seat begins, in words."""
        return self.rows + ROW * seat

    # -- what everybody may ask

    @property
    def verdict(self) -> Verdict:
        """Why the run ends; NONE while it goes on."""
        return Verdict(self.words[VERDICT])

    @property
    def seats(self) -> int:
        """How many seats are taken."""
        return self.words[SEATS]

    def state(self, seat: int) -> State:
        """What the rank on a seat is doing."""
        return State(self.words[self.row(seat) + STATE])

    def rank(self, seat: int) -> int:
        """The rank that a seat has now."""
        return self.words[self.row(seat) + RANK]

    def worker(self, seat: int) -> int:
        """The worker to which a seat belongs."""
        return self.words[self.row(seat) + WORKER]

    def pid(self, seat: int) -> int:
        """The process on a seat; 0 before it has started."""
        return self.words[self.row(seat) + PID]

    @property
    def steps(self) -> int:
        """The number of the last step that any rank has begun."""
        return max((self.words[self.row(seat) + STEP] for seat in range(self.seats)), default=0)

    def lacks(self, seat: int) -> list[int]:
        """The seats that have not arrived at the meeting at which this one waits."""
        words, capacity, base = self.words, self.capacity, self.arrivals
        mine = base + seat * capacity
        return [
            other
            for other in range(self.seats)
            if words[mine + other] > words[base + other * capacity + seat]
        ]

    def intent(self, seat: int) -> Intent | None:
        """The last intent that a seat posted; None before the first, or while it is written."""
        return self._unpacked(seat, self.words[self.row(seat) + LATEST])

    def collective(self, seat: int) -> Intent | None:
        """The last intent of a seat to exchange values; None before the first."""
        return self._unpacked(seat, INTENT)

    def line(self, seat: int) -> str:
        """Where a seat said that it is when it was asked; "" if it was not, or gave no answer."""
        start = self._part(seat, LINE)
        return bytes(self.bytes[start : start + self.words[self.row(seat) + LINE]]).decode(
            errors="replace"
        )

    def _part(self, seat: int, word: int) -> int:
        return self._intents + (PARTS * seat + _PART[word]) * INTENT_BYTES

    def _unpacked(self, seat: int, word: int) -> Intent | None:
        length = self.words[self.row(seat) + word] if word else 0
        if not length:
            return None
        start = self._part(seat, word)
        try:
            return unpack(bytes(self.bytes[start : start + length]))
        except Exception:  # a rank that was killed while it wrote leaves anything here
            return None

    def table(self) -> tuple[Standing, ...]:
        """Where every rank stands, in order of rank."""
        standings = []
        for seat in range(self.seats):
            state = self.state(seat)
            lacks = self.lacks(seat) if state is State.WAITING else []
            standings.append(
                Standing(
                    self.rank(seat),
                    self.worker(seat),
                    state,
                    self.intent(seat),
                    tuple(sorted(map(self.rank, lacks))),
                    self.collective(seat),
                )
            )
        return tuple(sorted(standings, key=lambda standing: standing.rank))

    # -- what the owner of a row writes

    def assign(self, seats: Sequence[int], workers: int) -> None:
        """Gives ranks to seats, in order. All ranks that are first of a worker write the same."""
        each = len(seats) // workers
        for rank, seat in enumerate(seats):
            row = self.row(seat)
            self.words[row + RANK] = rank
            self.words[row + WORKER] = rank // each
        self.words[SEATS] = len(seats)

    def set_state(self, seat: int, state: State) -> None:
        """A rank begins to do something else. After a verdict the rows stay as they are."""
        if self.words[VERDICT]:
            return
        row = self.row(seat)
        self.words[row + TURN] += 1
        self.words[row + STATE] = state

    def post(self, seat: int, packed: bytes, intent: Intent) -> None:
        """Writes down what a rank is about to do; not after a verdict."""
        if self.words[VERDICT]:
            return
        if len(packed) > INTENT_BYTES:
            packed = shortened(intent, INTENT_BYTES)
        part = INTENT if intent.is_collective else OTHER
        start, row = self._part(seat, part), self.row(seat)
        self.words[row + part] = 0
        self.words[row + LATEST] = part
        self.bytes[start : start + len(packed)] = packed
        self.words[row + part] = len(packed)

    def note_line(self, seat: int, line: str) -> None:
        """A rank that is asked where it is answers ("train.py:41")."""
        text = line.encode(errors="replace")[-INTENT_BYTES:]
        start, word = self._part(seat, LINE), self.row(seat) + LINE
        self.words[word] = 0
        self.bytes[start : start + len(text)] = text
        self.words[word] = len(text)

    # -- verdicts

    def judge(self, verdict: Verdict, culprit: int = -1) -> None:
        """Ends the run, unless it ends already: everybody who waits stops waiting."""
        if not self.words[VERDICT]:
            self.words[CULPRIT] = culprit
            self.words[VERDICT] = verdict
            for seat in range(self.seats):
                if word := self.words[self.row(seat) + AWAITS]:
                    self.bell.ring(word)

    def close(self) -> None:
        """Gives the memory back, in this process."""
        self.words.release()
        self.bytes.release()
        self._map.close()


def _page(size: int) -> int:
    return -(-size // mmap.PAGESIZE) * mmap.PAGESIZE


_lock = threading.Lock()


def _fence() -> None:
    with _lock:
        pass


def _double_fence() -> None:
    # what is before the first release is seen before what is after the second acquisition
    _fence()
    _fence()


# x86 lets a load pass an earlier store, and nothing else
IN_ORDER = platform.machine() in ("x86_64", "AMD64", "i686")
# stores before it are seen by others before stores after it, and before loads after it are made
fence = _fence if IN_ORDER else _double_fence
