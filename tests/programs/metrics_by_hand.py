"""Metric accumulators written by hand: ON_READ sums, reset and read by the host once an epoch."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()


class Mean:
    def __init__(self, name):
        def accumulator(suffix):
            return tf.Variable(
                0.0,
                name=name + suffix,
                trainable=False,
                synchronization=tf.VariableSynchronization.ON_READ,
                aggregation=tf.VariableAggregation.SUM,
            )

        self.name = name
        self.total = accumulator("/total")
        self.count = accumulator("/count")

    def update(self, values):
        self.total.assign_add(tf.reduce_sum(values))
        self.count.assign_add(tf.cast(tf.size(values), tf.float32))

    def result(self):
        return tf.math.divide_no_nan(self.total.read_value(), self.count.read_value())

    def reset(self):
        self.total.assign(0.0)
        self.count.assign(0.0)


with strategy.scope():
    metrics = [Mean("error"), Mean("error_squared")]


@tf.function
def evaluate(batch):
    def fn(values):
        error = values - 0.25
        metrics[0].update(error)
        metrics[1].update(error**2)

    strategy.run(fn, args=(batch,))


for epoch in range(3):
    values = np.linspace(0, 1 + epoch, 24, dtype=np.float32)
    dataset = tf.data.Dataset.from_tensor_slices(values).batch(8)
    for batch in strategy.experimental_distribute_dataset(dataset):
        evaluate(batch)
    print("epoch", epoch, {m.name: float(m.result()) for m in metrics})
    for m in metrics:
        m.reset()
print("after reset", [float(m.result()) for m in metrics])
