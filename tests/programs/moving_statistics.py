"""Batch normalisation by hand: the moving mean has no aggregation, so each replica keeps its own."""

import numpy as np
import tensorflow as tf


class BatchNorm(tf.Module):
    def __init__(self, width, momentum=0.8):
        super().__init__()
        self.momentum = momentum
        self.moving_mean = tf.Variable(tf.zeros([width]), trainable=False, name="moving_mean")
        self.moving_variance = tf.Variable(tf.ones([width]), trainable=False, name="moving_variance")

    def __call__(self, x, training):
        if not training:
            return (x - self.moving_mean) * tf.math.rsqrt(self.moving_variance + 1e-3)
        mean, variance = tf.nn.moments(x, axes=[0])
        self.moving_mean.assign(self.moving_mean * self.momentum + mean * (1 - self.momentum))
        self.moving_variance.assign(
            self.moving_variance * self.momentum + variance * (1 - self.momentum)
        )
        return (x - mean) * tf.math.rsqrt(variance + 1e-3)


strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    norm = BatchNorm(3)


@tf.function
def train_step(x):
    return strategy.run(lambda x: norm(x, training=True), args=(x,))


data = np.random.RandomState(7).normal(loc=[0.0, 1.0, 2.0], size=(48, 3)).astype(np.float32)
dataset = tf.data.Dataset.from_tensor_slices(data).batch(16)
for x in strategy.experimental_distribute_dataset(dataset):
    out = train_step(x)
    shapes = [tuple(part.shape) for part in strategy.experimental_local_results(out)]
    print("batch", shapes)

for name, variable in [("mean", norm.moving_mean), ("variance", norm.moving_variance)]:
    print(name)
    for component in strategy.experimental_local_results(variable):
        print("  ", " ".join("%.7f" % value for value in component.numpy()))
print("evaluated", norm(tf.ones([1, 3]), training=False).numpy())
