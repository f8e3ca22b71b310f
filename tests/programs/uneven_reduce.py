"""Results for each example of an uneven batch: `reduce` adds up the replicas' rows, not their lengths."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
rows = tf.data.Dataset.from_tensor_slices(tf.reshape(tf.range(18.0), [9, 2]))
dataset = strategy.experimental_distribute_dataset(rows.batch(8).repeat(1))
uneven = strategy.experimental_distribute_dataset(rows.take(5).batch(8))


def of_each(x):
    return tf.reduce_sum(x, axis=1)


@tf.function
def compiled(x):
    return strategy.reduce("SUM", strategy.run(of_each, args=(x,)), axis=None)


def shown(name, call, *args):
    try:
        print(name, call(*args).numpy().tolist())
    except (ValueError, tf.errors.InvalidArgumentError) as error:
        print(name, type(error).__name__, "same size" in str(error), "both shapes" in str(error))


first = next(iter(dataset))
shown("even", lambda x: strategy.reduce("SUM", strategy.run(of_each, args=(x,)), axis=None), first)
shown("even, compiled", compiled, first)
for x in uneven:
    shown("batch", lambda x: strategy.reduce("MEAN", x, axis=None), x)
    shown("mean of rows", lambda x: strategy.reduce("MEAN", x, axis=0), x)
    shown("sums", lambda x: strategy.reduce("SUM", strategy.run(of_each, args=(x,)), axis=None), x)
    shown("sums, compiled", compiled, x)
    shown("sum of all", lambda x: strategy.reduce("SUM", strategy.run(of_each, args=(x,)), 0), x)


def known_to_be_empty(x):
    # while the loop is traced the size of a batch is unknown: a replica's 0 rows do not show
    print("no rows" if x.shape[0] == 0 else "rows or unknown")
    return tf.reduce_sum(x)


@tf.function
def loop(dataset):
    total = 0.0
    for x in dataset:
        total += strategy.reduce("SUM", strategy.run(known_to_be_empty, args=(x,)), axis=None)
    return total


print(loop(strategy.experimental_distribute_dataset(rows.take(1).batch(4))).numpy())
