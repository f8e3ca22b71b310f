"""A table of counts with ON_READ: scatter_add is not supported there, and the script dies of it."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    counts = tf.Variable(
        tf.zeros([5], tf.int32),
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )


def dense(ids):
    counts.assign_add(tf.math.bincount(ids, minlength=5, maxlength=5))


def sparse(ids):
    updates = tf.IndexedSlices(tf.ones_like(ids), ids)
    counts.scatter_add(updates)


ids = strategy.experimental_distribute_values_from_function(
    lambda c: tf.constant([0, 1, 1, 4]) % (c.replica_id_in_sync_group + 2)
)
strategy.run(dense, args=(ids,))
print("dense", counts.numpy())
strategy.run(sparse, args=(ids,))
print("sparse", counts.numpy())
