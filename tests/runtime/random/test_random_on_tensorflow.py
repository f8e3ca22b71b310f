"""The recording is what TensorFlow draws, also for programs from another seed."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.runtime.random import replicas
from tests.runtime.random.draws import draws
from tests.runtime.random.record import close, drawn, load
from tests.runtime.referee import standing_in

pytestmark = pytest.mark.tensorflow


def compare() -> None:
    """Raises if TensorFlow draws something else than what was recorded."""
    import tensorflow as tf

    recorded = load()
    for name, wanted in {**replicas.drawn(tf), **drawn(tf)}.items():
        np.testing.assert_array_equal(recorded[name], wanted)


def test_the_recording_stands() -> None:
    pytest.importorskip("tensorflow")
    # its devices are set before TensorFlow starts, which another test may have done here
    program = f"from {__name__} import compare; compare()"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_other_programs() -> None:
    tf = pytest.importorskip("tensorflow")
    pytest.importorskip("autograd")
    seed = int(os.environ.get("VARSYNC_SEED", "20"))
    wanted = drawn(tf, seed)
    assert len(wanted) > len(draws())
    with standing_in() as ours:
        found = drawn(ours, seed)
    for name in wanted:
        close(name, found[name], wanted[name])
