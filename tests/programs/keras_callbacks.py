"""Images classified with `fit` and callbacks: checkpoints, a schedule; saved and loaded."""

# %%
# %load_ext tensorboard
import os
import tempfile

import numpy as np
import tensorflow as tf

# %%
strategy = tf.distribute.MirroredStrategy()
print("Number of devices:", strategy.num_replicas_in_sync)

EPOCHS = 4
BATCH_SIZE_PER_REPLICA = 4
BATCH_SIZE = BATCH_SIZE_PER_REPLICA * 4

# %% [markdown]
# ## Data

# %%
rng = np.random.RandomState(42)
images = rng.randint(0, 255, size=(64, 12, 12, 1)).astype(np.uint8)
labels = (images[:, :6].mean(axis=(1, 2, 3)) > images[:, 6:].mean(axis=(1, 2, 3))).astype(np.int64)


def scale(image, label):
    return tf.cast(image, tf.float32) / 255, label


every = tf.data.Dataset.from_tensor_slices((images, labels)).map(scale)
train = every.take(48).cache().batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE)
test = every.skip(48).batch(BATCH_SIZE)

# %% [markdown]
# ## Model

# %%
tf.keras.utils.set_random_seed(1)
with strategy.scope():
    model = tf.keras.Sequential(
        [
            tf.keras.Input((12, 12, 1)),
            tf.keras.layers.Conv2D(4, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(8, activation="relu"),
            tf.keras.layers.Dense(2),
        ]
    )
    model.compile(
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer=tf.keras.optimizers.Adam(),
        metrics=["accuracy"],
    )

# %% [markdown]
# ## Callbacks
# Checkpoints, a schedule and a log.

# %%
folder = tempfile.mkdtemp()
checkpoints = os.path.join(folder, "checkpoints", "ckpt_{epoch}.weights.h5")


def decay(epoch):
    if epoch < 2:
        return 1e-2
    return 1e-3 if epoch < 3 else 1e-4


class PrintLR(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        rate = self.model.optimizer.learning_rate.numpy()
        print(f"epoch {epoch + 1}: learning rate {rate:.5f}, loss {logs['loss']:.5f}")


# %%
callbacks = [
    tf.keras.callbacks.ModelCheckpoint(filepath=checkpoints, save_weights_only=True),
    tf.keras.callbacks.LearningRateScheduler(decay),
    tf.keras.callbacks.EarlyStopping("val_loss", patience=10),
    tf.keras.callbacks.CSVLogger(os.path.join(folder, "log.csv")),
    PrintLR(),
]

# %%
# %%time
history = model.fit(train, epochs=EPOCHS, callbacks=callbacks, validation_data=test, verbose=0)
print(sorted(history.history))
print("accuracy", " ".join(f"{value:.5f}" for value in history.history["accuracy"]))
print("val_loss", " ".join(f"{value:.5f}" for value in history.history["val_loss"]))
print(sorted(os.listdir(os.path.join(folder, "checkpoints"))))
with open(os.path.join(folder, "log.csv")) as file:
    print("rows", len(file.readlines()))

# %%
# !ls -la checkpoints
# %tensorboard --logdir=logs
model.load_weights(os.path.join(folder, "checkpoints", "ckpt_2.weights.h5"))
loss, accuracy = model.evaluate(test, verbose=0)
print(f"after epoch 2: loss {loss:.5f}, accuracy {accuracy:.5f}")

# %%
path = os.path.join(folder, "mine.keras")
model.save(path)
alone = tf.keras.models.load_model(path)
loss, accuracy = alone.evaluate(test, verbose=0)
print(f"without the strategy: loss {loss:.5f}, accuracy {accuracy:.5f}")
with strategy.scope():
    replicated = tf.keras.models.load_model(path)
    loss, accuracy = replicated.evaluate(test, verbose=0)
print(f"with the strategy: loss {loss:.5f}, accuracy {accuracy:.5f}")
history = replicated.fit(train, epochs=1, verbose=0)
print(f"trained on: loss {history.history['loss'][0]:.5f}")
print("steps", int(replicated.optimizer.iterations.numpy()))
