"""Datasets of strings, files that match a pattern, and arrays on the left of variables: printed."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

Dataset = tf.data.Dataset


def show(dataset: Any) -> None:
    print([element.numpy() for element in dataset], list(dataset.as_numpy_iterator()))


show(Dataset.from_tensor_slices(["ab", "c", "d\0"]))
show(Dataset.from_tensors("ab"))
show(Dataset.from_tensor_slices(["ab", "c"]).batch(2).unbatch())
show(Dataset.from_tensor_slices(["ab", "c"]).shuffle(1).repeat(2).cache().filter(lambda one: True))
show(Dataset.from_tensor_slices(["ab", "c"]).map(lambda one: tf.strings.join([one, one], "-")))
show(Dataset.from_tensor_slices(["ab", "c"]).map(tf.strings.length))
show(Dataset.from_tensor_slices(["ab", "c"]).map(tf.strings.upper).map(tf.strings.lower))

Path("folder").mkdir()
for name in ("one.csv", "folder/two.csv"):
    Path(name).write_text(name)
for pattern in ("*.csv", "one.csv", "*/two.csv", "folder/*", "./folder/*", "one.[c]sv"):
    show(Dataset.list_files(pattern, shuffle=False))

strategy = tf.distribute.MirroredStrategy(["CPU:0"])
with strategy.scope():
    mirrored = tf.Variable([1.0, 2.0])
    count = tf.Variable(3)
for variable in (tf.Variable([1.0, 2.0]), mirrored):
    array = np.array([3.0, 4.0], np.float32)
    print(array * variable, array + variable, array > variable, array == variable, list(variable))
    print(np.add(array, variable), np.float32(2) * variable)
for variable in (tf.Variable(3), count):
    for use in (
        int,
        float,
        complex,
        range,
        len,
        lambda number: [0, 1, 2, 3][number],
        lambda number: f"{number:d}",
        lambda number: "%d" % number,  # noqa: UP031
        lambda number: tf.zeros([number]).shape,
        lambda number: tf.range(number).shape,
    ):
        try:
            print(use(variable))
        except TypeError as error:
            print(error)
