"""Gradients are all-reduced, then added to a SUM accumulator: they are counted N times."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()

with strategy.scope():
    theta = tf.Variable(4.0, aggregation=tf.VariableAggregation.MEAN)
    accumulated = tf.Variable(0.0, trainable=False, aggregation=tf.VariableAggregation.SUM)


def micro_step(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(theta * x)
    grad = tape.gradient(loss, theta)
    grad = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, grad)
    accumulated.assign_add(grad)


def apply_step():
    theta.assign_sub(0.01 * accumulated)


for outer in range(3):
    for inner in range(2):
        inputs = strategy.experimental_distribute_values_from_function(
            lambda c: tf.constant([1.0, 3.0]) * (c.replica_id_in_sync_group + 1.0)
        )
        strategy.run(micro_step, args=(inputs,))
        print("accumulated", accumulated.numpy())
    strategy.run(apply_step)
    accumulated.assign(0.0)
    print("theta %.8f" % theta.numpy())
