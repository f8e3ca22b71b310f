"""What is added and multiplied in TensorFlow's order equals TensorFlow's result to the bit."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.runtime.ops.bits import Case, cases, load
from tests.runtime.ops.namespace import stand_in


def test_every_case_equals_tensorflow_to_the_bit() -> None:
    recorded = load()
    tf = stand_in()
    wrong = [case.name for case in cases() if not _equal(case.play(tf), recorded.pop(case.name))]
    assert wrong == []
    assert list(recorded) == ["version"]


@pytest.mark.tensorflow
def test_tensorflow_still_gives_what_was_recorded() -> None:
    import tensorflow as tf

    recorded = load()
    sample: list[Case] = random.Random(5).sample(list(cases()), 120)
    assert [one.name for one in sample if not _equal(one.play(tf), recorded[one.name])] == []


def _equal(one: Any, other: Any) -> bool:
    return bool(one.shape == other.shape and one.tobytes() == other.tobytes())
