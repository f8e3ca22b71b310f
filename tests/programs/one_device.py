"""OneDeviceStrategy to try a script out: modes play no part, so its misuse does not show."""

import tensorflow as tf

strategy = tf.distribute.OneDeviceStrategy("/cpu:0")

with strategy.scope():
    total = tf.Variable(0.0, trainable=False)
    local = tf.Variable(
        5.0,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )


@tf.function
def step(x):
    def fn(x):
        total.assign_add(tf.reduce_sum(x))
        local.assign_sub(1.0)
        context = tf.distribute.get_replica_context()
        return context.all_reduce("SUM", local.read_value()) / context.num_replicas_in_sync

    return strategy.run(fn, args=(x,))


for batch in strategy.experimental_distribute_dataset(
    tf.data.Dataset.range(6, output_type=tf.float32).batch(3)
):
    print(step(batch).numpy(), total.numpy(), local.numpy())
print(type(total).__name__, total.synchronization.name, total.aggregation.name)
