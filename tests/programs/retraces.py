"""What a step prints while it is traced: once for each shape of the batches, uneven or not."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()


@tf.function
def double(batch):
    print("traced double", [part.shape for part in strategy.experimental_local_results(batch)])
    return strategy.run(lambda x: x * 2.0, args=(batch,))


@tf.function
def total(batch, scale):
    print("traced total", scale)
    parts = strategy.run(lambda x: tf.reduce_sum(x) * scale, args=(batch,))
    return strategy.reduce("SUM", parts, axis=None)


data = tf.data.Dataset.range(28).map(lambda x: tf.cast(x, tf.float32)).batch(8)
for batch in strategy.experimental_distribute_dataset(data):
    print("sum", float(total(double(batch), 0.5)))

grown = strategy.experimental_distribute_values_from_function(
    lambda context: tf.ones([context.replica_id_in_sync_group + 1])
)
for scale in (1.0, 1.0, 2.0):
    print("sum", float(total(double(grown), scale)))
