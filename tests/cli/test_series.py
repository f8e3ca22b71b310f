"""What the report of a run has of the numbers that host code got, step by step."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import varsync

from .simulations import MIRRORED, simulate

LOOP = (
    MIRRORED
    + """
@tf.function
def train(x):
    def step(x):
        return tf.reduce_sum(x) * float(replica() + 1)

    return strategy.reduce("SUM", strategy.run(step, args=(x,)), axis=None)

seen = 0.0
for x in strategy.experimental_distribute_dataset(
    tf.data.Dataset.from_tensor_slices([1.0, 2.0, 3.0, 4.0]).batch(2)
):
    loss = train(x)
    print(loss.numpy(), v.read_value().shape)
    seen += loss
print(f"mean {seen / 2}, {tf.constant(3)}")
"""
)
FIT = """
import keras
import tensorflow as tf
with tf.distribute.MirroredStrategy().scope():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
model.fit(tf.ones([8, 1]), tf.zeros([8, 1]), batch_size=4, epochs=2, verbose=0)
"""


def series(tmp_path: Path, script: str) -> list[Any]:
    (tmp_path / "train.py").write_text(script)
    run = varsync.simulate("train.py", replicas=2, folder=tmp_path)
    assert run.status == "finished", run.errors
    assert run.document["not_modelled"] == []
    return [
        (one["what"], one["name"], one["location"]["row"], one["steps"], one["values"])
        for one in run.document["series"]
    ]


def test_what_is_reduced_and_fetched(tmp_path: Path) -> None:
    assert series(tmp_path, LOOP) == [
        ("reduce", None, 16, [1, 2], [5.0, 11.0]),
        ("fetch", None, 25, [2], [8.0]),
    ]


@pytest.mark.slow
def test_what_keras_logs(tmp_path: Path) -> None:
    if find_spec("keras") is None:
        pytest.skip("Keras is not installed")
    assert series(tmp_path, FIT) == [("log", "loss", 7, [1, 2, 3, 4], [1.0] * 4)]


def test_the_values_in_a_file(tmp_path: Path) -> None:
    script = MIRRORED.replace("0.0, name", "tf.range(250_001.0), name") + "v.assign_add(v)\n"
    done = simulate(tmp_path, script, "-q", "--values", "values.npz", files=("values.npz",))
    assert done.code == 0, done
    with np.load(tmp_path / "values.npz") as arrays:
        assert sorted(arrays.files) == ["0/final/0/3", "0/initial/0/3"]
        assert arrays["0/initial/0/3"].tolist() == list(range(0, 250_001, 3))
        assert arrays["0/final/0/3"][1] == 6
