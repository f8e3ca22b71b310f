"""Code written for any strategy, run without one: get_strategy, has_strategy, get_replica_context."""

import tensorflow as tf


def describe():
    context = "cross-replica" if tf.distribute.in_cross_replica_context() else "replica"
    strategy = tf.distribute.get_strategy()
    return "%s, strategy %s, %d in sync" % (
        context, tf.distribute.has_strategy(), strategy.num_replicas_in_sync)


class Counter(tf.Module):
    def __init__(self):
        super().__init__()
        self.value = tf.Variable(
            0, trainable=False, aggregation=tf.VariableAggregation.SUM)

    def add(self, number):
        self.value.assign_add(number)
        return self.value.read_value()


print(describe())
strategy = tf.distribute.get_strategy()
counter = Counter()
print(strategy.run(counter.add, args=(tf.constant(3),)).numpy())
print(strategy.run(tf.function(counter.add), args=(4,)).numpy())

with strategy.scope():
    print(describe())
    print(counter.add(5).numpy())

mirrored = tf.distribute.MirroredStrategy()
with mirrored.scope():
    print(describe())
    distributed = Counter()
print(mirrored.run(lambda: [describe()]) if mirrored.num_replicas_in_sync == 1 else "several")
print(describe())
result = mirrored.run(lambda: distributed.add(tf.constant(2)))
print([r.numpy() for r in mirrored.experimental_local_results(result)])
print("total", distributed.value.numpy(), "alone", counter.value.numpy())
