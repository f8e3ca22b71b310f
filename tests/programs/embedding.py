"""An embedding table: its gradient is IndexedSlices, applied with scatter_sub, and densely."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
VOCABULARY, WIDTH = 6, 2

with strategy.scope():
    table = tf.Variable(
        np.arange(VOCABULARY * WIDTH, dtype=np.float32).reshape(VOCABULARY, WIDTH) / 10,
        aggregation=tf.VariableAggregation.SUM,
        name="table",
    )
    scale = tf.Variable(1.0, aggregation=tf.VariableAggregation.SUM)


def step(ids):
    with tf.GradientTape() as tape:
        rows = tf.nn.embedding_lookup(table, ids)
        loss = tf.reduce_sum(scale * rows**2)
    d_table, d_scale = tape.gradient(loss, [table, scale])
    table.scatter_sub(tf.IndexedSlices(0.1 * d_table.values, d_table.indices))
    scale.assign_sub(0.001 * d_scale)
    return loss, isinstance(d_table, tf.IndexedSlices)


ids = np.array([[0, 1], [1, 2], [5, 5], [3, 0]])
dataset = tf.data.Dataset.from_tensor_slices(ids).batch(4).repeat(3)
for batch in strategy.experimental_distribute_dataset(dataset):
    loss, sparse = strategy.run(step, args=(batch,))
    print("loss", strategy.reduce("SUM", loss, axis=None).numpy())
    print("sparse", strategy.experimental_local_results(sparse)[0], "scale", scale.numpy())
print(np.round(table.numpy(), 6))
