"""The recorded programs give on TensorFlow what they gave."""

from __future__ import annotations

import pytest

from tests.runtime.ops.compare import differences
from tests.runtime.tensors.programs import PROGRAMS
from tests.runtime.tensors.record import load, tried

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_with_a_tape(name: str) -> None:
    import tensorflow as tf

    got = tried(tf, lambda: PROGRAMS[name](tf, tf.Variable))
    assert differences(load()["programs"][name], got) == []
