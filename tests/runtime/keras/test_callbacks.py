"""Callbacks of Keras on several replicas, those that TensorFlow itself runs with TensorBoard alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.programs import simulated

SCRIPT = """
import os
import tempfile

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    model = tf.keras.Sequential(
        [
            tf.keras.Input((6, 6, 1)),
            tf.keras.layers.Conv2D(2, 3),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(1),
        ]
    )
    model.compile("adam", "mse", metrics=["mae"])
folder = tempfile.mkdtemp()
callbacks = [
    tf.keras.callbacks.TensorBoard(
        os.path.join(folder, "logs"),
        histogram_freq=1,
        write_images=True,
        write_steps_per_second=True,
        update_freq="batch",
        profile_batch=(1, 2),
    ),
    tf.keras.callbacks.BackupAndRestore(os.path.join(folder, "backup")),
    tf.keras.callbacks.ReduceLROnPlateau("loss", patience=1),
    tf.keras.callbacks.TerminateOnNaN(),
    tf.keras.callbacks.ModelCheckpoint(
        os.path.join(folder, "best.keras"), save_best_only=True, monitor="loss"
    ),
    tf.keras.callbacks.EarlyStopping("loss", restore_best_weights=True),
    tf.keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, sorted(logs))),
]
x = np.random.RandomState(0).rand(16, 6, 6, 1).astype("float32")
model.fit(x, x.sum((1, 2)), epochs=2, batch_size=8, callbacks=callbacks, verbose=0)
print("best.keras" in os.listdir(folder))
"""
PRINTED = """\
0 ['learning_rate', 'loss', 'mae']
1 ['learning_rate', 'loss', 'mae']
True
"""


@pytest.mark.slow
def test_callbacks_run_on_two_replicas(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT, encoding="utf-8")
    run = simulated.simulate(script, 2)
    assert (run.status, run.stdout) == (simulated.CLEAN, PRINTED), run.stderr
    # nothing is written, and that is said
    assert "tf.summary.histogram" in run.stderr
