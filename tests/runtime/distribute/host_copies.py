"""A script whose host code writes single copies of distributed variables, often in vain.

    python -m tests.runtime.distribute.record_scripts     # records it on TensorFlow

Whatever fails for one copy must be seen by the host code of all replicas.
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
    REPLICAS = strategy.num_replicas_in_sync
Sync, Agg = tf.VariableSynchronization, tf.VariableAggregation
LAST = REPLICAS - 1


def values(function):
    return strategy.experimental_distribute_values_from_function(
        lambda context: function(context.replica_id_in_sync_group)
    )


def copies(variable):
    return [copy.numpy().tolist() for copy in strategy.experimental_local_results(variable)]


def attempt(label, variable, action):
    try:
        result = action(variable)
        outcome = "no error" if result is None else type(result).__name__
    except Exception as error:
        outcome = f"{type(error).__name__}: {str(error)[:60]!r}"
    print(label, "|", outcome, "|", copies(variable))


def differ(variable):
    """Copies of different contents."""
    for at, copy in enumerate(strategy.experimental_local_results(variable)):
        copy.assign(tf.ones_like(copy) * (at + 1))


def last_has_two(replica):
    return tf.constant([7, 8]) if replica == LAST else tf.constant([7])


def first_has_two(replica):
    return tf.constant([7, 8]) if replica == 0 else tf.constant([7])


def reject_odd(copy, value):
    copy.assign_add(value)
    if int(copy.values[0] if hasattr(copy, "values") else copy[0]) % 2 == 0:
        raise ValueError("even")
    return copy.assign_add(value)


def assert_small(limit):
    def update(copy):
        tf.debugging.assert_less(copy, limit)
        return copy.assign_add([10])

    return update


ACTIONS = {
    "slice of the wrong shape": lambda v: v[0].assign([1, 2, 3]),
    "slice": lambda v: v[0].assign(9),
    "slice, given another variable": lambda v: v[0].assign(total),
    "last copy, wrong shape": lambda v: v.values[LAST].assign([1, 2]),
    "last copy": lambda v: v.values[LAST].assign([5]),
    "last copy, given another variable": lambda v: v.values[LAST].assign_add(totals),
    "last copy, given its first": lambda v: v.values[LAST].assign(v.values[0]),
    "first copy, raw": lambda v: tf.raw_ops.AssignVariableOp(
        resource=v.handle, value=tf.constant([3])
    ),
    "raw, wrong dtype": lambda v: tf.raw_ops.AssignAddVariableOp(
        resource=v.handle, value=tf.constant([0.5])
    ),
    "per replica": lambda v: v.assign(values(lambda r: tf.constant([r]))),
    "per replica, last fails": lambda v: v.assign(values(last_has_two)),
    "per replica, first fails": lambda v: v.assign_add(values(first_has_two)),
    "update": lambda v: strategy.extended.update(v, lambda c: c.assign_add([1])),
    "update, some fail": lambda v: strategy.extended.update(v, reject_odd, args=([1],)),
    "update, last fails": lambda v: strategy.extended.update(v, assert_small(REPLICAS)),
    "update, all fail": lambda v: strategy.extended.update(v, assert_small(0)),
    "update, per replica, last fails": lambda v: strategy.extended.update(
        v, lambda c, x: c.assign(x), args=(values(last_has_two),)
    ),
    "count last copy up": lambda v: v.values[LAST].count_up_to(REPLICAS + 1),
    "count last copy up too far": lambda v: v.values[LAST].count_up_to(REPLICAS),
    "count first copy up": lambda v: v.values[0].count_up_to(REPLICAS),
}
SCALAR = ("count",)

with strategy.scope():
    total = tf.Variable(40, synchronization=Sync.ON_READ, aggregation=Agg.SUM)
    totals = tf.Variable([40], synchronization=Sync.ON_READ, aggregation=Agg.SUM)

for kind, modes in {
    "mirrored": {},
    "on_read": {"synchronization": Sync.ON_READ, "aggregation": Agg.ONLY_FIRST_REPLICA},
}.items():
    for label, action in ACTIONS.items():
        with strategy.scope():
            variable = tf.Variable(1 if label.startswith(SCALAR) else [1], **modes)
        differ(variable)
        attempt(f"{kind}: {label}", variable, action)

# in a merge function too, where an exception ends the run


def merged(label, action):
    with strategy.scope():
        variable = tf.Variable([1])

    def replica():
        differ_here = tf.distribute.get_replica_context().replica_id_in_sync_group
        variable.assign([differ_here + 1])
        return tf.distribute.get_replica_context().merge_call(
            lambda _, value: action(variable, value), args=(tf.constant([2]) + 0,)
        )

    def run(_):
        strategy.run(replica)

    attempt(f"merge_call: {label}", variable, run)


merged("last copy", lambda v, x: v.values[LAST].assign([1, 2]))
merged("per replica", lambda v, x: v.assign(x))
merged("update", lambda v, x: strategy.extended.update(v, assert_small(REPLICAS)))
merged("update, then reduce", lambda v, x: [
    strategy.extended.update(v, assert_small(REPLICAS)), strategy.extended.reduce_to("SUM", x, v)
])  # fmt: skip
print(strategy.reduce("SUM", values(lambda r: tf.constant(r + 1)), axis=None).numpy())
