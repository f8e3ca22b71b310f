"""docs/python.md: its programs run, and what it says of the functions is so."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import varsync

from .conftest import Shell
from .simulations import MIRRORED

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^<!-- run -->\n```python\n(.*?)^```$", PAGE, re.M | re.S)
SCRIPT = MIRRORED + "strategy.run(lambda: v.assign_add(one()))\n"
TYPED = """
def check(run: varsync.Simulation) -> str:
    for made in run.variables:
        norm: float | None = made.final[0].norm
    return run.status + run.observations[0].message

assert isinstance(varsync.lint(cache=False, jobs=1), list)
try:
    varsync.simulate("nosuch.py")
except varsync.CannotRun as error:
    text: str = str(error)
"""


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_of_the_page(real: Shell, program: str) -> None:
    real.write("train.py", SCRIPT)
    real.write("src/a.py", "x = 1\n")
    real.write("use.py", program)
    ran = subprocess.run([sys.executable, "use.py"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout or "simulate" not in program


def test_there_are_programs() -> None:
    assert len(PROGRAMS) == 2


@pytest.mark.slow
def test_the_types_are_those_that_the_page_names(real: Shell) -> None:
    real.write("use.py", "".join(PROGRAMS) + TYPED)
    mypy = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "use.py"]
    paths = os.pathsep.join(str(ROOT / part) for part in ("varsync_cli", "rules", "runtime"))
    environment = {**os.environ, "MYPYPATH": paths}
    ran = subprocess.run(mypy, capture_output=True, text=True, check=False, env=environment)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.slow
def test_nothing_is_left_in_threads(real: Shell) -> None:
    real.write("train.py", SCRIPT)
    # what is in the current folder is not taken for a module of varsync's or Python's
    for name in ("json.py", "typing.py", "varsync.py"):
        real.write(name, "raise ImportError('this is the script's own')\n")
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)

    def state() -> tuple[object, ...]:
        handlers = [signal.getsignal(one) for one in signals]
        return Path.cwd(), list(sys.path), dict(os.environ), handlers

    before, seen = state(), []

    def work() -> None:
        found = varsync.lint("train.py", jobs=4)
        seen.append((varsync.simulate("train.py", replicas=2).status, len(found)))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [("finished", 1)] * 2
    assert state() == before
    assert "tensorflow" not in sys.modules
    assert not (real.folder / ".varsync_cache").exists()


def test_lint_with_a_cache_and_processes(real: Shell) -> None:
    real.write("train.py", SCRIPT)
    first = varsync.lint("train.py", cache_dir="kept")
    assert (real.folder / "kept").is_dir()
    assert varsync.lint("train.py", cache_dir="kept", jobs=None) == first
    with pytest.raises(varsync.CannotRun, match="jobs: 0 is no number of processes"):
        varsync.lint(jobs=0)
