"""How processes become ranks.

The supervisor forks the first rank of each worker. That rank forks the others where the script
asks for them, so that they are copies of it. It does so through a process in between, which ends
at once: the new ranks are then the supervisor's children (Linux), who alone waits for them.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

from varsync_runtime.events.sites import here, is_users
from varsync_runtime.replicas import lineage, parting
from varsync_runtime.replicas.account import Ending
from varsync_runtime.replicas.block import (
    ADOPTED,
    BEGUN,
    PID,
    READ,
    STEP,
    SUPERVISOR,
    VERDICT,
    Block,
)
from varsync_runtime.replicas.channel import Channel, Kind
from varsync_runtime.replicas.endings import NoRoom, RunOver, Standing, State, Verdict
from varsync_runtime.replicas.intents import Intent
from varsync_runtime.replicas.shared import SharedTransport
from varsync_runtime.replicas.tracebacks import is_ours
from varsync_runtime.replicas.waiting import wait_a_while
from varsync_runtime.replicas.world import World, enter

PATIENCE = 1.0  # seconds that output of a replica waits for the host's
# the signal at which a rank says which line it runs; hardly any script has a use for it
ASK: int | None = signal.SIGRTMIN + 11 if hasattr(signal, "SIGRTMIN") else None
FOREVER = 1 << 62  # beats: a rank that has ended has read everything
BeforeFork = Callable[[], None]
AfterBirth = Callable[[World], None]


@dataclass
class Hooks:
    """What others do around a fork that makes ranks: in the parent before, in the child after."""

    before: list[BeforeFork]
    after: list[AfterBirth]


hooks = Hooks([], [])


class Crew:
    """The processes of a run, seen from one rank; see `world.Processes`."""

    def __init__(self, block: Block, seat: int, channel: Channel, control: socket.socket) -> None:
        self.block = block
        self.seat = seat
        self.channel = channel
        self._control: socket.socket | None = control
        self.forking = False  # whether the fork that goes on makes a rank
        self.member = True  # whether this process is a rank, not a child that a script forked

    # -- what a world asks

    def table(self) -> tuple[Standing, ...]:
        return self.block.table()

    def judge(self, verdict: Verdict) -> None:
        self.block.judge(verdict, self.seat)

    def state(self, rank: int) -> State:
        for seat in range(self.block.seats):
            if self.block.rank(seat) == rank:
                return self.block.state(seat)
        return State.ABSENT

    def stand(self, state: State) -> None:
        self.block.set_state(self.seat, state)

    def part(self) -> None:
        parting.part(self.block, self.seat)

    def begin_replica_code(self) -> None:
        self.block.words[self.block.row(self.seat) + BEGUN] += 1

    def note_step(self, step: int) -> None:
        """This rank begins a step: for whoever looks at the run."""
        self.block.words[self.block.row(self.seat) + STEP] = step

    def follow(self, seat: int) -> None:
        begun = self.block.words[self.block.row(self.seat) + BEGUN]
        wait_a_while(self.block, self.block.row(seat) + BEGUN, begun, PATIENCE)

    def grow(self, world: World, size: int) -> None:
        if size > self.block.capacity:
            raise NoRoom(
                f"{size} replicas asked for, and the run was started for {self.block.capacity} at most"
            )
        old, each = world.seats, size // world.workers
        site = str(here())
        world.meet(Intent("grow", "start of the replicas", site=site, extra=(size,)))
        seating = self._seating(old, world.workers, each)
        is_first = world.rank == world.local_ranks[0]
        new = [seat for seat in seating[world.worker] if seat not in old]
        seats = tuple(seat for worker in seating for seat in worker)
        if is_first:
            try:
                with _uninterrupted():
                    self._fork(world, new, seats, world.worker)
            except OSError as error:  # no process, no descriptor
                self.block.judge(Verdict.FAILED, self.seat)
                reason = error.strerror or error
                raise NoRoom(f"cannot start {len(seats)} replicas: {reason}") from error
        if self.seat in old:
            self._sit(world, seats, world.worker)
        world.meet(Intent("grown", "start of the replicas", site=site, extra=(size,)))

    # -- growing

    @staticmethod
    def _seating(old: Sequence[int], workers: int, each: int) -> list[list[int]]:
        """The seats of each worker, in order of rank: new ones are numbered worker by worker."""
        had = len(old) // workers
        seating = [list(old[worker * had : (worker + 1) * had]) for worker in range(workers)]
        fresh = len(old)
        for worker in seating:
            worker += range(fresh, fresh + each - had)
            fresh += each - had
        return seating

    def _sit(self, world: World, seats: tuple[int, ...], worker: int) -> None:
        world.settle(seats, seats.index(self.seat), worker)

    def _fork(self, world: World, new: Sequence[int], seats: tuple[int, ...], worker: int) -> None:
        """Makes the ranks of the seats in `new`; returns in this rank and in each of them."""
        self.block.assign(seats, world.workers)
        for hook in hooks.before:
            hook()
        channels = {}
        for seat in new:
            self.block.set_state(seat, State.STARTING)
            reading, writing = os.pipe()
            channels[seat] = Channel(writing)
            self._announce(seat, reading)
        self.forking = True
        try:
            between = _fork()
            if between == 0:
                pid = os.getpid()
                born = self._fork_each(channels)
                self._begin(born, channels, world, pid)
                self._sit(world, seats, worker)
                for welcome in hooks.after:
                    welcome(world)
                return
        finally:
            self.forking = False
        for channel in channels.values():
            channel.close()
        try:
            failure = os.waitstatus_to_exitcode(os.waitpid(between, 0)[1])
        except ChildProcessError:  # the script ignores SIGCHLD; the meeting that follows tells
            failure = 0
        for seat in new:
            self.block.words[self.block.row(seat) + ADOPTED] = 1
        if failure:
            self.block.judge(Verdict.FAILED, self.seat)
            reason = os.strerror(failure) if failure > 0 else f"signal {-failure}"
            raise NoRoom(f"cannot start {len(seats)} replicas: {reason}")

    def _announce(self, seat: int, reading: int) -> None:
        """Hands the supervisor the reading end of a new rank's pipe."""
        if self._control is None:
            raise NoRoom("only the first replica of a worker can start others")
        try:
            socket.send_fds(self._control, [seat.to_bytes(4, "little")], [reading])
        except OSError as error:
            raise NoRoom(f"the supervisor cannot be told of new replicas: {error}") from error
        finally:
            os.close(reading)

    def _fork_each(self, channels: dict[int, Channel]) -> int:
        """In the process in between: forks all, and ends; returns in each of the new ones."""
        lineage.die_with_parent()
        try:
            for seat in channels:
                pid = _fork()
                if pid == 0:
                    return seat
                self.block.words[self.block.row(seat) + PID] = pid
        except OSError as error:
            os._exit(error.errno or 1)
        except BaseException:
            os._exit(1)
        os._exit(0)

    def _begin(self, seat: int, channels: dict[int, Channel], world: World, between: int) -> None:
        """The first steps of a new rank, before anything of the script's is run."""
        self.channel.close()
        for other, channel in channels.items():
            if other != seat:
                channel.close()
        if self._control is not None:
            self._control.close()
            self._control = None
        begun = self.block.words[self.block.row(self.seat) + BEGUN]
        self.block.words[self.block.row(seat) + BEGUN] = begun
        self.seat = seat
        self.channel = channels[seat]
        _wait_for_adoption(self.block, seat, between)
        settle_in(self.block, seat, self.channel)
        world.transport = SharedTransport(self.block, seat)

    def answer(self, number: int, frame: FrameType | None) -> None:
        """Handles ASK."""
        while frame is not None and not _is_scripts(frame):
            frame = frame.f_back
        if frame is not None and self.member:
            self.block.note_line(self.seat, f"{frame.f_code.co_filename}:{frame.f_lineno}")

    # -- the end

    def end(self, ending: Ending) -> NoReturn:
        """Says how this rank ended, and ends the process."""
        if self.member:
            self.channel.send(Kind.END, pickle.dumps(ending))
            self.block.words[self.block.row(self.seat) + READ] = FOREVER
            self.block.set_state(self.seat, State.ENDED)
        os._exit(ending.code & 0xFF)

    def forked_by_script(self) -> None:
        """In a child that the script forked: it is no rank and holds nothing of ours."""
        if self.forking or not self.member:
            return
        self.member = False
        self.channel.close()
        if self._control is not None:
            self._control.close()
            self._control = None


def _is_scripts(frame: FrameType) -> bool:
    filename, names = frame.f_code.co_filename, frame.f_globals
    # of `python -m varsync` the name is "__main__"
    module = names.get("__package__") or names.get("__name__", "")
    return is_users(filename) and not is_ours(filename, str(module))


def settle_in(block: Block, seat: int, channel: Channel) -> None:
    """Makes this process the rank of a seat: its children of one parent, its row, its greeting."""
    block.words[block.row(seat) + PID] = os.getpid()
    lineage.die_with_parent()
    if lineage.LINUX and os.getppid() != block.words[SUPERVISOR]:
        os._exit(1)
    channel.renew()
    channel.send(Kind.HELLO)
    block.set_state(seat, State.RUNNING)
    if block.words[VERDICT]:
        os._exit(1)


def _wait_for_adoption(block: Block, seat: int, between: int) -> None:
    """Waits until the process in between is gone for good, which only its parent knows.

    The kernel makes the supervisor our parent first and then sends the signal that we ask
    for at a parent's death, so asking as soon as the new parent is seen could be deadly.
    """
    adopted = block.row(seat) + ADOPTED
    parents = (between, block.words[SUPERVISOR])
    while not block.words[adopted]:
        if block.words[VERDICT] or (lineage.LINUX and os.getppid() not in parents):
            os._exit(1)
        time.sleep(100e-6)


def live(
    block: Block,
    seat: int,
    workers: int,
    channel: Channel,
    control: socket.socket,
    main: Callable[[World], Ending],
) -> NoReturn:
    """The life of the first rank of a worker, and of its copies: never returns."""
    settle_in(block, seat, channel)
    crew = Crew(block, seat, channel, control)
    world = World(
        SharedTransport(block, seat),
        crew,
        seats=range(workers),
        rank=seat,
        worker=seat,
        workers=workers,
    )
    enter(world)

    def leave() -> None:
        crew.forked_by_script()
        if not crew.member:
            world.leave()

    os.register_at_fork(after_in_child=leave)
    if ASK is not None:
        signal.signal(ASK, crew.answer)
    try:
        ending = main(world)
    except RunOver as over:
        ending = Ending(1, over=over.verdict)
    except BaseException as error:
        ending = Ending(1, error=f"{type(error).__name__}: {error}")
    crew.end(ending)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until new ranks know that they are ranks; entered once, left in each of them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _fork() -> int:
    with warnings.catch_warnings():
        # that a script has threads is its own affair: they stay with the first rank
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()
