"""Every fold of a cross validation makes a strategy; a variable of the first meets the second."""

import tensorflow as tf


def make(value):
    strategy = tf.distribute.MirroredStrategy()
    with strategy.scope():
        return strategy, tf.Variable(value, aggregation=tf.VariableAggregation.MEAN)


def train(strategy, variable):
    strategy.run(lambda: variable.assign_add(tf.constant(1.0)))
    return variable.numpy()


results = []
shared = None
for fold in range(2):
    strategy, w = make(float(fold))
    results.append(train(strategy, w))
    shared = w if shared is None else shared
print(results)
print("the first again", train(strategy, shared))
