"""One simulated run: a script, its replicas, what they told and how they ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from varsync_runtime.diagnosis.endings import Ending, Failure, Place, State, Status
from varsync_runtime.events import Event, Site, read_frame
from varsync_runtime.events.sites import NOWHERE
from varsync_runtime.replicas import cluster, endings
from varsync_runtime.replicas.account import Account, RankEnd
from varsync_runtime.replicas.endings import Standing, Verdict
from varsync_runtime.replicas.intents import Intent
from varsync_runtime.replicas.script import main_of
from varsync_runtime.replicas.supervisor import supervise

if TYPE_CHECKING:
    from varsync_runtime.replicas.world import World

# A script that names it runs in several processes from its first line on
OF_SEVERAL_WORKERS = b"MultiWorkerMirrored"

STATUSES = {
    Verdict.LOST: Status.LOST,
    Verdict.STUCK: Status.STUCK,
    Verdict.DRIFT: Status.DRIFTED,
    Verdict.TIMEOUT: Status.TIMEOUT,
    Verdict.INTERRUPTED: Status.INTERRUPTED,
}
# The name of the exception that the runtime raises for what it does not have
NOT_MODELLED = "NotModelled"
STATES = {
    endings.State.WAITING: State.WAITING,
    endings.State.ENDED: State.ENDED,
    endings.State.LOST: State.LOST,
}


@dataclass(frozen=True)
class Wishes:
    """What a user may ask for; None leaves it to the script.

    `replicas` counts those of all workers. `max_steps` is a number of calls of `strategy.run`,
    `timeout` is in seconds.
    """

    replicas: int | None = None
    workers: int | None = None
    max_steps: int | None = None
    timeout: float | None = None
    seed: int | None = None


@dataclass
class Session:
    """What became of a run: the events of each process in order of rank, and its end."""

    told: list[list[Event]]
    ending: Ending
    seconds: float
    interrupted: bool = False
    left_behind: tuple[str, ...] = ()
    exit_code: int = field(default=0)


def simulate(script: str, arguments: Sequence[str] = (), wishes: Wishes | None = None) -> Session:
    """Runs a script on simulated replicas; `arguments` are its sys.argv[1:].

    Call it in the main thread of a process without children. Raises
    `varsync_runtime.replicas.endings.NoRoom` where not even the first process can be started.
    """
    wishes = wishes or Wishes()
    told: dict[int, list[Event]] = {}

    def on_event(seat: int, frame: bytes) -> None:
        told.setdefault(seat, []).extend(read_frame(frame))

    def prepare(world: World) -> None:
        from varsync_runtime.standin.preparing import prepare as prepare_standin

        replicas = None if wishes.replicas is None else wishes.replicas // world.workers
        prepare_standin(replicas=replicas, max_steps=wishes.max_steps, seed=wishes.seed)

    account = supervise(
        main_of(script, arguments, prepare),
        workers=_workers(script, wishes),
        timeout=wishes.timeout,
        on_event=on_event,
    )
    ranks = sorted(account.ranks, key=lambda end: end.rank)
    return Session(
        told=[told.get(end.seat, []) for end in ranks],
        ending=_ending(account, ranks),
        seconds=account.seconds,
        interrupted=account.verdict is Verdict.INTERRUPTED,
        left_behind=account.left_behind,
        exit_code=account.exit_code,
    )


def _workers(script: str, wishes: Wishes) -> int:
    """How many workers the run starts with, each a process of its own."""
    if wishes.workers is not None:
        return wishes.workers
    tasks = cluster.tasks(os.environ.get(cluster.VARIABLE))
    if tasks:
        return len(tasks)
    try:
        source = Path(script).read_bytes() if Path(script).is_file() else b""
    except OSError:
        source = b""  # whoever runs it says what is wrong with it
    return (wishes.replicas or 2) if OF_SEVERAL_WORKERS in source else 1


def _ending(account: Account, ranks: Sequence[RankEnd]) -> Ending:
    status = STATUSES.get(account.verdict, Status.FINISHED)
    failure = _failure(ranks)
    if failure is not None and status in (Status.FINISHED, Status.LOST):
        failed = Status.NOT_MODELLED if failure.exception == NOT_MODELLED else Status.FAILED
        status = failed if account.verdict is Verdict.NONE else status
    standing = {row.rank: row for row in account.table}
    places = tuple(_place(end, standing.get(end.rank)) for end in ranks)
    if status is Status.NOT_MODELLED and failure is not None:
        return Ending(status, failure.message, places, failure)
    return Ending(status, _message(account, status), places, failure)


def _failure(ranks: Sequence[RankEnd]) -> Failure | None:
    """How the script ended of its own, if not well: the lowest rank's word counts."""
    for end in ranks:
        if end.ending is not None and end.ending.code and not end.ending.over:
            name, _, message = end.ending.error.partition(": ")
            return Failure(name, message, end.ending.traceback, end.ending.code)
        if end.ending is None and end.code:
            return Failure("", "", "", end.code)
    return None


def _place(end: RankEnd, standing: Standing | None) -> Place:
    """Where a process stood when the run ended, and what became of it."""
    intent = standing.intent if standing is not None and standing.intent else end.intent
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
    return Place(end.rank, state, _doing(intent), _site(intent), detail)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _doing(intent: Intent | None) -> str:
    if intent is None:
        return ""
    of = f" of `{intent.variable}`" if intent.variable else ""
    form = f" {intent.dtype}{list(intent.shape)}" if intent.dtype else ""
    return f"{intent.operation or intent.kind}{of}{form}"


def _site(intent: Intent | None) -> Site:
    if intent is None or not intent.site:
        return NOWHERE
    filename, _, line = intent.site.rpartition(":")
    return Site(filename, int(line)) if line.isdigit() else NOWHERE


def _message(account: Account, status: Status) -> str:
    """One line for what the user could not see otherwise."""
    if status is Status.LOST and account.culprit >= 0:
        lost = next((end for end in account.ranks if end.rank == account.culprit), None)
        return f"the run ended, because {lost}" if lost is not None else "a replica was lost"
    if status is Status.STUCK:
        return "the replicas that are left wait for ever"
    if status is Status.DRIFTED:
        return "the replicas' host code went different ways, so the run could not go on"
    if status is Status.TIMEOUT:
        return "the time is over (--timeout)"
    if status is Status.INTERRUPTED:
        return "interrupted"
    if account.verdict is Verdict.FAILED:
        return "a replica could not be started"
    return ""
