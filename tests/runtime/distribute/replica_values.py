"""A script whose replicas give updates and reductions all kinds of values, often in vain.

python -m tests.runtime.distribute.record_scripts     # records it on TensorFlow
"""

# mypy: ignore-errors
# ruff: noqa: B023  what is made in a round is called in it

import os
import re

import numpy as np
import tensorflow as tf

REPLICAS = int(os.environ.get("VARSYNC_DEVICES", "0"))
if REPLICAS:
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration()] * REPLICAS,
    )
    DEVICES = [f"CPU:{i}" for i in range(REPLICAS)]
else:
    DEVICES = None
Sync, Agg = tf.VariableSynchronization, tf.VariableAggregation
STRATEGIES = {
    "mirrored": tf.distribute.MirroredStrategy(DEVICES),
    "central": tf.distribute.experimental.CentralStorageStrategy(DEVICES, "CPU:0"),
    "one device": tf.distribute.OneDeviceStrategy("CPU:0"),
}
AGGREGATIONS = (Agg.NONE, Agg.SUM, Agg.MEAN, Agg.ONLY_FIRST_REPLICA)


def words(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    raised = [line for line in lines if re.match(r"\w+Error:", line)]
    if lines and lines[0] == "in user code:" and raised:
        lines = [raised[0].partition(":")[2].strip()]
    text = re.sub(r"\{\{[^}]*\}\} |(?<=<tf.Tensor) '[^']*'", "", lines[0]) if lines else ""
    return re.sub(r"(?<=\{)[^{}:]*", lambda set_: ", ".join(sorted(set_[0].split(", "))), text)[
        :110
    ]


def attempt(label, action, *variables):
    for way, function in (("eager", action), ("function", tf.function(action))):
        try:
            result = function()
            outcome = "" if result is None else result
            if hasattr(outcome, "numpy"):
                outcome = (type(outcome).__name__, outcome.numpy().tolist())
        except Exception as error:
            outcome = f"{type(error).__name__}: {words(error)}"
        held = [
            copy.numpy().tolist()
            for variable in variables
            for copy in strategy.experimental_local_results(variable)
        ]
        print(name, "|", label, "|", way, "|", outcome, "|", held)


def replica():
    return tf.distribute.get_replica_context().replica_id_in_sync_group


def later():
    """Whether this replica is none of the first half; a Python bool in compiled code, too."""
    return tf.distribute.get_replica_context()._replica_id_in_sync_group >= (REPLICAS or N) / 2


def made(value, aggregation=Agg.NONE, synchronization=Sync.AUTO, outside=False):
    make = lambda: tf.Variable(value, aggregation=aggregation, synchronization=synchronization)  # noqa: E731
    if outside:
        return make()
    with strategy.scope():
        return make()


def run(function):
    """For `attempt`: the function in all replicas."""

    def host():
        strategy.run(function)

    return host


# Replicas that give one update values of different dtypes and shapes
def different(first, second):
    def step():
        if later():
            second.assign_add(tf.ones_like(second))
        else:
            first.assign_add(tf.ones_like(first))

    return step


HOST = np.array([1.5, 2.5], np.float32)
HELD = {"deep": [HOST * 2]}


def arrays():
    """Arrays that replica code makes, and arrays that it finds outside."""
    local = HOST + 3
    return {
        "made": lambda: np.full([2], 1.5, np.float32),
        "made of the host's": lambda: HOST + 1,
        "a view of the host's": lambda: HOST[:],
        "the host's": lambda: HOST,
        "in a list of the host's": lambda: HELD["deep"][0],
        "of a closure": lambda: local,
        "a scalar": lambda: np.float32(2),
    }


for name, strategy in STRATEGIES.items():
    N = strategy.num_replicas_in_sync
    for aggregation in AGGREGATIONS[1:]:
        for one, other in (
            (np.float32(0), np.float64(0)),
            (np.float32(0), np.zeros(2, np.float32)),
            (np.zeros(2, np.float32), np.zeros((2, 2), np.float32)),
            (np.zeros(2, np.float32), np.zeros(3, np.float32)),
            (np.int32(0), np.zeros(2, np.int64)),
        ):
            if aggregation is Agg.MEAN and one.dtype == np.int32:
                continue
            first, second = made(one, aggregation), made(other, aggregation)
            label = f"{aggregation.name}, {one.dtype}{one.shape} and {other.dtype}{other.shape}"
            attempt(label, run(different(first, second)), first, second)
        for label, array in arrays().items():
            variable = made([0.0, 0.0] if label != "a scalar" else 0.0, aggregation)
            attempt(
                f"{aggregation.name}, array {label}",
                run(lambda v=variable, a=array: v.assign_add(a())),
                variable,
            )

    # Lists are taken apart, or not
    for aggregation in AGGREGATIONS if name != "central" else ():
        for value in ([1, 2], [0, 1], [1, 0], (1.5, 1.5), [[1, 1]], None):
            variable = made([5.0, 5.0] if value != [[1, 1]] else [[5.0, 5.0]], aggregation)
            for label, parts in (
                (value, lambda value=value: value),
                (f"{value}, a tensor", lambda: [tf.cast(replica(), tf.float32), 2.0]),
                (f"{value}, tensors", lambda: [replica(), 2 * replica()]),
            ):
                if (value is None) == (label != value):
                    attempt(
                        f"{aggregation.name}, {label}",
                        run(lambda v=variable, parts=parts: v.assign_add(parts())),
                        variable,
                    )

    # Another method's arguments
    variable = made([0.0, 0.0], Agg.ONLY_FIRST_REPLICA)

    def scatter_or_add(v=variable):
        if later():
            v.scatter_add(tf.IndexedSlices(tf.ones([1]), tf.constant([0])))
        else:
            v.assign_add(tf.ones([2]))

    attempt("scatter_add and assign_add", run(scatter_or_add), variable)

    # A PerReplica on the host, even if it has one part
    for aggregation in AGGREGATIONS:
        for mode in ("outside", Sync.AUTO, Sync.ON_READ):
            outside = mode == "outside"
            variable = made([2.0, 3.0], aggregation, Sync.AUTO if outside else mode, outside)
            value = strategy.experimental_distribute_values_from_function(
                lambda context: tf.fill([2], 1.0 + context.replica_id_in_sync_group)
            )
            label = f"{aggregation.name}, {mode if outside else mode.name}"

            def assign(v=variable, x=value):
                v.assign(x)

            attempt(f"{label}, per replica", assign, variable)
            for op in ("SUM", "MEAN"):
                attempt(
                    f"{label}, reduced by {op}",
                    lambda v=variable, op=op: strategy.reduce(op, v, axis=None),
                )
    for kwargs in ({}, {"aggregation": None}, {"aggregation": Agg.NONE}):
        with strategy.scope():
            print(name, "|", kwargs, "|", tf.Variable(0.0, **kwargs).aggregation)

    # A variable with one copy, in branches on tensors, and in replicas that raise
    plain = made(0.0, outside=True)
    mirrored = made(0.0, Agg.SUM)

    def branches():
        if replica() < 1:
            plain.assign_add(1.5)
        else:
            plain.assign_add(0.25)
        plain.assign_sub(0.5 * tf.cast(replica() + 1, tf.float32))

    def fail_later():
        plain.assign_add(tf.cast(replica() + 1, tf.float32))
        if later():
            raise ValueError("later")

    def fail_first():
        plain.assign_add(tf.cast(replica() + 1, tf.float32))
        if not later():
            raise ValueError("first")

    def both_fail():
        if replica() < 9:
            mirrored.assign_add(1.0)
        else:
            plain.assign(tf.constant("no number"))

    for function in (branches, fail_later, fail_first, both_fail):
        attempt(function.__name__, run(function), plain, mirrored)
