"""What the report says of scripts with Keras: names, lines, and what Keras exchanges inside."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BEGIN = """\
import keras
import numpy as np
import tensorflow as tf
from keras import layers

strategy = tf.distribute.MirroredStrategy(["GPU:0", "GPU:1"])
x = np.repeat([[1.0], [2.0]] * 4, 2, axis=0).astype("float32")
y = np.array([0, 1] * 8)
"""

SEQUENTIAL = """
with strategy.scope():
    model = keras.Sequential([
        layers.BatchNormalization(),  # plain
        layers.Dense(3),  # dense
        layers.Dropout(0.5),  # dropout
        layers.BatchNormalization(synchronized=True),  # synchronized
        layers.Dense(2),  # out
    ])
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9)  # optimizer
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])  # compile
model.fit(x, y, batch_size=4, epochs=1, shuffle=False, verbose=0)  # fit
model.evaluate(x, y, batch_size=8, verbose=0)  # evaluate
model.predict(x, batch_size=8, verbose=0)
"""

SUBCLASSED = """
class Block(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.dense = layers.Dense(units)  # dense
        self.calls = tf.Variable(0.0, trainable=False)  # calls

    def build(self, shape):
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")  # scale

    def call(self, x):
        return self.dense(x) * self.scale + self.calls

class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.blocks = [Block(2), Block(2)]
        self.tracker = keras.metrics.Mean(name="tracked")  # tracker

    def call(self, x):
        for block in self.blocks:
            x = block(x)
        self.tracker.update_state(x)  # update
        return x

with strategy.scope():
    net = Net()
    net.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))  # compile
net.fit(x, y, batch_size=8, epochs=1, shuffle=False, verbose=0)  # fit
"""

LOOP = """
def make():
    return keras.Sequential([keras.Input((1,)), layers.Dense(2, name="only")])  # make

with strategy.scope():
    models = [make() for _ in range(3)]
    plain = keras.optimizers.SGD(0.1)  # plain
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.1))  # scaled
    first, second = keras.metrics.Mean(), keras.metrics.Mean()  # metrics
    plain.build(models[0].trainable_variables)
    scaled.build(models[1].trainable_variables)

def step(model, optimizer, metric):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model(tf.ones([2, 1])) ** 2)
        loss = optimizer.scale_loss(loss)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)  # apply
    metric.update_state(loss)  # update

for _ in range(3):
    strategy.run(step, args=(models[0], plain, first))
    strategy.run(step, args=(models[1], scaled, second))
print(first.result())  # result
"""


@dataclass(frozen=True)
class Row:
    """A row of the ledger: at the marked line, of these variables, by this object, so often."""

    line: str
    cause: str
    by: str
    of: tuple[str, ...]
    times: int
    bytes_each: int


@dataclass(frozen=True)
class Case:
    """A script, its variables with the lines where they were made, what is exchanged and seen."""

    script: str
    variables: dict[str, str]
    ledger: set[Row]
    observations: set[tuple[str, str, str]]


CASES = {
    "sequential": Case(
        SEQUENTIAL,
        {
            "seed_generator/seed_generator_state": "dropout",
            "sgd/iteration": "optimizer",
            "sgd/learning_rate": "optimizer",
            "loss/total": "compile",
            "loss/count": "compile",
            "sequential/batch_normalization/gamma": "plain",
            "sequential/batch_normalization/beta": "plain",
            "sequential/batch_normalization/moving_mean": "plain",
            "sequential/batch_normalization/moving_variance": "plain",
            "sequential/dense/kernel": "dense",
            "sequential/dense/bias": "dense",
            "sequential/batch_normalization_1/gamma": "synchronized",
            "sequential/batch_normalization_1/beta": "synchronized",
            "sequential/batch_normalization_1/moving_mean": "synchronized",
            "sequential/batch_normalization_1/moving_variance": "synchronized",
            "sequential/dense_1/kernel": "out",
            "sequential/dense_1/bias": "out",
            "accuracy/total": "fit",
            "accuracy/count": "fit",
            "sgd/sequential_batch_normalization_gamma_momentum": "optimizer",
            "sgd/sequential_batch_normalization_beta_momentum": "optimizer",
            "sgd/sequential_dense_kernel_momentum": "optimizer",
            "sgd/sequential_dense_bias_momentum": "optimizer",
            "sgd/sequential_batch_normalization_1_gamma_momentum": "optimizer",
            "sgd/sequential_batch_normalization_1_beta_momentum": "optimizer",
            "sgd/sequential_dense_1_kernel_momentum": "optimizer",
            "sgd/sequential_dense_1_bias_momentum": "optimizer",
        },
        {
            Row("fit", "all_reduce", "sequential/batch_normalization_1", (), 20, 12),
            Row(
                "fit",
                "all_reduce",
                "sgd",
                (
                    "sequential/batch_normalization/gamma",
                    "sequential/batch_normalization/beta",
                    "sequential/dense/kernel",
                    "sequential/dense/bias",
                    "sequential/batch_normalization_1/gamma",
                    "sequential/batch_normalization_1/beta",
                    "sequential/dense_1/kernel",
                    "sequential/dense_1/bias",
                ),
                4,
                88,
            ),
            Row("fit", "update", "sgd", ("sgd/iteration",), 4, 8),
            Row("evaluate", "reduce", "sequential", (), 2, 24),
            Row("fit", "read", "loss", ("loss/total", "loss/count"), 2, 8),
            Row("fit", "reduce", "sequential", (), 2, 12),
            Row("fit", "read", "accuracy", ("accuracy/total", "accuracy/count"), 2, 8),
            Row("evaluate", "read", "loss", ("loss/total", "loss/count"), 2, 8),
            Row("evaluate", "read", "accuracy", ("accuracy/total", "accuracy/count"), 2, 8),
        },
        {
            ("VS213", "fit", "sequential/batch_normalization/moving_mean"),
        },
    ),
    "subclassed": Case(
        SUBCLASSED,
        {
            "net.blocks[0].calls": "calls",
            "net.blocks[1].calls": "calls",
            "tracked/total": "tracker",
            "tracked/count": "tracker",
            "adam/iteration": "compile",
            "adam/learning_rate": "compile",
            "loss/total": "compile",
            "loss/count": "compile",
            "net/block/scale": "scale",
            "net/block/dense/kernel": "dense",
            "net/block/dense/bias": "dense",
            "net/block_1/scale": "scale",
            "net/block_1/dense_1/kernel": "dense",
            "net/block_1/dense_1/bias": "dense",
            "adam/net_block_scale_momentum": "compile",
            "adam/net_block_scale_velocity": "compile",
            "adam/net_block_dense_kernel_momentum": "compile",
            "adam/net_block_dense_kernel_velocity": "compile",
            "adam/net_block_dense_bias_momentum": "compile",
            "adam/net_block_dense_bias_velocity": "compile",
            "adam/net_block_1_scale_momentum": "compile",
            "adam/net_block_1_scale_velocity": "compile",
            "adam/net_block_1_dense_1_kernel_momentum": "compile",
            "adam/net_block_1_dense_1_kernel_velocity": "compile",
            "adam/net_block_1_dense_1_bias_momentum": "compile",
            "adam/net_block_1_dense_1_bias_velocity": "compile",
        },
        {
            Row(
                "fit",
                "all_reduce",
                "adam",
                (
                    "net/block/scale",
                    "net/block/dense/kernel",
                    "net/block/dense/bias",
                    "net/block_1/scale",
                    "net/block_1/dense_1/kernel",
                    "net/block_1/dense_1/bias",
                ),
                2,
                48,
            ),
            Row("fit", "reduce", "net", (), 2, 24),
            Row("fit", "read", "loss", ("loss/total", "loss/count"), 2, 8),
            Row("fit", "read", "tracked", ("tracked/total", "tracked/count"), 2, 8),
            Row("fit", "update", "adam", ("adam/iteration",), 2, 8),
        },
        set(),
    ),
    "loop": Case(
        LOOP,
        {
            "sequential/only/kernel": "make",
            "sequential/only/bias": "make",
            "sequential_1/only/kernel": "make",
            "sequential_1/only/bias": "make",
            "sequential_2/only/kernel": "make",
            "sequential_2/only/bias": "make",
            "sgd/iteration": "plain",
            "sgd/learning_rate": "plain",
            "adam/iteration": "scaled",
            "adam/learning_rate": "scaled",
            "loss_scale_optimizer/iteration": "scaled",
            "loss_scale_optimizer/learning_rate": "scaled",
            "mean/total (first)": "metrics",
            "mean/count (first)": "metrics",
            "mean/total (second)": "metrics",
            "mean/count (second)": "metrics",
            "loss_scale_optimizer/step_counter": "scaled",
            "loss_scale_optimizer/dynamic_scale": "scaled",
            "adam/sequential_1_only_kernel_momentum": "scaled",
            "adam/sequential_1_only_kernel_velocity": "scaled",
            "adam/sequential_1_only_bias_momentum": "scaled",
            "adam/sequential_1_only_bias_velocity": "scaled",
        },
        {
            Row(
                "apply",
                "all_reduce",
                "sgd",
                ("sequential/only/kernel", "sequential/only/bias"),
                3,
                16,
            ),
            Row(
                "apply",
                "all_reduce",
                "adam",
                ("sequential_1/only/kernel", "sequential_1/only/bias"),
                3,
                16,
            ),
            Row("apply", "update", "sgd", ("sgd/iteration",), 3, 8),
            Row("apply", "update", "adam", ("adam/iteration",), 3, 8),
            Row("result", "read", "mean", ("mean/total (first)", "mean/count (first)"), 1, 8),
        },
        set(),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", list(CASES.values()), ids=list(CASES))
def test_the_report_speaks_of_what_a_user_of_keras_knows(case: Case, tmp_path: Path) -> None:
    document, marks = simulated(case.script, tmp_path)

    def mark(location: dict[str, Any]) -> str:
        assert Path(location["filename"]).name == "train.py"
        return marks.get(location["row"], f"line {location['row']}")

    made = {row["label"]: mark(row["location"]) for row in document["variables"]}
    ledger = {
        Row(
            mark(row["location"]),
            row["cause"],
            row["by"] or "",
            tuple(row["variables"]),
            row["times"],
            row["bytes_of_a_replica"] // row["times"],
        )
        for row in document["ledger"]
    }
    seen = {
        (one["code"], mark(one["location"]), one["variable"]) for one in document["observations"]
    }
    assert made == case.variables
    assert ledger == case.ledger
    assert seen == case.observations


def simulated(script: str, folder: Path) -> tuple[dict[str, Any], dict[int, str]]:
    """The report of a script, and the marks on its lines."""
    text = BEGIN + script
    (folder / "train.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "varsync", "simulate", "train.py", "--format", "json"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=200
    )
    document: dict[str, Any] = json.loads(done.stderr)
    assert document["outcome"]["status"] == "finished"
    lines = enumerate(text.splitlines(), 1)
    return document, {row: line.split("  # ")[1] for row, line in lines if "  # " in line}
