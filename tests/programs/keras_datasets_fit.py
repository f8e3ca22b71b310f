"""`fit` on arrays that `keras.datasets` loads: pictures with convolutions, and houses."""

import numpy as np
import tensorflow as tf

(x_train, y_train), (x_test, y_test) = tf.keras.datasets.fashion_mnist.load_data()
print(x_train.shape, x_train.dtype, y_train.shape, y_train.dtype, x_test.shape, y_test.shape)
x_train, x_test = x_train[:256, ..., np.newaxis] / 255.0, x_test[:128, ..., np.newaxis] / 255.0
y_train, y_test = y_train[:256], y_test[:128]

strategy = tf.distribute.MirroredStrategy()
BATCH_SIZE = 16 * strategy.num_replicas_in_sync
with strategy.scope():
    model = tf.keras.Sequential(
        [
            tf.keras.Input((28, 28, 1)),
            tf.keras.layers.Conv2D(
                4, 3, activation="relu", kernel_initializer=tf.keras.initializers.HeNormal(1)
            ),
            tf.keras.layers.MaxPooling2D(4),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(10, kernel_initializer=tf.keras.initializers.HeNormal(2)),
        ]
    )
    model.compile(
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer=tf.keras.optimizers.Adam(0.01),
        metrics=["accuracy"],
    )
dataset = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(256, seed=1)
history = model.fit(dataset.batch(BATCH_SIZE), epochs=2, verbose=0).history
print("loss", " ".join(f"{value:.4f}" for value in history["loss"]))
loss, accuracy = model.evaluate(x_test, y_test, batch_size=BATCH_SIZE, verbose=0)
print(f"test {loss:.4f} {accuracy:.3f}")

(x, y), _ = tf.keras.datasets.california_housing.load_data(version="small")
print(x.shape, x.dtype, y.shape, y.dtype)
with strategy.scope():
    model = tf.keras.Sequential(
        [
            tf.keras.Input((8,)),
            tf.keras.layers.Dense(1, kernel_initializer="zeros"),
        ]
    )
    model.compile(loss="mse", optimizer=tf.keras.optimizers.SGD(0.1))
x = (x - x.mean(0)) / x.std(0)
history = model.fit(x, y / 1e5, batch_size=BATCH_SIZE, epochs=3, shuffle=False, verbose=0).history
print("houses", " ".join(f"{value:.4f}" for value in history["loss"]))
