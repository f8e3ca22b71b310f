"""What strategy.run returned is assigned on the host without a reduction: the copies differ."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()

with strategy.scope():
    norm = tf.Variable(0.0, trainable=False, aggregation=tf.VariableAggregation.MEAN)


@tf.function
def gradient_norm(x):
    return tf.sqrt(tf.reduce_sum(tf.square(x)))


dataset = tf.data.Dataset.from_tensor_slices(tf.reshape(tf.range(32.0), [16, 2])).batch(8)
for x in strategy.experimental_distribute_dataset(dataset):
    norms = strategy.run(gradient_norm, args=(x,))
    norm.assign(norms)
    print("norm", norm.numpy(), [v.numpy().item() for v in strategy.experimental_local_results(norm)])
    norm.assign(strategy.reduce("MEAN", norms, axis=None))
    print("norm", norm.numpy(), [v.numpy().item() for v in strategy.experimental_local_results(norm)])
