"""A small training loop, as `simulate_speed` runs it: loop.py REPLICAS STEPS eager|function."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import tensorflow as tf

replicas, steps, style = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(
    cpu, [tf.config.LogicalDeviceConfiguration() for _ in range(replicas)]
)
strategy = tf.distribute.MirroredStrategy([f"CPU:{number}" for number in range(replicas)])

numbers = np.random.RandomState(0)
features = numbers.normal(size=(256, 8)).astype(np.float32)
labels = features @ numbers.normal(size=(8, 1)).astype(np.float32)
batches = tf.data.Dataset.from_tensor_slices((features, labels)).repeat().batch(32)

with strategy.scope():
    hidden = tf.Variable(tf.ones([8, 16]) * 0.1, aggregation=tf.VariableAggregation.MEAN)
    output = tf.Variable(tf.ones([16, 1]) * 0.1, aggregation=tf.VariableAggregation.MEAN)
    seen = tf.Variable(
        0.0,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )


def replica_step(x: Any, y: Any) -> Any:
    with tf.GradientTape() as tape:
        error = tf.matmul(tf.nn.relu(tf.matmul(x, hidden)), output) - y
        loss = tf.reduce_sum(error**2) / 32.0
    gradients = tape.gradient(loss, [hidden, output])
    gradients = tf.distribute.get_replica_context().all_reduce("SUM", gradients)
    for variable, gradient in zip([hidden, output], gradients, strict=True):
        variable.assign_sub(0.01 * gradient)
    seen.assign_add(tf.cast(tf.shape(x)[0], tf.float32))
    return loss


def step(batch: Any) -> Any:
    return strategy.reduce("SUM", strategy.run(replica_step, args=batch), axis=None)


train = tf.function(step) if style == "function" else step
for number, batch in enumerate(strategy.experimental_distribute_dataset(batches.take(steps))):
    loss = train(batch)
    if number % 100 == 0 or number == steps - 1:
        print(f"step {number} loss {float(loss):.5g}")
print(f"seen {float(seen.read_value()):.0f}, norm {float(tf.norm(hidden.read_value())):.5g}")
