"""Two workers with a loop of their own: sharded data, metrics, a checkpoint that each writes."""

# %%
import json
import os
import tempfile

import numpy as np
import tensorflow as tf

# %% [markdown]
# ## MultiWorkerMirroredStrategy

# %%
strategy = tf.distribute.MultiWorkerMirroredStrategy()
config = json.loads(os.environ.get("TF_CONFIG", "{}"))
index = config.get("task", {"index": 0})["index"]
per_worker_batch_size = 6
global_batch_size = per_worker_batch_size * strategy.num_replicas_in_sync

rng = np.random.RandomState(10)
x = rng.normal(size=(48, 5)).astype(np.float32)
y = (x[:, 0] > 0).astype(np.int64) + (x[:, 1] > 0).astype(np.int64)


# %%
def dataset_fn(context):
    data = tf.data.Dataset.from_tensor_slices((x, y))
    data = data.shard(context.num_input_pipelines, context.input_pipeline_id).repeat()
    return data.batch(context.get_per_replica_batch_size(global_batch_size))


# %%
tf.keras.utils.set_random_seed(8)
with strategy.scope():
    dataset = strategy.distribute_datasets_from_function(dataset_fn)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((5,)),
            tf.keras.layers.Dense(8, activation="gelu"),
            tf.keras.layers.Dense(3),
        ]
    )
    optimizer = tf.keras.optimizers.RMSprop(learning_rate=0.01)
    optimizer.build(model.trainable_variables)
    accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    epoch = tf.Variable(0, trainable=False, name="epoch")


# %%
@tf.function
def train_step(iterator):
    def step_fn(inputs):
        features, labels = inputs
        with tf.GradientTape() as tape:
            predictions = model(features, training=True)
            loss = tf.nn.compute_average_loss(
                loss_object(labels, predictions), global_batch_size=global_batch_size
            )
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        accuracy.update_state(labels, predictions)
        return loss

    losses = strategy.run(step_fn, args=(next(iterator),))
    return strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)


# %%
# %%time
folder = tempfile.mkdtemp()
checkpoint = tf.train.Checkpoint(model=model, epoch=epoch, optimizer=optimizer)
manager = tf.train.CheckpointManager(checkpoint, os.path.join(folder, str(index)), max_to_keep=1)
iterator = iter(dataset)
while epoch.numpy() < 3:
    total = 0.0
    for _ in range(4):
        total += train_step(iterator)
    print(
        f"epoch {int(epoch.numpy())}: accuracy {accuracy.result().numpy():.5f}, "
        f"loss {total.numpy() / 4:.5f}"
    )
    accuracy.reset_state()
    epoch.assign_add(1)
    manager.save()

# %%
first = [weight.numpy() for weight in model.trainable_variables]
train_step(iterator)
checkpoint.restore(manager.latest_checkpoint)
same = [np.array_equal(a, b.numpy()) for a, b in zip(first, model.trainable_variables)]
print("restored", same, "epoch", int(epoch.numpy()), "steps", int(optimizer.iterations.numpy()))
for weight in model.trainable_variables:
    print(weight.path, f"{weight.numpy().sum():.5f} {np.square(weight.numpy()).sum():.5f}")
