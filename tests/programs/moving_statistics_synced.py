"""The same layer with MEAN aggregation, both with ON_WRITE and with ON_READ statistics."""

import numpy as np
import tensorflow as tf


class Statistics(tf.Module):
    def __init__(self, width, synchronization):
        super().__init__()
        self.mean = tf.Variable(
            np.zeros(width, np.float32),
            trainable=False,
            synchronization=synchronization,
            aggregation=tf.VariableAggregation.MEAN,
        )

    def __call__(self, x):
        delta = (self.mean - tf.reduce_mean(x, axis=0)) * 0.25
        self.mean.assign_sub(delta)
        return x - self.mean


strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    layers = {
        mode: Statistics(2, mode)
        for mode in (tf.VariableSynchronization.ON_WRITE, tf.VariableSynchronization.ON_READ)
    }

rows = np.arange(32, dtype=np.float32).reshape(16, 2) ** 1.5
dataset = strategy.experimental_distribute_dataset(
    tf.data.Dataset.from_tensor_slices(rows).batch(4)
)
for mode, layer in layers.items():
    for batch in dataset:
        centred = strategy.run(layer, args=(batch,))
        sums = strategy.reduce("SUM", centred, axis=0)
        print(mode.name, "sum of centred", sums.numpy())
    print(mode.name, "mean", layer.mean.numpy())
