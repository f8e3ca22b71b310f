"""A metric with default variables: the replicas' totals drift apart and the host reads one of them."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()

with strategy.scope():
    total = tf.Variable(0.0, trainable=False, name="total")
    count = tf.Variable(0, trainable=False, name="count")


def update_metric(values):
    total.assign_add(tf.reduce_sum(values))
    count.assign_add(tf.size(values))


dataset = tf.data.Dataset.range(1, 17).map(lambda i: tf.cast(i, tf.float32)).batch(4)
for values in strategy.experimental_distribute_dataset(dataset):
    strategy.run(update_metric, args=(values,))

print("total", total.numpy(), "count", count.numpy())
print("mean %.6f" % (total.numpy() / count.numpy()))
print("should be", sum(range(1, 17)) / 16)
print("copies", [v.numpy() for v in strategy.experimental_local_results(total)])
