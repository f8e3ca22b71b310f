"""SavedModels: a script shows what it shows on TensorFlow; what is not modelled is refused."""

from __future__ import annotations

import contextlib
import io
import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from varsync_runtime.replicas.world import World
from varsync_runtime.tensors import errors
from varsync_runtime.train.saved_model import files

from tests.runtime.ranks import run_ranks
from tests.runtime.recording import on_tensorflow
from tests.runtime.referee import standing_in
from tests.runtime.train.record import FILE, REPLICAS, SAVED_MODELS

RECORDED: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("replicas", REPLICAS)
def test_a_script_shows_what_it_shows_on_tensorflow(
    replicas: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VARSYNC_DEVICES", str(replicas))

    def function(world: World) -> list[str]:
        printed = io.StringIO()
        with standing_in(), contextlib.redirect_stdout(printed):
            runpy.run_path(str(SAVED_MODELS))
        return printed.getvalue().splitlines()

    wanted = RECORDED[f"saved models, {replicas} replicas"]
    for printed in run_ranks(1, function):
        assert printed == wanted


@pytest.mark.tensorflow
@pytest.mark.parametrize("replicas", REPLICAS)
def test_tensorflow_still_shows_it(replicas: int, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    printed = on_tensorflow(SAVED_MODELS, devices=replicas, folder=tmp_path)
    assert printed.splitlines() == RECORDED[f"saved models, {replicas} replicas"]


def in_rank(function: Any) -> Any:
    """What the function gives for the stand-in, in a process of its own."""

    def run(world: World) -> Any:
        with standing_in():
            import tensorflow as tf

            return function(tf)

    return run_ranks(1, run)[0]


def saved(folder: Path) -> Any:
    def save(tf: Any) -> None:
        module = tf.Module()
        module.v = tf.Variable([1.0, 2.0], name="v")
        module.f = tf.function(lambda: module.v + 1.0, input_signature=[])
        tf.saved_model.save(module, str(folder))

    return in_rank(save)


@pytest.mark.slow
def test_another_run_has_the_variables_and_refuses_the_functions(tmp_path: Path) -> None:
    saved(tmp_path)

    def load(tf: Any) -> Any:
        loaded = tf.saved_model.load(str(tmp_path))
        refused = []
        for function in (loaded.f, loaded.signatures["serving_default"]):
            with pytest.raises(NotImplementedError) as error:
                function()
            refused.append(str(error.value))
        return loaded.v.numpy().tolist(), refused

    values, refused = in_rank(load)
    assert values == [1.0, 2.0]
    words = (
        f"calling a function of a SavedModel that another run saved: {tmp_path} has its variables"
    )
    assert [words in one for one in refused] == [True, True]


def test_a_model_of_tensorflow_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01\x12\xff")
    with pytest.raises(errors.NotModelled, match=f"wrote: {tmp_path} is in another format"):
        files.read(str(tmp_path))


@pytest.mark.slow
def test_a_file_that_was_cut_off_is_damaged(tmp_path: Path) -> None:
    saved(tmp_path)
    file = tmp_path / "saved_model.pb"
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(errors.DataLossError, match="is damaged"):
        files.read(str(tmp_path))


@pytest.mark.slow
def test_functions_that_keep_all_copies_are_refused() -> None:
    def save(tf: Any) -> str:
        with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
            module = tf.Module()
            module.v = tf.Variable(1.0)
        module.f = tf.function(lambda: module.v + 1.0, input_signature=[])
        policy = tf.saved_model.experimental.VariablePolicy.EXPAND_DISTRIBUTED_VARIABLES
        options = tf.saved_model.SaveOptions(experimental_variable_policy=policy)
        with pytest.raises(NotImplementedError) as error:
            tf.saved_model.save(module, "never", options=options)
        return str(error.value)

    assert "VariablePolicy.EXPAND_DISTRIBUTED_VARIABLES" in in_rank(save)
