"""Step counters done right: by the host, and with ONLY_FIRST_REPLICA inside the step."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    host_step = tf.Variable(0, dtype=tf.int64, trainable=False)
    replica_step = tf.Variable(
        0, dtype=tf.int64, trainable=False,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA)
    examples = tf.Variable(
        0, trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM)


def replica_fn(batch):
    replica_step.assign_add(1)
    examples.assign_add(tf.shape(batch)[0])
    return tf.cast(replica_step, tf.float32) * tf.reduce_sum(batch)


@tf.function
def step(batch):
    return strategy.reduce("SUM", strategy.run(replica_fn, args=(batch,)), axis=None)


dataset = tf.data.Dataset.from_tensor_slices(tf.range(20, dtype=tf.float32)).batch(4)
for batch in strategy.experimental_distribute_dataset(dataset):
    result = step(batch)
    host_step.assign_add(1)
    print(host_step.numpy(), replica_step.numpy(), result.numpy())
print("examples", examples.numpy())
