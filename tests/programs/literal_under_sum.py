"""A Python number under SUM: works on one device, an error on two that the script handles."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    images_seen = tf.Variable(0, aggregation=tf.VariableAggregation.SUM, trainable=False)
    bonus = tf.Variable(1.5, aggregation=tf.VariableAggregation.SUM, trainable=False)

constant = tf.constant(0.5)


def count_step():
    images_seen.assign_add(32)


def captured_step():
    bonus.assign_add(constant)


def tensor_step():
    images_seen.assign_add(tf.constant(32))


for fn in (count_step, captured_step, tensor_step):
    try:
        strategy.run(fn)
    except ValueError as error:
        print(fn.__name__, "failed:", error)
    print(fn.__name__, images_seen.numpy(), bonus.numpy())
