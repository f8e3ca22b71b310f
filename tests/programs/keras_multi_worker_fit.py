"""Two workers with `fit`: Keras 3 cannot take the mean of their first batches, one worker trains."""

# %%
import json
import os
import tempfile

import numpy as np
import tensorflow as tf

# %% [markdown]
# ## MultiWorkerMirroredStrategy
# Each worker has its own `TF_CONFIG`.

# %%
strategy = tf.distribute.MultiWorkerMirroredStrategy()
config = json.loads(os.environ.get("TF_CONFIG", "{}"))
task = config.get("task", {"type": "worker", "index": 0})
workers = len(config.get("cluster", {}).get("worker", [0]))
is_chief = task["index"] == 0
global_batch_size = 8 * workers

# %%
# %%bash
# killall -q python

# %%
rng = np.random.RandomState(4)
x = rng.uniform(size=(48, 8, 8)).astype(np.float32)
y = (x[:, :4].sum(axis=(1, 2)) > x[:, 4:].sum(axis=(1, 2))).astype(np.int64)
train = tf.data.Dataset.from_tensor_slices((x, y)).repeat().batch(global_batch_size)
options = tf.data.Options()
options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
train = train.with_options(options)

# %%
tf.keras.utils.set_random_seed(6)
with strategy.scope():
    model = tf.keras.Sequential(
        [
            tf.keras.Input((8, 8)),
            tf.keras.layers.Reshape((8, 8, 1)),
            tf.keras.layers.Conv2D(3, 3, activation="relu"),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(2),
        ]
    )
    model.compile(
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer=tf.keras.optimizers.SGD(learning_rate=0.05),
        metrics=["accuracy"],
    )

# %%
folder = tempfile.mkdtemp()
name = "chief" if is_chief else f"worker_{task['index']}"
path = os.path.join(folder, name + ".weights.h5")
callbacks = [tf.keras.callbacks.ModelCheckpoint(path, save_weights_only=True)]
print(task["type"], task["index"], "of", workers)
try:
    history = model.fit(train, epochs=3, steps_per_epoch=4, callbacks=callbacks, verbose=0).history
except ValueError as error:
    print(type(error).__name__, str(error).split(":")[0])
    raise SystemExit from None
print("loss", " ".join(f"{value:.5f}" for value in history["loss"]))
print("accuracy", " ".join(f"{value:.5f}" for value in history["accuracy"]))
for weight in model.trainable_variables:
    print(weight.path, f"{weight.numpy().sum():.5f} {np.square(weight.numpy()).sum():.5f}")

# %%
model.save(os.path.join(folder, name + ".keras"))
print(sorted(os.listdir(folder)))
alone = tf.keras.models.load_model(os.path.join(folder, name + ".keras"))
predictions = alone.predict(x[:4], verbose=0)
print("predictions", " ".join(f"{value:.5f}" for value in predictions[:, 0]))
