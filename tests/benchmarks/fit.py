"""Small models in `fit`, as `keras_speed` runs it: fit.py mlp|conv|lstm REPLICAS STEPS EPOCHS."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import tensorflow as tf
from keras import Input, Sequential, callbacks, layers, losses, utils

BATCH = 32
FORMS = {"mlp": (32,), "conv": (28, 28, 1), "lstm": (20, 8)}


def built(kind: str) -> Any:
    """The model of that name, compiled."""
    bodies = {
        "mlp": lambda: [layers.Dense(64, activation="relu"), layers.Dense(64, activation="relu")],
        "conv": lambda: [
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
        ],
        "lstm": lambda: [layers.LSTM(32)],
    }
    model = Sequential([Input(FORMS[kind]), *bodies[kind](), layers.Dense(10)])
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


class Clock(callbacks.Callback):  # type: ignore[misc]
    """Says how long a step of the last epoch took, if it is not the first."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.begun = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if 0 < epoch == self.params["epochs"] - 1:
            seconds = time.perf_counter() - self.begun
            print(f"# {1000 * seconds / self.params['steps']:.3f} ms a step")


kind, (replicas, steps, epochs) = sys.argv[1], map(int, sys.argv[2:])
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(
    cpu, [tf.config.LogicalDeviceConfiguration() for _ in range(replicas)]
)
strategy = tf.distribute.MirroredStrategy([f"CPU:{number}" for number in range(replicas)])
utils.set_random_seed(1)
numbers = np.random.RandomState(0)
features = numbers.normal(size=(BATCH * steps, *FORMS[kind])).astype(np.float32)
labels = numbers.randint(0, 10, size=BATCH * steps)
with strategy.scope():
    model = built(kind)
history = model.fit(
    features, labels, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[Clock()]
)
for name, values in history.history.items():
    print(name, *(f"{value:.5f}" for value in values))
