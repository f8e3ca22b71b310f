"""Gradient accumulation: each replica sums micro batches in an ON_READ buffer, then all apply once."""

import numpy as np
import tensorflow as tf

MICRO = 4

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    w = tf.Variable([[0.5], [0.5]], aggregation=tf.VariableAggregation.MEAN)
    buffer = tf.Variable(
        tf.zeros_like(w),
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )


def accumulate(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum((tf.matmul(x, w) - y) ** 2)
    buffer.assign_add(tape.gradient(loss, w))
    return loss


def apply():
    mine = buffer.read_value()
    total = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, mine)
    w.assign_sub(0.002 * total)
    buffer.assign(tf.zeros_like(buffer))


accumulate_fn = tf.function(lambda x, y: strategy.run(accumulate, args=(x, y)))
apply_fn = tf.function(lambda: strategy.run(apply))

x = np.random.RandomState(2).normal(size=(64, 2)).astype(np.float32)
y = (x[:, :1] * 2 - x[:, 1:]).astype(np.float32)
dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(8)

for number, (features, labels) in enumerate(strategy.experimental_distribute_dataset(dataset), 1):
    loss = strategy.reduce("SUM", accumulate_fn(features, labels), axis=None)
    print(f"micro {number}: loss {loss.numpy():.7f}, buffered {buffer.numpy().ravel()}")
    if number % MICRO == 0:
        apply_fn()
        print("applied:", w.numpy().ravel(), "buffer", buffer.numpy().ravel())
