"""ONLY_FIRST_REPLICA over two workers: each takes its own first replica, so the workers differ."""

import json
import os

import tensorflow as tf

config = json.loads(os.environ.get("TF_CONFIG", '{"task": {"type": "worker", "index": 0}}'))
index = config["task"]["index"]

strategy = tf.distribute.MultiWorkerMirroredStrategy()
with strategy.scope():
    threshold = tf.Variable(0.0, aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA)
    count = tf.Variable(0.0, aggregation=tf.VariableAggregation.SUM)


@tf.function
def step(number):
    def replica_fn():
        rank = tf.distribute.get_replica_context().replica_id_in_sync_group
        value = tf.cast(rank + 1, tf.float32) * number
        threshold.assign(value)
        count.assign_add(value)

    strategy.run(replica_fn)


for number in (1.0, 2.0, 3.0):
    step(tf.constant(number))
    print("worker", index, "threshold", threshold.numpy(), "count", count.numpy())
