"""An ON_READ sum that starts at 100 and is set again inside the step: counted once a replica."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()

with strategy.scope():
    seen = tf.Variable(
        100,
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )

print("starts at", seen.numpy())
strategy.run(lambda: seen.assign_add(1))
print("one more on each replica", seen.numpy())
seen.assign(100)
print("assigned by the host", seen.numpy())


@tf.function
def restore(value):
    strategy.run(lambda v: seen.assign(v), args=(value,))


restore(tf.constant(100))
print("assigned by the replicas", seen.numpy())
try:
    seen.assign_add(1)
except ValueError as error:
    print("ValueError:", error)
print("copies", [copy.numpy() for copy in strategy.experimental_local_results(seen)])
