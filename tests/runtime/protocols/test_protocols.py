"""Python's own protocols on our objects come to what they come to on TensorFlow's."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import subprocess
import sys

import pytest

from tests.runtime.protocols.record import FILE, SCRIPT, on_tensorflow

RECORDED: dict[str, object] = json.loads(FILE.read_text(encoding="utf-8"))
# Symbolic tensors have `__float__`, `__int__` and `__index__` here, since AutoGraph sees these calls in
# the user's source alone; and the words of a graph that TensorFlow would not build are shortened
APART = {
    f"vector/symbolic/{name}"
    for name in ("complex", "hasattr", "listidx", "math", "eq_str", "matmul")
}
PROBES = sorted({key.rpartition("/")[2] for key in RECORDED})


def simulated() -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "varsync", "simulate", str(SCRIPT), "-n", "2", "--exit-zero"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.stdout, done.stderr[:3000]
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def seen() -> dict[str, object]:
    return simulated()


def test_all_of_them_are_played(seen: dict[str, object]) -> None:
    assert seen.keys() == RECORDED.keys() and len(PROBES) > 110


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_gives_what_it_gives_on_tensorflow(probe: str, seen: dict[str, object]) -> None:
    keys = [key for key in RECORDED if key.endswith(f"/{probe}") and key not in APART]
    assert {key: seen[key] for key in keys} == {key: RECORDED[key] for key in keys}


def test_what_is_known_to_be_apart_still_is(seen: dict[str, object]) -> None:
    assert {key for key in RECORDED if seen[key] != RECORDED[key]} <= APART
    for key in APART:
        assert str(seen[key]).partition(":")[0] == str(RECORDED[key]).partition(":")[0] or (
            key == "vector/symbolic/hasattr"
        )


@pytest.mark.tensorflow
@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"
)
def test_tensorflow_still_gives_it() -> None:
    # the seed is in the message of a failure
    seed = random.SystemRandom().randrange(10**9)
    live = on_tensorflow(random.Random(seed).sample(PROBES, 30))
    assert (seed, live) == (seed, {key: RECORDED[key] for key in live})
