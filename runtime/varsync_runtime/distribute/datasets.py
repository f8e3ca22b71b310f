"""Datasets whose elements go to the replicas: `tf.distribute.DistributedDataset`.

After tensorflow/python/distribute/input_lib.py, `DistributedDataset`, and
tensorflow/python/data/experimental/ops/distribute.py, `batch_sizes_for_worker`. Every process of a
worker goes through the worker's whole dataset, so each knows all parts of an element.

A dataset (of `varsync_runtime.data`) is anything that can be iterated again and again and has
`element_spec`; batches are split along their first dimension.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from varsync_runtime.distribute.options import InputContext, InputReplicationMode
from varsync_runtime.distribute.values import Parts, PerReplica
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.errors import OutOfRangeError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor, make

if TYPE_CHECKING:
    from varsync_runtime.distribute.strategy import StrategyBase

_TF = "tensorflow.python.distribute.input_lib"
Element = Any


def batch_sizes(batch: int, replicas: int) -> list[int]:
    """How a global batch is split: the first replicas get one more if it does not come out even."""
    each, more = divmod(batch, replicas)
    return [each + 1 if at < more else each for at in range(replicas)]


class DistributedDatasetInterface:
    """What the distributed datasets have in common."""

    __module__ = _TF

    def __init__(self, strategy: StrategyBase) -> None:
        self._strategy = strategy

    def _elements(self) -> Iterator[list[Element]]:
        """Lists of the elements of this worker's replicas."""
        raise NotImplementedError

    def __iter__(self) -> DistributedIterator:
        return DistributedIterator(self._strategy, self._elements())

    @property
    def element_spec(self) -> Any:
        """The type of the elements."""
        raise NotImplementedError

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any]) -> Any:
        """Folds the elements, in a graph in TensorFlow."""
        state = initial_state
        for element in self:
            state = reduce_func(state, element)
        return state


@export("tf.distribute.DistributedDataset")
class DistributedDataset(DistributedDatasetInterface):
    """A dataset whose batches are split among the replicas."""

    __module__ = _TF

    def __init__(self, strategy: StrategyBase, dataset: Any) -> None:
        super().__init__(strategy)
        self._dataset = dataset

    @property
    def element_spec(self) -> Any:
        return self._dataset.element_spec

    @property
    def cardinality(self) -> Any:
        """How many elements there are."""
        return self._dataset.cardinality()

    def __len__(self) -> int:
        return len(self._dataset)

    def _elements(self) -> Iterator[list[Element]]:
        crew = self._strategy._crew
        first: int | None = None
        for element in self._dataset:
            leaves = nest.flatten(element)
            size = int(leaves[0].shape[0]) if leaves[0].shape.rank else 1
            first = size if first is None else first
            chunks = split(element, size, batch_sizes(first, crew.replicas))
            # a worker takes every so manieth chunk: AutoShardDataset after RebatchDataset
            yield chunks[crew.worker :: crew.workers]


def split(element: Element, size: int, sizes: list[int]) -> list[Element]:
    """A batch in pieces of these sizes, as far as it goes; what is missing is empty."""
    chunks = []
    start = 0
    for wanted in sizes:
        end = min(size, start + wanted)
        chunks.append(nest.map_structure(lambda leaf, a=start, b=end: part(leaf, a, b), element))
        start = end
    return chunks


def part(leaf: Any, start: int, end: int) -> Tensor:
    """Rows of a tensor."""
    array = leaf._array
    return make(array[start:end] if array.ndim else array, leaf.dtype)


class DistributedDatasetsFromFunction(DistributedDatasetInterface):
    """A dataset that a function makes for each worker; each replica gets an element of its own."""

    __module__ = _TF

    def __init__(
        self, strategy: StrategyBase, dataset_fn: Callable[[InputContext], Any], options: Any
    ) -> None:
        super().__init__(strategy)
        crew = strategy._crew
        mode = getattr(options, "experimental_replication_mode", InputReplicationMode.PER_WORKER)
        self._of_replica = mode is InputReplicationMode.PER_REPLICA
        if self._of_replica:
            self._datasets = [
                dataset_fn(InputContext(crew.replicas, crew.first + at, crew.replicas))
                for at in range(crew.local)
            ]
        else:
            context = InputContext(crew.workers, crew.worker, crew.replicas)
            self._datasets = [dataset_fn(context)]

    @property
    def element_spec(self) -> Any:
        return self._datasets[0].element_spec

    def _elements(self) -> Iterator[list[Element]]:
        local = self._strategy._crew.local
        if self._of_replica:
            yield from map(list, zip(*self._datasets, strict=False))
            return
        elements = iter(self._datasets[0])
        while True:
            group: list[Element] = []
            for _ in range(local):
                element = next(elements, None)
                if element is None:
                    break
                group.append(element)
            if not group:
                return
            while len(group) < local:
                group.append(nest.map_structure(empty, group[0]))
            yield group


def empty(leaf: Any) -> Tensor:
    """A batch without rows: what a replica gets for which nothing is left."""
    array = leaf._array
    return make(np.zeros((0, *array.shape[1:]), array.dtype), leaf.dtype)


@export("tf.distribute.DistributedIterator")
class DistributedIterator:
    """Gives a PerReplica for each step."""

    __module__ = _TF

    def __init__(self, strategy: StrategyBase, elements: Iterator[list[Element]]) -> None:
        self._strategy = strategy
        self._iterator = elements

    def __iter__(self) -> DistributedIterator:
        return self

    def __next__(self) -> Any:
        return together(self._strategy, next(self._iterator))

    def get_next(self) -> Any:
        """The next element; OutOfRangeError at the end."""
        try:
            return next(self)
        except StopIteration:
            raise OutOfRangeError(None, None, "End of sequence") from None

    def get_next_as_optional(self) -> Any:
        """The next element as an Optional, if there is one."""
        from varsync_runtime.tensors.exports import registry

        optional = registry()["tf.experimental.Optional"]
        try:
            return optional.from_value(next(self))
        except StopIteration:
            return optional.empty(None)


def together(strategy: StrategyBase, elements: list[Element]) -> Any:
    """The elements of the replicas as one structure of PerReplicas."""
    if strategy._crew.local == 1:
        return elements[0]
    return nest.map_structure(lambda *leaves: PerReplica(Parts.all(leaves)), *elements)


def distribute_dataset(strategy: StrategyBase, dataset: Any, options: Any) -> DistributedDataset:
    """`strategy.experimental_distribute_dataset`."""
    del options
    return DistributedDataset(strategy, dataset)


def distribute_from_function(
    strategy: StrategyBase, dataset_fn: Callable[[InputContext], Any], options: Any
) -> DistributedDatasetsFromFunction:
    """`strategy.distribute_datasets_from_function`."""
    return DistributedDatasetsFromFunction(strategy, dataset_fn, options)
