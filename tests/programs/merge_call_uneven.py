"""Only some replicas call all_reduce: TensorFlow refuses, the script catches it and goes on."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    best = tf.Variable(0.0, aggregation=tf.VariableAggregation.MEAN)


def replica_fn(loss):
    ctx = tf.distribute.get_replica_context()
    if ctx.replica_id_in_sync_group == 0:
        loss = ctx.all_reduce(tf.distribute.ReduceOp.SUM, loss)
        best.assign(loss)
    return loss


try:
    strategy.run(replica_fn, args=(tf.constant(2.5),))
except RuntimeError as error:
    print("RuntimeError:", error)
print("best", best.numpy())


def corrected(loss):
    ctx = tf.distribute.get_replica_context()
    loss = ctx.all_reduce(tf.distribute.ReduceOp.SUM, loss)
    best.assign(loss)
    return loss


result = strategy.run(corrected, args=(tf.constant(2.5),))
print("best", best.numpy(), [r.numpy() for r in strategy.experimental_local_results(result)])
