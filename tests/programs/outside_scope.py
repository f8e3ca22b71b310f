"""One variable is made outside the scope: the mean over replicas is added once for every replica."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()

learned = tf.Variable(0.0, aggregation=tf.VariableAggregation.MEAN)
with strategy.scope():
    mirrored = tf.Variable(0.0, aggregation=tf.VariableAggregation.MEAN)


def step():
    context = tf.distribute.get_replica_context()
    value = 10.0 * (tf.cast(context.replica_id_in_sync_group, tf.float32) + 1.0)
    learned.assign_add(value)
    mirrored.assign_add(value)


for _ in range(2):
    strategy.run(step)
    print("outside", learned.numpy(), "inside", mirrored.numpy())
print(type(learned).__name__, type(mirrored).__name__)
