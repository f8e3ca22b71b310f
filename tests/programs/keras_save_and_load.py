"""A model that is saved with and without a strategy, and loaded with and without one."""

# %%
# %pip install -q h5py
import os
import tempfile

import numpy as np
import tensorflow as tf

# %%
strategy = tf.distribute.MirroredStrategy()
rng = np.random.RandomState(13)
x = rng.normal(size=(24, 4)).astype(np.float32)
y = np.stack([x.sum(axis=1), x.max(axis=1)], axis=1).astype(np.float32)
data = tf.data.Dataset.from_tensor_slices((x, y)).batch(8)
folder = tempfile.mkdtemp()


# %% [markdown]
# ## Model

# %%
@tf.keras.utils.register_keras_serializable("mine")
class Scaled(tf.keras.layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.seen = self.add_weight(name="seen", shape=(), initializer="zeros", trainable=False)
        self.gain = self.add_weight(name="gain", shape=(input_shape[-1],), initializer="ones")

    def call(self, inputs, training=False):
        if training:
            self.seen.assign_add(1.0)
        return inputs * self.gain * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


# %%
def build():
    inputs = tf.keras.Input((4,), name="numbers")
    hidden = tf.keras.layers.Dense(6, activation="selu")(inputs)
    hidden = tf.keras.layers.LayerNormalization()(Scaled(0.5)(hidden))
    return tf.keras.Model(inputs, tf.keras.layers.Dense(2)(hidden))


# %% [markdown]
# ## Train

# %%
tf.keras.utils.set_random_seed(17)
with strategy.scope():
    model = build()
    model.compile(
        loss="mse",
        optimizer=tf.keras.optimizers.AdamW(0.02, weight_decay=0.01),
        metrics=["mae", tf.keras.metrics.R2Score()],
    )
model.fit(data, epochs=3, verbose=0)


def shown(name, one, expected):
    result = one.evaluate(data, verbose=0, return_dict=True)
    print(name, " ".join(f"{key} {value:.5f}" for key, value in sorted(result.items())))
    apart = np.abs(one.predict(x[:4], verbose=0) - expected).max()
    print("  predictions apart", bool(apart > 1e-6), "steps", int(one.optimizer.iterations.numpy()))


# %% [markdown]
# ## Save and load

# %%
trained = model.predict(x[:4], verbose=0)
shown("trained", model, trained)
whole = os.path.join(folder, "whole.keras")
model.save(whole)
with tf.distribute.OneDeviceStrategy("/cpu:0").scope():
    shown("one device", tf.keras.models.load_model(whole), trained)

# %%
alone = tf.keras.models.load_model(whole)
shown("alone", alone, trained)
alone.fit(data, epochs=1, verbose=0)
alone.save(os.path.join(folder, "again.keras"))
with strategy.scope():
    again = tf.keras.models.load_model(os.path.join(folder, "again.keras"))
shown("again", again, alone.predict(x[:4], verbose=0))
again.fit(data, epochs=1, verbose=0)
shown("again, trained", again, trained)

# %%
# !ls -R .
weights = os.path.join(folder, "some.weights.h5")
model.save_weights(weights)
with strategy.scope():
    other = build()
    other.compile(loss="mse", metrics=["mae"])
other.load_weights(weights)
print("weights", [bool(np.array_equal(*pair)) for pair in zip(other.get_weights(), model.get_weights())])
print("layer", other.layers[2].factor, float(other.layers[2].seen.numpy()))

# %%
config = model.to_json()
with strategy.scope():
    same = tf.keras.models.model_from_json(config)
    same.set_weights(model.get_weights())
    copy = tf.keras.models.clone_model(model)
print("json", np.allclose(same.predict(x, verbose=0), model.predict(x, verbose=0)))
print("clone", [weight.shape for weight in copy.weights] == [weight.shape for weight in same.weights])
print(sorted(os.listdir(folder)))
