"""The recording is what TensorFlow draws, also for programs from another seed."""

from __future__ import annotations

import os

import numpy as np
import pytest

from tests.runtime.random_streams.record import load, on_tensorflow, played
from tests.runtime.random_streams.stage import function, tf
from tests.runtime.random_streams.test_random import close

pytestmark = pytest.mark.tensorflow


def test_the_recording_stands() -> None:
    pytest.importorskip("tensorflow")
    recorded = load()
    for name, wanted in on_tensorflow().items():
        np.testing.assert_array_equal(recorded[name], wanted)


def test_other_programs() -> None:
    pytest.importorskip("tensorflow")
    seed = int(os.environ.get("VARSYNC_SEED", "20"))
    ours = played(tf, function, seed)
    for name, wanted in on_tensorflow(seed).items():
        if not name.startswith("gamma"):
            close(ours[name], wanted)
