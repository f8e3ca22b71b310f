"""The parts of a guide: `fit` on arrays and datasets, one device, a loop, state of each replica."""

# %% [markdown]
# # Training with several devices
#
# A strategy makes a copy of each variable on every device.

# %%
# %pip install -q tensorflow
import numpy as np
import tensorflow as tf

# %%
mirrored = tf.distribute.MirroredStrategy()


def linear():
    return tf.keras.Sequential(
        [
            tf.keras.Input((1,)),
            tf.keras.layers.Dense(
                1,
                kernel_regularizer=tf.keras.regularizers.L2(1e-4),
                kernel_initializer="ones",
            )
        ]
    )


with mirrored.scope():
    model = linear()
    model.compile(loss="mse", optimizer="sgd")

# %% [markdown]
# `fit` takes datasets and arrays.

# %%
# %%time
dataset = tf.data.Dataset.from_tensors(([1.0], [1.0])).repeat(100).batch(8)
model.fit(dataset.take(8), epochs=2, verbose=0)
print(f"dataset {model.evaluate(dataset.take(4), verbose=0):.5f}")
inputs, targets = np.ones((100, 1)), np.ones((100, 1))
model.fit(inputs, targets, epochs=2, batch_size=20, verbose=0)
print(f"arrays {model.evaluate(inputs, targets, batch_size=20, verbose=0):.5f}")

# %%
default = tf.distribute.get_strategy()
print(type(default).__name__, default.num_replicas_in_sync)
one = tf.distribute.OneDeviceStrategy("/cpu:0")
with one.scope():
    model = linear()
    model.compile(loss="mse", optimizer="adam")
print(f"one device {model.fit(dataset, epochs=1, verbose=0).history['loss'][0]:.5f}")

# %% [markdown]
# ## A loop of one's own

# %%
with mirrored.scope():
    model = linear()
    optimizer = tf.keras.optimizers.SGD()
global_batch_size = 12
dataset = tf.data.Dataset.from_tensors(([1.0], [2.0])).repeat(36).batch(global_batch_size)
distributed = mirrored.experimental_distribute_dataset(dataset)
loss_object = tf.keras.losses.MeanSquaredError(reduction="none")


# %%
@tf.function
def train_step(inputs):
    def step_fn(inputs):
        features, labels = inputs
        with tf.GradientTape() as tape:
            predictions = model(features, training=True)
            per_example = loss_object(labels, predictions)
            loss = tf.nn.compute_average_loss(per_example, global_batch_size=global_batch_size)
            loss += tf.nn.scale_regularization_loss(tf.add_n(model.losses))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    losses = mirrored.run(step_fn, args=(inputs,))
    return mirrored.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)


# %%
for inputs in distributed:
    print(f"loop {train_step(inputs).numpy():.5f}")
iterator = iter(distributed)
for _ in range(2):
    print(f"iterator {train_step(next(iterator)).numpy():.5f}")

# %%
# what each replica gets, and what the replicas give
with mirrored.scope():
    mean = tf.keras.metrics.Mean()


def replica_fn(value):
    context = tf.distribute.get_replica_context()
    mean.update_state(value)
    return context.all_reduce("sum", 1.0 * value) - value


values = mirrored.experimental_distribute_values_from_function(
    lambda context: tf.constant(10.0 * (context.replica_id_in_sync_group + 1))
)
results = mirrored.run(tf.function(replica_fn), args=(values,))
print([float(part) for part in mirrored.experimental_local_results(results)])
print(f"mean {mean.result().numpy():.5f}")

# %%
# !nvidia-smi
# tf.keras.optimizers?
schedule = tf.keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=2, decay_rate=0.5)
with mirrored.scope():
    model = linear()
    model.compile(
        loss=tf.keras.losses.Huber(),
        optimizer=tf.keras.optimizers.RMSprop(schedule),
        metrics=[tf.keras.metrics.RootMeanSquaredError(name="rmse")],
    )
history = model.fit(dataset.repeat(), epochs=2, steps_per_epoch=4, verbose=0).history
print("huber", " ".join(f"{value:.5f}" for value in history["loss"]))
print("rmse", " ".join(f"{value:.5f}" for value in history["rmse"]))
print(f"rate {float(model.optimizer.learning_rate):.5f}")

# %%
# several steps in a call of the compiled function
with one.scope():
    model = linear()
    model.compile(loss="mse", optimizer="sgd", steps_per_execution=3)
history = model.fit(dataset.repeat(), epochs=2, steps_per_epoch=4, verbose=0).history
print("steps_per_execution", " ".join(f"{value:.5f}" for value in history["loss"]))
