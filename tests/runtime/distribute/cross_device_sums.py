"""A script that adds numbers whose sum depends on the order, with each way of adding them.

python -m tests.runtime.distribute.record_scripts     # records it on TensorFlow
"""

# mypy: ignore-errors

import hashlib
import os

import numpy as np
import tensorflow as tf

REPLICAS = int(os.environ.get("VARSYNC_DEVICES", "3"))
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * REPLICAS,
)
DEVICES = [f"CPU:{i}" for i in range(REPLICAS)]
Agg = tf.VariableAggregation


def numbers(replica, size, dtype="float32"):
    draw = np.random.default_rng(replica * 31 + size)
    return tf.constant(draw.normal(size=size) * 10.0 ** draw.integers(-4, 5, size), dtype)


def digest(value):
    if isinstance(value, tf.IndexedSlices):
        return digest(value.values) + digest(value.indices)
    array = value.numpy()
    return hashlib.sha256(array.tobytes()).hexdigest()[:12]


def digests(value):
    return [digest(one) for one in value.values] if hasattr(value, "values") else [digest(value)]


def attempt(label, action):
    try:
        outcome = action()
    except Exception as error:
        outcome = f"{type(error).__name__}: {str(error)[:80]!r}"
    print(label, "|", outcome)


def largest(values):
    return tf.reduce_max(tf.stack(values), 0)


OPS = {
    "default": lambda: None,
    "one device": tf.distribute.ReductionToOneDevice,
    "largest": lambda: tf.distribute.ReductionToOneDevice(accumulation_fn=largest),
    "hierarchical": tf.distribute.HierarchicalCopyAllReduce,
    "hierarchical, no packs": lambda: tf.distribute.HierarchicalCopyAllReduce(num_packs=0),
    "hierarchical, 3 packs": lambda: tf.distribute.HierarchicalCopyAllReduce(num_packs=3),
}
for label, make in OPS.items():
    strategy = tf.distribute.MirroredStrategy(DEVICES, cross_device_ops=make())
    with strategy.scope():
        total = tf.Variable(tf.zeros(1000), aggregation=Agg.SUM, trainable=False)
        mean = tf.Variable(tf.zeros(1000), aggregation=Agg.MEAN, trainable=False)
        read = tf.Variable(
            tf.zeros(1000),
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=Agg.SUM,
            trainable=False,
        )

    def of(size, dtype="float32", strategy=strategy):
        return strategy.experimental_distribute_values_from_function(
            lambda context: numbers(context.replica_id_in_sync_group, size, dtype)
        )

    def all_reduced(*values, op="SUM"):
        # what the replicas make is on their devices
        own = [value * tf.ones((), value.dtype) for value in values]
        return tf.distribute.get_replica_context().all_reduce(op, own)

    def rows(value):
        indices = tf.range(tf.shape(value)[0])
        return tf.IndexedSlices(value[:, None], indices, tf.stack([tf.size(value), 1]))

    def updated(strategy=strategy, of=of, total=total, mean=mean, read=read):
        def step(value):
            total.assign_add(value)
            mean.assign_add(value)
            read.assign_add(value)

        strategy.run(step, args=(of(1000),))
        return [digests(total), digests(mean), digest(read.read_value())]

    def updated_compiled(strategy=strategy, of=of, mean=mean):
        def step(value):
            mean.assign_add(value)

        tf.function(lambda value: strategy.run(step, args=(value,)))(of(1000))
        return digests(mean)

    def reduced(*args, strategy=strategy, of=of, **named):
        return digest(strategy.reduce(*args, of(1000), axis=None, **named))

    def each(function, *args, strategy=strategy):
        found = strategy.run(function, args=args)
        return [digests(one) for one in found] if isinstance(found, list) else digests(found)

    attempt(f"{label}: reduce", lambda r=reduced: r("SUM"))
    attempt(f"{label}: mean", lambda r=reduced: r("MEAN"))
    attempt(f"{label}: updates", updated)
    attempt(f"{label}: compiled updates", updated_compiled)
    attempt(
        f"{label}: compiled mean of one",
        lambda e=each, o=of: e(tf.function(lambda v: all_reduced(v, op="MEAN")), o(1000)),
    )
    attempt(
        f"{label}: compiled reduce",
        lambda s=strategy, o=of: digest(
            tf.function(lambda v: s.reduce("MEAN", v, axis=None))(o(99))
        ),
    )
    attempt(f"{label}: all_reduce", lambda e=each, o=of: e(all_reduced, o(1000)))
    attempt(
        f"{label}: all_reduce of several",
        lambda e=each, o=of: e(all_reduced, o(10), o(1000), o(7)),
    )
    attempt(
        f"{label}: all_reduce of like ones", lambda e=each, o=of: e(all_reduced, o(9), o(5), o(40))
    )
    attempt(
        f"{label}: mean in replicas",
        lambda e=each, o=of: e(lambda v: all_reduced(v, v + 1, op="MEAN"), o(50)),
    )
    attempt(
        f"{label}: compiled",
        lambda e=each, o=of: e(tf.function(lambda v, w: all_reduced(v, w)), o(1000), o(20)),
    )
    attempt(
        f"{label}: a compiled mean",
        lambda e=each, o=of: e(
            tf.function(lambda *values: all_reduced(*values, op="MEAN")), o(30), o(5), o(1000)
        ),
    )
    attempt(f"{label}: one compiled", lambda e=each, o=of: e(tf.function(all_reduced), o(1000)))
    attempt(
        f"{label}: slices",
        lambda e=each, o=of: e(
            lambda v: tf.distribute.get_replica_context().all_reduce("SUM", rows(v)), o(4)
        ),
    )
    attempt(
        f"{label}: compiled slices and tensors",
        lambda e=each, o=of: e(
            tf.function(
                lambda v, w: tf.distribute.get_replica_context().all_reduce(
                    "SUM", [v * 1.0, rows(w), w * 1.0]
                )
            ),
            o(30),
            o(4),
        ),
    )
    attempt(f"{label}: integers", lambda e=each, o=of: e(all_reduced, o(10, "int32")))

# Wrong arguments

for label, make in {
    "nccl": lambda: tf.distribute.NcclAllReduce(num_packs=-1),
    "hierarchical": lambda: tf.distribute.HierarchicalCopyAllReduce(-1),
    "a name": lambda: tf.distribute.MirroredStrategy(DEVICES, cross_device_ops="nccl"),
    "a class": lambda: tf.distribute.MirroredStrategy(
        DEVICES, cross_device_ops=tf.distribute.NcclAllReduce
    ),
    "hints": lambda: tf.distribute.experimental.CollectiveHints(bytes_per_pack=-1),
    "options": lambda: tf.distribute.experimental.CommunicationOptions(implementation="tcp"),
    "more options": lambda: tf.distribute.experimental.CommunicationOptions(implementation=3),
    "good options": lambda: str(
        tf.distribute.experimental.CommunicationOptions(
            50 * 1024, 3.0, tf.distribute.experimental.CommunicationImplementation.RING
        )
    ),
    "a word": lambda: str(tf.distribute.experimental.CommunicationOptions(implementation="ring")),
    "older": lambda: str(tf.distribute.experimental.CollectiveHints(10, 2.0)),
    "same": lambda: (
        tf.distribute.experimental.CollectiveCommunication
        is tf.distribute.experimental.CommunicationImplementation
    ),
}.items():
    attempt(
        f"arguments: {label}", lambda make=make: type(make()).__name__ if callable(make) else ""
    )
