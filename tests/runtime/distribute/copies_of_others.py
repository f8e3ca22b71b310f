"""A script whose replicas look at each other's copies: printed variables, and copies by number.

    python -m tests.runtime.distribute.record_scripts     # records it on TensorFlow

TensorFlow's replicas run one after the other between meetings: those before have written already,
those behind have not.
"""

# mypy: ignore-errors

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

with strategy.scope():
    total = tf.Variable(1.0, aggregation=tf.VariableAggregation.SUM)
    own = tf.Variable([1.0])
    share = tf.Variable(
        1,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )
plain = tf.Variable(0.0)


def rank():
    return tf.distribute.get_replica_context().replica_id_in_sync_group


def copies():
    """What each replica's copy holds, added up so that each has a digit of its own."""
    return sum(copy * 1000.0**at for at, copy in enumerate(own.values))


def step():
    seen = [f"{rank().numpy()} sees {total}", copies()]
    own.assign_add([tf.cast(rank(), tf.float32) + 1])
    plain.assign_add(1.0)
    seen += [repr(own), copies(), plain.read_value()]
    share.assign_add(1)
    seen += [str(share), f"{own}"]
    own.assign_add([10.0])
    tf.distribute.get_replica_context().merge_call(lambda strategy: None)
    total.assign_add(tf.constant(1.0))
    seen += [f"{rank().numpy()} sees {total}", copies()]
    own.assign_add([10.0])
    return [*seen, copies()]


def adding():
    own.assign_add([1.0])
    return copies()


def show(results):
    for result in strategy.experimental_local_results(results):
        print(result)


for parts in strategy.run(step):
    show(parts)
show(tf.function(lambda: strategy.run(adding))())
show(strategy.run(tf.function(adding)))
print(total, own, share)
