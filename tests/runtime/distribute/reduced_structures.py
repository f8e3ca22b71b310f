"""A script that reduces structures of values: some strategies take them apart, others do not.

python -m tests.runtime.distribute.record_scripts     # records it on TensorFlow
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
else:
    REPLICAS = tf.distribute.MirroredStrategy().num_replicas_in_sync
DEVICES = [f"CPU:{at}" for at in range(REPLICAS)]
STRATEGIES = {
    "default": tf.distribute.get_strategy(),
    "one device": tf.distribute.OneDeviceStrategy("CPU:0"),
    "mirrored": tf.distribute.MirroredStrategy(DEVICES),
    "central storage": tf.distribute.experimental.CentralStorageStrategy(
        compute_devices=DEVICES, parameter_device="CPU:0"
    ),
}


def step():
    number = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.float32) + 1.0
    return 10.0 * number, {"a": 100.0 * number}


def shown(value):
    text = f"{type(value).__name__} {tf.nest.map_structure(str, value)}"
    return " ".join(text.split())[:200]


for name, strategy in STRATEGIES.items():
    ten, hundred = strategy.run(step)
    values = {
        "tuple": (ten, hundred),
        "dict": hundred,
        "list": [ten, ten],
        "tensors": [tf.constant(1.0), tf.constant(2.0)],
        "numbers": [1.0, 2.0],
        "zeros": [0.0, 0.0],
        "nothing": (),
        "number": 3.0,
        "zero": 0,
    }
    for op in ("MEAN", "SUM"):
        for what, value in values.items():
            try:
                outcome = shown(strategy.reduce(op, value, axis=None))
            except Exception as error:
                outcome = " ".join(f"{type(error).__name__}: {error}".split())[:120]
            print(name, op, what, "->", outcome)
