"""The stand-in says what TensorFlow said."""

from __future__ import annotations

import random

import pytest

from tests.runtime.referee import PARTS, cases, play, recorded, standing_in

NAMES = [(part, name) for part in PARTS for name in cases(part)]


@pytest.mark.parametrize(("part", "name"), NAMES)
def test_the_stand_in_says_the_same(part: str, name: str) -> None:
    with standing_in() as tf:
        said = play(cases(part)[name], tf)
    assert said == recorded(part)[name]


@pytest.mark.parametrize("part", PARTS)
def test_every_record_has_its_case(part: str) -> None:
    assert set(recorded(part)) == set(cases(part))


@pytest.mark.tensorflow
def test_tensorflow_still_says_so() -> None:
    import tensorflow as tf

    for part, name in random.Random(20).sample(NAMES, 12):
        assert play(cases(part)[name], tf) == recorded(part)[name], name
