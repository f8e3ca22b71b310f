"""The example really goes wrong on TensorFlow in the ways that lint says."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.skipif(
        importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"
    ),
]

EXAMPLES = Path(__file__).parent.parent / "examples"
README = EXAMPLES.parent / "README.md"


def test_it_goes_wrong_as_the_readme_says() -> None:
    """TensorFlow prints what the README shows of the simulation."""
    ran = subprocess.run(
        [sys.executable, "train.py"], cwd=EXAMPLES, capture_output=True, text=True, check=True
    )
    assert f"```text\n{ran.stdout}examples/train.py: " in README.read_text(encoding="utf-8")
    lines = ran.stdout.splitlines()
    assert lines[:2] == ["batches: 20 of 10", "examples: 160 of 320"]
    for name in ("mean", "weights"):
        first, second = (line for line in lines if line.startswith(f"{name}: "))
        assert first != second
