"""A gradient is applied under a condition on a tensor, in a compiled step: TensorFlow can't trace it."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    w = tf.Variable(2.0, aggregation=tf.VariableAggregation.MEAN)
    skipped = tf.Variable(
        0,
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )


def guarded_step(x):
    gradient = 2.0 * x * w
    if tf.math.is_finite(gradient):
        w.assign_sub(0.1 * gradient)
    else:
        skipped.assign_add(1)


def branchless_step(x):
    gradient = 2.0 * x * w
    finite = tf.math.is_finite(gradient)
    w.assign_sub(tf.where(finite, 0.1 * gradient, tf.zeros_like(gradient)))
    skipped.assign_add(tf.cast(tf.logical_not(finite), tf.int32))


def compiled(step):
    return tf.function(lambda x: strategy.run(step, args=(x,)))


values = [0.5, float("inf"), 0.25]

run = compiled(guarded_step)
try:
    for x in values:
        run(tf.constant(x))
except RuntimeError as error:
    print("not traceable:", "`merge_call` called while defining a new graph" in str(error))
print("w", w.numpy(), "skipped", skipped.numpy())

run = compiled(branchless_step)
for x in values:
    run(tf.constant(x))
    print("w", w.numpy(), "skipped", skipped.numpy())
