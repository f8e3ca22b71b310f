"""How long lint takes, beside ruff, flake8 and a bare parser, in one run.

    python -m tests.benchmarks.lint_speed [--runs 5] [PACKAGE...]

On real packages, one line each: `varsync lint` (all rules) without its cache and with it,
`ruff check --select F` without its cache and with it, and `ast.parse` of every file. On one file
that is passed by name in a project, as a pre-commit hook does: `varsync lint` without its cache and
with it, `ruff check --select F`, and flake8 where it is installed (`pip install flake8`). And
`varsync --version`, all beside `python -c pass`.

The commands take turns, so that a machine that slows down slows them all; a first turn that fills
the caches, and Python's own of compiled modules, is not counted. Seconds are a whole process's, with
its children: wall time, best and median, and processor time, best; memory is the largest resident
set of one process.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.field.packages import PACKAGES, Package, fetch

PARSE = """
import ast, pathlib, sys, warnings
warnings.simplefilter("ignore")
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    try:
        ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        pass
"""
VARSYNC = [sys.executable, "-c", "from varsync.app import main; raise SystemExit(main())"]
RUFF = [shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff", "check"]
# The file of a project that is passed by name: of some size, and with much to look into.
PROJECT = Package("OpenNMT-tf", "2.32.0")
FILE = "opennmt/training.py"
RATIOS = (("varsync", "ruff F"), ("varsync warm", "ruff F warm"), ("varsync", "varsync warm"))


@dataclass
class Timed:
    """The runs of one command: wall and processor seconds, and the peak memory of each in MiB."""

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def run(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        """Run the command once in a process of its own; what it prints goes nowhere."""
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            raise SystemExit(f"exit code {process.returncode}: {' '.join(command)}")
        self.seconds.append(time.perf_counter() - started)
        self.processor.append(usage.ru_utime + usage.ru_stime)
        self.memory.append(usage.ru_maxrss / 1024)

    @property
    def median(self) -> float:
        """The median of the wall seconds."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        memory = max(self.memory)
        return f"{min(self.seconds):.3f} {self.median:.3f} {min(self.processor):.3f} {memory:.0f}"


def timed(commands: dict[str, list[str]], folder: Path, runs: int) -> dict[str, Timed]:
    """Run the commands in turns in a folder, after a turn that isn't counted."""
    found = {name: Timed() for name in commands}
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for command in commands.values():
            Timed().run(command, folder, environment)
        for _ in range(runs):
            for name, command in commands.items():
                found[name].run(command, folder, environment)
    return found


def of_package(folder: Path, caches: Path) -> dict[str, list[str]]:
    """The commands to time on all files of a package, by name."""
    lint = [*VARSYNC, "lint", "--isolated", "--exit-zero", str(folder)]
    ruff = [*RUFF, "--select", "F", "--isolated", "--exit-zero", str(folder)]
    return {
        "varsync": [*lint, "--no-cache"],
        "varsync warm": [*lint, "--cache-dir", str(caches / "varsync")],
        "ruff F": [*ruff, "--no-cache"],
        "ruff F warm": [*ruff, "--cache-dir", str(caches / "ruff")],
        "ast.parse": [sys.executable, "-c", PARSE, str(folder)],
    }


def of_file() -> dict[str, list[str]]:
    """The commands to time on one file, and on nothing, by name; to be run in its project."""
    ruff = [*RUFF, "--select", "F", FILE]
    found = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "varsync --version": [*VARSYNC, "--version"],
        "varsync": [*VARSYNC, "lint", "--no-cache", FILE],
        "varsync warm": [*VARSYNC, "lint", FILE],
        "ruff F": [*ruff, "--no-cache"],
        "ruff F warm": ruff,
    }
    if importlib.util.find_spec("flake8") is not None:
        found["flake8"] = [sys.executable, "-m", "flake8", "--isolated", FILE]
    return found


def packages(wanted: list[str], runs: int) -> None:
    """Print the times of each package."""
    total: dict[str, float] = {}
    header = f"{'best, median, processor s, MiB':28}"
    for package in PACKAGES:
        if wanted and package.name not in wanted:
            continue
        folder = fetch(package)
        with tempfile.TemporaryDirectory() as here:
            found = timed(of_package(folder, Path(here)), Path(here), runs)
        if header:
            ratios = "".join(f"{f'{one} / {other}':>28}" for one, other in RATIOS)
            print(header + "".join(f"{name:>27}" for name in found) + ratios)
            header = ""
        ratios = "".join(
            f"{found[one].median / found[other].median:28.1f}" for one, other in RATIOS
        )
        print(f"{package.name:28}{''.join(f'{one!s:>27}' for one in found.values())}{ratios}")
        sys.stdout.flush()
        for name, one in found.items():
            total[name] = total.get(name, 0.0) + one.median
    print(f"{'sum of the medians':28}{''.join(f'{seconds:27.2f}' for seconds in total.values())}")


def one_file(runs: int) -> None:
    """Print the times of one file of a project, and how much more they are than Python's start."""
    with tempfile.TemporaryDirectory() as here:
        project = Path(here) / "project"
        shutil.copytree(fetch(PROJECT), project)
        (project / "pyproject.toml").write_text('[project]\nname = "project"\nversion = "1"\n')
        found = timed(of_file(), project, runs)
    bare = found["python -c pass"].median
    print(f"\n{FILE + ' in its project':40}best, median, processor s, MiB; ms more than Python")
    for name, one in found.items():
        print(f"{name:40}{one!s:>28}{(one.median - bare) * 1000:10.0f}")
    if "flake8" not in found:
        print("flake8                                  is not installed")


def main() -> None:
    """The command line: see the module's docstring."""
    parser = argparse.ArgumentParser(description="Time lint on real packages and on one file.")
    parser.add_argument("packages", nargs="*")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    packages(given.packages, given.runs)
    one_file(given.runs)


if __name__ == "__main__":
    main()
