"""Runs the programs with the simulation and on TensorFlow, for their reports and outputs.

TensorFlow is imported once: first all programs are simulated, then all run on it, each in a fork.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from varsync_runtime.diagnosis.report import report
from varsync_runtime.session import Wishes, simulate

from tests.runtime.programs import stage
from tests.runtime.programs.compare import difference
from tests.runtime.programs.simulated import by_worker
from tests.runtime.programs.table import Program

LIMIT = 300.0  # seconds, of a run on TensorFlow on a busy machine


@dataclass(frozen=True)
class Played:
    """A program's report and what it printed."""

    document: dict[str, Any]
    output: str
    errors: str


@dataclass(frozen=True)
class Job:
    """A script to be run with so many replicas; None as `workers`: those of one process."""

    name: str
    script: Path
    replicas: int
    arguments: tuple[str, ...] = ()
    workers: int | None = None


def of_program(program: Program, replicas: int) -> Job:
    """One of the table's programs, with as many replicas as it had when it was recorded."""
    # of a worker's CPUs MultiWorkerMirroredStrategy takes the first
    workers = program.processes(replicas) if program.workers else None
    arguments = tuple(program.arguments_for(replicas))
    return Job(program.name, program.path, workers or replicas, arguments, workers)


def play(job: Job, *, tensorflow: bool) -> Played:
    """One run, in a new empty folder. On TensorFlow: after `stage.prepare`."""
    wishes = Wishes(job.replicas, job.workers, timeout=LIMIT, tensorflow=tensorflow)
    with _elsewhere() as folder:
        session = simulate(str(job.script), job.arguments, wishes)
        document = report(session.told, session.ending)
        output, errors = (
            (folder / name).read_text(errors="replace") for name in ("stdout", "stderr")
        )
    return Played(document, output, errors)


@contextmanager
def _elsewhere() -> Iterator[Path]:
    """In here processes run in a new folder, and what they print goes to files beside it."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="varsync-engines-") as name:
        folder = Path(name)
        (folder / "files").mkdir()
        kept = [os.dup(stream) for stream in (1, 2)]
        for stream, file in ((1, "stdout"), (2, "stderr")):
            handle = os.open(folder / file, os.O_WRONLY | os.O_CREAT)
            os.dup2(handle, stream)
            os.close(handle)
        os.chdir(folder / "files")
        try:
            yield folder
        finally:
            os.chdir(before)
            for stream, handle in zip((1, 2), kept, strict=True):
                os.dup2(handle, stream)
                os.close(handle)


def printed_otherwise(job: Job, own: Played, other: Played) -> list[str]:
    """Where the simulation prints otherwise than TensorFlow, each worker for itself."""
    workers = job.workers or 1
    pairs = zip(by_worker(other.output, workers), by_worker(own.output, workers), strict=True)
    found = [difference(expected, seen) for expected, seen in pairs]
    return [f"worker {index} prints: {text}" for index, text in enumerate(found) if text]


def play_all(jobs: Sequence[Job], *, keras: bool) -> Iterator[tuple[Job, Played, Played]]:
    """Each with the simulation and on TensorFlow, with Keras or not; in a process without threads."""
    simulated = [play(job, tensorflow=False) for job in jobs]
    stage.prepare(keras=keras)
    for job, own in zip(jobs, simulated, strict=True):
        yield job, own, play(job, tensorflow=True)
