"""Layers and ops inside a layer of the user, where the batch size is not known, give TensorFlow's shapes.

python -m tests.runtime.keras.test_inside     # records them on TensorFlow
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.recording import on_tensorflow

SCRIPT = Path(__file__).with_name("inside.py")
RECORDED = Path(__file__).with_name("recorded") / "inside-3.15.txt"


@pytest.mark.slow
def test_shapes_are_those_of_tensorflow() -> None:
    command = [sys.executable, "-m", "varsync", "simulate", "-q", str(SCRIPT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.stdout == RECORDED.read_text(encoding="utf-8"), done.stderr[-2000:]


@pytest.mark.tensorflow
def test_tensorflow_still_gives_them() -> None:
    pytest.importorskip("tensorflow")
    assert on_tensorflow(SCRIPT, devices=2) == RECORDED.read_text(encoding="utf-8")


if __name__ == "__main__":
    RECORDED.write_text(on_tensorflow(SCRIPT, devices=2), encoding="utf-8")
