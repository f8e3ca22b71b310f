"""A step counter with SUM that every replica counts up by one: it counts N times too fast."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()

with strategy.scope():
    global_step = tf.Variable(
        0, dtype=tf.int64, trainable=False, aggregation=tf.VariableAggregation.SUM
    )
    weight = tf.Variable(1.0, aggregation=tf.VariableAggregation.MEAN)


def train_step():
    rate = 1.0 / (1.0 + tf.cast(global_step, tf.float32))
    weight.assign_sub(0.1 * rate)
    global_step.assign_add(tf.constant(1, tf.int64))


for _ in range(5):
    strategy.run(train_step)
    print("step", global_step.numpy(), "weight", weight.numpy())
