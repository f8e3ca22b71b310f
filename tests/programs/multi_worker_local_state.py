"""Two workers update a default variable from their own shard: every worker ends with its own value."""

import tensorflow as tf

strategy = tf.distribute.MultiWorkerMirroredStrategy()
with strategy.scope():
    best = tf.Variable(0.0, trainable=False)

dataset = tf.data.Dataset.from_tensor_slices(tf.range(16.0)).batch(8)
options = tf.data.Options()
options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
dataset = dataset.with_options(options)


def replica_fn(x):
    best.assign(tf.maximum(best, tf.reduce_max(x)))
    return tf.reduce_sum(x)


for x in strategy.experimental_distribute_dataset(dataset):
    sums = strategy.run(replica_fn, args=(x,))
    print("total", strategy.reduce("SUM", sums, axis=None).numpy())
print("best", best.numpy())
