"""A last batch of three examples: replicas without examples take the mean of nothing, which is NaN."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
data = np.arange(1, 12, dtype=np.float32)
dataset = tf.data.Dataset.from_tensor_slices(data).batch(8)

with strategy.scope():
    bias = tf.Variable(0.0, aggregation=tf.VariableAggregation.MEAN)


@tf.function
def train_step(batch):
    def replica_step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((x - bias) ** 2)
        bias.assign_sub(0.1 * tape.gradient(loss, bias))
        return loss

    losses = strategy.run(replica_step, args=(batch,))
    return strategy.reduce(tf.distribute.ReduceOp.MEAN, losses, axis=None)


for x in strategy.experimental_distribute_dataset(dataset):
    print("loss", train_step(x).numpy(), "bias", bias.numpy())
if np.isnan(bias.numpy()):
    print("training diverged")
