"""The last global batch is smaller than the others: losses are weighted by what each replica has."""

import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
GLOBAL_BATCH = 8

values = (np.arange(19) / 3).astype(np.float32)
dataset = tf.data.Dataset.from_tensor_slices(values).batch(GLOBAL_BATCH)

with strategy.scope():
    total = tf.Variable(
        0.0,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )
    seen = tf.Variable(
        0,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )


def eval_step(batch):
    total.assign_add(tf.reduce_sum(batch))
    seen.assign_add(tf.size(batch))
    return tf.size(batch)


for batch in strategy.experimental_distribute_dataset(dataset):
    sizes = strategy.run(eval_step, args=(batch,))
    sizes = strategy.experimental_local_results(sizes)
    print("sizes", [int(s) for s in sizes], "of", len(sizes))

print("mean {:.7f} of {} values".format(total.numpy() / seen.numpy(), seen.numpy()))
print("expected {:.7f}".format(values.mean()))
