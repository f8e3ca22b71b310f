"""What replicas are given: distributed datasets, batches of a function, values, specs, uneven ends."""

# %%
import numpy as np
import tensorflow as tf

# %%
strategy = tf.distribute.MirroredStrategy()
replicas = strategy.num_replicas_in_sync
global_batch_size = 8

# %% [markdown]
# ## Distributed datasets

# %%
dataset = tf.data.Dataset.from_tensors(([1.0], [2.0])).repeat(20).batch(global_batch_size)
distributed = strategy.experimental_distribute_dataset(dataset)
first = next(iter(distributed))
parts = strategy.experimental_local_results(first)
print("parts", len(parts) == replicas, [len(part) for part in parts])


# %%
def sizes(value):
    return [int(tf.shape(part)[0]) for part in strategy.experimental_local_results(value)]


print("rows", [sizes(x) for x, _ in distributed])


# %% [markdown]
# ## From a function

# %%
def dataset_fn(context):
    batch_size = context.get_per_replica_batch_size(global_batch_size)
    print("pipeline", context.input_pipeline_id, "of", context.num_input_pipelines, batch_size)
    data = tf.data.Dataset.range(24).shard(context.num_input_pipelines, context.input_pipeline_id)
    return data.batch(batch_size).map(lambda x: tf.cast(x, tf.float32)[:, tf.newaxis] / 24).prefetch(2)


from_function = strategy.distribute_datasets_from_function(dataset_fn)


# %%
@tf.function
def sums(x):
    totals = strategy.run(tf.reduce_sum, args=(x,))
    return strategy.reduce("SUM", totals, axis=None)


print("sums", " ".join(f"{sums(x).numpy():.5f}" for x in from_function))

# %%
tf.keras.utils.set_random_seed(3)
with strategy.scope():
    model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    optimizer = tf.keras.optimizers.SGD(0.01)
    absolute = tf.keras.metrics.MeanAbsoluteError()
    loss_object = tf.keras.losses.MeanSquaredError(reduction="none")


# %%
@tf.function
def train_step(x):
    def step_fn(x):
        with tf.GradientTape() as tape:
            predictions = model(x, training=True)
            loss = tf.nn.compute_average_loss(
                loss_object(2 * x, predictions), global_batch_size=global_batch_size
            )
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        absolute.update_state(2 * x, predictions)
        return loss

    losses = strategy.run(step_fn, args=(x,))
    return strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)


print("losses", " ".join(f"{train_step(x).numpy():.5f}" for x in from_function))
print(f"absolute {absolute.result().numpy():.5f}")


# %% [markdown]
# ## Values

# %%
def value_fn(context):
    return tf.constant([1.0, 2.0]) * float(context.replica_id_in_sync_group + 1)


values = strategy.experimental_distribute_values_from_function(value_fn)
doubled = strategy.run(lambda value: 2 * value, args=(values,))
print("values", [part.numpy().tolist() for part in strategy.experimental_local_results(doubled)])
print("gathered", strategy.gather(doubled, axis=0).numpy().tolist())
arrays = strategy.experimental_distribute_values_from_function(
    lambda context: np.full((1, 1), context.replica_id_in_sync_group, np.float32)
)
predictions = strategy.run(model, args=(arrays,))
joined = strategy.gather(predictions, axis=0).numpy()[:, 0]
print("predictions", " ".join(f"{value:.5f}" for value in joined))

# %%
# %%time
# fit takes what dataset_fn gives, as it takes a dataset
with strategy.scope():
    model.compile("sgd", "mse")
pairs = strategy.distribute_datasets_from_function(
    lambda context: tf.data.Dataset.from_tensor_slices(
        (np.linspace(0, 1, 24, dtype=np.float32)[:, np.newaxis], np.ones((24, 1), np.float32))
    )
    .repeat()
    .batch(context.get_per_replica_batch_size(global_batch_size))
)
history = model.fit(pairs, epochs=2, steps_per_epoch=3, verbose=0).history
print("fit", " ".join(f"{value:.5f}" for value in history["loss"]))
