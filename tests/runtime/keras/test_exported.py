"""A Keras model that is exported as a SavedModel serves what it serves on TensorFlow.

python -m tests.runtime.keras.test_exported     # records it on TensorFlow
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.recording import on_tensorflow

SCRIPT = Path(__file__).with_name("exported.py")
RECORDED = Path(__file__).with_name("recorded") / "exported-3.15.txt"


@pytest.mark.slow
def test_it_shows_what_it_shows_on_tensorflow() -> None:
    command = [sys.executable, "-m", "varsync", "simulate", "-q", str(SCRIPT), "--exit-zero"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.stdout == RECORDED.read_text(encoding="utf-8"), done.stderr[-2000:]


@pytest.mark.tensorflow
def test_tensorflow_still_shows_it() -> None:
    pytest.importorskip("tensorflow")
    assert on_tensorflow(SCRIPT, devices=2) == RECORDED.read_text(encoding="utf-8")


if __name__ == "__main__":
    RECORDED.write_text(on_tensorflow(SCRIPT, devices=2), encoding="utf-8")
