"""Several workers with a loop of their own: synchronized statistics, metrics, checkpoints."""

import json
import os
import tempfile

import numpy as np
import tensorflow as tf

task = json.loads(os.environ.get("TF_CONFIG", "{}")).get("task", {"type": "worker", "index": 0})
strategy = tf.distribute.MultiWorkerMirroredStrategy()
rng = np.random.RandomState(9)
x = rng.normal(size=(32, 4)).astype("float32")
y = (x.sum(1, keepdims=True) > 0).astype("float32")


def dataset_fn(context):
    data = tf.data.Dataset.from_tensor_slices((x, y))
    data = data.shard(context.num_input_pipelines, context.input_pipeline_id)
    return data.batch(context.get_per_replica_batch_size(8)).repeat()


tf.keras.utils.set_random_seed(3)
with strategy.scope():
    model = tf.keras.Sequential(
        [
            tf.keras.Input((4,)),
            tf.keras.layers.Dense(4, activation="relu"),
            tf.keras.layers.BatchNormalization(synchronized=True),
            tf.keras.layers.Dense(1),
        ]
    )
    optimizer = tf.keras.optimizers.Adam(0.05)
    loss_of_each = tf.keras.losses.BinaryCrossentropy(True, reduction="none")
    accuracy = tf.keras.metrics.BinaryAccuracy(threshold=0.0)
    loss_metric = tf.keras.metrics.Sum("loss_sum")
    counted = tf.Variable(
        0,
        dtype=tf.int64,
        trainable=False,
        name="counted",
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )
iterator = iter(strategy.distribute_datasets_from_function(dataset_fn))


@tf.function
def train(iterator):
    def step_fn(inputs):
        features, labels = inputs
        with tf.GradientTape() as tape:
            logits = model(features, training=True)
            loss = tf.nn.compute_average_loss(loss_of_each(labels, logits), global_batch_size=8)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        accuracy.update_state(labels, logits)
        loss_metric.update_state(loss)
        counted.assign_add(1)

    strategy.run(step_fn, args=(next(iterator),))


folder = tempfile.mkdtemp()
checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer, counted=counted)
for epoch in range(2):
    for _ in range(4):
        train(iterator)
    print(
        f"worker {task['index']} epoch {epoch}: loss {loss_metric.result().numpy():.5f}, "
        f"accuracy {accuracy.result().numpy():.5f}"
    )
    path = checkpoint.save(os.path.join(folder, f"worker{task['index']}"))
    loss_metric.reset_state()
    accuracy.reset_state()
print("counted", int(counted.numpy()), os.path.basename(path))
checkpoint.restore(path).assert_consumed()
print(f"restored: steps {int(optimizer.iterations.numpy())}")
for weight in model.trainable_variables:
    print(weight.path, f"{weight.numpy().sum():.5f}")
