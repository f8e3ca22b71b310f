"""What one rank knows of the others, and how it meets them.

    world = current()
    world.grow(4)                                   # from here on, four processes
    posted = world.meet(Intent("merge", "assign_add", "total", site="train.py:41"))
    total = world.all_reduce(array)

Without a supervisor the world has one rank, and everything is trivially so.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeAlias, TypeVar

from varsync_runtime.events import here, recorder
from varsync_runtime.events.timeline import now
from varsync_runtime.replicas.endings import Drift, NoRoom, Standing, State, Stuck, Verdict
from varsync_runtime.replicas.intents import RUN, Intent, Posted, pack, unpack
from varsync_runtime.replicas.orders import Order
from varsync_runtime.replicas.transport import Transport, Unlike
from varsync_runtime.replicas.waiting import TEXTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[Any]

Item = TypeVar("Item")
HEAD = struct.Struct("<QQ")  # in front of what a rank posts: size of the intent, and of all
GATHER, ALL_REDUCE = Intent("collective", "gather"), Intent("collective", "all_reduce")
MEETING, SHARING = 1, 2  # the tags of beats that carry what `meet` posts, and what `share` does


class Processes(Protocol):
    """Where a world gets its ranks from, and what ends with the run."""

    def grow(self, world: World, size: int) -> None:
        """Starts ranks, so that the world has `size`; returns in all of them."""

    def table(self) -> tuple[Standing, ...]:
        """Where all ranks stand."""

    def judge(self, verdict: Verdict) -> None:
        """Ends the run for everybody."""

    def state(self, rank: int) -> State:
        """What another rank is doing."""

    def stand(self, state: State) -> None:
        """Says what this rank is doing."""

    def part(self) -> None:
        """Returns when nobody is busy who may need this rank."""

    def begin_replica_code(self) -> None:
        """Counts it."""

    def follow(self, seat: int) -> None:
        """Waits until a seat has begun replica code as often as this rank, but not for long."""


class World:
    """The ranks of a run, seen from one of them.

    `rank` counts the replicas of all workers, worker by worker; `worker` of `workers` is the
    worker of a multi-worker run to which this rank belongs (0 of 1 otherwise), and `local_ranks` are
    the ranks of this worker.
    """

    def __init__(
        self,
        transport: Transport | None = None,
        processes: Processes | None = None,
        *,
        seats: Sequence[int] = (0,),
        rank: int = 0,
        worker: int = 0,
        workers: int = 1,
    ) -> None:
        self.transport = transport
        self.processes = processes
        self.workers = workers
        self.settle(seats, rank, worker)

    def settle(self, seats: Sequence[int], rank: int, worker: int) -> None:
        """Says who the ranks are: `seats` of the ranks in order, and which of them this is."""
        self.seats = tuple(seats)
        self.rank = rank
        self.size = len(self.seats)
        self.worker = worker
        self._everybody = tuple(range(self.size))
        each = self.size // self.workers
        self.local_ranks = self._everybody[worker * each : (worker + 1) * each]
        recorder.processes(self.size)
        self.on_settle()

    def on_settle(self) -> None:
        """Called when the ranks have changed."""

    def leave(self) -> None:
        """From now on alone: this process is no rank any more (a child that a script forked)."""
        self.transport = self.processes = None
        self.workers = 1
        self.settle((0,), 0, 0)

    def grow(self, size: int) -> None:
        """Afterwards this code runs in at least `size` ranks; the new ones are copies of this one.

        All ranks call it. With workers, `size` counts all replicas of all workers, the same number
        on each. Raises NoRoom where that many cannot be started.
        """
        if size <= self.size:
            return
        if self.processes is None:
            raise NoRoom(f"{size} replicas need a supervisor: varsync simulate starts one")
        if size % self.workers:
            raise ValueError(f"{size} replicas cannot be divided among {self.workers} workers")
        self.processes.grow(self, size)

    def table(self) -> tuple[Standing, ...]:
        """Where each rank stands."""
        if self.processes is None:
            return (Standing(self.rank, self.worker, State.RUNNING),)
        return self.processes.table()

    def stop(self, verdict: Verdict) -> None:
        """Ends the run for all ranks: whoever waits, or meets, raises RunOver."""
        if self.processes is not None:
            self.processes.judge(verdict)

    def part(self) -> None:
        """Says that this rank has come to its end; returns when no other is busy.

        For ranks that do not exchange their values here: what ends would take an exchange with it
        that others have not finished.
        """
        if self.processes is not None:
            self.processes.part()

    def has_parted(self, rank: int) -> bool:
        """Whether another rank has come to its end."""
        return self.processes is not None and self.processes.state(rank) is State.ENDED

    def stuck(self, intent: Intent) -> Stuck:
        """Ends the run, for this rank wants what others will not do with it; what it is to raise."""
        self.note(intent)
        if self.processes is not None:
            self.processes.stand(State.WAITING)
        self.stop(Verdict.STUCK)
        return Stuck(Verdict.STUCK, self.table(), TEXTS[Verdict.STUCK])

    def begin_replica_code(self) -> None:
        """Says that this rank has run its host code up to here."""
        if self.processes is not None:
            self.processes.begin_replica_code()

    def follow_first(self) -> None:
        """Returns when the first rank of this worker is as far, or will not be soon."""
        first = self.local_ranks[0]
        if self.processes is not None and self.rank != first:
            self.processes.follow(self.seats[first])

    # -- meetings

    def note(self, intent: Intent) -> None:
        """Writes down what this rank is about to do, where it meets nobody for that."""
        if self.transport is not None:
            self.transport.post(intent, pack(intent))

    def meet(
        self, intent: Intent, ranks: Sequence[int] | None = None, data: bytes = b""
    ) -> list[Posted]:
        """A meeting of `ranks` (all, if None; this one is among them), any amount of data.

        Every rank posts what it is about to do and waits for all; returns what each posted, in the
        order of `ranks`. The intents may differ, and the caller decides what that means, if they
        are of one kind or all of a run's (`RUN`); for host code (kind "host") also operation and
        site must be equal. Else the ranks are no longer in lockstep, and Drift is raised, also
        where others do not `meet` but share or add arrays. Raises ReplicaLost or Stuck when a rank
        will not come.
        """
        packed = pack(intent)
        transport = self.transport
        if transport is not None:
            transport.post(intent, packed)
        begun = now()
        try:
            brought = self._exchange(packed, data, ranks)
        except Unlike:
            self._unlike(intent, ranks)
        recorder.met(begun, intent)
        posted = [
            Posted(intent if its == packed else unpack(its), its_data) for its, its_data in brought
        ]
        for other, _ in posted:
            if other is not intent and _apart(intent, other):
                self._drift(posted, ranks)
        return posted

    def _exchange(
        self, packed: bytes, data: bytes, ranks: Sequence[int] | None, tag: int = MEETING
    ) -> list[tuple[bytes, bytes]]:
        transport = self.transport
        if transport is None or self._alone(ranks):
            return [(packed, data)]
        seats = self._seats(ranks)
        size = len(packed)
        message = b"".join((HEAD.pack(size, size + len(data)), packed, data))
        room = transport.capacity
        transport.slot(seats)[: min(len(message), room)] = message[:room]
        views = transport.beat(seats, tag, min(len(message), room))
        brought = []
        for view in views:
            size, total = HEAD.unpack_from(view)
            if total + HEAD.size > room:
                brought = self._whole(message, views, seats, tag)
                break
            middle = HEAD.size + size
            brought.append(
                (bytes(view[HEAD.size : middle]), bytes(view[middle : HEAD.size + total]))
            )
        transport.done()
        return brought

    def _whole(
        self, message: bytes, views: Sequence[memoryview], seats: tuple[int, ...], tag: int
    ) -> list[tuple[bytes, bytes]]:
        """Goes on with as many beats as the longest message needs; `views` are of the first."""
        assert self.transport is not None
        room = self.transport.capacity
        heads = [HEAD.unpack_from(view) for view in views]
        ends = [HEAD.size + total for _, total in heads]
        parts = [[bytes(view[: min(end, room)])] for view, end in zip(views, ends, strict=True)]
        for start in range(room, max(ends), room):
            piece = message[start : start + room]
            self.transport.slot(seats)[: len(piece)] = piece
            views = self.transport.beat(seats, tag, len(piece))
            for view, part, end in zip(views, parts, ends, strict=True):
                if end > start:
                    part.append(bytes(view[: min(end - start, room)]))
        whole = [b"".join(part) for part in parts]
        return [
            (text[HEAD.size : HEAD.size + size], text[HEAD.size + size :])
            for text, (size, _) in zip(whole, heads, strict=True)
        ]

    def _drift(self, posted: Sequence[Posted], ranks: Sequence[int] | None) -> None:
        table = tuple(
            Standing(rank, self._worker_of(rank), State.WAITING, intent)
            for rank, (intent, _) in zip(self._ranks(ranks), posted, strict=True)
        )
        self.stop(Verdict.DRIFT)
        raise Drift(Verdict.DRIFT, table, TEXTS[Verdict.DRIFT])

    def _unlike(self, intent: Intent, ranks: Sequence[int] | None) -> NoReturn:
        """The ranks have come together for different things; `intent` is what this one wanted."""
        assert self.transport is not None
        self.transport.differ(self._seats(ranks), intent, pack(intent))

    def share(
        self,
        value: Item,
        root: int = 0,
        ranks: Sequence[int] | None = None,
        operation: str = "share",
    ) -> Item:
        """The value that rank `root` has, in all of `ranks`: pickled there, the others' is unused.

        Returns the very object in `root` itself. Raises what pickle raises, in all ranks.
        `operation` says what it is for, where other ranks do something else at that time.
        """
        if self._alone(ranks):
            return value
        data = _attempt(lambda: pickle.dumps(value)) if self.rank == root else b""
        begun = now()
        try:
            everyones = self._exchange(b"", data, ranks, SHARING)
        except Unlike:
            self._unlike(Intent("share", operation, site=str(here())), ranks)
        recorder.met(begun, Intent("share", operation))
        brought = everyones[self._ranks(ranks).index(root)][1]
        if brought[:1] == b"!":
            raise pickle.PicklingError(brought[1:].decode())
        result: Item = value if self.rank == root else pickle.loads(brought[1:])
        return result

    # -- arrays

    def gather(self, array: Array, ranks: Sequence[int] | None = None) -> list[Array]:
        """The arrays of all ranks, in order, as copies.

        Same dtype and shape on all ranks: Drift otherwise (meet before, to say it well).
        """
        from varsync_runtime.replicas import collectives

        if self.transport is None or self._alone(ranks):
            return [array.copy()]
        begun = now()
        try:
            parts = collectives.gather(self.transport, self._seats(ranks), array)
        except Unlike:
            self._unlike(_of(array, "gather"), ranks)
        recorder.met(begun, GATHER)
        return parts

    def all_reduce(
        self, array: Array, ranks: Sequence[int] | None = None, order: Order = Order.RANKS
    ) -> Array:
        """The sum of the ranks' arrays, to the bit the same on all; a new array.

        Same dtype and shape on all ranks: Drift otherwise (meet before, to say it well). In
        Order.RANKS ((r0 + r1) + r2) + … in the order of `ranks`; Order.RING as TensorFlow's ring.
        Integers wrap, bool is "or", float16 is rounded after each addition.
        """
        from varsync_runtime.replicas import collectives

        if self.transport is None or self._alone(ranks):
            return array.copy()
        place = self._ranks(ranks).index(self.rank)
        begun = now()
        try:
            total = collectives.all_reduce(self.transport, self._seats(ranks), place, array, order)
        except Unlike:
            self._unlike(_of(array, "all_reduce"), ranks)
        recorder.met(begun, ALL_REDUCE)
        return total

    # -- who

    def _alone(self, ranks: Sequence[int] | None) -> bool:
        return self.size == 1 if ranks is None else len(ranks) == 1

    def _ranks(self, ranks: Sequence[int] | None) -> Sequence[int]:
        return self._everybody if ranks is None else ranks

    def _seats(self, ranks: Sequence[int] | None) -> tuple[int, ...]:
        return self.seats if ranks is None else tuple([self.seats[rank] for rank in ranks])

    def _worker_of(self, rank: int) -> int:
        return rank * self.workers // self.size


def _apart(mine: Intent, other: Intent) -> bool:
    """Whether two ranks that meet are not at the same point of the script."""
    if mine.kind != other.kind:
        return not {mine.kind, other.kind} <= RUN
    if mine.kind != "host":
        return False
    return (mine.operation, mine.site) != (other.operation, other.site)


def _of(array: Array, operation: str) -> Intent:
    """What a rank is about to do with an array, at the user's line that it is at."""
    return Intent("collective", operation, "", str(array.dtype), array.shape, str(here()))


def _attempt(dump: Callable[[], bytes]) -> bytes:
    try:
        return b"=" + dump()
    except Exception as error:
        return f"!{type(error).__name__}: {error}".encode()


_current = World()


def current() -> World:
    """The world of this process."""
    return _current


def enter(world: World) -> None:
    """Makes a world this process's own."""
    global _current
    _current = world
