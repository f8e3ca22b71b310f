"""The second worker has a batch less, so the first waits alone in its last step."""

import tensorflow as tf

strategy = tf.distribute.MultiWorkerMirroredStrategy()
worker = strategy.cluster_resolver.task_id or 0

with strategy.scope():
    w = tf.Variable(4.0, aggregation=tf.VariableAggregation.MEAN)

batches = [tf.fill([2], float(i + worker)) for i in range(3 - worker)]


def train_step(x):
    w.assign_sub(0.1 * tf.reduce_mean(x) * w)


for number, x in enumerate(batches):
    strategy.run(train_step, args=(x,))
    print(number, w.numpy())
print("worker", worker, "is done")
