"""A checkpoint restored into another number of replicas: an integer sum loses its remainder."""

import tempfile

import tensorflow as tf


def build(devices):
    strategy = tf.distribute.MirroredStrategy(devices)
    with strategy.scope():
        examples = tf.Variable(
            0,
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.SUM,
        )
        loss = tf.Variable(
            0.0,
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.SUM,
        )
        w = tf.Variable(0.5)
    return strategy, tf.train.Checkpoint(examples=examples, loss=loss, w=w)


def state(strategy, checkpoint):
    return {
        name: (getattr(checkpoint, name).numpy(), [
            copy.numpy().item()
            for copy in strategy.experimental_local_results(getattr(checkpoint, name))
        ])
        for name in ("examples", "loss", "w")
    }


devices = ["/cpu:%d" % i for i in range(len(tf.config.list_logical_devices("CPU")))]
strategy, model = build(devices)


def step():
    rank = tf.distribute.get_replica_context().replica_id_in_sync_group
    model.examples.assign_add(7 + rank)
    model.loss.assign_add(1.5 * (tf.cast(rank, tf.float32) + 1.0))
    model.w.assign_add(tf.cast(rank + 1, tf.float32))


strategy.run(step)
print("trained ", state(strategy, model))
with tempfile.TemporaryDirectory() as folder:
    path = model.save(folder + "/model")
    for count in sorted({1, 2, len(devices)}):
        if count > len(devices):
            continue
        other, restored = build(devices[:count])
        restored.restore(path).assert_existing_objects_matched()
        print("into", count, state(other, restored))
