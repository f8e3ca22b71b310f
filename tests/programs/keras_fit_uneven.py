"""`fit`, `evaluate` and `predict` where the last batch is uneven, and has nothing for some replicas."""

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(11)
rng = np.random.RandomState(8)
x = rng.normal(size=(37, 5)).astype(np.float32)
y = (x @ rng.normal(size=(5, 1)) + 0.1 * rng.normal(size=(37, 1))).astype(np.float32)

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    inputs = tf.keras.Input((5,), name="features")
    hidden = tf.keras.layers.Dense(7, activation="tanh", name="hidden")(inputs)
    outputs = tf.keras.layers.Dense(1, name="out")(hidden)
    model = tf.keras.Model(inputs, outputs)
    model.compile(
        optimizer=tf.keras.optimizers.SGD(0.05, momentum=0.9),
        loss="mse",
        metrics=[tf.keras.metrics.MeanAbsoluteError(name="mae")],
    )

print("parameters", model.count_params())
history = model.fit(x, y, batch_size=12, epochs=4, shuffle=False, verbose=0)
for name, values in sorted(history.history.items()):
    print(name, " ".join(f"{value:.5f}" for value in values))

result = model.evaluate(x, y, batch_size=8, verbose=0, return_dict=True)
print("evaluate", " ".join(f"{name} {value:.5f}" for name, value in sorted(result.items())))

predictions = model.predict(x, batch_size=8, verbose=0)
print("predict", predictions.shape, " ".join(f"{value:.5f}" for value in predictions[:9, 0]))

weighted = model.fit(
    x,
    y,
    batch_size=16,
    epochs=2,
    shuffle=False,
    verbose=0,
    sample_weight=np.linspace(0.5, 1.5, 37).astype(np.float32),
    validation_data=(x[:12], y[:12]),
)
for name, values in sorted(weighted.history.items()):
    print(name, " ".join(f"{value:.5f}" for value in values))

for weight in model.weights:
    print(weight.path, f"{np.sum(weight.numpy()):.5f} {np.sum(np.square(weight.numpy())):.5f}")

# Keras takes the mean over the replicas of the first batch to build what is not built yet
with strategy.scope():
    other = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    other.compile(loss="mse")
try:
    other.fit(x, y, batch_size=9, verbose=0)
except tf.errors.InvalidArgumentError as error:
    print("a first batch of 9:", type(error).__name__, "AddN" in str(error))
else:
    print("a first batch of 9 is a whole one")
