"""64 replicas run a small loop."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import simulated
from .compare import difference

SCRIPT = """
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    w = tf.Variable(5.0, aggregation=tf.VariableAggregation.MEAN)
    seen = tf.Variable(
        0, trainable=False, synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM)


@tf.function
def step(x):
    def replica_fn(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((w * x - x) ** 2)
        gradient = tape.gradient(loss, w)
        gradient = tf.distribute.get_replica_context().all_reduce("MEAN", gradient)
        w.assign_sub(0.1 * gradient)
        seen.assign_add(tf.size(x))
        return loss
    return strategy.reduce("MEAN", strategy.run(replica_fn, args=(x,)), axis=None)


data = tf.data.Dataset.from_tensor_slices(tf.range(256.0) / 256.0).batch(128).repeat(5)
for number, x in enumerate(strategy.experimental_distribute_dataset(data)):
    print(number, "loss", "%.5f" % step(x).numpy(), "seen", seen.numpy())
"""

# By TensorFlow 2.21 with 64 logical CPUs, which takes minutes on two cores
ON_TENSORFLOW = """\
0 loss 1.31775 seen 128
1 loss 8.98309 seen 256
2 loss 0.99594 seen 384
3 loss 6.78928 seen 512
4 loss 0.75271 seen 640
5 loss 5.13124 seen 768
6 loss 0.56889 seen 896
7 loss 3.87811 seen 1024
8 loss 0.42996 seen 1152
9 loss 2.93102 seen 1280
"""


@pytest.mark.slow
def test_64_replicas_run_a_small_loop(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT, encoding="utf-8")
    run = simulated.simulate(script, 64)
    assert (run.status, difference(ON_TENSORFLOW, run.stdout)) == (simulated.CLEAN, "")
    assert "64 replicas, 10 steps" in " ".join(run.stderr.split())
