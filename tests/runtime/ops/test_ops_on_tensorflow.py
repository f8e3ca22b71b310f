"""What was recorded is what TensorFlow gives now, and the public names are TensorFlow's."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.ops.compare import differences
from tests.runtime.ops.record import load, on_tensorflow
from tests.runtime.ops.table import all_cases

pytestmark = pytest.mark.tensorflow

RUNTIME = Path(__file__).parents[3] / "runtime" / "varsync_runtime"
NAME = re.compile(r'"(tf(?:\.\w+)+)"')


def test_tensorflow_still_gives_what_was_recorded() -> None:
    recorded = load()
    sample = random.Random(20).sample(all_cases(), 120)
    found = on_tensorflow(sample)
    wrong: dict[str, Any] = {}
    for case in sample:
        lines = differences(recorded[case.name], found[case.name])
        if lines:
            wrong[case.name] = lines
    assert wrong == {}


def test_every_public_name_is_one_of_tensorflow() -> None:
    import tensorflow as tf

    files = [*(RUNTIME / "tensors").glob("*.py"), *(RUNTIME / "ops").rglob("*.py")]
    names = {name for file in files for name in NAME.findall(file.read_text(encoding="utf-8"))}
    assert len(names) > 300
    missing = []
    for name in sorted(names):
        place: Any = tf
        for part in name.split(".")[1:]:
            place = getattr(place, part, None)
        if place is None and name != "tf.newaxis":
            missing.append(name)
    assert missing == []
