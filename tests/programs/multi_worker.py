"""Two workers train together: dataset per worker, reduced loss, every worker prints the same weights."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MultiWorkerMirroredStrategy()
resolver = strategy.cluster_resolver

with strategy.scope():
    w = tf.Variable(np.zeros(2, np.float32), aggregation=tf.VariableAggregation.MEAN)
    seen = tf.Variable(
        0,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )


def dataset_fn(context):
    x = np.random.RandomState(4).normal(size=(32, 2)).astype(np.float32)
    y = x @ np.array([3.0, -1.0], np.float32)
    dataset = tf.data.Dataset.from_tensor_slices((x, y))
    dataset = dataset.shard(context.num_input_pipelines, context.input_pipeline_id)
    return dataset.repeat().batch(context.get_per_replica_batch_size(8))


def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((tf.linalg.matvec(x, w) - y) ** 2)
    w.assign_sub(0.1 * tape.gradient(loss, w))
    seen.assign_add(tf.shape(x)[0])
    return loss


@tf.function
def step(x, y):
    return strategy.reduce("MEAN", strategy.run(train_step, args=(x, y)), axis=None)


iterator = iter(strategy.distribute_datasets_from_function(dataset_fn))
for number in range(6):
    loss = step(*next(iterator))
    print("step", number, "loss", loss.numpy())
print("worker", resolver.task_id or 0, "weights", w.numpy(), "examples", seen.numpy())
