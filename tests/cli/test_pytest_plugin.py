"""The fixture that pytest users get: as if varsync were installed, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from .test_simulation_function import DRIFTING

TEST = """
def test_train(varsync_simulate):
    report = varsync_simulate('train.py', replicas=2)
    assert report.steps == 3
    report.assert_in_sync()
"""
LIGHT = """
import sys

def test_nothing():
    own = {name for name in sys.modules if name.startswith("varsync")}
    assert own == {"varsync", "varsync.pytest_plugin"}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder that pytest takes for one with varsync installed."""
    info = tmp_path / "installed" / "varsync-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: varsync\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[pytest11]\nvarsync = varsync.pytest_plugin\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def run(project: Path, test: str, *words: str, folder: str = ".") -> tuple[int, str]:
    """The exit code of pytest, and what it printed."""
    (project / "tests" / "test_train.py").write_text(test)
    paths = [str(project / "installed"), *(os.path.abspath(entry) for entry in sys.path if entry)]  # noqa: PTH100
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *words, str(project / "tests")],
        cwd=project / folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTEST_ADDOPTS": "", "PYTHONPATH": os.pathsep.join(paths)},
    )
    return ran.returncode, ran.stdout


@pytest.mark.slow
def test_a_script_beside_the_test_and_what_is_wrong_with_it(project: Path) -> None:
    (project / "tests" / "train.py").write_text(DRIFTING)
    (project / "train.py").write_text("raise SystemExit('not this one')")
    code, out = run(project, TEST)
    assert code == 1
    assert "the copies of `apart` differ since step 1: replica 0 0.0, replica 1 1.0" in out
    assert "tests/test_train.py:5: AssertionError" in out  # the user's line, not ours
    assert "simulation.py" not in out


@pytest.mark.slow
def test_a_script_that_is_not_there(project: Path) -> None:
    code, out = run(project, TEST)
    assert code == 1
    assert "CannotRun: train.py: no such file" in out
    assert "tests/test_train.py:3: CannotRun" in out and "simulation.py" not in out


@pytest.mark.slow
@pytest.mark.parametrize("folder", [".", "tests"])
def test_a_script_in_the_root(project: Path, folder: str) -> None:
    (project / "train.py").write_text("import trainer\n" + DRIFTING)
    (project / "pytest.ini").write_text("[pytest]\npythonpath = src\n")
    (project / "src").mkdir()
    (project / "src" / "trainer.py").write_text("")
    code, out = run(project, TEST.replace("    report.assert_in_sync()\n", ""), folder=folder)
    assert (code, "1 passed" in out) == (0, True)


@pytest.mark.slow
def test_several_processes_of_tests(project: Path) -> None:
    if find_spec("xdist") is None:
        pytest.skip("pytest-xdist is not installed")
    (project / "train.py").write_text(DRIFTING)
    code, out = run(project, TEST.replace("    report.assert_in_sync()\n", ""), "-n", "2")
    assert (code, "1 passed" in out) == (0, True)


@pytest.mark.slow
def test_it_costs_nothing_and_can_be_left_out(project: Path) -> None:
    code, out = run(project, LIGHT)
    assert code == 0, out
    code, out = run(project, TEST, "-p", "no:varsync")
    assert code == 1
    assert "fixture 'varsync_simulate' not found" in out
