"""The records are what the installed TensorFlow does."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.skipif(
        importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"
    ),
]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the recorder in a process of its own: it forks, which a process with threads must not."""
    path = os.pathsep.join(each for each in sys.path if each)
    return subprocess.run(
        [sys.executable, "-m", "tests.runtime.programs", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )


def test_the_programs_do_what_is_recorded() -> None:
    done = command("--check")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


def test_generated_programs_do_what_is_recorded() -> None:
    done = command("--generated", "--check", "--seeds", "0:20")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


def test_a_program_prints_the_same_each_time() -> None:
    # nothing is recorded of these seeds, so each is compared with itself
    done = command("--generated", "--check", "--seeds", "100000:100010", "--replicas", "4")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
