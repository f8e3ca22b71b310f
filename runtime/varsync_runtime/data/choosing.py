"""`choose_from_datasets` and `sample_from_datasets`: each element from the dataset that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from varsync_runtime.data.dataset import UNKNOWN, DatasetV2, kind, static
from varsync_runtime.data.iterations import branches
from varsync_runtime.data.rows import Row
from varsync_runtime.data.sources import random
from varsync_runtime.ops.functions import log
from varsync_runtime.ops.random.stateless import stateless_categorical
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.tensor import Tensor

NO_DATASETS = "Invalid `datasets`. `datasets` should not be empty."


@static
def choose_from_datasets(
    datasets: list[DatasetV2], choice_dataset: DatasetV2, stop_on_empty_dataset: bool = True
) -> DatasetV2:
    """tensorflow/python/data/ops/choose_from_datasets_op.py."""
    if not datasets:
        raise ValueError(NO_DATASETS)

    def choices() -> Iterator[int]:
        return (int(row[0]) for row in choice_dataset._rows())

    return _directed(datasets, choices, stop_on_empty_dataset, (*datasets, choice_dataset))


@static
def sample_from_datasets(
    datasets: list[DatasetV2],
    weights: Any = None,
    seed: Any = None,
    stop_on_empty_dataset: bool = False,
    rerandomize_each_iteration: Any = None,
) -> DatasetV2:
    """tensorflow/python/data/ops/sample_from_datasets_op.py."""
    if not datasets:
        raise ValueError(NO_DATASETS)
    if not isinstance(weights, DatasetV2):
        datasets, logits = _constant(datasets, weights)
        if len(datasets) == 1:
            return datasets[0]

        def each() -> Iterator[Any]:
            while True:
                yield logits
    else:

        def each() -> Iterator[Any]:
            return (log(np.stack(row)) for row in weights._rows())

    numbers: DatasetV2 = random(seed, rerandomize_each_iteration)

    def choices() -> Iterator[int]:
        drawn = (row[0] for row in numbers._rows())
        for row, *pair in zip(each(), drawn, drawn, strict=False):
            yield int(stateless_categorical(row, 1, np.array(pair))._array[0, 0])

    return _directed(datasets, choices, stop_on_empty_dataset, tuple(datasets))


def _constant(datasets: list[DatasetV2], weights: Any) -> tuple[list[DatasetV2], Any]:
    """The datasets that can be chosen, and the logits for all choices."""
    if weights is None:
        return datasets, [[1.0] * len(datasets)]
    if isinstance(weights, Tensor):
        if not weights.shape.is_compatible_with([len(datasets)]):
            raise ValueError(
                "Invalid `weights`. The shape of `weights` should be compatible with "
                f"`[len(datasets)]` but is {weights.shape}."
            )
    else:
        if len(datasets) != len(weights):
            raise ValueError(
                "Invalid `weights`. `weights` should have the same length as `datasets` but got "
                f"`len(weights)={len(weights)}` vs. `len(datasets)={len(datasets)}`."
            )
        datasets, weights = _possible(datasets, weights)
    weights = convert(weights)
    if weights.dtype not in (dtypes.float32, dtypes.float64):
        raise TypeError(
            "Invalid `weights`. `weights` type must be either `tf.float32` or `tf.float64` but is "
            f"{weights.dtype}."
        )
    return datasets, log(weights)[None]


def _possible(
    datasets: list[DatasetV2], weights: Sequence[Any]
) -> tuple[list[DatasetV2], list[Any]]:
    """Without those that have no weight."""
    kept = [pair for pair in zip(datasets, weights, strict=True) if pair[1] > 0]
    if not kept:
        none: DatasetV2 = datasets[0].take(0)
        return [none], [1.0]
    return [dataset for dataset, _ in kept], [weight for _, weight in kept]


def _directed(
    datasets: list[DatasetV2],
    choices: Callable[[], Iterator[int]],
    stop: bool,
    inputs: tuple[DatasetV2, ...],
) -> DatasetV2:
    def rows() -> Iterator[Row]:
        given: list[Iterator[Any]] = [*(one._rows() for one in datasets), choices()]
        *sources, chosen = branches(given)
        return _chosen(sources, chosen, stop)

    spec = datasets[0].element_spec
    return kind("_DirectedInterleaveDataset")(spec, rows, UNKNOWN, inputs)


def _chosen(sources: list[Iterator[Row]], choices: Iterator[int], stop: bool) -> Iterator[Row]:
    ended: set[int] = set()
    for choice in choices:
        row = next(sources[choice], None)
        if row is not None:
            yield row
            continue
        ended.add(choice)
        if stop or len(ended) == len(sources):
            return
