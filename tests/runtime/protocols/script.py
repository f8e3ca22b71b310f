"""A script that does to TensorFlow's objects what Python and NumPy can do, and prints what comes of it.

It runs on TensorFlow (with VARSYNC_DEVICES in the environment) and under `varsync simulate`. Its
arguments are the names of probes; all, without any.
"""

# ruff: noqa: B905, E711
# mypy: ignore-errors

import copy
import json
import math
import operator
import os
import pickle
import re
import sys

import numpy as np
import tensorflow as tf

if os.environ.get("VARSYNC_DEVICES"):
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    )
    CPUS = ["CPU:0", "CPU:1"]
    strategy = tf.distribute.MirroredStrategy(CPUS)
    central = tf.distribute.experimental.CentralStorageStrategy(CPUS, "CPU:0")
else:
    strategy = tf.distribute.MirroredStrategy()
    central = tf.distribute.experimental.CentralStorageStrategy()
Sync, Agg = tf.VariableSynchronization, tf.VariableAggregation
ASKED = """
__len__ __iter__ __float__ __int__ __index__ __array__ __bool__ __getitem__ __hash__ __call__ values
numpy name dtype shape ndim device handle assign read_value distribute_strategy get scatter_nd_max
graph op indices trainable
"""
NAMES = ASKED.split()


def variables(value):
    with strategy.scope():
        mirrored = tf.Variable(value)
        on_read = tf.Variable(
            value, synchronization=Sync.ON_READ, aggregation=Agg.ONLY_FIRST_REPLICA
        )
    return mirrored, on_read


def objects(value):
    yield "plain", tf.Variable(value)
    mirrored, on_read = variables(value)
    yield "mirrored", mirrored
    yield "on_read", on_read
    with central.scope():
        aggregating = tf.Variable(value, aggregation=Agg.MEAN)
    yield "aggregating", aggregating
    yield "tensor", tf.constant(value)
    yield (
        "per_replica",
        strategy.experimental_distribute_values_from_function(lambda context: tf.constant(value)),
    )
    if value == [2.5, 3.5]:
        yield "slices", tf.IndexedSlices(tf.constant(value), tf.constant([0, 1]), tf.constant([2]))


PROBES = {
    "float": float,
    "int": int,
    "bool": bool,
    "len": len,
    "index": operator.index,
    "complex": complex,
    "round": round,
    "str": lambda v: type(str(v)).__name__,
    "format": lambda v: f"{v:.2f}",
    "hash": lambda v: isinstance(hash(v), int),
    "iter": lambda v: [float(x) for x in v],
    "list": lambda v: len(list(v)),
    "asarray": lambda v: np.asarray(v).tolist(),
    "array32": lambda v: np.array(v, dtype=np.float64).tolist(),
    "np_add": lambda v: np.add(v, 1).tolist(),
    "np_mul_left": lambda v: np.float32(2) * v,
    "arr_left": lambda v: np.ones(2, np.float32) * v,
    "neg": lambda v: -v,
    "abs": abs,
    "pos": lambda v: +v,
    "invert": lambda v: ~v,
    "add": lambda v: v + 1,
    "radd": lambda v: 1 + v,
    "sub": lambda v: v - 1,
    "rsub": lambda v: 1 - v,
    "mul": lambda v: v * 2,
    "div": lambda v: v / 2,
    "rdiv": lambda v: 2 / v,
    "floordiv": lambda v: v // 2,
    "mod": lambda v: v % 2,
    "pow": lambda v: v**2,
    "rpow": lambda v: 2**v,
    "matmul": lambda v: v @ v,
    "divmod": lambda v: divmod(v, 2),
    "lt": lambda v: v < 2,
    "ge": lambda v: v >= 2,
    "eq": lambda v: v == 2,
    "ne": lambda v: v != 2,
    "eq_none": lambda v: v == None,
    "eq_str": lambda v: v == "a",
    "and": lambda v: v & v,
    "getitem0": lambda v: v[0],
    "getslice": lambda v: v[:1],
    "ellipsis": lambda v: v[...],
    "newaxis": lambda v: v[tf.newaxis],
    "getlist": lambda v: v[[0]],
    "getstr": lambda v: v["a"],
    "contains": lambda v: 1.0 in v,
    "setitem": lambda v: operator.setitem(v, 0, 1.0),
    "if": lambda v: "yes" if v else "no",
    "not": lambda v: not v,
    "copy": lambda v: type(copy.copy(v)).__name__,
    "deepcopy": lambda v: type(copy.deepcopy(v)).__name__,
    "pickle": lambda v: type(pickle.loads(pickle.dumps(v))).__name__,
    "callable": callable,
    "is_tensor": tf.is_tensor,
    "isinstance_t": lambda v: isinstance(v, tf.Tensor),
    "isinstance_v": lambda v: isinstance(v, tf.Variable),
    "shape": lambda v: str(v.shape),
    "ndim": lambda v: v.ndim,
    "dtype": lambda v: str(v.dtype),
    "name": lambda v: v.name,
    "device": lambda v: bool(v.device),
    "get_shape": lambda v: str(v.get_shape()),
    "rank": lambda v: v.shape.rank,
    "T": lambda v: v.T,
    "reshape": lambda v: v.reshape(1),
    "item": lambda v: v.item(),
    "tolist": lambda v: v.tolist(),
    "astype": lambda v: v.astype("int32"),
    "mean": lambda v: v.mean(),
    "eval": lambda v: v.eval(),
    "numpy": lambda v: v.numpy(),
    "value": lambda v: v.value(),
    "read_value": lambda v: v.read_value(),
    "setattr": lambda v: setattr(v, "foo", 1),
    "missing": lambda v: v.does_not_exist,
    "convert": lambda v: tf.convert_to_tensor(v),
    "convert64": lambda v: tf.convert_to_tensor(v, tf.float64),
    "cast": lambda v: tf.cast(v, tf.int32),
    "constant": lambda v: tf.constant(v),
    "stack": lambda v: tf.stack([v, v]),
    "sum": lambda v: tf.reduce_sum(v),
    "pysum": lambda v: sum(v),
    "max": lambda v: max(v),
    "math": lambda v: math.sqrt(v),
    "range": lambda v: list(range(v)),
    "listidx": lambda v: [1, 2, 3][v],
    "key": lambda v: {v: 1}[v],
    "set": lambda v: len({v}),
    "ref": lambda v: v.ref() == v.ref(),
    "nest": lambda v: len(tf.nest.flatten([v, v])),
    "reversed": lambda v: len(list(reversed(v))),
    "zip": lambda v: len(list(zip(v, v))),
    "values": lambda v: len(v.values),
    "handle": lambda v: bool(str(v.handle.dtype)),
    "op": lambda v: v.op.type,
    "graph": lambda v: v.graph is not None,
    "trainable": lambda v: v.trainable,
    "sync": lambda v: str(v.synchronization),
    "agg": lambda v: str(v.aggregation),
    "initial": lambda v: v.initial_value,
    "initialized": lambda v: bool(v.initialized_value()),
    "is_init": lambda v: bool(v.is_initialized()),
    "shared_name": lambda v: v._shared_name,
    "strategy": lambda v: type(v.distribute_strategy).__name__,
    "unique_id": lambda v: isinstance(v._unique_id, str),
    "load": lambda v: v.load(1.0),
    "set_shape": lambda v: v.set_shape(v.shape),
    "count_up": lambda v: v.count_up_to(5),
    "gather_nd": lambda v: v.gather_nd([[0]]),
    "sparse_read": lambda v: v.sparse_read([0]),
    "experimental_ref": lambda v: v.experimental_ref() == v.experimental_ref(),
    "constraint": lambda v: v.constraint,
    "scatter_nd_max": lambda v: v.scatter_nd_max([[0]], [9.0]),
    "assign_bad": lambda v: v.assign("x"),
    "assign_shape": lambda v: v.assign([1.0, 2.0, 3.0]),
    "radd_array": lambda v: np.ones(2) + v,
    "ne_none": lambda v: v != None,
    "ifloordiv": lambda v: operator.ifloordiv(v, 2),
    "iadd": lambda v: operator.iadd(v, 1),
    "dict_value": lambda v: tf.nest.map_structure(tf.is_tensor, {"a": [v]}),
    "array_priority": lambda v: v.__array_priority__,
    "load_same": lambda v: v.load(v.numpy()),
    "to_numpy_bool": lambda v: np.bool_(v).item(),
    "np_sum": lambda v: np.sum(v).item(),
    "np_isscalar": np.isscalar,
    "np_shape": lambda v: np.shape(v),
    "hasattr": lambda v: [n for n in NAMES if hasattr(v, n)],
    "values_of": lambda v: v.values[0].name,
    "dlpack": lambda v: np.from_dlpack(v).tolist(),
}


def show(result):
    if hasattr(result, "_values") and not hasattr(result, "assign"):
        return type(result).__name__
    if isinstance(result, tf.Tensor) and not tf.executing_eagerly():
        return [type(result).__name__, str(result.shape), str(result.dtype)]
    if hasattr(result, "numpy"):
        return [type(result).__name__, np.asarray(result.numpy()).tolist()]
    if isinstance(result, (np.ndarray, np.generic)):
        return [type(result).__name__, str(result.dtype), result.tolist()]
    return repr(result)[:200]


def spoken(error):
    """The words, without addresses, the machine's kernels and all that stands in a node."""
    text = re.sub(r"0x[0-9a-f]+", "0x", str(error))
    text = re.sub(r"__+MklMatMul", "__MatMul", text)
    # how deep depends on what stands on the stack
    text = text.replace("depth exceeded while calling a Python object", "depth exceeded")
    text = re.sub(r"(; Op<name=.*?>)? \[Op:\w+\]( name: .*)?$", "", text, flags=re.S)
    return text.replace("tensorflow.python.framework.ops.", "")[:300]


def attempt(probe, one):
    try:
        return show(probe(one))
    except Exception as error:
        return f"{type(error).__name__}: {spoken(error)}"


found = {}
chosen = sys.argv[1:] or list(PROBES)
for shape, value in (("scalar", 2.5), ("vector", [2.5, 3.5]), ("int", 2)):
    for name in chosen:
        for kind, one in objects(value):
            found[f"{shape}/{kind}/{name}"] = attempt(PROBES[name], one)

for name in chosen:

    @tf.function(autograph=False)
    def traced(x, name=name):
        found[f"vector/symbolic/{name}"] = attempt(PROBES[name], x)
        return 0

    traced(tf.constant([2.5, 3.5]))


# what shows the copies of other replicas: the simulation has none of them in replica code
SHOWS_ALL = ("str", "hash", "key", "set")


def in_replica(name, kind, one):
    outcome = attempt(PROBES[name], one)
    if tf.distribute.get_replica_context().replica_id_in_sync_group == 0:
        found[f"vector/{kind} in replica/{name}"] = outcome


for name in chosen:
    if name in SHOWS_ALL:
        continue
    for kind, one in zip(("mirrored", "on_read"), variables([2.5, 3.5])):
        strategy.run(in_replica, args=(name, kind, one))
print(json.dumps(found))
