"""The stand-in shows what was recorded from TensorFlow; TensorFlow still shows it too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from varsync_runtime import standin
from varsync_runtime.tensors.exports import registry

from tests.runtime.train.cases import GROUPS, WITH_VARIABLES, play
from tests.runtime.train.record import FILE

RECORDED: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture
def tf() -> Iterator[Any]:
    standin.install()
    import tensorflow

    yield tensorflow
    standin.uninstall()


@pytest.mark.parametrize("group", GROUPS)
def test_the_stand_in_shows_what_tensorflow_shows(group: str, tf: Any, tmp_path: Path) -> None:
    if group in WITH_VARIABLES and "tf.Variable" not in registry():
        pytest.skip("there are no variables without varsync_runtime.distribute")
    assert play(tf, group, str(tmp_path)) == RECORDED[group]


@pytest.mark.tensorflow
@pytest.mark.parametrize("group", GROUPS)
def test_tensorflow_still_shows_it(group: str, tmp_path: Path) -> None:
    tensorflow = pytest.importorskip("tensorflow")
    assert play(tensorflow, group, str(tmp_path)) == RECORDED[group]
