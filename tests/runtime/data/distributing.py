"""A script that distributes datasets over as many replicas as its argument says."""

# mypy: ignore-errors

import sys

import tensorflow as tf

REPLICAS = int(sys.argv[1])
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 3)
strategy = tf.distribute.MirroredStrategy([f"CPU:{at}" for at in range(REPLICAS)])
Dataset = tf.data.Dataset


def tell(what, call):
    try:
        print(what, call())
    except Exception as error:
        print(what, type(error).__name__, str(error).split("}} ")[-1].split(" [Op")[0])


def parts(value):
    return [one.numpy().tolist() for one in strategy.experimental_local_results(value)]


def show(dataset, limit=12):
    found = []
    for at, element in enumerate(dataset):
        if at == limit:
            break
        found.append(tf.nest.map_structure(parts, element))
    return found


def distributed(dataset, limit=12):
    return show(strategy.experimental_distribute_dataset(dataset), limit)


def plus_one(x):
    return x + 1


def paired(x):
    return x, {"f": tf.cast(x, tf.float32)}


def irregular():
    yield from ([1, 2], [3, 4, 5], [6])


def off(dataset):
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return dataset.with_options(options)


source = Dataset.range(11)
spec = tf.TensorSpec((None,), tf.int32)
for name, made in {
    "batch 4": source.batch(4),
    "batch 4, no remainder": source.batch(4, drop_remainder=True),
    "batch 5": source.batch(5),
    "batch 6, no remainder": source.batch(6, drop_remainder=True),
    "batch 5, mapped": source.batch(5).map(plus_one),
    "batch 5, of pairs": source.batch(5).map(paired).prefetch(2),
    "batch 4, repeated": source.batch(4).repeat(2),
    "batch 1": source.take(3).batch(1),
    "batch 3, two of them": source.batch(3).take(2),
    "no end": source.batch(2).repeat(),
    "irregular": Dataset.from_generator(irregular, output_signature=spec),
    "one batch": Dataset.from_tensors(([1, 2, 3], {"a": [1.0, 2.0, 3.0]})),
    "not batched": source,
    "batch 4, not sharded": off(source.batch(4)),
    "batch 5, not sharded": off(source.batch(5).map(plus_one)),
    "batch 4, no remainder, not sharded": off(source.batch(4, drop_remainder=True)),
}.items():
    limit = 4 if name == "no end" else 12
    tell(name, lambda made=made, limit=limit: distributed(made, limit))
    tell("spec", lambda made=made: strategy.experimental_distribute_dataset(made).element_spec)


def dataset_fn(context):
    print(context, context.num_input_pipelines, context.num_replicas_in_sync)
    print(context.get_per_replica_batch_size(12))
    return Dataset.range(7).batch(2)


def from_function(function):
    return show(strategy.distribute_datasets_from_function(function))


tell("function", lambda: from_function(dataset_fn))
tell("static", lambda: from_function(lambda _: Dataset.range(7).batch(2, drop_remainder=True)))
tell("scalars", lambda: from_function(lambda _: Dataset.range(5)))
tell("no dataset", lambda: from_function(lambda _: 5))
tell("no dataset", lambda: strategy.experimental_distribute_dataset([1]))

dataset = strategy.experimental_distribute_dataset(Dataset.range(10).batch(4))
iterator = iter(dataset)
print(type(dataset).__name__, type(iterator).__name__, int(dataset.cardinality))
print(next(iterator), parts(iterator.get_next()))
optional = iterator.get_next_as_optional()
print(bool(optional.has_value()), parts(optional.get_value()))
print(bool(iterator.get_next_as_optional().has_value()))
tell("end", iterator.get_next)
tell("end", lambda: next(iterator))


@tf.function
def total(dataset):
    print("traced")
    found = tf.constant(0, tf.int64)
    for x in dataset:
        found += strategy.reduce("SUM", strategy.run(tf.reduce_sum, args=(x,)), axis=None)
    return found


@tf.function
def sizes(iterator):
    return strategy.run(lambda x: tf.shape(x)[0], args=(next(iterator),))


tell("total", lambda: total(dataset).numpy())
tell("total", lambda: total(dataset).numpy())
iterator = iter(dataset)
for _ in range(3):
    tell("sizes", lambda: parts(sizes(iterator)))
try:
    sizes(iterator)
except tf.errors.OutOfRangeError:
    print("out of range")
tell("in a replica", lambda: strategy.run(lambda: next(iter(dataset))))
