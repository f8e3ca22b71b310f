"""The recording is what TensorFlow draws, also for programs from another seed."""

from __future__ import annotations

import os

import numpy as np
import pytest

from tests.runtime.random_streams.record import close, load, on_tensorflow, played

pytestmark = pytest.mark.tensorflow


def test_the_recording_stands() -> None:
    pytest.importorskip("tensorflow")
    recorded = load()
    for name, wanted in on_tensorflow().items():
        np.testing.assert_array_equal(recorded[name], wanted)


def test_other_programs() -> None:
    pytest.importorskip("tensorflow")
    pytest.importorskip("autograd")
    from tests.runtime.random_streams.stage import function, tf

    seed = int(os.environ.get("VARSYNC_SEED", "20"))
    ours = played(tf, function, seed)
    for name, wanted in on_tensorflow(seed).items():
        close(name, ours[name], wanted)
