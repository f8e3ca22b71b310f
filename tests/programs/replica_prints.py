"""Prints inside the replica function: each replica says what it sees, then the host sums up."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    a = tf.Variable(1.0)
    b = tf.Variable(1.0, aggregation=tf.VariableAggregation.MEAN)


def replica_fn(scale):
    context = tf.distribute.get_replica_context()
    me = context.replica_id_in_sync_group
    print("replica", int(me), "of", context.num_replicas_in_sync)
    a.assign_add(scale * tf.cast(me, tf.float32))
    print("a", a.numpy())
    b.assign_add(scale * tf.cast(me, tf.float32))
    print("b", b.read_value().numpy())


for scale in (1.0, 0.5):
    strategy.run(replica_fn, args=(tf.constant(scale),))
    print("host: a", a.numpy(), "b", b.numpy())
