"""Runs programs with `varsync simulate`, and compares with their outcome on TensorFlow."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .compare import difference
from .messages import normalised
from .outcome import Outcome, Process
from .stage import text_files, without_local_data
from .table import Program

TIME_LIMIT = 120.0
# Parts of the runtime without which no program runs
# Exit statuses of the command
CLEAN, OBSERVED, SCRIPT_FAILED = 0, 1, 3

_WORKER = re.compile(r"\[worker (?P<worker>\d+)(?P<replica>[, ]*replica \d+)?\] ")


@dataclass(frozen=True)
class Observed:
    """An observation of the report: its code, severity, file and line."""

    code: str
    severity: str
    file: str
    line: int


@dataclass(frozen=True)
class Run:
    """What the command printed, its exit status, the files that the script left and its report.

    `cut` is the step after which a limit of steps left something out.
    """

    stdout: str
    stderr: str
    status: int
    files: dict[str, str]
    observations: tuple[Observed, ...] = ()
    cut: int | None = None
    document: dict[str, Any] = field(default_factory=dict)


def simulate(
    script: Path,
    replicas: int,
    arguments: Sequence[str] = (),
    workers: int | None = None,
    max_steps: int | None = None,
    lines: Sequence[str] = (),
) -> Run:
    """Simulates a script in a new empty folder; with several workers the replicas are shared out."""
    options = ["--replicas", str(replicas), "--report-file"]
    if workers is not None:
        options = ["--workers", str(workers), *options]
    if max_steps is not None:
        options = ["--max-steps", str(max_steps), *options]
    options = [*(f"--line={line}" for line in lines), *options]
    with tempfile.TemporaryDirectory(prefix="varsync-simulated-") as scratch:
        folder, report, home = (Path(scratch, name) for name in ("files", "report", "home"))
        folder.mkdir()
        home.mkdir()
        command = ["simulate", str(script), *options, str(report), "--", *arguments]
        done = subprocess.run(
            [sys.executable, "-m", "varsync", *command],
            cwd=folder,
            env={
                **{name: value for name, value in os.environ.items() if name != "TF_CONFIG"},
                **without_local_data(home),
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
        )
        run = Run(done.stdout, done.stderr, done.returncode, text_files(folder))
        if not report.exists():
            return run
        told = json.loads(report.read_text(encoding="utf-8"))
        return replace(
            run,
            observations=_observations(told["observations"]),
            cut=told["outcome"]["cut_after_step"],
            document=told,
        )


def _observations(seen: Iterable[dict[str, Any]]) -> tuple[Observed, ...]:
    return tuple(
        Observed(
            one["code"] or "",
            one["severity"],
            Path(one["location"]["filename"]).name if one["location"] else "",
            one["location"]["row"] if one["location"] else 0,
        )
        for one in seen
    )


def run(
    program: Program,
    replicas: int,
    script: Path | None = None,
    max_steps: int | None = None,
    lines: Sequence[str] = (),
) -> Run:
    """Simulates one of the table's programs, with as many replicas as it had on TensorFlow.

    `script` is another form of the program; of `lines` the report says whether they were run.
    """
    script = program.path if script is None else script
    arguments = program.arguments_for(replicas)
    if not program.workers:
        return simulate(script, replicas, arguments, max_steps=max_steps, lines=lines)
    # of a worker's CPUs MultiWorkerMirroredStrategy takes the first
    workers = program.processes(replicas)
    return simulate(script, workers, arguments, workers, max_steps, lines)


def differences(recorded: Outcome, run: Run) -> list[str]:
    """What of a simulated run is not as on TensorFlow; empty if nothing is."""
    found = []
    failed = [process for process in recorded if process.status]
    if run.status not in _statuses(recorded):
        statuses = [process.status for process in recorded]
        found.append(f"exit status {run.status}; the script's on TensorFlow {statuses}")
    for process in failed:
        if process.error and not _raised(process, run.stderr):
            found.append(f"no {process.error}: {process.message} on standard error")
    for index, (process, output) in enumerate(
        zip(recorded, by_worker(run.stdout, len(recorded)), strict=True)
    ):
        if apart := difference(process.stdout, output):
            found.append(f"worker {index} prints otherwise: {apart}")
    expected = {name: text for process in recorded for name, text in process.files.items()}
    if expected.keys() != run.files.keys():
        found.append(f"files {sorted(run.files)} instead of {sorted(expected)}")
    for name in expected.keys() & run.files.keys():
        if apart := difference(expected[name], run.files[name]):
            found.append(f"{name}: {apart}")
    if run.status == SCRIPT_FAILED or not found:
        return found
    return [*found, f"standard error: {run.stderr[-2000:]}"]


def misjudged(program: Program, run: Run) -> list[str]:
    """What the report of a run on several replicas says and should not, and the other way round."""
    expected = {(one.code, one.file.name, one.line) for one in program.seen}
    seen = {(one.code, one.file, one.line): one.severity for one in run.observations}
    missing = [f"not observed: {' '.join(map(str, one))}" for one in expected - set(seen)]
    return missing + [
        f"observed: {severity} {' '.join(map(str, one))}"
        for one, severity in seen.items()
        if one not in expected and severity != "note"
    ]


def disagreeing(program: Program, run: Run) -> list[str]:
    """Where lint and the report speak of the same line, and under no common code."""
    predicted: dict[tuple[str, int], set[str]] = {}
    for one in program.lint:
        predicted.setdefault((one.file.name, one.line), set()).add(one.code)
    return [
        f"{one.file}:{one.line}: lint says {predicted[one.file, one.line]}, the run {one.code}"
        for one in run.observations
        if one.severity != "note"
        and one.code not in predicted.get((one.file, one.line), {one.code})
    ]


def _statuses(recorded: Outcome) -> tuple[int, ...]:
    """The exit statuses that the command may have for a script that did this on TensorFlow."""
    if any(process.status is None for process in recorded):
        # a hang is an observation; to the script it may be an exception
        return (OBSERVED, SCRIPT_FAILED)
    if any(process.status for process in recorded):
        return (SCRIPT_FAILED,)
    return (CLEAN, OBSERVED)


def by_worker(output: str, workers: int) -> list[str]:
    """The output of each worker. A line that names no worker is the first worker's."""
    outputs = [""] * workers
    for line in output.splitlines(keepends=True):
        prefix = _WORKER.match(line)
        worker = 0
        if prefix and int(prefix["worker"]) < workers:
            worker = int(prefix["worker"])
            replica = (prefix["replica"] or "").strip(" ,")
            line = (f"[{replica}] " if replica else "") + line[prefix.end() :]
        outputs[worker] += line
    return outputs


def _raised(process: Process, stderr: str) -> bool:
    """True if a traceback on standard error ends with the exception of the process."""
    pattern = re.compile(rf"^(?:[\w.]+\.)?{re.escape(process.error)}\b:? ?", re.MULTILINE)
    return any(
        _begins(normalised(stderr[match.end() :]), process.message)
        for match in pattern.finditer(stderr)
    )


def _begins(text: str, message: str) -> bool:
    """True if the text begins with the message; what was cut off a long one does not count."""
    start = message[:-3] if message.endswith("...") else message
    return not difference(start, text[: len(start)])
