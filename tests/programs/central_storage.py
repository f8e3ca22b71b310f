"""CentralStorageStrategy: one copy of each variable, read and updated by all compute devices."""

import numpy as np
import tensorflow as tf

devices = [device.name for device in tf.config.list_logical_devices("CPU")]
strategy = tf.distribute.experimental.CentralStorageStrategy(
    compute_devices=devices, parameter_device="/cpu:0"
)
print("replicas", strategy.num_replicas_in_sync)

with strategy.scope():
    w = tf.Variable([0.0, 0.0], aggregation=tf.VariableAggregation.MEAN)
    clicks = tf.Variable(0, aggregation=tf.VariableAggregation.SUM, trainable=False)
    plain = tf.Variable(0.0, trainable=False)


def step(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((tf.linalg.matvec(x, w) - 1.0) ** 2)
    w.assign_sub(0.05 * tape.gradient(loss, w))
    clicks.assign_add(tf.shape(x)[0])
    return loss


def count(x):
    plain.assign_add(tf.reduce_sum(x))


x = np.random.default_rng(8).normal(size=(24, 2)).astype(np.float32)
dataset = strategy.experimental_distribute_dataset(
    tf.data.Dataset.from_tensor_slices(x).batch(8)
)
for batch in dataset:
    losses = strategy.run(step, args=(batch,))
    print(strategy.reduce("MEAN", losses, axis=None).numpy(), w.numpy(), clicks.numpy())

try:
    strategy.run(count, args=(x,))
    print("plain %.6f" % plain.numpy())
except ValueError as error:
    print("ValueError:", str(error).splitlines()[0])
