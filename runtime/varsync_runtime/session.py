"""One simulated run: a script, its replicas, what they told and how they ended."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from varsync_runtime.course import Onlooker, Window, described, site
from varsync_runtime.diagnosis.endings import Ending, Failure, Place, State, Status
from varsync_runtime.diagnosis.labels import place
from varsync_runtime.engines.tensorflow import frames
from varsync_runtime.events import Event, Site, read_frame
from varsync_runtime.events.asked import Lines, ModeAsked
from varsync_runtime.events.kinds import REFUSAL
from varsync_runtime.events.sites import NOWHERE
from varsync_runtime.replicas import cluster, endings
from varsync_runtime.replicas.account import Account, RankEnd
from varsync_runtime.replicas.endings import Standing, Verdict
from varsync_runtime.replicas.modules import Module
from varsync_runtime.replicas.notebook import Notebook
from varsync_runtime.replicas.script import main_of
from varsync_runtime.replicas.supervisor import supervise

if TYPE_CHECKING:
    from varsync_runtime.replicas.world import World

# A script that names it runs in several processes from its first line on
OF_SEVERAL_WORKERS = "MultiWorkerMirrored"

STATUSES = {
    Verdict.LOST: Status.LOST,
    Verdict.STUCK: Status.STUCK,
    Verdict.DRIFT: Status.DRIFTED,
    Verdict.FAILED: Status.NO_ROOM,
    Verdict.TIMEOUT: Status.TIMEOUT,
    Verdict.INTERRUPTED: Status.INTERRUPTED,
}
# The names of the exceptions that the runtime raises for what it does not have
NOT_MODELLED = ("NotModelled", "GoneName", "GoneModule")
# What it says, without what a library puts around it
SENTENCE = re.compile(re.escape(REFUSAL) + r".*? \([^()\n]+:\d+\)", re.DOTALL)
# Exceptions that end the simulation, and not the script
OURS = {
    **dict.fromkeys(NOT_MODELLED, Status.NOT_MODELLED),
    "NoRoom": Status.NO_ROOM,
    "NoTensorFlow": Status.NO_TENSORFLOW,
}
STATES = {
    endings.State.WAITING: State.WAITING,
    endings.State.ENDED: State.ENDED,
    endings.State.LOST: State.LOST,
}


@dataclass(frozen=True)
class Wishes:
    """What a user may ask for; None leaves it to the script.

    `replicas` counts those of all workers. `max_steps` is a number of calls of `strategy.run`,
    `timeout` is in seconds. `detailed` asks for each step, exchange and wait by itself, `lines`
    whether they are run; `modes` are those of some variables in place of the script's; `elements`
    asks for those of all variables at the end. With `tensorflow` the script runs on the installed
    TensorFlow.
    """

    replicas: int | None = None
    workers: int | None = None
    max_steps: int | None = None
    timeout: float | None = None
    seed: int | None = None
    detailed: bool = False
    tensorflow: bool = False
    lines: tuple[Lines, ...] = ()
    modes: tuple[ModeAsked, ...] = ()
    elements: bool = False


@dataclass
class Session:
    """What became of a run: the events of each process in order of rank, and its end."""

    told: list[list[Event]]
    ending: Ending
    seconds: float
    interrupted: bool = False
    left_behind: tuple[str, ...] = ()
    exit_code: int = field(default=0)


def simulate(
    script: str,
    arguments: Sequence[str] = (),
    wishes: Wishes | None = None,
    code: Notebook | Module | None = None,
    meanwhile: Callable[[], None] | None = None,
    onlooker: Onlooker | None = None,
) -> Session:
    """Runs a script on simulated replicas; `arguments` are its sys.argv[1:].

    If the script is a notebook's or a module's file, `code` is that. `meanwhile` is called while the
    script begins, `onlooker` sees the run as it goes on. Call this in the main thread of a
    process without children. Raises `varsync_runtime.replicas.endings.NoRoom` where not even the
    first process can be started.
    """
    wishes = wishes or Wishes()
    told: dict[int, dict[int, list[Event]]] = {}

    def on_event(seat: int, frame: bytes) -> None:
        replica, seen = frames.read(frame) if wishes.tensorflow else (0, read_frame(frame))
        told.setdefault(seat, {}).setdefault(replica, []).extend(seen)

    def prepare(world: World) -> None:
        replicas = None if wishes.replicas is None else wishes.replicas // world.workers
        if wishes.tensorflow:
            from varsync_runtime.engines.tensorflow.preparing import prepare as prepare_tensorflow

            prepare_tensorflow(
                replicas=replicas,
                seed=wishes.seed,
                source=source,
                modes=wishes.modes,
                elements=wishes.elements,
            )
            return
        from varsync_runtime.standin.preparing import prepare as prepare_standin

        # workers do not wait for each other's files
        scratch = Path(folder, str(world.worker))
        prepare_standin(
            replicas=replicas,
            max_steps=wishes.max_steps,
            seed=wishes.seed,
            scratch=scratch,
            detailed=wishes.detailed,
            lines=wishes.lines,
            modes=wishes.modes,
            elements=wishes.elements,
        )

    if isinstance(code, Notebook):
        code.publish()  # here, for the report as well
    source = code.text if isinstance(code, Notebook) else _source(script)
    # made by whoever needs it first, so that a run that is killed leaves nothing in most cases
    folder = Path(tempfile.gettempdir(), f"varsync-{secrets.token_hex(8)}")
    workers = _workers(source, wishes)
    # TensorFlow's workers listen, those of the simulation meet in memory
    addresses = cluster.free_addresses(workers) if wishes.tensorflow and workers > 1 else ()
    try:
        account = supervise(
            main_of(script, arguments, prepare, code, addresses),
            workers=workers,
            timeout=wishes.timeout,
            on_event=on_event,
            meanwhile=meanwhile,
            onlooker=None if onlooker is None else Window(onlooker, told),
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ranks = sorted(account.ranks, key=lambda end: end.rank)
    return Session(
        told=[seen for end in ranks for _, seen in sorted(told.get(end.seat, {0: []}).items())],
        ending=_ending(account, ranks),
        seconds=account.seconds,
        interrupted=account.verdict is Verdict.INTERRUPTED,
        left_behind=account.left_behind,
        exit_code=account.exit_code,
    )


def _workers(source: str, wishes: Wishes) -> int:
    """How many workers the run starts with, each a process of its own."""
    if wishes.workers is not None:
        return wishes.workers
    tasks = cluster.tasks(os.environ.get(cluster.VARIABLE))
    if tasks:
        return len(tasks)
    return (wishes.replicas or 2) if OF_SEVERAL_WORKERS in source else 1


def _source(script: str) -> str:
    try:
        return Path(script).read_text("latin-1") if Path(script).is_file() else ""
    except OSError:
        return ""  # whoever runs it says what is wrong with it


def _ending(account: Account, ranks: Sequence[RankEnd]) -> Ending:
    status = STATUSES.get(account.verdict, Status.FINISHED)
    culprit = _culprit(account, ranks)
    failure = None
    if status is Status.STUCK and culprit is not None:
        # for one that left by itself, others wait: that it left is what ended the run
        status = Status.LOST
    elif status in (Status.FINISHED, Status.STUCK, Status.NO_ROOM):
        failure = _failure(ranks)
        if failure is not None:
            status = OURS.get(failure.exception, Status.FAILED)
    standing = {row.rank: row for row in account.table}
    places = tuple(
        _place(end, standing.get(end.rank), account.verdict is Verdict.DRIFT) for end in ranks
    )
    lost = next((place for place in places if culprit and place.rank == culprit.rank), None)
    message = _message(account, status, lost, culprit)
    if status is Status.NOT_MODELLED and failure is not None:
        found = SENTENCE.search(failure.message)
        message = found[0] if found else failure.message
    elif status in (Status.NO_ROOM, Status.NO_TENSORFLOW) and failure is not None:
        message = failure.message
    return Ending(status, message, places, failure)


def _culprit(account: Account, ranks: Sequence[RankEnd]) -> RankEnd | None:
    """The replica that was killed, or that left without coming to its end, while others waited."""
    if account.verdict is Verdict.LOST:
        return next((end for end in ranks if end.rank == account.culprit), None)
    if account.verdict is Verdict.STUCK:
        # the others may be seen to wait before it is seen that it was killed
        return next((end for end in ranks if _left_by_itself(end)), None)
    return None


def _left_by_itself(end: RankEnd) -> bool:
    """Whether a process ended before it could say how: by os._exit, or by somebody's signal."""
    return end.ending is None and not end.by_supervisor and (end.code, end.signal) != (None, None)


def _failure(ranks: Sequence[RankEnd]) -> Failure | None:
    """How the script ended of its own, if not well: the lowest rank's word counts."""
    for end in ranks:
        if end.ending is not None and end.ending.code and not end.ending.over:
            name, _, message = end.ending.error.partition(": ")
            return Failure(name, message, end.ending.traceback, end.ending.code)
        if end.ending is None and end.code:
            return Failure("", "", "", end.code)
    return None


def _place(end: RankEnd, standing: Standing | None, on_host: bool) -> Place:
    """Where a process stood when the run ended, and what became of it.

    `on_host` asks for the last meeting of any kind where no collective is waited for.
    """
    row = standing if standing is not None and standing.intent is not None else end
    state = State.RUNNING
    if standing is not None:
        state = STATES.get(standing.state, State.RUNNING)
    elif not end.by_supervisor:
        state = State.LOST if end.signal is not None else State.ENDED
    detail = ""
    if end.signal is not None and not end.by_supervisor:
        state, detail = State.LOST, f"killed by {_signal(end.signal)}"
    elif end.ending is not None and end.ending.error:
        detail = end.ending.error
    elif end.ending is None and end.code is not None:
        state, detail = State.LOST, f"left with os._exit({end.code})"
    intent = row.intent
    if state is not State.WAITING and not on_host:
        intent = row.collective or intent
    now = Site.parse(end.line) if state is State.RUNNING else NOWHERE
    return Place(end.rank, state, described(intent), site(intent), detail, now)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _message(account: Account, status: Status, lost: Place | None, culprit: RankEnd | None) -> str:
    """What the user could not see otherwise, and what to do about it."""
    if status is Status.LOST and lost is not None and culprit is not None:
        where = f" at {place(lost.site)}" if lost.site != NOWHERE else ""
        last = f"; last collective: {lost.doing}{where}" if lost.doing else ""
        return f"replica {lost.rank} was lost, {lost.detail}{last}. {_advice(culprit)}"
    return MESSAGES.get(status, "")


def _advice(end: RankEnd) -> str:
    if end.signal is None:
        return (
            "In TensorFlow all replicas of a worker are one process, which ends there; "
            "raise an exception instead."
        )
    if end.signal in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP):
        return (
            "Something outside the script ended it; if that was the system, for want of memory, "
            "try fewer replicas or smaller batches."
        )
    return (
        "A library crashed, or the script sent itself the signal; with PYTHONFAULTHANDLER=1 in the "
        "environment Python says where."
    )


MESSAGES = {
    Status.STUCK: "the replicas that are left wait for ever; all of them must come to a collective",
    Status.DRIFTED: (
        "the replicas' host code went different ways, so the run could not go on: it must do the "
        "same on each replica, in one thread"
    ),
    Status.NO_ROOM: "a replica could not be started: there is no room for another process",
    Status.TIMEOUT: "the time is over (--timeout)",
    Status.INTERRUPTED: "interrupted",
}
