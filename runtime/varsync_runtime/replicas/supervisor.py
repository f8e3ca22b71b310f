"""The process that starts the ranks, watches them, and ends whatever is left.

It holds no NumPy and runs nothing of the script. A rank's end reaches it through the descriptor of
the process (Linux) or the end of its pipe, within a millisecond; it then sets a verdict in the
shared block, at which everybody who waits stops waiting.
"""

from __future__ import annotations

import os
import pickle
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from types import FrameType

from varsync_runtime.replicas import lineage
from varsync_runtime.replicas.account import Account, Ending, RankEnd
from varsync_runtime.replicas.births import ASK, FOREVER, live
from varsync_runtime.replicas.block import CULPRIT, READ, STATE, SUPERVISOR, Block
from varsync_runtime.replicas.channel import Channel, Frames, Kind
from varsync_runtime.replicas.endings import NoRoom, Standing, State, Verdict
from varsync_runtime.replicas.onlooking import Glance, Onlooker
from varsync_runtime.replicas.world import World

CAPACITY = 64  # replicas
POLL = 0.1  # seconds between looks at what nothing announces
FORWARD = 0.1  # seconds that ranks have to hear of a signal themselves
GRACE = 0.5  # seconds from a verdict to SIGKILL
ANSWER = 0.05  # seconds that ranks have to say where they are before the time limit ends the run
LAGGING = 2.0  # seconds from a failure of the first rank to the end of the others
SWEEP = 1.0  # seconds to end what the script has left behind
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def supervise(
    main: Callable[[World], Ending],
    *,
    workers: int = 1,
    capacity: int = CAPACITY,
    timeout: float | None = None,
    on_event: Callable[[int, bytes], None] | None = None,
    on_result: Callable[[int, bytes], None] | None = None,
    meanwhile: Callable[[], None] | None = None,
    onlooker: Onlooker | None = None,
) -> Account:
    """Runs `main` in the first rank of each worker, and in the ranks that it grows.

    `on_event(seat, frame)` gets the ranks' events as they come in, `on_result` what they sent as
    RESULT. `timeout` is in seconds. `meanwhile` is called once the first ranks are on their way: what
    it does in some hundredths of a second need not be done afterwards. `onlooker` sees the run as it
    goes on. Call this in the main thread of a process that has no children (others than were there
    before are taken for the script's, and are ended). Raises NoRoom where there is no memory, or no
    process, to begin with.
    """
    _fill_standard_descriptors()
    with ExitStack() as stack:
        supervisor = _Supervisor(workers, capacity, timeout, on_event, on_result, onlooker, stack)
        return supervisor.run(main, meanwhile)


def _fill_standard_descriptors() -> None:
    """Opens what is closed of 0 to 2 to nowhere, lest the script write into pipes of ours."""
    with suppress(OSError):
        while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
            os.set_inheritable(number, True)
        os.close(number)


@dataclass
class _Watched:
    """A rank as the supervisor knows it."""

    seat: int
    pipe: int
    frames: Frames = field(default_factory=Frames)
    pid: int = 0
    pidfd: int | None = None
    ending: Ending | None = None
    code: int | None = None
    signal: int | None = None
    begun: bool = False  # whether it has said so
    open: bool = True  # whether the pipe is
    over: bool = False  # whether the process is known to have ended
    killed: bool = False  # whether we did it


class _Supervisor:
    def __init__(
        self,
        workers: int,
        capacity: int,
        timeout: float | None,
        on_event: Callable[[int, bytes], None] | None,
        on_result: Callable[[int, bytes], None] | None,
        onlooker: Onlooker | None,
        stack: ExitStack,
    ) -> None:
        self.workers = workers
        self.timeout = timeout
        self.on_event = on_event
        self.on_result = on_result
        self.onlooker = onlooker
        self.stack = stack
        self.block = Block(max(capacity, workers))
        stack.callback(self.block.close)
        self.block.words[SUPERVISOR] = os.getpid()
        self.ranks: dict[int, _Watched] = {}
        self.selector: selectors.BaseSelector
        self.caught = 0
        self.caught_at = 0.0
        self.forwarded = False
        self.judged_at = 0.0
        self.failed_at = 0.0
        self.asked_at = 0.0
        self.table: tuple[Standing, ...] = ()

    # -- the run

    def run(self, main: Callable[[World], Ending], meanwhile: Callable[[], None] | None) -> Account:
        begun = time.monotonic()
        deadline = None if self.timeout is None else begun + self.timeout
        before = lineage.children()
        if lineage.adopt_orphans(True):
            self.stack.callback(lineage.adopt_orphans, False)
        self._keep_terminal()
        wakeup = self._catch_signals()
        try:
            self._start(main)
            self.selector = self.stack.enter_context(selectors.DefaultSelector())
            self.selector.register(wakeup, selectors.EVENT_READ, lambda: wakeup.recv(64))
            for control in self.controls:
                self._listen(control)
            for rank in self.ranks.values():
                self._listen_to(rank)
            if self.onlooker is not None:
                self.onlooker.begin(self._glance)
                self.stack.callback(self.onlooker.end)
            if meanwhile is not None:
                meanwhile()
            while not all(rank.over for rank in self.ranks.values()):
                self._step(deadline)
            self._look_for_more()
        finally:
            self._kill()
            left = self._sweep(before)
        return self._account(time.monotonic() - begun, left)

    def _glance(self) -> Glance:
        block = self.block
        seats = sorted(range(block.seats), key=block.rank)
        return Glance(block.verdict, block.steps, block.table(), tuple(seats))

    def _start(self, main: Callable[[World], Ending]) -> None:
        """Forks the first ranks."""
        try:
            pipes = [os.pipe() for _ in range(self.workers)]
            pairs = [socket.socketpair() for _ in range(self.workers)]
        except OSError as error:
            raise NoRoom(f"cannot start a replica: {error}") from error
        self.block.assign(range(self.workers), self.workers)
        for seat in range(self.workers):
            self.block.set_state(seat, State.STARTING)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        for seat in range(self.workers):
            try:
                pid = os.fork()
            except OSError as error:
                self.block.judge(Verdict.FAILED)
                raise NoRoom(f"cannot start replica {seat}: {error}") from error
            if pid == 0:
                self._become_rank(seat, pipes, pairs, main)
            self.ranks[seat] = _Watched(seat, pipes[seat][0], pid=pid, pidfd=lineage.pidfd(pid))
        self.controls = [mine for mine, _ in pairs]
        for control in self.controls:
            self.stack.callback(control.close)
        for (_, writing), (_, theirs) in zip(pipes, pairs, strict=True):
            os.close(writing)
            theirs.close()

    def _become_rank(
        self,
        seat: int,
        pipes: list[tuple[int, int]],
        pairs: list[tuple[socket.socket, socket.socket]],
        main: Callable[[World], Ending],
    ) -> None:
        """In the first rank of a worker: drops all that is the supervisor's. Does not return."""
        try:
            self._release_signals()
            for rank in self.ranks.values():
                if rank.pidfd is not None:
                    os.close(rank.pidfd)
            for other, ((reading, writing), (mine, theirs)) in enumerate(
                zip(pipes, pairs, strict=True)
            ):
                os.close(reading)
                mine.close()
                if other != seat:
                    os.close(writing)
                    theirs.close()
            channel = Channel(pipes[seat][1])
            if self.onlooker is not None:
                self.onlooker.enter_rank()
        except BaseException:
            os._exit(1)
        live(self.block, seat, self.workers, channel, pairs[seat][1], main)

    def _step(self, deadline: float | None) -> None:
        now = time.monotonic()
        limits = [now + POLL]
        if deadline is not None:
            limits.append(deadline + ANSWER if self.asked_at else deadline)
        for key, _ in self.selector.select(max(0.0, min(limits) - now)):
            key.data()
        self._reap_unwatched()
        now = time.monotonic()
        if deadline is not None and now >= deadline:
            self._end_of_time(now)
        self._pass_on_signal(now)
        self._end_laggards(now)
        if self.block.verdict and not self.judged_at:
            self.judged_at = now
            self.table = self.block.table()
        if self.judged_at and now - self.judged_at > GRACE:
            self._kill()

    def _end_of_time(self, now: float) -> None:
        """Asks the ranks where they are, and then ends the run."""
        if not self.asked_at and ASK is not None:
            self.asked_at = now
            for rank in self.ranks.values():
                if rank.begun and not rank.over:
                    with suppress(ProcessLookupError):
                        os.kill(rank.pid, ASK)
        elif now - self.asked_at >= ANSWER:
            self.block.judge(Verdict.TIMEOUT)

    # -- listening

    def _listen(self, control: socket.socket) -> None:
        control.setblocking(False)
        self.selector.register(control, selectors.EVENT_READ, lambda: self._newcomers(control))

    def _newcomers(self, control: socket.socket) -> None:
        """A rank announces one that it is about to fork."""
        while True:
            try:
                message, fds, _, _ = socket.recv_fds(control, 4, 1)
            except BlockingIOError:
                return
            except OSError:
                message, fds = b"", []
            if not message:
                with suppress(KeyError):
                    self.selector.unregister(control)
                return
            seat = int.from_bytes(message, "little")
            rank = self.ranks[seat] = _Watched(seat, fds[0])
            self._listen_to(rank)

    def _listen_to(self, rank: _Watched) -> None:
        os.set_blocking(rank.pipe, False)
        os.set_inheritable(rank.pipe, False)
        self.selector.register(rank.pipe, selectors.EVENT_READ, lambda: self._read(rank))
        self._watch(rank)

    def _watch(self, rank: _Watched) -> None:
        if rank.pid and rank.pidfd is None:
            rank.pidfd = lineage.pidfd(rank.pid)
        if rank.pidfd is not None:
            self.selector.register(rank.pidfd, selectors.EVENT_READ, lambda: self._reap(rank))

    def _read(self, rank: _Watched) -> None:
        """Takes in what a rank has sent; at the end of its pipe, the rank may have ended."""
        while rank.open:
            try:
                data = os.read(rank.pipe, 1 << 20)
            except BlockingIOError:
                return
            if not data:
                self._close(rank)
                self._reap(rank)
                return
            for kind, payload in rank.frames.feed(data):
                self._take(rank, kind, payload)

    def _take(self, rank: _Watched, kind: Kind, payload: bytes) -> None:
        if kind is Kind.EVENT and self.on_event is not None:
            self.on_event(rank.seat, payload)
        elif kind is Kind.RESULT and self.on_result is not None:
            self.on_result(rank.seat, payload)
        elif kind is Kind.END:
            rank.ending = pickle.loads(payload)
        elif kind is Kind.HELLO:
            rank.begun = True
            if not rank.pid:
                rank.pid = self.block.pid(rank.seat)
                self._watch(rank)

    def _close(self, rank: _Watched) -> None:
        if rank.open:
            rank.open = False
            self.selector.unregister(rank.pipe)
            os.close(rank.pipe)

    # -- ends of ranks

    def _reap(self, rank: _Watched) -> None:
        """Learns how a rank ended, if it has."""
        if rank.over:
            return
        rank.pid = rank.pid or self.block.pid(rank.seat)
        status: int | None = None
        if rank.pid:
            try:
                status = lineage.status_of(rank.pid)
                if status is None:
                    return
            except ChildProcessError:
                # not (yet) our child: it is one as soon as the process in between has ended
                if lineage.LINUX and lineage.name(rank.pid):
                    return
        elif rank.open:
            return
        rank.over = True
        if rank.pidfd is not None:
            self.selector.unregister(rank.pidfd)
            os.close(rank.pidfd)
            rank.pidfd = None
        self._read(rank)
        self._close(rank)
        if not rank.pid:
            # announced, and never born: its parent's end, or failure, says why
            rank.killed = True
            self.block.set_state(rank.seat, State.LOST)
            return
        if status is None:
            status = rank.ending.code if rank.ending else -signal.SIGKILL
        if status < 0:
            rank.signal = -status
        else:
            rank.code = status
        self._note_end(rank)

    def _note_end(self, rank: _Watched) -> None:
        block = self.block
        row = block.row(rank.seat)
        block.words[row + READ] = FOREVER
        if block.verdict and not rank.begun:  # it saw that all was over when it came
            rank.killed = True
        if rank.signal is None:
            block.set_state(rank.seat, State.ENDED)
            first = block.rank(rank.seat) * self.workers % max(block.seats, 1) == 0
            if first and rank.code and not self.failed_at:
                self.failed_at = time.monotonic()
        elif not rank.killed:
            if not block.verdict:
                block.words[row + STATE] = State.LOST
            block.judge(Verdict.LOST, rank.seat)

    def _reap_unwatched(self) -> None:
        """Looks after the ranks whose end no descriptor tells."""
        for rank in list(self.ranks.values()):
            if not rank.over and rank.pidfd is None:
                self._reap(rank)

    def _look_for_more(self) -> None:
        """Ranks that were announced in the last moment of the one that was to fork them."""
        for control in self.controls:
            self._newcomers(control)
        end = time.monotonic() + GRACE
        while not all(rank.over for rank in self.ranks.values()) and time.monotonic() < end:
            for key, _ in self.selector.select(0.01):
                key.data()
            self._reap_unwatched()

    def _end_laggards(self, now: float) -> None:
        if self.failed_at and now - self.failed_at > LAGGING:
            self.block.judge(Verdict.OVER)

    def _kill(self) -> None:
        for rank in self.ranks.values():
            pid = rank.pid or self.block.pid(rank.seat)
            if not rank.over and pid:
                rank.killed = True
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _sweep(self, before: set[int]) -> tuple[str, ...]:
        """Ends what is left of the script's processes; the commands of those that ran."""
        left = []
        end = time.monotonic() + SWEEP
        ours = {rank.pid for rank in self.ranks.values()}
        seen: set[int] = set()
        while time.monotonic() < end:
            remaining = lineage.children() - before
            for pid in remaining:
                if pid not in seen and pid not in ours and not self.block.verdict:
                    left.append(lineage.name(pid))
                seen.add(pid)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for pid in remaining | {pid for pid in ours if pid}:
                with suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
            if not remaining:
                break
            time.sleep(0.001)
        return tuple(filter(None, left))

    # -- signals and the terminal

    def _catch_signals(self) -> socket.socket:
        reading, writing = socket.socketpair()
        for end in (reading, writing):
            end.setblocking(False)
            self.stack.callback(end.close)
        self.handlers: dict[int, object] = {}
        self.wakeup = -1
        try:
            self.wakeup = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
            for number in SIGNALS:
                # nohup, and a shell's jobs in the background, have some of them ignored
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self.handlers[number] = signal.signal(number, self._on_signal)
        except ValueError:  # not the main thread: signals are the caller's affair
            pass
        self.stack.callback(self._release_signals)
        return reading

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self.caught:
            self.caught = number
            self.caught_at = time.monotonic()
            self.block.judge(Verdict.INTERRUPTED)

    def _release_signals(self) -> None:
        if self.handlers:
            signal.set_wakeup_fd(self.wakeup)
        for number, handler in self.handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self.handlers = {}

    def _pass_on_signal(self, now: float) -> None:
        """Ctrl-C reaches all processes of the terminal; a signal to us alone goes on to them."""
        if self.caught and not self.forwarded and now - self.caught_at > FORWARD:
            self.forwarded = True
            for rank in self.ranks.values():
                if rank.pid and not rank.over:
                    with suppress(ProcessLookupError):
                        os.kill(rank.pid, self.caught)

    def _keep_terminal(self) -> None:
        """Leaves the terminal as it was, whatever the script has done to it."""
        try:
            import termios

            fd = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
            mode = termios.tcgetattr(fd)
        except Exception:  # no terminal, or none of this kind
            return
        self.stack.callback(termios.tcsetattr, fd, termios.TCSANOW, mode)

    # -- the account

    def _account(self, seconds: float, left: tuple[str, ...]) -> Account:
        block = self.block
        verdict = block.verdict
        table = self.table or (block.table() if verdict else ())
        lacks = {row.rank: row.lacks for row in table}
        ends = []
        for seat in range(block.seats):
            rank = self.ranks.get(seat)
            number = block.rank(seat)
            ends.append(
                RankEnd(
                    seat,
                    number,
                    block.worker(seat),
                    (rank.pid if rank else 0) or block.pid(seat),
                    rank.code if rank else None,
                    rank.signal if rank and not rank.killed else None,
                    rank is not None and rank.killed,
                    rank.ending if rank else None,
                    block.intent(seat),
                    lacks.get(number, ()),
                    block.collective(seat),
                    block.line(seat),
                )
            )
        ends.sort(key=lambda end: end.rank)
        culprit = block.words[CULPRIT] if verdict else -1
        return Account(
            verdict,
            block.rank(culprit) if culprit >= 0 else -1,
            tuple(ends),
            table,
            self._exit_code(ends[0]),
            seconds,
            left,
        )

    def _exit_code(self, first: RankEnd) -> int:
        if self.caught:
            return 128 + self.caught
        if first.signal is not None:
            return 128 + first.signal
        return 1 if first.code is None else first.code
