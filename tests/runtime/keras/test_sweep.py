"""Keras's layers, losses, metrics, optimizers and initializers on the stand-in, against TensorFlow.

python -m tests.runtime.keras.play tests/runtime/keras/recorded/keras-3.15.npz    records them anew
"""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.runtime.keras.cases import cases

RECORDED = Path(__file__).with_name("recorded") / "keras-3.15.npz"
PLAY = Path(__file__).with_name("play.py")
NAMES = [name for name, _ in cases()]
SOME = random.Random(5).sample(NAMES, 25)
CLOSE = 5e-6  # of 1 + |value|

Arrays = dict[str, dict[str, np.ndarray]]


def by_case(file: Path) -> Arrays:
    found: Arrays = defaultdict(dict)
    with np.load(file) as arrays:
        for key in arrays.files:
            name, _, number = key.rpartition("/")
            found[name][number] = arrays[key]
    return found


def played(folder: Path, *names: str) -> Arrays:
    out = folder / "played.npz"
    command = [sys.executable, "-m", "varsync", "simulate", "-q", str(PLAY), "--", str(out), *names]
    subprocess.run(command, check=True, timeout=900)
    return by_case(out)


def difference(recorded: Mapping[str, np.ndarray], seen: Mapping[str, np.ndarray]) -> str:
    """What is wrong with a case; empty if nothing is."""
    if "error" in seen or recorded.keys() != seen.keys():
        return str(seen.get("error", f"{len(seen)} arrays instead of {len(recorded)}"))
    for number, expected in recorded.items():
        got = seen[number]
        if (expected.dtype, expected.shape) != (got.dtype, got.shape):
            return f"{number}: {got.dtype}{got.shape}, not {expected.dtype}{expected.shape}"
        if expected.dtype.kind == "f":
            apart = np.abs(expected - got) / (1 + np.abs(expected))
            if not (apart <= CLOSE).all():
                return f"{number}: {float(np.max(apart)):.2g} apart"
        elif not np.array_equal(expected, got):
            return f"{number}: {got}, not {expected}"
    return ""


def differences(names: list[str], folder: Path) -> dict[str, str]:
    recorded, seen = by_case(RECORDED), played(folder, *names)
    found = {name: difference(recorded[name], seen[name]) for name in names or NAMES}
    return {name: text for name, text in found.items() if text}


def test_some_cases_give_what_they_gave_on_tensorflow(tmp_path: Path) -> None:
    assert differences(SOME, tmp_path) == {}


@pytest.mark.slow
def test_all_cases_give_what_they_gave_on_tensorflow(tmp_path: Path) -> None:
    assert differences([], tmp_path) == {}


def test_everything_is_recorded() -> None:
    assert set(by_case(RECORDED)) == set(NAMES)


@pytest.mark.tensorflow
@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"
)
def test_tensorflow_still_gives_what_was_recorded(tmp_path: Path) -> None:
    out = tmp_path / "recorded.npz"
    names = random.Random(random.SystemRandom().random()).sample(NAMES, 20)
    command = [sys.executable, "-m", "tests.runtime.keras.play", str(out), *names]
    subprocess.run(command, check=True, timeout=900)
    recorded, seen = by_case(RECORDED), by_case(out)
    found = {name: difference(recorded[name], seen[name]) for name in names}
    assert {name: text for name, text in found.items() if text} == {}
