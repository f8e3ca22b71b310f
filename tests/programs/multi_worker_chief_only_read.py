"""The chief alone reads the total, which is a reduction over all workers: it waits for ever."""

import tensorflow as tf

strategy = tf.distribute.MultiWorkerMirroredStrategy()
chief = (strategy.cluster_resolver.task_id or 0) == 0

with strategy.scope():
    total = tf.Variable(
        0.0,
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )


@tf.function
def step():
    strategy.run(lambda: total.assign_add(tf.constant(1.5)))


for i in range(3):
    step()
    print("step", i)

if chief:
    print("total", total.numpy())
print("done")
