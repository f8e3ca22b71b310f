"""What is added and multiplied in TensorFlow's order equals TensorFlow's result to the bit."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest
import varsync_runtime.function.library  # noqa: F401  (exports)

from tests.runtime.ops.bits import Case, cases, load
from tests.runtime.ops.namespace import stand_in

CASES = tuple(cases())


def test_every_case_is_recorded() -> None:
    assert [case.name for case in CASES] == list(load())


def test_every_case_equals_tensorflow_to_the_bit() -> None:
    assert _wrong(stand_in(), CASES) == []


@pytest.mark.tensorflow
def test_tensorflow_still_gives_what_was_recorded() -> None:
    import tensorflow as tf

    assert _wrong(tf, random.Random(5).sample(CASES, 200)) == []


def _wrong(tf: Any, chosen: Iterable[Case]) -> list[str]:
    recorded = load()
    return [case.name for case in chosen if case.play(tf) != recorded[case.name]]
