"""What was recorded is what TensorFlow gives now, and the public names are TensorFlow's."""

from __future__ import annotations

import contextlib
import importlib
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
    missing = [name for name in sorted(names) if _place(tf, name) is None]
    assert missing == ["tf.newaxis"]


def _place(tf: Any, name: str) -> Any:
    """What TensorFlow has under a name: an attribute, or one of a module that has to be imported."""
    place: Any = tf
    for part in name.split(".")[1:]:
        place = getattr(place, part, None)
    if place is None:
        module, _, last = name.replace("tf.", "tensorflow.", 1).rpartition(".")
        with contextlib.suppress(ImportError):
            place = getattr(importlib.import_module(module), last, None)
    return place
