"""A script about variables in shards, on as many parameter servers as VARSYNC_DEVICES says.

python -m tests.runtime.distribute.record_scripts     # records it on TensorFlow
"""

# mypy: ignore-errors

import os
import re
import socket
import tempfile
from pathlib import Path

import tensorflow as tf

SERVERS = int(os.environ.get("VARSYNC_DEVICES", "2"))
partitioners = tf.distribute.experimental.partitioners


def cluster():
    """Servers in this process."""
    sockets = [socket.socket() for _ in range(SERVERS + 1)]
    for one in sockets:
        one.bind(("localhost", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    addresses = [f"localhost:{port}" for port in ports]
    spec = tf.train.ClusterSpec({"worker": addresses[:1], "ps": addresses[1:]})
    for job, index in [("worker", 0), *(("ps", index) for index in range(SERVERS))]:
        tf.distribute.Server(spec, job_name=job, task_index=index, protocol="grpc")
    return tf.distribute.cluster_resolver.SimpleClusterResolver(spec, rpc_layer="grpc")


resolver = cluster()


def shown(value):
    if isinstance(value, (list, tuple)):
        return [shown(one) for one in value]
    if isinstance(value, dict):
        return {key: shown(one) for key, one in value.items()}
    if isinstance(value, tf.IndexedSlices):
        return shown([value.values, value.indices])
    if type(value).__name__ == "ShardedVariable":
        return shown(value.variables)
    return value.numpy().tolist() if hasattr(value, "numpy") else value


def say(label, action):
    try:
        outcome = shown(action())
    except Exception as error:
        words = re.sub(r"^\{\{.*?\}\} | \[Op:.*", "", str(error)).partition("\n")[0]
        outcome = f"{type(error).__name__}: {words[:120]}"
    print(label, "|", outcome)


# Partitioners

for name, make in {
    "min": lambda: partitioners.MinSizePartitioner(),
    "min 8, 4": lambda: partitioners.MinSizePartitioner(8, 4),
    "min 8, 2": lambda: partitioners.MinSizePartitioner(min_shard_bytes=8, max_shards=2),
    "max 8": lambda: partitioners.MaxSizePartitioner(8),
    "max 8, 2": lambda: partitioners.MaxSizePartitioner(max_shard_bytes=8, max_shards=2),
    "fixed 3": lambda: partitioners.FixedShardsPartitioner(3),
    "min 0": lambda: partitioners.MinSizePartitioner(0),
    "min 1, 0": lambda: partitioners.MinSizePartitioner(1, 0),
    "min strings": lambda: partitioners.MinSizePartitioner(1, 1, 0),
    "max 0": lambda: partitioners.MaxSizePartitioner(0),
    "max shards": lambda: partitioners.MaxSizePartitioner(1, -1),
    "max strings": lambda: partitioners.MaxSizePartitioner(1, 1, 0),
    "none": partitioners.Partitioner,
}.items():
    for shape, dtype in (([6, 1], tf.float32), ([5], tf.float64), ([3, 2, 2], tf.string)):
        say(f"{name} of {shape}", lambda m=make, s=shape, d=dtype: m()(tf.TensorShape(s), d))
    say(f"{name} along axis 1", lambda m=make: m()(tf.TensorShape([6, 4]), tf.float32, axis=1))

strategy = tf.distribute.ParameterServerStrategy(
    resolver, variable_partitioner=partitioners.FixedShardsPartitioner(2)
)


def made(value, **named):
    with strategy.scope():
        return tf.Variable(value, **named)


# What it is

table = made([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0], [9.0, 10.0]], name="table")
print(type(table).__name__, [type(one).__name__ for one in table.variables])
print(table.name, [one.name for one in table.variables])
print(table.shape, table.dtype, [one.shape.as_list() for one in table.variables])
print([one.device for one in table.variables])
print([one.trainable for one in table.variables], table.is_sharded_variable, len(list(table)))
print(isinstance(table, tf.Variable), tf.is_tensor(table))
say("value", lambda: table)
say("numpy", lambda: table.numpy().tolist())
say("convert", lambda: tf.convert_to_tensor(table))
say("convert to another dtype", lambda: tf.convert_to_tensor(table, tf.int32))
say("cast", lambda: tf.cast(table, tf.int32))
say("float of one", lambda: float(made([1.0])[0]))
print("scalar", type(made(1.0)).__name__)
print("one row", type(made([1.0])).__name__)
print("one dimension", shown(made(tf.range(5))))
print("called", shown(made(lambda: tf.range(3))))


def by_parts(partition_shape=(3,), partition_offset=(0,)):
    return tf.fill(partition_shape, float(partition_offset[0]))


print("called by parts", shown(made(by_parts, shape=[3], dtype=tf.float32)))
print("called as a whole", shown(made(lambda: tf.range(3.0), shape=[3], dtype=tf.float32)))
say("without a value", lambda: made(None, shape=[2], dtype=tf.float32))
say("not trainable", lambda: [one.trainable for one in made([1, 2], trainable=False)])

# Operators

for label, action in {
    "+": lambda: table + 1.0,
    "r-": lambda: 1.0 - table,
    "*": lambda: table * table,
    "/": lambda: table / 2.0,
    "@": lambda: table @ tf.ones([2, 1]),
    "neg": lambda: -table,
    "**": lambda: table**2.0,
    "<": lambda: table < 4.0,
    "abs": lambda: abs(table),
    "sum": lambda: tf.reduce_sum(table),
    "matmul": lambda: tf.matmul(table, tf.ones([2, 1])),
    "shape of": lambda: tf.shape(table),
    "ones like": lambda: tf.ones_like(table),
    "[0]": lambda: table[0],
    "[-1]": lambda: table[-1],
    "[5]": lambda: table[5],
    "[-6]": lambda: table[-6],
    "[1, 1]": lambda: table[1, 1],
    "[:]": lambda: table[:],
    "[1:4]": lambda: table[1:4],
    "[::2]": lambda: table[::2],
    "[::-1]": lambda: table[::-1],
    "[3:0:-2]": lambda: table[3:0:-2],
    "[4:1]": lambda: table[4:1],
    "[-2:]": lambda: table[-2:],
    "[::0]": lambda: table[::0],
    "[1:, 0]": lambda: table[1:, 0],
    "[..., 1]": lambda: table[..., 1],
    "[tf.newaxis]": lambda: table[tf.newaxis],
    "[tensor]": lambda: table[tf.constant(1)],
    "[:tensor]": lambda: table[: tf.constant(1)],
    "[mask]": lambda: table[tf.constant([True, False, True, False, False])],
    "lookup": lambda: tf.nn.embedding_lookup(table, [4, 0, 2]),
    "lookup, clipped": lambda: tf.nn.embedding_lookup(table, [[1, 1]], max_norm=1.0),
    "lookup outside": lambda: tf.nn.embedding_lookup(table, [7]),
    "lookup of shards": lambda: tf.nn.embedding_lookup(table.variables, [4, 0]),
    "gather": lambda: tf.gather(table, [4, 1]),
    "sparse read": lambda: table.sparse_read(tf.constant([4, 0, 2])),
    "sparse read of a matrix": lambda: table.sparse_read(tf.constant([[4]])),
}.items():
    say(label, action)


# Updates


def rows(values, at):
    return tf.IndexedSlices(tf.constant(values), tf.constant(at))


for label, action in {
    "assign": lambda v: v.assign([[1.0], [2.0], [3.0]]),
    "assign a tensor": lambda v: v.assign(tf.ones([3, 1]) * 7.0),
    "assign itself": lambda v: v.assign(v * 2.0),
    "assign too few": lambda v: v.assign([[1.0], [2.0]]),
    "assign a number": lambda v: v.assign(1.0),
    "assign_add": lambda v: v.assign_add([[1.0], [2.0], [3.0]]),
    "assign_sub": lambda v: v.assign_sub([[1.0], [2.0], [3.0]]),
    "assign another dtype": lambda v: v.assign(tf.ones([3, 1], tf.int32)),
    "scatter_add": lambda v: v.scatter_add(rows([[1.0], [2.0]], [2, 0])),
    "scatter_sub": lambda v: v.scatter_sub(rows([[1.0], [2.0]], [2, 2])),
    "scatter_mul": lambda v: v.scatter_mul(rows([[2.0]], [1])),
    "scatter_div": lambda v: v.scatter_div(rows([[2.0]], [1])),
    "scatter_max": lambda v: v.scatter_max(rows([[2.0]], [1])),
    "scatter_min": lambda v: v.scatter_min(rows([[2.0]], [1])),
    "scatter_update": lambda v: v.scatter_update(rows([[9.0]], [2])),
    "scatter_add of a matrix": lambda v: v.scatter_add(rows([[1.0]], [[2]])),
    "of one shard": lambda v: v.variables[1].assign([[5.0]]),
    "augmented": lambda v: v.__iadd__(1.0),
    "part": lambda v: v[0].assign([1.0]),
    "no such method": lambda v: v.count_up_to(3),
}.items():
    variable = made([[10.0], [20.0], [30.0]])
    say(label, lambda a=action, v=variable: [type(a(v)).__name__, v])

# In compiled code, and gradients

coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy)
weights = made([[1.0], [2.0], [3.0]])


@tf.function
def step(ids):
    def replica(ids):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.nn.embedding_lookup(weights, ids) ** 2.0)
        gradients = tape.gradient(loss, weights.variables)
        for shard, gradient in zip(weights.variables, gradients, strict=True):
            shard.scatter_sub(tf.IndexedSlices(0.5 * gradient.values, gradient.indices))
        return loss

    return strategy.run(replica, args=(ids,))


for ids in ([0, 2], [1, 1], [2]):
    result = coordinator.schedule(step, args=(tf.constant(ids),))
    coordinator.join()
    print("step", result.fetch().tolist(), shown(weights))
with tf.GradientTape(persistent=True) as tape:
    total = tf.reduce_sum(weights * weights)
    looked = tf.reduce_sum(tf.nn.embedding_lookup(weights, [2, 0, 2]))
    part = tf.reduce_sum(weights[1:])
say("gradient", lambda: tape.gradient(total, weights.variables))
say("gradient of a lookup", lambda: tape.gradient(looked, weights.variables))
say("gradient of a part", lambda: tape.gradient(part, weights.variables))
say("gradient by the whole", lambda: tape.gradient(total, weights))


@tf.function
def compiled(x):
    weights.assign_add(x)
    return weights + 0.0, weights[1], tf.nn.embedding_lookup(weights, [2])


say("compiled", lambda: compiled(tf.ones([3, 1])))


@tf.function
def given(v):
    v.assign(v * 2.0)
    return tf.reduce_sum(v)


say("as an argument", lambda: given(weights))
print(
    "structure",
    len(tf.nest.flatten(weights)),
    len(tf.nest.flatten(weights, expand_composites=True)),
)


# Modules and checkpoints


class Model(tf.Module):
    def __init__(self, shards, rows=5):
        super().__init__()
        strategy.extended._variable_partitioner = partitioners.FixedShardsPartitioner(shards)
        self.table = made(tf.reshape(tf.range(2.0 * rows), [rows, 2]), name="rows")
        self.bias = made([0.5], name="bias")


model = Model(2)
print([one.name for one in model.variables], [one.name for one in model.trainable_variables])
folder = tempfile.mkdtemp()
path = tf.train.Checkpoint(model=model).save(f"{folder}/sharded")
print("saved", Path(path).name)
print("in it", [(name, shape) for name, shape in tf.train.list_variables(path)])
print(
    "value in it", tf.train.load_variable(path, "model/table/.ATTRIBUTES/VARIABLE_VALUE").tolist()
)
for shards in (1, 2, 3, 5):
    other = Model(shards)
    other.table.assign(tf.zeros([5, 2]))
    tf.train.Checkpoint(model=other).restore(path).assert_consumed()
    print("restored into", shards, shown(other.table))
smaller = Model(2, rows=4)
try:
    tf.train.Checkpoint(model=smaller).restore(path)
except tf.errors.InvalidArgumentError:
    print("restored into fewer rows: raised")
whole = Model(1)
path = tf.train.Checkpoint(model=whole).save(f"{folder}/whole")
other = Model(3)
other.table.assign(tf.zeros([5, 2]))
tf.train.Checkpoint(model=other).restore(path).assert_consumed()
print("from one into three", shown(other.table))

# Partitioners of one's own


def wrong(shape, dtype, axis=0):
    return [1] * (len(shape) - 1) + [2]


strategy.extended._variable_partitioner = wrong
say("along another axis", lambda: made([[1.0, 2.0]]))
strategy.extended._variable_partitioner = lambda shape, dtype: []
say("no answer", lambda: made([1.0, 2.0]))
strategy.extended._variable_partitioner = lambda shape, dtype: [7]
print("more than rows", shown(made([1.0, 2.0])))
