"""A layer, a metric and a loss of one's own: state that steps write, a result that is a variable."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
keras = tf.keras
keras.utils.set_random_seed(6)


class Centred(keras.layers.Layer):
    def build(self, shape):
        self.kernel = self.add_weight(
            shape=(shape[-1], 3),
            initializer="random_normal",
            regularizer=keras.regularizers.L2(1e-2),
            constraint="non_neg",
            name="kernel",
        )
        self.seen = self.add_weight(
            shape=(), initializer="zeros", dtype="int32", trainable=False, name="seen"
        )
        self.mean = self.add_weight(
            shape=(shape[-1],), initializer="zeros", trainable=False, aggregation="mean", name="mean"
        )

    def call(self, x, training=False):
        if training:
            self.seen.assign_add(1)
            self.mean.assign(0.9 * self.mean + 0.1 * tf.reduce_mean(x, axis=0))
        return tf.matmul(x - self.mean, self.kernel)


class Hits(keras.metrics.Metric):
    def __init__(self, name="hits", **kwargs):
        super().__init__(name=name, **kwargs)
        self.hits = self.add_variable(shape=(), initializer="zeros", name="hits")

    def update_state(self, y_true, y_pred, sample_weight=None):
        found = keras.ops.reshape(keras.ops.argmax(y_pred, axis=1), (-1, 1))
        same = keras.ops.cast(y_true, "int32") == keras.ops.cast(found, "int32")
        self.hits.assign_add(keras.ops.sum(keras.ops.cast(same, "float32")))

    def result(self):
        return self.hits

    def reset_state(self):
        self.hits.assign(0.0)


class Brier(keras.losses.Loss):
    def call(self, y_true, y_pred):
        wanted = keras.ops.one_hot(keras.ops.squeeze(keras.ops.cast(y_true, "int32"), -1), 3)
        return keras.ops.mean(keras.ops.square(wanted - y_pred), axis=-1)


rng = np.random.RandomState(0)
x = rng.randn(32, 4).astype("float32")
y = rng.randint(0, 3, (32, 1))
with strategy.scope():
    inputs = keras.Input((4,))
    layer = Centred()
    outputs = keras.layers.Dense(3, activation="softmax")(layer(inputs))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.AdamW(0.02, weight_decay=0.01), Brier(), metrics=[Hits()])
print(model.output_shape, [weight.path for weight in model.non_trainable_weights])
history = model.fit(
    x, y, batch_size=8, epochs=3, shuffle=False, verbose=0, class_weight={0: 1.0, 1: 2.0, 2: 0.5}
).history
for name in sorted(history):
    print(name, " ".join(f"{value:.5f}" for value in history[name]))
print("seen", layer.seen.numpy(), "mean", " ".join(f"{one:.5f}" for one in layer.mean.numpy()))
print("not negative", bool((layer.kernel.numpy() >= 0).all()), f"{layer.kernel.numpy().sum():.5f}")
print(layer.seen.aggregation, layer.mean.aggregation, layer.kernel.aggregation)
print(model.evaluate(x, y, batch_size=8, verbose=0, return_dict=True)["hits"])
