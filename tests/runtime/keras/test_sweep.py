"""What Keras gives on the stand-in, against what it gave on TensorFlow; docs/keras.md lists the rest.

python -m tests.runtime.keras.recorded    records it anew
python -m tests.runtime.keras.refused     lists anew what is not modelled
"""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.keras import refused
from tests.runtime.keras.cases import cases
from tests.runtime.keras.recorded import (
    NEWEST,
    Arrays,
    by_case,
    difference,
    file_of,
    installed,
    of_version,
    played,
)

NAMES = [name for name, _ in cases()]
SOME = random.Random(5).sample(NAMES, 40)


@pytest.fixture
def expected() -> Arrays:
    """What was recorded with the Keras that is installed."""
    if not file_of(installed()).exists():
        pytest.skip(f"nothing is recorded for Keras {installed()}")
    return of_version(installed())


def differences(expected: Arrays, seen: Arrays) -> dict[str, str]:
    """What is wrong, by case. What says that it is not modelled is not wrong."""
    found = {
        name: difference(expected[name], case)
        for name, case in seen.items()
        if not refused.refusal(case)
    }
    return {name: text for name, text in found.items() if text}


def test_some_cases_give_what_they_gave_on_tensorflow(tmp_path: Path, expected: Arrays) -> None:
    seen = played(tmp_path, *SOME)
    assert set(seen) == set(SOME)
    assert differences(expected, seen) == {}


@pytest.mark.slow
def test_all_cases_give_what_they_gave_on_tensorflow(tmp_path: Path, expected: Arrays) -> None:
    seen = played(tmp_path)
    assert set(seen) == set(NAMES)
    assert differences(expected, seen) == {}
    # each error names what is not modelled, and the line
    lacking = {
        name: what for name, what in refused.refused(seen).items() if "error" not in expected[name]
    }
    page = refused.PAGE.read_text(encoding="utf-8")
    assert [what for what in lacking.values() if what not in page] == []
    if installed() == NEWEST:
        same = refused.rows(lacking) == refused.listed()
        assert same, "write it anew: python -m tests.runtime.keras.refused"


def test_everything_is_recorded() -> None:
    assert set(by_case(file_of(NEWEST))) == set(NAMES)
    assert len(NAMES) > 700


@pytest.mark.tensorflow
@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"
)
def test_tensorflow_still_gives_what_was_recorded(tmp_path: Path, expected: Arrays) -> None:
    out = tmp_path / "recorded.npz"
    names = random.Random(random.SystemRandom().random()).sample(NAMES, 20)
    command = [sys.executable, "-m", "tests.runtime.keras.play", str(out), *names]
    subprocess.run(command, check=True, timeout=900)
    assert differences(expected, by_case(out)) == {}
