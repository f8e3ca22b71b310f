"""float16 layers with float32 weights, a scaled loss, in `fit` and in a loop of one's own."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
tf.keras.mixed_precision.set_global_policy("mixed_float16")
print(tf.keras.mixed_precision.global_policy().name)

rng = np.random.RandomState(2)
x = rng.normal(size=(32, 6)).astype(np.float32)
y = (x[:, 0] > x[:, 1]).astype(np.int32)


def build():
    tf.keras.utils.set_random_seed(9)
    inputs = tf.keras.Input((6,))
    hidden = tf.keras.layers.Dense(8, activation="relu", name="hidden")(inputs)
    logits = tf.keras.layers.Dense(2, name="logits")(hidden)
    outputs = tf.keras.layers.Activation("softmax", dtype="float32", name="out")(logits)
    return tf.keras.Model(inputs, outputs)


with strategy.scope():
    model = build()
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
hidden = model.get_layer("hidden")
print(hidden.compute_dtype, hidden.variable_dtype, hidden.kernel.dtype, model.output.dtype)
history = model.fit(x, y, batch_size=16, epochs=3, shuffle=False, verbose=0)
print("loss", " ".join(f"{value:.2f}" for value in history.history["loss"]))
print(type(model.optimizer).__name__, "scale", float(model.optimizer.dynamic_scale.numpy()))

with strategy.scope():
    model = build()
    optimizer = tf.keras.mixed_precision.LossScaleOptimizer(tf.keras.optimizers.SGD(0.1))
    optimizer.build(model.trainable_variables)
    loss_of_each = tf.keras.losses.SparseCategoricalCrossentropy(reduction="none")


def train_step(features, labels):
    with tf.GradientTape() as tape:
        predictions = model(features)
        loss = tf.nn.compute_average_loss(loss_of_each(labels, predictions), global_batch_size=16)
        scaled = optimizer.scale_loss(loss)
    gradients = tape.gradient(scaled, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


@tf.function
def step(features, labels):
    losses = strategy.run(train_step, args=(features, labels))
    return strategy.reduce("SUM", losses, axis=None)


data = tf.data.Dataset.from_tensor_slices((x, y)).batch(16).repeat(2)
for features, labels in strategy.experimental_distribute_dataset(data):
    print(f"loss {step(features, labels).numpy():.2f}")
print("dtypes", sorted({variable.dtype for variable in model.trainable_variables}))
print("steps", int(optimizer.inner_optimizer.iterations.numpy()))
