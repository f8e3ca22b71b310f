"""What `tf.data.experimental` has for `Dataset.apply`, batches of like lengths, flags of absl."""

import sys
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

X, Dataset = tf.data.experimental, tf.data.Dataset


def show(dataset: Any) -> None:
    found = [tf.nest.map_structure(lambda one: one.tolist(), row) for row in rows(dataset)]
    print(found, dataset.element_spec)


def rows(dataset: Any) -> list[Any]:
    return [tf.nest.map_structure(lambda leaf: leaf.numpy(), element) for element in dataset]


def attempt(function: Any) -> None:
    try:
        print(function())
    except Exception as error:
        print(type(error).__name__, str(error)[:250])


def sequences() -> Iterator[list[int]]:
    for size in (1, 5, 2, 3, 7, 1, 9):
        yield list(range(size))


lists = Dataset.from_generator(sequences, output_signature=tf.TensorSpec([None], tf.int32))
B = lists.bucket_by_sequence_length
show(B(tf.size, [3, 6], [2, 2, 2]))
show(B(lambda one: tf.shape(one)[0], [3, 6], [2, 3, 2], drop_remainder=True))
show(B(tf.size, [3, 6, 10], [2, 2, 2, 1], pad_to_bucket_boundary=True, padding_values=-1))
show(lists.apply(X.bucket_by_sequence_length(tf.size, [3], [2, 2], padded_shapes=[None])))
attempt(lambda: list(B(tf.size, [3, 6], [2, 2, 2], pad_to_bucket_boundary=True)))
attempt(lambda: B(tf.size, [3, 6], [2, 2]))

six = Dataset.range(6)
show(
    six.apply(X.group_by_window(lambda x: x % 2, lambda key, group: group.batch(5), window_size=5))
)
show(six.apply(X.scan(tf.constant(0, tf.int64), lambda state, x: (state + x, state))))
show(Dataset.from_tensor_slices([1, 1, 2]).apply(X.unique()))
show(six.apply(X.take_while(lambda x: x < 3)))
show(six.batch(2).apply(X.unbatch()))
show(six.apply(X.enumerate_dataset(3)))
show(six.apply(X.shuffle_and_repeat(4, 2, seed=1)))
show(six.apply(X.map_and_batch(lambda x: x * 2, 4)))
show(six.apply(X.map_and_batch(lambda x: x * 2, 4, drop_remainder=True)))
show(six.apply(X.prefetch_to_device("/cpu:0")))
show(six.apply(X.copy_to_device("/cpu:0")))
show(six.apply(X.parallel_interleave(lambda x: Dataset.from_tensors(x).repeat(2), 2)))
two = [Dataset.range(3), Dataset.range(10, 13)]
show(X.choose_from_datasets(two, Dataset.from_tensor_slices(tf.constant([0, 1, 0], tf.int64))))
show(X.sample_from_datasets(two, [0.5, 0.5], seed=3))
print(X.get_single_element(Dataset.from_tensors(3)), X.get_structure(six))
show(X.Counter(2, 3).take(3))
show(X.RandomDataset(4).take(2))
show(X.from_list([1, 2, 3]))
print(rows(X.from_list([(1, "a"), (2, "b")])))
attempt(lambda: X.from_list([]))
attempt(lambda: X.from_list(5))
attempt(lambda: X.get_structure(5))
print(X.get_next_as_optional(iter(six)).get_value(), X.AutotuneAlgorithm.HILL_CLIMB)

# how devices reduce, and how flags are read
attempt(lambda: tf.distribute.HierarchicalCopyAllReduce(num_packs=-1))
attempt(lambda: tf.distribute.NcclAllReduce(num_packs=-1))
reduction = tf.distribute.ReductionToOneDevice("CPU:0")
print(reduction.reduce_to_device, isinstance(reduction, tf.distribute.CrossDeviceOps))
copying = tf.distribute.HierarchicalCopyAllReduce(num_packs=2)
print(tf.distribute.MirroredStrategy(["CPU:0"], cross_device_ops=copying).num_replicas_in_sync)
flags = tf.compat.v1.flags
flags.DEFINE_integer("rounds_of_this_script", 3, "how many")


def main(arguments: list[str]) -> None:
    print(len(arguments), flags.FLAGS.rounds_of_this_script)


attempt(lambda: tf.nest.map_structure(type, sys.argv[:0]))
try:
    tf.compat.v1.app.run(main, ["script", "--rounds_of_this_script=5", "--nobody_knows=1"])
except SystemExit as left:
    print("ends with", left.code)
