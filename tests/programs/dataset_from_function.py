"""distribute_datasets_from_function: every input pipeline makes its own per-replica batches."""

import numpy as np
import tensorflow as tf

GLOBAL_BATCH = 8


def dataset_fn(input_context):
    batch = input_context.get_per_replica_batch_size(GLOBAL_BATCH)
    x = np.linspace(-1, 1, 32, dtype=np.float32)
    dataset = tf.data.Dataset.from_tensor_slices({"x": x, "y": x**3})
    dataset = dataset.shard(input_context.num_input_pipelines, input_context.input_pipeline_id)
    return dataset.repeat().batch(batch).prefetch(2)


strategy = tf.distribute.MirroredStrategy()
dataset = strategy.distribute_datasets_from_function(dataset_fn)

with strategy.scope():
    coefficients = tf.Variable([0.0] * 4, aggregation=tf.VariableAggregation.MEAN)


def replica_step(batch):
    powers = tf.stack([batch["x"] ** k for k in range(4)], axis=1)
    with tf.GradientTape() as tape:
        predicted = tf.linalg.matvec(powers, coefficients)
        loss = tf.reduce_mean((predicted - batch["y"]) ** 2)
    coefficients.assign_sub(0.5 * tape.gradient(loss, coefficients))
    return loss


@tf.function
def train(iterator, steps):
    last = 0.0
    for _ in range(steps):
        losses = strategy.run(replica_step, args=(next(iterator),))
        last = strategy.reduce(tf.distribute.ReduceOp.MEAN, losses, axis=None)
    return last


iterator = iter(dataset)
for epoch in range(4):
    print("epoch", epoch, "loss", train(iterator, 4).numpy())
print(coefficients.numpy())
