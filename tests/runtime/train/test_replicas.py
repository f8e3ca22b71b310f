"""Checkpoints, averages and files under a strategy are as on TensorFlow, with each number of replicas."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.recording import on_tensorflow
from tests.runtime.train.record import FILE, REPLICAS, SCRIPT

RECORDED: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("replicas", REPLICAS)
def test_a_script_shows_what_it_shows_on_tensorflow(replicas: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "varsync", "simulate", str(SCRIPT), "--replicas", str(replicas)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.stdout.splitlines() == RECORDED[f"{replicas} replicas"], done.stderr[-2000:]


@pytest.mark.tensorflow
@pytest.mark.parametrize("replicas", REPLICAS)
def test_tensorflow_still_shows_it(replicas: int, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    printed = on_tensorflow(SCRIPT, devices=replicas, folder=tmp_path)
    assert printed.splitlines() == RECORDED[f"{replicas} replicas"]
