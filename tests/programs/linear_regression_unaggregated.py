"""Linear regression whose weights have no aggregation: each replica trains its own copy."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
print("Number of devices: {}".format(strategy.num_replicas_in_sync))

np.random.seed(1)
x_train = np.random.rand(32, 1).astype("float32")
y_train = 2.0 * x_train + 1.0

ds = tf.data.Dataset.from_tensor_slices((x_train, y_train)).batch(8)
ds = strategy.experimental_distribute_dataset(ds)

with strategy.scope():
    weight = tf.Variable(0.0)
    bias = tf.Variable(0.0)


def step_fn(batch):
    x, y = batch
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(weight * x + bias - y))
    d_weight, d_bias = tape.gradient(loss, [weight, bias])
    weight.assign_sub(0.2 * d_weight)
    bias.assign_sub(0.2 * d_bias)
    return loss


@tf.function
def train(batch):
    losses = strategy.run(step_fn, args=(batch,))
    return strategy.reduce("MEAN", losses, axis=None)


for epoch in range(5):
    total = 0.0
    for batch in ds:
        total += train(batch)
    print("epoch", epoch, "loss", total.numpy() / 4)

print("weight = %.7f, bias = %.7f" % (weight.numpy(), bias.numpy()))
for copy in strategy.experimental_local_results(weight):
    print("copy of weight:", copy.numpy())
