"""A script whose replicas make different calls where they meet: replica 0's is carried out.

    python -m tests.runtime.distribute.record_scripts     # records it on TensorFlow

Values are of one shape: where they are not, TensorFlow's collectives fail, and every later one too.
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
Agg = tf.VariableAggregation


def sum_of(strategy, value):
    return strategy.reduce("SUM", value, axis=None)


def twice(strategy, value):
    return 2 * strategy.experimental_local_results(value)[0]


def same(strategy, *values):
    return values


def two(strategy, first, second):
    return first


class Calls:
    """The calls in which replicas may meet."""

    def __init__(self):
        with strategy.scope():
            self.added = tf.Variable([1.0], aggregation=Agg.SUM)
            self.meant = tf.Variable([1.0], aggregation=Agg.MEAN)
        self.context = tf.distribute.get_replica_context

    def assign_add(self, value):
        return self.added.assign_add(value)

    def assign(self, value):
        return self.meant.assign(value)

    def scatter_add(self, value):
        return self.meant.scatter_add(tf.IndexedSlices(value, [0]))

    def sum(self, value):
        return self.context().all_reduce("SUM", value)

    def mean_of_two(self, value):
        return self.context().all_reduce("MEAN", [value, value + 1])

    def gather(self, value):
        return self.context().all_gather(value, 0)

    def gather_two(self, value):
        return self.context().all_gather([value, value + 1], 0)

    def merged_sum(self, value):
        return self.context().merge_call(sum_of, (value,))

    def merged_twice(self, value):
        return self.context().merge_call(twice, (value,))

    def merged_same(self, value):
        return self.context().merge_call(same, (value,))

    def merged_two(self, value):
        return self.context().merge_call(two, (value, value))


NAMES = [name for name in vars(Calls) if not name.startswith("_")]


def shown(value):
    if isinstance(value, (list, tuple)):
        return [shown(one) for one in value]
    if hasattr(value, "values") and not isinstance(value, tf.Tensor):
        return [shown(one) for one in value.values]
    return value.numpy().tolist() if hasattr(value, "numpy") else value


def attempt(of_first, of_others):
    calls = Calls()

    def step():
        number = calls.context().replica_id_in_sync_group
        name = of_first if number == 0 else of_others
        return getattr(calls, name)(tf.constant([1.0]) + tf.cast(number, tf.float32))

    try:
        outcome = shown(strategy.experimental_local_results(strategy.run(step)))
    except Exception as error:
        words = str(error).partition("{")[0]
        outcome = f"{type(error).__name__}: {words[:38]!r}"
    print(of_first, of_others, "|", outcome, "|", shown(calls.added), shown(calls.meant))


for first in NAMES:
    for others in NAMES:
        attempt(first, others)
