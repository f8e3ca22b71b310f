"""Times a whole process, with its CPU and its memory, beside another that must print the same.

CPU is that of all processes. Memory is the highest sum, over the whole tree of processes, of their
proportional set sizes (/proc/*/smaps_rollup, Linux; what several share counts once), read twenty
times a second by a process whose own time is not counted; "each" is that of the largest process
that is a replica, and of TensorFlow, whose replicas share a process, the whole.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

INTERVAL = 0.05  # seconds between looks at the memory
MEASURES = ("wall s", "CPU s", "MiB in all", "MiB each")
SAME = 1e-4  # of printed numbers: sums of many steps


@dataclass
class Timed:
    """The runs of one command: a row of MEASURES for each, and what each printed."""

    rows: list[tuple[float, ...]] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)

    def run(self, command: list[str]) -> None:
        """Runs the command once. Raises RuntimeError if it fails."""
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            begun = time.perf_counter()
            process = subprocess.Popen(command, stdout=output, stderr=errors)
            watch = Watch(process.pid)
            watch.start()
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begun
            process.returncode = os.waitstatus_to_exitcode(status)
            watch.end()
            output.seek(0)
            errors.seek(0)
            self.printed.append(output.read())
            if process.returncode:
                raise RuntimeError(f"{' '.join(command)} failed:\n{errors.read()}")
        cpu = usage.ru_utime + usage.ru_stime
        self.rows.append((seconds, cpu, watch.most, watch.largest))

    def medians(self) -> tuple[float, ...]:
        """The median of each measure."""
        return tuple(statistics.median(column) for column in zip(*self.rows, strict=True))


class Watch(threading.Thread):
    """Looks at the memory of a process and its descendants until it is ended, in MiB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.most = 0.0
        self.largest = 0.0
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(INTERVAL):
            sizes = [proportional_size(pid) for pid in tree(self.pid)]
            self.most = max(self.most, sum(sizes))
            # the first is the interpreter of TensorFlow, or the simulator's supervisor
            self.largest = max(self.largest, *(sizes[1:] or sizes))

    def end(self) -> None:
        """Stops looking."""
        self._ended.set()
        self.join()


def tree(pid: int) -> Iterator[int]:
    """A process and all its descendants."""
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))
    except OSError:  # it has ended
        return


def proportional_size(pid: int) -> float:
    """The memory of a process in MiB; what it shares with n others counts for one n-th."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.M)
    return int(found[1]) / 1024 if found else 0.0


def same(one: str, other: str) -> bool:
    """Whether two outputs are equal, but for the rounding of numbers."""
    number = re.compile(r"-?\d+\.\d+(?:e[-+]\d+)?")
    if number.sub("", one) != number.sub("", other):
        return False
    pairs = zip(number.findall(one), number.findall(other), strict=True)
    return all(abs(float(a) - float(b)) <= SAME * max(1.0, abs(float(b))) for a, b in pairs)


def ready() -> None:
    """Sets the environment of what is timed; call it first."""
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")
    # both find bytecode, as installed packages do
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def compare(
    tensorflow: str, script: Path, arguments: Sequence[str], runs: int
) -> tuple[Timed, Timed]:
    """The script with these arguments on TensorFlow's interpreter, and simulated by this one.

    They take turns, so that a machine that slows down slows both. Raises RuntimeError where what
    they print differs; lines that begin with `#` are left out.
    """
    real, simulated = Timed(), Timed()
    for _ in range(runs):
        real.run([tensorflow, str(script), *arguments])
        simulate = [sys.executable, "-m", "varsync", "simulate", "--exit-zero", str(script), "--"]
        simulated.run([*simulate, *arguments])
        one, other = (_result(timed.printed[-1]) for timed in (simulated, real))
        if not same(one, other):
            raise RuntimeError(f"not the same:\n{other}\n{one}")
    return real, simulated


def _result(printed: str) -> str:
    return "".join(line for line in printed.splitlines(True) if not line.startswith("#"))
