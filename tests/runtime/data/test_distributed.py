"""Datasets go to the replicas as TensorFlow's go: element by element, with uneven and empty batches.

python -m tests.runtime.data.test_distributed records what the script prints on TensorFlow.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCRIPT = HERE / "distributing.py"
REPLICAS = (1, 2, 3)


def recorded(replicas: int) -> Path:
    return HERE / f"recorded-2.21-distributed-{replicas}.txt"


def printed(*command: str) -> str:
    """What a command prints; TensorFlow's own warnings go elsewhere."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(
        [sys.executable, *command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=100,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("replicas", REPLICAS)
def test_the_parts_are_tensorflows(replicas: int) -> None:
    command = "import sys; from varsync.app import main; sys.exit(main())"
    out = printed("-c", command, "simulate", str(SCRIPT), "--", str(replicas))
    assert out == recorded(replicas).read_text(encoding="utf-8")


@pytest.mark.tensorflow
def test_tensorflow_still_does_so() -> None:
    assert printed(str(SCRIPT), "2") == recorded(2).read_text(encoding="utf-8")


if __name__ == "__main__":
    for number in REPLICAS:
        recorded(number).write_text(printed(str(SCRIPT), str(number)), encoding="utf-8")
