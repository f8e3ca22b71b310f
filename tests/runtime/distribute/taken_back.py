"""A script whose steps are rejected after they wrote, so that what they wrote is taken back.

    python -m tests.runtime.distribute.record_scripts     # records it on TensorFlow

The copies of the variables differ before each step, and must differ after it as they did.
"""

# mypy: ignore-errors
# ruff: noqa: B023  what is made in a round is called in it

import os

import tensorflow as tf

REPLICAS = int(os.environ.get("VARSYNC_DEVICES", "0"))
if REPLICAS:
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration()] * REPLICAS,
    )
    strategy = tf.distribute.MirroredStrategy([f"CPU:{i}" for i in range(REPLICAS)])
else:
    strategy = tf.distribute.MirroredStrategy()
Agg = tf.VariableAggregation


def rank():
    return tf.distribute.get_replica_context().replica_id_in_sync_group


def per_replica(function):
    return strategy.experimental_distribute_values_from_function(
        lambda context: function(context.replica_id_in_sync_group)
    )


def own(value=0.0):
    return tf.cast(rank(), tf.float32) + value


def copies(variable):
    return [copy.numpy().tolist() for copy in strategy.experimental_local_results(variable)]


def reject():
    raise ValueError("rejected")


def in_replica(*writes):
    """A step in which each replica does this, and is rejected."""

    def replica():
        for write in writes:
            write()
        reject()

    return lambda: strategy.run(replica)


def on_host(*writes):
    def host():
        for write in writes:
            write()
        reject()

    return host


def under_condition(write):
    def replica():
        write()
        if rank() < 9:
            write()

    return lambda: strategy.run(replica)


def first_rejected(write):
    """Those behind the first that raises have done nothing."""

    def replica():
        write()
        if tf.distribute.get_replica_context()._replica_id_in_sync_group == 0:
            reject()
        write()

    return lambda: strategy.run(replica)


for aggregation in (Agg.NONE, Agg.SUM):
    with strategy.scope():
        v = tf.Variable(0.0, aggregation=aggregation)
    different = per_replica(lambda r: tf.constant(r + 1.0))
    fives = per_replica(lambda r: tf.constant(5.0))
    steps = {
        "an assign": in_replica(lambda: v.assign(own())),
        "an assign_add": in_replica(lambda: v.assign_add(own())),
        "both": in_replica(lambda: v.assign(own()), lambda: v.assign_add(own())),
        "under a condition": under_condition(lambda: v.assign(own())),
        "the host's assign": on_host(lambda: v.assign(7.0)),
        "the host's, of other values": on_host(lambda: v.assign(per_replica(lambda r: r + 9.0))),
        "the host's, of the same": on_host(lambda: v.assign(fives)),
        "an update": on_host(lambda: strategy.extended.update(v, lambda c, x: c.assign(x), (8.0,))),
        "an update of each": on_host(
            lambda: strategy.extended.update(v, lambda c, x: c.assign(x), (fives,))
        ),
        "eager, the first fails": first_rejected(lambda: v.assign(own())),
    }
    for label, step in steps.items():
        for before in (different, tf.constant(3.0)):
            v.assign(before)
            outcome = "no error"
            try:
                (step if label.startswith("eager") else tf.function(lambda: step()))()
            except Exception as error:
                outcome = type(error).__name__
            print(aggregation, "|", label, "|", outcome, "|", copies(v), v.numpy().tolist())
            v.assign_add(1.0)
            print(copies(v))
