"""Records what TensorFlow makes of scripts whose variables are written in each mode.

python -m tests.cli.record_variants, with TensorFlow; it writes variants-2.21.json beside itself.
`varsync compare --each-mode` has to come to the same.
"""

from __future__ import annotations

import io
import itertools
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).with_name("variants-2.21.json")
MODES = list(
    itertools.product(("ON_WRITE", "ON_READ"), ("NONE", "SUM", "MEAN", "ONLY_FIRST_REPLICA"))
)
METRIC = """
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    total = tf.Variable(0.0, trainable=False, name="total")
def step(batch):
    total.assign_add(tf.reduce_sum(batch))
batches = tf.data.Dataset.from_tensor_slices(tf.range(16.0)).batch(4)
for batch in strategy.experimental_distribute_dataset(batches):
    strategy.run(step, args=(batch,))
held = {"total": total}
"""
STATISTICS = """
import keras
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    layer = keras.layers.BatchNormalization(name="norm")
    layer.build((None, 1))
@tf.function
def train(batch):
    strategy.run(lambda x: layer(x, training=True), args=(batch,))
batches = tf.data.Dataset.from_tensor_slices([[1.0], [2.0], [5.0], [9.0]] * 2).batch(4)
for batch in strategy.experimental_distribute_dataset(batches):
    train(batch)
held = {"norm/moving_mean": layer.moving_mean, "norm/moving_variance": layer.moving_variance}
"""
MEAN = """
import keras
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    seen = keras.metrics.Mean(name="seen")
@tf.function
def train(batch):
    strategy.run(lambda x: seen.update_state(x), args=(batch,))
batches = tf.data.Dataset.from_tensor_slices(tf.range(16.0)).batch(4)
for batch in strategy.experimental_distribute_dataset(batches):
    train(batch)
print(float(seen.result()))
held = {"seen/total": seen.total, "seen/count": seen.count}
"""
SCRIPTS = {
    "metric": (METRIC, "total"),
    "statistics": (STATISTICS, "norm/moving_mean"),
    "mean": (MEAN, "seen/total"),
}
"""Each with the variable of which the modes are tried."""


def record() -> dict[str, Any]:
    """What the variables hold at the end and what was printed, or the class of the exception."""
    import tensorflow as tf
    from tensorflow.python.distribute import mirrored_strategy

    (cpu, *_) = tf.config.list_physical_devices("CPU")
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, two)
    tf.config.list_physical_devices("GPU")
    made = mirrored_strategy.MirroredExtended._create_variable
    devices = ["CPU:0", "CPU:1"]

    def run(script: str, name: str, modes: tuple[str, str]) -> Any:
        def create(self: Any, next_creator: Any, **kwargs: Any) -> Any:
            if kwargs.get("name") == name.rpartition("/")[2]:
                kwargs["synchronization"] = tf.VariableSynchronization[modes[0]]
                kwargs["aggregation"] = tf.VariableAggregation[modes[1]]
            return made(self, next_creator, **kwargs)

        mirrored_strategy.MirroredExtended._create_variable = create
        space: dict[str, Any] = {}
        printed = io.StringIO()
        text = script.replace("MirroredStrategy()", f"MirroredStrategy({devices})")
        try:
            with redirect_stdout(printed):
                exec(compile(text, "train.py", "exec"), space)
                held = {key: float(v.numpy().sum()) for key, v in space["held"].items()}
        except Exception as error:
            return type(error).__name__
        return {"held": held, "printed": printed.getvalue()}

    return {
        f"{script} {' '.join(modes)}": run(*SCRIPTS[script], modes)
        for script in SCRIPTS
        for modes in MODES
    }


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(record(), indent=1) + "\n")
