"""How long `varsync simulate` takes, and how much memory, beside real TensorFlow, in one run.

    python -m tests.benchmarks.simulate_speed [--tensorflow PYTHON] [--runs 3]
        [--replicas 2 4] [--steps 10 1000] [--styles eager function]

The script is `loop.py` beside this file, run as a whole process by both: by TensorFlow's own
interpreter (by default the running one) with logical CPU devices, and by the simulator. They take
turns, so that a machine that slows down slows both, and must print the same; a first run of each,
which writes bytecode, is not counted. Seconds are medians.
CPU is that of all processes. Memory is the highest sum, over the whole tree of processes, of their
proportional set sizes (/proc/*/smaps_rollup, Linux), read twenty times a second by a process whose
own time is not counted; "each" is that of the largest process that is a replica, and of
TensorFlow, whose replicas share a process, the whole. Ratios are TensorFlow's to the simulator's.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SCRIPT = Path(__file__).with_name("loop.py")
INTERVAL = 0.05  # seconds between looks at the memory
WARM_UP = ("2", "1", "eager")  # writes the bytecode, reads the files
MEASURES = ("wall s", "CPU s", "MiB in all", "MiB each")
SAME = 1e-4  # of printed numbers: sums of many steps


@dataclass
class Timed:
    """The runs of one command: a row of MEASURES for each, and what the last one printed."""

    rows: list[tuple[float, ...]] = field(default_factory=list)
    printed: str = ""

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
            self.printed = output.read()
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


def compare(tensorflow: str, arguments: tuple[str, ...], runs: int) -> tuple[Timed, Timed]:
    """The script with these arguments on TensorFlow and simulated."""
    real, simulated = Timed(), Timed()
    for _ in range(runs):
        real.run([tensorflow, str(SCRIPT), *arguments])
        simulate = [sys.executable, "-m", "varsync", "simulate", "--quiet", str(SCRIPT), "--"]
        simulated.run([*simulate, *arguments])
        if not same(simulated.printed, real.printed):
            raise RuntimeError(f"not the same:\n{real.printed}\n{simulated.printed}")
    return real, simulated


def main() -> None:
    """The command line: see the module's docstring."""
    parser = argparse.ArgumentParser(description="Time varsync simulate beside TensorFlow.")
    parser.add_argument("--tensorflow", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--replicas", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--steps", type=int, nargs="+", default=[10, 1000])
    parser.add_argument("--styles", nargs="+", default=["eager", "function"])
    given = parser.parse_args()
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")
    # both find bytecode, as installed packages do
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compare(given.tensorflow, WARM_UP, 1)
    print(f"{'TensorFlow / simulator = ratio':26}" + "".join(f"{name:>26}" for name in MEASURES))
    for style in given.styles:
        for replicas in given.replicas:
            for steps in given.steps:
                arguments = (str(replicas), str(steps), style)
                real, simulated = compare(given.tensorflow, arguments, given.runs)
                cells = "".join(
                    f"{f'{one:.2f} / {other:.2f} = {one / other:5.1f}':>26}"
                    for one, other in zip(real.medians(), simulated.medians(), strict=True)
                )
                print(f"{style:9}{replicas:3} x {steps:<11}{cells}", flush=True)


if __name__ == "__main__":
    main()
