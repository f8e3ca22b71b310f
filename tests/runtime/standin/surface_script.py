"""A script that prints which attributes the objects have that a training loop meets.

It runs on TensorFlow (with VARSYNC_DEVICES in the environment) and under `varsync simulate`.
"""

# mypy: ignore-errors

import inspect
import json
import os
import tempfile

import tensorflow as tf

if os.environ.get("VARSYNC_DEVICES"):
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    )
    CPUS = ["CPU:0", "CPU:1"]
    mirrored = tf.distribute.MirroredStrategy(CPUS)
    central = tf.distribute.experimental.CentralStorageStrategy(CPUS, "CPU:0")
else:
    mirrored = tf.distribute.MirroredStrategy()
    central = tf.distribute.experimental.CentralStorageStrategy()
one = tf.distribute.OneDeviceStrategy("CPU:0")
Sync, Agg = tf.VariableSynchronization, tf.VariableAggregation

# how Python itself treats an object; what TensorFlow's own modules ask of each other is left out
UNARY = """
call getitem setitem delitem contains len iter next reversed enter exit copy deepcopy bool int float
complex index round trunc floor ceil array dlpack dlpack_device abs neg pos invert
"""
BINARY = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and or xor"
PROTOCOLS = {f"__{name}__" for name in UNARY.split()} | {
    f"__{prefix}{name}__" for prefix in ("", "r", "i") for name in BINARY.split()
}


def is_there(owner, name):
    """Whether this is an attribute indeed: the simulation has some only to say that it has not."""
    found = inspect.getattr_static(owner, name, None)
    if type(found).__name__ in ("NotModelledAttribute", "NoAttribute") or found is None:
        return False
    # what iterates is asked for its elements without it
    return not hasattr(found, "_delegated") and name != "__contains__"


def surface(owner):
    names = [name for name in dir(owner) if not name.startswith("_") or name in PROTOCOLS]
    return sorted(name for name in names if is_there(owner, name))


surfaces = {}


def note(example, cls=None):
    kind = type(example) if cls is None else cls
    surfaces[f"{kind.__module__}.{kind.__qualname__}"] = {
        "bases": [f"{base.__module__}.{base.__qualname__}" for base in kind.__mro__],
        "names": surface(cls if example is None else example),
    }


plain = tf.Variable(1.0)
note(plain)
note(tf.constant(1.0))
note(plain.assign(2.0))
with mirrored.scope():
    note(tf.Variable(1.0))
    note(tf.Variable(1.0, synchronization=Sync.ON_READ, aggregation=Agg.SUM))
with central.scope():
    note(tf.Variable(1.0, aggregation=Agg.SUM))
for strategy in (mirrored, central, one, tf.distribute.get_strategy()):
    note(strategy)
    note(strategy.extended)
note(None, tf.distribute.Strategy)
mirrored.run(lambda: note(tf.distribute.get_replica_context()))
note(mirrored.run(lambda: tf.distribute.get_replica_context().replica_id_in_sync_group))


@tf.function
def function(x):
    note(x)
    return x * 2


function(tf.constant(1.0))
note(function)
note(function.get_concrete_function(tf.TensorSpec([])))
dataset = tf.data.Dataset.range(4).batch(2)
note(dataset, tf.data.Dataset)
distributed = mirrored.experimental_distribute_dataset(dataset)
note(distributed)
note(iter(distributed))
note(iter(dataset))
note(None, tf.GradientTape)
note(tf.train.Checkpoint())
note(tf.train.CheckpointManager(tf.train.Checkpoint(), tempfile.mkdtemp(), max_to_keep=1))
note(tf.train.ExponentialMovingAverage(0.9))
note(tf.Module())
note(tf.IndexedSlices(tf.constant([1.0]), tf.constant([0])))
note(tf.float32)
note(tf.TensorShape([1]))
note(tf.TensorSpec([1]))
note(tf.random.Generator.from_seed(1))
note(tf.TensorArray(tf.float32, 1))
sparse = tf.SparseTensor([[0]], [1.0], [2])
rows = tf.RaggedTensor.from_row_lengths([1.0], [1])
for composite in (sparse, rows):
    note(composite)
    note(tf.type_spec_from_value(composite))
pairs = tf.lookup.KeyValueTensorInitializer(["a"], tf.constant([0], tf.int64))
note(pairs)
note(tf.lookup.StaticHashTable(pairs, -1))
note(tf.lookup.StaticVocabularyTable(pairs, 1))
print(json.dumps(surfaces))
