"""A default variable is given the all-reduced value: equal on all replicas, so nothing diverges."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    mean = tf.Variable(0.0, trainable=False, name="mean")
    power = tf.Variable(tf.zeros([3]), trainable=False, name="power")


def replica_fn(x):
    ctx = tf.distribute.get_replica_context()
    batch_mean, batch_power = ctx.all_reduce(
        tf.distribute.ReduceOp.MEAN, [tf.reduce_mean(x), tf.reduce_mean(x**2, axis=0)]
    )
    mean.assign(batch_mean)
    power.assign_add(batch_power)
    return x - mean


step = tf.function(lambda x: strategy.run(replica_fn, args=(x,)))

for number in range(1, 5):
    x = strategy.experimental_distribute_values_from_function(
        lambda c: tf.reshape(tf.range(6.0), [2, 3]) * number / (1.0 + c.replica_id_in_sync_group)
    )
    centred = step(x)
    gathered = strategy.gather(centred, axis=0)
    print(number, mean.numpy(), power.numpy(), gathered.shape, tf.reduce_max(gathered).numpy())

for v in (mean, power):
    print(v.name, [component.numpy().tolist() for component in strategy.experimental_local_results(v)])
