"""A loss is normalised by an ON_READ count inside the step: each replica sees its own share only."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    count = tf.Variable(
        0.0,
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )


@tf.function
def step(batch):
    def replica_fn(x):
        count.assign_add(tf.cast(tf.size(x), tf.float32))
        return tf.reduce_sum(x) / count

    return strategy.run(replica_fn, args=(batch,))


dataset = tf.data.Dataset.from_tensor_slices(tf.range(32.0)).batch(8)
for batch in strategy.experimental_distribute_dataset(dataset):
    values = step(batch)
    print(
        "count", count.numpy(),
        "sum of shares %.7f" % strategy.reduce("SUM", values, axis=None).numpy(),
        [v.numpy().item() for v in strategy.experimental_local_results(values)],
    )
