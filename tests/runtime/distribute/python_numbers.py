"""A script that wants Python's numbers of variables, and whose replicas return them.

    python -m tests.runtime.distribute.record_scripts     # records it on TensorFlow

What the replicas return is one value for the host only if it is one object.
"""

# mypy: ignore-errors
# ruff: noqa: B023  what is made in a round is called in it

import math
import os

import numpy as np
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


def shown(value):
    return value.numpy().tolist() if hasattr(value, "numpy") else value


def attempt(label, function):
    try:
        outcome = [shown(one) for one in strategy.experimental_local_results(function())]
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raised = [line for line in lines if "Error: " in line]
        outcome = f"{type(error).__name__}: {(raised or lines)[0][-90:]}"
    print(label, "|", outcome)


def as_float(v):
    return float(v)


def as_int(v):
    return int(v)


def as_complex(v):
    return complex(v)


def root(v):
    return math.sqrt(v)


def percent(v):
    return "%.1f" % v  # noqa: UP031


def formatted(v):
    return f"{v:.1f}"


def rounded(v):
    return round(v)


def compared(v):
    if float(v) > 1.0:
        return tf.constant(1)
    return tf.constant(2)


with strategy.scope():
    variables = {
        "mirrored": tf.Variable(2.0),
        "on_read": tf.Variable(
            3.0,
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.SUM,
        ),
        "plain": None,
    }
variables["plain"] = tf.Variable(4.5)

for name, variable in variables.items():
    for use in (as_float, as_int, as_complex, root, percent, formatted, rounded, compared):
        attempt(f"{name} {use.__name__}", lambda: use(variable))
        if name != "plain":
            attempt(f"{name} {use.__name__} run", lambda: strategy.run(use, args=(variable,)))

        @tf.function
        def compiled():
            return use(variable)

        attempt(f"{name} {use.__name__} compiled", compiled)
        attempt(
            f"{name} {use.__name__} traced", lambda: tf.function(use, autograph=False)(variable)
        )

mirrored = variables["mirrored"]
captured = np.float32(7.0)
returned = {
    "scalar": lambda: mirrored.numpy(),
    "array": lambda: mirrored.numpy() + np.zeros(2, np.float32),
    "made": lambda: np.ones(1),
    "captured": lambda: captured,
    "number": lambda: mirrored.numpy().item(),
    "small integer": lambda: int(mirrored.numpy()),
    "truth": lambda: bool(mirrored.numpy() > 1.0),
    "literal": lambda: 2.5,
    "in a list": lambda: [mirrored.numpy(), 1],
}
for label, function in returned.items():
    result = strategy.run(function)
    results = result if isinstance(result, list) else [result]
    print(label, [type(one).__name__ for one in results])
for given in (1.0, [1.0, 2.0]):
    for modes in ({}, {"synchronization": tf.VariableSynchronization.ON_READ,
                       "aggregation": tf.VariableAggregation.SUM}):  # fmt: skip
        with strategy.scope():
            variable = tf.Variable(given, **modes)
        for dtype in (None, np.float64):
            attempt(f"array of {given}", lambda: [np.asarray(variable, dtype).tolist()])
            attempt(f"array of {given} run", lambda: strategy.run(
                lambda: np.asarray(variable, dtype).tolist()))  # fmt: skip
for aggregation in (tf.VariableAggregation.SUM, tf.VariableAggregation.MEAN):
    with strategy.scope():
        total = tf.Variable(0.0, aggregation=aggregation)

    def add_cast(factor):
        # in compiled code a tensor
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        loss = float(tf.cast(replica + 2, tf.float32))
        total.assign_add(loss + 1.5)
        total.assign_add(loss * factor)
        return loss

    attempt(f"cast {aggregation}", tf.function(lambda: strategy.run(add_cast, args=(3.25,))))
    attempt("total", lambda: total)
for given in (int, float):
    with strategy.scope():
        total = tf.Variable(0.0, aggregation=tf.VariableAggregation.SUM)

    def add():
        total.assign_add(given(mirrored.numpy()))

    attempt(f"SUM of {given.__name__}", lambda: strategy.run(add))
    print([copy.numpy() for copy in strategy.experimental_local_results(total)])
