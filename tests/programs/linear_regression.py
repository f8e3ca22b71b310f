"""Linear regression by hand: gradients are all-reduced, then every copy takes the same step."""

import numpy as np
import tensorflow as tf

STEPS = 20
BATCH = 16

strategy = tf.distribute.MirroredStrategy()

rng = np.random.RandomState(0)
x = rng.normal(size=(64, 3)).astype(np.float32)
y = x @ np.array([[1.0], [-2.0], [0.5]], np.float32) + 3.0
y += rng.normal(size=y.shape).astype(np.float32)

dataset = tf.data.Dataset.from_tensor_slices((x, y)).repeat().batch(BATCH)
dist_dataset = strategy.experimental_distribute_dataset(dataset)

with strategy.scope():
    w = tf.Variable(tf.zeros([3, 1]), name="w", aggregation=tf.VariableAggregation.MEAN)
    b = tf.Variable(0.0, name="b", aggregation=tf.VariableAggregation.MEAN)


def train_step(inputs):
    features, labels = inputs
    with tf.GradientTape() as tape:
        error = tf.matmul(features, w) + b - labels
        loss = tf.reduce_sum(error**2) / BATCH
    grads = tape.gradient(loss, [w, b])
    context = tf.distribute.get_replica_context()
    grads = context.all_reduce(tf.distribute.ReduceOp.SUM, grads)
    w.assign_sub(0.1 * grads[0])
    b.assign_sub(0.1 * grads[1])
    return loss


@tf.function
def distributed_train_step(inputs):
    per_replica = strategy.run(train_step, args=(inputs,))
    return strategy.reduce(tf.distribute.ReduceOp.SUM, per_replica, axis=None)


iterator = iter(dist_dataset)
for step in range(STEPS):
    loss = distributed_train_step(next(iterator))
    if step % 5 == 0 or step == STEPS - 1:
        print(f"step {step:3d} loss {float(loss):.8f}")

print("w", w.numpy().ravel())
print("b", b.numpy())
