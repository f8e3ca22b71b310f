"""Refuses a loss that is not finite: sys.exit with a status of its own, after a line on stderr."""

import sys

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()

with strategy.scope():
    w = tf.Variable(3.0, aggregation=tf.VariableAggregation.MEAN)


@tf.function
def step():
    def fn():
        w.assign(w * w)
        return tf.math.log(1e20 - w)

    return strategy.reduce("MEAN", strategy.run(fn), axis=None)


for i in range(20):
    loss = step().numpy()
    print(i, "loss %.6f" % loss)
    if not loss == loss:
        print("loss is not a number", file=sys.stderr)
        sys.exit(4)
