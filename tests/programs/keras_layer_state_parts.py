"""A layer adds its batch's sum to a tf.Variable without an aggregation, and a step reads a metric."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
tf.keras.utils.set_random_seed(1)
x = np.random.RandomState(0).rand(16, 3).astype("float32")
y = x.sum(1, keepdims=True)


class Total(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.total = tf.Variable(0.0, trainable=False)

    def call(self, x, training=False):
        if training:
            self.total.assign_add(tf.reduce_sum(x))
        return x


with strategy.scope():
    total = Total()
    model = tf.keras.Sequential([tf.keras.Input((3,)), total, tf.keras.layers.Dense(1)])
    optimizer = tf.keras.optimizers.SGD(0.1)
    optimizer.build(model.trainable_variables)
    mean = tf.keras.metrics.Mean()
    loss_object = tf.keras.losses.MeanSquaredError()


def step(features, labels):
    with tf.GradientTape() as tape:
        loss = loss_object(labels, model(features, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    mean.update_state(loss)
    return mean.result()


@tf.function
def train_step(features, labels):
    return strategy.run(step, args=(features, labels))


dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(8)
for features, labels in strategy.experimental_distribute_dataset(dataset):
    shares = strategy.experimental_local_results(train_step(features, labels))
    print("means", " ".join(f"{one.numpy():.5f}" for one in shares), f"{mean.result():.5f}")
print(f"total {total.total.numpy():.4f}")
