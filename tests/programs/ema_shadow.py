"""tf.train.ExponentialMovingAverage over a mirrored weight, evaluated with the shadow's value."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()

with strategy.scope():
    v = tf.Variable(10.0, name="v", aggregation=tf.VariableAggregation.MEAN)
    ema = tf.train.ExponentialMovingAverage(decay=0.5)
    ema.apply([v])


def replica_fn():
    replica_id = tf.distribute.get_replica_context().replica_id_in_sync_group
    v.assign_add(tf.cast(replica_id, tf.float32) + 1.0)
    ema.apply([v])


for step in range(6):
    strategy.run(replica_fn)
    print("step {} v {:.7f} shadow {:.7f}".format(step, v.numpy(), ema.average(v).numpy()))

trained = v.numpy()
v.assign(ema.average(v).numpy())
print("evaluated with", v.numpy(), "instead of", trained)
v.assign(trained)
print("restored", [c.numpy() for c in strategy.experimental_local_results(v)])
