"""A loop of one's own with a Keras model, Adam and metrics; the last batch is uneven."""

# %%
# %pip install -q tensorflow
# %matplotlib inline
import numpy as np
import tensorflow as tf

BATCH = 12
EPOCHS = 3

# %% [markdown]
# ## Data
# Two features against two others.

# %%
strategy = tf.distribute.MirroredStrategy()
rng = np.random.RandomState(3)
images = rng.uniform(0, 1, size=(40, 6)).astype(np.float32)
labels = (images[:, 0] + images[:, 1] > images[:, 2] + images[:, 3]).astype(np.int64)

train = tf.data.Dataset.from_tensor_slices((images, labels)).batch(BATCH)
test = tf.data.Dataset.from_tensor_slices((images[:18], labels[:18])).batch(BATCH)
train = strategy.experimental_distribute_dataset(train)
test = strategy.experimental_distribute_dataset(test)

# %% [markdown]
# ## Model
# Variables are made under `strategy.scope()`.

# %%
with strategy.scope():
    model = tf.keras.Sequential(
        [
            tf.keras.Input((6,)),
            tf.keras.layers.Dense(
                8, activation="relu", kernel_initializer=tf.keras.initializers.GlorotUniform(seed=1)
            ),
            tf.keras.layers.Dense(2, kernel_initializer=tf.keras.initializers.HeNormal(seed=2)),
        ]
    )
    optimizer = tf.keras.optimizers.Adam(0.05)
    optimizer.build(model.trainable_variables)
    loss_of_each = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=None)
    test_loss = tf.keras.metrics.Mean(name="test_loss")
    train_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="train_accuracy")
    test_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="test_accuracy")


# %%
def train_step(inputs):
    x, y = inputs
    with tf.GradientTape() as tape:
        predictions = model(x, training=True)
        loss = tf.nn.compute_average_loss(loss_of_each(y, predictions), global_batch_size=BATCH)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_accuracy.update_state(y, predictions)
    return loss


def test_step(inputs):
    x, y = inputs
    predictions = model(x, training=False)
    test_loss.update_state(loss_of_each(y, predictions))
    test_accuracy.update_state(y, predictions)


# %%
@tf.function
def distributed_train_step(inputs):
    losses = strategy.run(train_step, args=(inputs,))
    return strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)


@tf.function
def distributed_test_step(inputs):
    strategy.run(test_step, args=(inputs,))


# %%
# %%time
for epoch in range(EPOCHS):
    total, batches = 0.0, 0
    for inputs in train:
        total += distributed_train_step(inputs)
        batches += 1
    for inputs in test:
        distributed_test_step(inputs)
    print(
        f"epoch {epoch + 1}: loss {total.numpy() / batches:.5f}, "
        f"accuracy {train_accuracy.result().numpy():.5f}, "
        f"test loss {test_loss.result().numpy():.5f}, "
        f"test accuracy {test_accuracy.result().numpy():.5f}"
    )
    train_accuracy.reset_state()
    test_loss.reset_state()
    test_accuracy.reset_state()

# %%
print("steps", optimizer.iterations.numpy())
for variable in [*model.variables, *optimizer.variables]:
    value = variable.numpy()
    print(variable.path, value.shape, f"{np.sum(value):.5f} {np.sum(np.square(value)):.5f}")
