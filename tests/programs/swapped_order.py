"""Replicas update two variables in different order: the values end up in the wrong variables."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    generator = tf.Variable(0.0, name="generator", aggregation=tf.VariableAggregation.SUM)
    critic = tf.Variable(0.0, name="critic", aggregation=tf.VariableAggregation.SUM)


def step():
    rank = tf.distribute.get_replica_context().replica_id_in_sync_group
    value = tf.cast(rank + 1, tf.float32)
    if rank % 2 == 0:
        generator.assign_add(value)
        critic.assign_add(100.0 * value)
    else:
        critic.assign_add(100.0 * value)
        generator.assign_add(value)


for i in range(2):
    strategy.run(step)
    print("generator", generator.numpy(), "critic", critic.numpy())
