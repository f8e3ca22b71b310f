"""A progress line reads an ON_READ total after every step: right, and a reduction each time."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()

with strategy.scope():
    running_loss = tf.Variable(
        0.0,
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.MEAN,
    )


@tf.function
def train_step(x):
    def replica_fn(x):
        running_loss.assign(0.9 * running_loss + 0.1 * tf.reduce_mean(tf.exp(-x)))

    strategy.run(replica_fn, args=(x,))


dataset = tf.data.Dataset.from_tensor_slices(tf.linspace(0.0, 3.0, 40)).batch(4)
for i, x in enumerate(strategy.experimental_distribute_dataset(dataset)):
    train_step(x)
    print("%d/10 - loss: %.8f" % (i + 1, running_loss.numpy()))
