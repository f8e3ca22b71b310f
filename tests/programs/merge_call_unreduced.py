"""In a merge_call the per-replica values are assigned as they are: every copy gets its replica's."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    v = tf.Variable(1.0, aggregation=tf.VariableAggregation.MEAN)


def merge_fn(strategy, value):
    v.assign_add(value)
    return strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None)


def replica_fn():
    ctx = tf.distribute.get_replica_context()
    value = tf.cast(ctx.replica_id_in_sync_group + 1, tf.float32)
    total = ctx.merge_call(merge_fn, args=(value,))
    return total + v


for i in range(3):
    result = strategy.run(replica_fn)
    print(i, v.numpy(), [r.numpy() for r in strategy.experimental_local_results(result)])

v.assign(v)
print("after assign(v)", [c.numpy() for c in strategy.experimental_local_results(v)])
