"""Stateless random numbers, a different seed in each replica, the states kept in ON_READ variables."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
ON_READ = tf.VariableSynchronization.ON_READ

with strategy.scope():
    position = tf.Variable(
        tf.zeros([2]), trainable=False, synchronization=ON_READ,
        aggregation=tf.VariableAggregation.MEAN)
    clock = tf.Variable(
        0, trainable=False, synchronization=ON_READ,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA)


@tf.function
def walk(steps):
    def fn():
        rank = tf.distribute.get_replica_context().replica_id_in_sync_group
        for _ in tf.range(steps):
            seed = tf.stack([rank, clock.read_value()])
            position.assign_add(tf.random.stateless_uniform([2], seed, minval=-1.0, maxval=1.0))
            clock.assign_add(1)
        return position.read_value()

    return strategy.run(fn)


for round_number in range(3):
    places = strategy.experimental_local_results(walk(tf.constant(4)))
    for place in places:
        print(round_number, " ".join("%+.7f" % c for c in place.numpy()))
    print("mean", position.numpy(), "clock", clock.numpy())
