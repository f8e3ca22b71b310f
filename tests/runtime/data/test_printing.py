"""Strings, patterns of files, and variables among Python's and NumPy's values, as TensorFlow prints them.

python -m tests.runtime.data.test_printing records what the script prints on TensorFlow.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCRIPT = HERE / "printing.py"
RECORDED = HERE / "recorded-2.21-printing.txt"


def printed(folder: str | Path, *command: str) -> str:
    """What a command prints in a folder."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=100,
        check=False,
    )
    return done.stdout


def test_it_prints_what_it_prints_on_tensorflow(tmp_path: Path) -> None:
    out = printed(tmp_path, "-m", "varsync", "simulate", "-q", "-n", "1", str(SCRIPT))
    assert out.splitlines() == RECORDED.read_text(encoding="utf-8").splitlines()


@pytest.mark.tensorflow
def test_tensorflow_still_prints_it(tmp_path: Path) -> None:
    assert printed(tmp_path, str(SCRIPT)) == RECORDED.read_text(encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        RECORDED.write_text(printed(scratch, str(SCRIPT)), encoding="utf-8")
