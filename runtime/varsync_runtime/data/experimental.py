"""`tf.data.experimental`: what became methods of datasets, as functions for `Dataset.apply`."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.data.choosing import choose_from_datasets, sample_from_datasets
from varsync_runtime.data.dataset import AUTOTUNE, DatasetV2
from varsync_runtime.data.rows import flatten, normalised
from varsync_runtime.data.sources import counter, from_tensor_slices, random
from varsync_runtime.tensors import dtypes, nest
from varsync_runtime.tensors.exports import export, provide

Transformation = Callable[[DatasetV2], DatasetV2]

# the methods under the same names, with the same arguments
METHODS = (
    "bucket_by_sequence_length", "group_by_window", "scan", "take_while", "unbatch", "unique",
)  # fmt: skip


def _applied(method: str) -> Callable[..., Transformation]:
    def make(*args: Any, **kwargs: Any) -> Transformation:
        return lambda dataset: getattr(dataset, method)(*args, **kwargs)

    make.__name__ = make.__qualname__ = method
    make.__doc__ = f"`tf.data.Dataset.{method}`, for `apply`."
    return make


for _method in METHODS:
    provide(f"tf.data.experimental.{_method}", _applied(_method))
provide("tf.data.experimental.enumerate_dataset", _applied("enumerate"))


@export("tf.data.experimental.shuffle_and_repeat")
def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: Any = None) -> Transformation:
    """Shuffled anew for each repetition."""
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


@export("tf.data.experimental.map_and_batch")
def map_and_batch(
    map_func: Callable[..., Any],
    batch_size: Any,
    num_parallel_batches: Any = None,
    drop_remainder: Any = False,
    num_parallel_calls: Any = None,
) -> Transformation:
    """Batches of what a function gives."""
    if num_parallel_batches is not None and num_parallel_calls is not None:
        raise ValueError(
            "`map_and_batch_with_legacy_function` allows only one of `num_parallel_batches` and "
            "`num_parallel_calls` to be set, but `num_parallel_batches` was set to "
            f"{num_parallel_batches} and `num_parallel_calls` as set to {num_parallel_calls}."
        )
    return lambda dataset: dataset.map(map_func).batch(batch_size, drop_remainder)


@export("tf.data.experimental.parallel_interleave")
def parallel_interleave(
    map_func: Callable[..., Any],
    cycle_length: Any,
    block_length: Any = 1,
    sloppy: Any = False,
    buffer_output_elements: Any = None,
    prefetch_input_elements: Any = None,
) -> Transformation:
    """Blocks of several datasets in turn."""
    return lambda dataset: dataset.interleave(map_func, cycle_length, block_length, AUTOTUNE)


@export("tf.data.experimental.prefetch_to_device")
def prefetch_to_device(device: Any, buffer_size: Any = None) -> Transformation:
    """The same elements."""
    return lambda dataset: dataset.prefetch(1)


@export("tf.data.experimental.copy_to_device")
def copy_to_device(target_device: Any, source_device: Any = "/cpu:0") -> Transformation:
    """The same elements."""
    return lambda dataset: dataset.prefetch(1)


provide("tf.data.experimental.choose_from_datasets", choose_from_datasets)
provide("tf.data.experimental.sample_from_datasets", sample_from_datasets)


@export("tf.data.experimental.get_single_element")
def get_single_element(dataset: DatasetV2) -> Any:
    """The one element that there is."""
    return dataset.get_single_element()


@export("tf.data.experimental.Counter")
def Counter(start: Any = 0, step: Any = 1, dtype: Any = dtypes.int64) -> DatasetV2:
    """Numbers without an end."""
    return counter(start, step, dtype)


@export("tf.data.experimental.RandomDataset")
def RandomDataset(seed: Any = None, name: str | None = None) -> DatasetV2:
    """Random numbers without an end."""
    return random(seed)


@export("tf.data.experimental.from_list")
def from_list(elements: Any, name: str | None = None) -> DatasetV2:
    """The elements of a list."""
    if not elements:
        raise ValueError(
            "Invalid `elements`. `elements` should not be empty. If you want an empty dataset, use "
            "`tf.data.Dataset.range(0)`."
        )
    if not isinstance(elements, list):
        raise ValueError("Invalid `elements`. `elements` must be a list.")
    rows = zip(*[flatten(normalised(one)) for one in elements], strict=True)
    stacked = [np.stack(leaf) for leaf in rows]
    return from_tensor_slices(nest.pack_sequence_as(elements[0], stacked))


@export("tf.data.experimental.get_structure")
def get_structure(dataset_or_iterator: Any) -> Any:
    """The spec of the elements."""
    try:
        return dataset_or_iterator.element_spec
    except AttributeError:
        raise TypeError(
            "Invalid `dataset_or_iterator`. `dataset_or_iterator` must be a "
            f"`tf.data.Dataset` or tf.data.Iterator object, but got {type(dataset_or_iterator)}."
        ) from None


@export("tf.data.experimental.get_next_as_optional")
def get_next_as_optional(iterator: Any) -> Any:
    """The next element of an iterator, if there is one."""
    return iterator.get_next_as_optional()


@export("tf.data.experimental.AutotuneAlgorithm")
class AutotuneAlgorithm(enum.Enum):
    """How TensorFlow finds buffer sizes; nothing depends on it here."""

    __module__ = "tensorflow.python.data.ops.options"
    DEFAULT = 0
    HILL_CLIMB = 1
    GRADIENT_DESCENT = 2
    MAX_PARALLELISM = 3
    STAGE_BASED = 4
