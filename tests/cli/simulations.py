"""Runs `varsync simulate` as a user does, and looks for what it leaves behind."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

COMMAND = (sys.executable, "-m", "varsync", "simulate", "train.py", "--report-file", "report.json")
PATIENCE = 60.0  # seconds, on a machine that does much else
MARK = "VARSYNC_TEST_RUN"
PATH = os.pathsep.join(os.path.abspath(entry) for entry in sys.path if entry)  # noqa: PTH100

# what most scripts of these tests begin with
MIRRORED = """
import os, sys, time
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    v = tf.Variable(0.0, name="v", aggregation=tf.VariableAggregation.SUM)
def replica():
    return int(tf.distribute.get_replica_context().replica_id_in_sync_group)
one = lambda: tf.constant(1.0)
"""
# a training loop that goes on for ever: gradients, all_reduce, a compiled step, checkpoints
TRAINING = """
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    w = tf.Variable([0.0, 0.0], name="w", aggregation=tf.VariableAggregation.MEAN)
    seen = tf.Variable(
        0.0,
        name="seen",
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )
checkpoint = tf.train.Checkpoint(w=w, seen=seen)
dataset = tf.data.Dataset.from_tensor_slices(tf.range(32, dtype=tf.float32)).batch(8)
batches = strategy.experimental_distribute_dataset(dataset)


@tf.function
def step(x):
    def replica(x):
        context = tf.distribute.get_replica_context()
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((w[0] * x + w[1] - 2.0 * x) ** 2)
        gradient = tape.gradient(loss, w)
        gradient = context.all_reduce(tf.distribute.ReduceOp.MEAN, gradient)  # all_reduce
        w.assign_sub(0.0001 * gradient)  # assign_sub of `w`
        seen.assign_add(tf.reduce_sum(x))
        return loss

    return strategy.run(replica, args=(x,))


for epoch in range(1_000_000):
    for x in batches:
        loss = step(x)
    checkpoint.write("checkpoint")  # save of `seen`
    print(epoch, strategy.reduce("MEAN", loss, axis=None).numpy(), flush=True)  # reduce
"""


@dataclass
class Done:
    """How a run ended."""

    code: int
    stdout: str
    stderr: str
    seconds: float
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def outcome(self) -> dict[str, Any]:
        """That part of the report."""
        outcome: dict[str, Any] = self.report["outcome"]
        return outcome

    def codes(self) -> list[str]:
        """The codes of what was observed, but for values that are the same on all replicas.

        These scripts are about other things, and most of them add the same number everywhere.
        """
        codes = [seen["code"] for seen in self.report["observations"]]
        return [code for code in codes if code != "VS202"]


class Simulation:
    """A run that goes on, in a session of its own; its folder has the script alone to begin with."""

    def __init__(
        self,
        folder: Path,
        script: str,
        *options: str,
        environment: Mapping[str, str] | None = None,
        stdin: int | IO[str] | None = subprocess.DEVNULL,
        stdout: int | IO[str] = subprocess.PIPE,
        stderr: int | IO[str] = subprocess.PIPE,
        before: Callable[[], None] | None = None,
    ) -> None:
        self.folder = folder
        self.mark = f"{os.getpid()}-{folder}"
        (folder / "train.py").write_text(textwrap.dedent(script), encoding="utf-8")
        (folder / "tmp").mkdir(exist_ok=True)
        self.segments = set(_entries(Path("/dev/shm")))
        self.process = subprocess.Popen(
            [*COMMAND, *options],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": PATH,
                "TMPDIR": str(folder / "tmp"),
                MARK: self.mark,
                **(environment or {}),
            },
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            text=True,
            errors="backslashreplace",
            start_new_session=True,
            preexec_fn=functools.partial(_prepare, before),
        )

    def replicas(self) -> list[int]:
        """The processes of the replicas, in order of rank: as the supervisor got them."""
        pid = self.process.pid
        try:
            text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except OSError:
            return []
        return [int(word) for word in text.split()]

    def wait(self, input: str | None = None, since: float | None = None) -> Done:
        """Waits for the end; `seconds` are counted from now, or from `since`."""
        begun = time.monotonic() if since is None else since
        try:
            stdout, stderr = self.process.communicate(input, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.end()
            raise
        seconds = time.monotonic() - begun
        file = self.folder / "report.json"
        report = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return Done(self.process.returncode, stdout or "", stderr or "", seconds, report)

    def end(self) -> None:
        """Ends whatever is left, of a test that has failed."""
        for pid in self.left():
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                continue
        self.process.communicate()

    def left(self) -> list[int]:
        """The processes of this run that still are, by session and by environment."""
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._has(pid)]  # noqa: PTH208

    def _has(self, pid: int) -> bool:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False
        if stat[0] == "Z":
            return False
        return int(stat[3]) == self.process.pid or f"{MARK}={self.mark}".encode() in environment

    def leaves_nothing(self, *files: str, within: float = 5.0) -> None:
        """Asserts that there are no processes, segments, temporary files, nor others than those
        that begin so: the script's."""
        end = time.monotonic() + within
        while self.left() and time.monotonic() < end:
            time.sleep(0.005)
        assert not self.left()
        # others make segments at the same time; ours would have our name
        made = set(_entries(Path("/dev/shm"))) - self.segments
        assert not [name for name in made if "varsync" in name]
        assert _entries(self.folder / "tmp") == []
        known = {"train.py", "tmp", "report.json", "__pycache__"}
        left = [name for name in _entries(self.folder) if name not in known]
        # a replica that is killed while it writes leaves the script's own half-written file
        assert [name for name in left if not name.startswith(files)] == []


def _prepare(before: Callable[[], None] | None) -> None:
    """In the new process: the signals are as in a terminal, however the tests were started."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if before is not None:
        before()


def _entries(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


def simulate(folder: Path, script: str, *options: str, **more: Any) -> Done:
    """Runs a script to its end, and sees that nothing is left."""
    input = more.pop("input", None)
    files = more.pop("files", ())
    if input is not None:
        more["stdin"] = subprocess.PIPE
    simulation = Simulation(folder, script, *options, **more)
    done = simulation.wait(input)
    simulation.leaves_nothing(*files)
    return done


def line_of(script: str, text: str) -> int:
    """The number of the first line with this text."""
    lines = textwrap.dedent(script).split("\n")
    return next(number for number, line in enumerate(lines, 1) if text in line)
