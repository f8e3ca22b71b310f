"""Parts of a model made under a strategy and parts not: what `compile` and `fit` say of it."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
x = np.random.RandomState(0).rand(8, 3).astype("float32")
y = x.sum(1)


def build():
    tf.keras.utils.set_random_seed(1)
    return tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])


def attempt(label, function):
    try:
        print(label, function())
    except Exception as error:
        print(label, type(error).__name__, str(error).partition(" <")[0][:120])


def fit(model):
    return f"{model.fit(x, y, batch_size=4, verbose=0, shuffle=False).history['loss'][0]:.5f}"


with strategy.scope():
    model = build()
attempt("compiled outside", lambda: model.compile("sgd", "mse"))

model = build()
with strategy.scope():
    attempt("made outside", lambda: model.compile("sgd", "mse"))
attempt("fit", lambda: fit(model))

model = build()
model.compile("sgd", "mse")
with strategy.scope():
    attempt("all outside, fit inside", lambda: fit(model))

optimizer = tf.keras.optimizers.Adam(0.1)
with strategy.scope():
    model = build()
    attempt("optimizer outside", lambda: model.compile(optimizer, "mse"))
attempt("fit", lambda: fit(model))
