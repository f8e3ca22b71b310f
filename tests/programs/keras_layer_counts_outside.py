"""A layer counts what it has seen in a tf.Variable that was made outside the scope."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
tf.keras.utils.set_random_seed(1)


class Counted(tf.keras.layers.Layer):
    def __init__(self, total):
        super().__init__()
        self.total = total

    def call(self, x, training=False):
        if training:
            self.total.assign_add(tf.cast(tf.shape(x)[0], tf.float32))
        return x


examples = tf.Variable(0.0, trainable=False)
with strategy.scope():
    model = tf.keras.Sequential(
        [tf.keras.Input((3,)), Counted(examples), tf.keras.layers.Dense(1)]
    )
    model.compile("sgd", "mse")
x = np.random.RandomState(0).rand(16, 3).astype("float32")
history = model.fit(x, x.sum(1), batch_size=8, verbose=0, shuffle=False).history
print(f"loss {history['loss'][0]:.5f}")
print("examples", examples.numpy())
