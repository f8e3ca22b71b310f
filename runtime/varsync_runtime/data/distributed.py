"""Datasets whose elements go to the replicas: `tf.distribute.DistributedDataset`.

After tensorflow/python/distribute/input_lib.py. Every process of a worker goes through the worker's
whole dataset, so that each knows all parts of an element.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from varsync_runtime import events
from varsync_runtime.data.batching import minibatch_spec, minibatches, resliced
from varsync_runtime.data.dataset import INFINITE, DatasetV2
from varsync_runtime.data.iterations import begin
from varsync_runtime.data.iterators import Optional, ended, placeholder, static_shape
from varsync_runtime.data.options import AutoShardPolicy
from varsync_runtime.data.rations import rationed
from varsync_runtime.data.returnable import Returnable
from varsync_runtime.data.rows import Row, pack
from varsync_runtime.distribute import contexts, datasets, telling
from varsync_runtime.distribute.arriving import Exchange, arrive
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.options import InputContext, InputReplicationMode
from varsync_runtime.distribute.values import Parts, PerReplica, PerReplicaSpec
from varsync_runtime.function import control, graphs
from varsync_runtime.semantics import StrategyKind
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.dtypes import blank
from varsync_runtime.tensors.errors import NotModelled, OutOfRangeError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.spec import TensorSpec
from varsync_runtime.tensors.tensor import make
from varsync_runtime.tensors.types import CompositeTensor

_TF = "tensorflow.python.distribute.input_lib"
Round = list[Row]


class Rounds:
    """The rows that this worker's replicas get, round by round; None: nothing for this replica.

    With `partial`, a round counts in which one replica of any worker still has something; without,
    one in which all of them have.
    """

    def __init__(self, strategy: Any, rows: Iterator[Row], partial: bool) -> None:
        self._crew = strategy._crew
        self._rows = rows
        self._partial = partial

    def __iter__(self) -> Rounds:
        return self

    def __next__(self) -> list[Row | None]:
        crew = self._crew
        found: list[Row | None] = list(itertools.islice(self._rows, crew.local))
        wanted = 1 if self._partial else crew.local
        have = len(found)
        if crew.workers > 1 and self._partial:
            have = over_workers(crew, have)
        if have < wanted:
            raise StopIteration
        return found + [None] * (crew.local - len(found))


def over_workers(crew: Crew, count: int) -> int:
    """The sum of what the workers say of their next batches."""
    own = np.array([count], np.int64)
    order = arrive(crew, Exchange.REDUCE, "next batch", "", own)
    total = crew.sum(own, order)
    telling.synchronised(None, "reduce", "SUM", own.nbytes)
    return int(total[0])


class _OfReplicas(CompositeTensor):
    """What distributed datasets and their iterators have in common."""

    __module__ = _TF
    _passes_functions = True

    def __init__(self, strategy: Any, spec: Any) -> None:
        self._strategy = strategy
        self._spec = spec

    @property
    def element_spec(self) -> Any:
        """The structure of the elements, a PerReplicaSpec for several replicas."""
        return nest.map_structure(lambda one: spec_of_parts(self._strategy, one), self._spec)

    def _trace_key(self) -> Any:
        return type(self), repr(self._spec)


@export("tf.distribute.DistributedDataset")
class DistributedDatasetInterface(_OfReplicas):
    """What the distributed datasets have in common."""

    __module__ = "tensorflow.python.types.distribute"

    def __init__(self, strategy: Any, spec: Any, partial: bool) -> None:
        super().__init__(strategy, spec)
        self._partial = partial

    def _rounds(self) -> Iterator[list[Row | None]]:
        raise NotImplementedError

    def __iter__(self) -> Any:
        rounds = rationed(self._rounds(), self._agreed)
        iterator = DistributedIterator(self._strategy, self._spec, rounds)
        if graphs.current() is None:
            return iterator
        sample = nest.map_structure(placeholder, self._spec)
        first = together(self._strategy, [sample] * self._strategy._crew.local)
        return control.loop(map(iterator._element, rounds), first)

    def _agreed(self, mine: bool) -> bool:
        """Whether something is true in any worker, where workers are in step about their rounds."""
        crew = self._strategy._crew
        if crew.workers == 1 or not self._partial:
            return mine
        return over_workers(crew, int(mine)) > 0

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any]) -> Any:
        """Folds the elements."""
        state = initial_state
        for element in self:
            state = reduce_func(state, element)
        return state


class DistributedDataset(DistributedDatasetInterface):
    """tensorflow/python/distribute/input_lib.py, `DistributedDataset`."""

    __module__ = _TF

    def __init__(self, strategy: Any, dataset: Any, options: Any = None) -> None:
        if not isinstance(dataset, DatasetV2):
            raise AttributeError(
                f"'{type(dataset).__name__}' object has no attribute '_variant_tensor'"
            )
        self._dataset = dataset
        self._replicas = strategy._crew.replicas
        self._batch = batch_size(dataset) if self._replicas > 1 else None
        policy = dataset.options().experimental_distribute.auto_shard_policy
        self._sharded = policy is not AutoShardPolicy.OFF
        by_files = policy in (AutoShardPolicy.AUTO, AutoShardPolicy.FILE)
        if strategy._crew.workers > 1 and by_files and dataset._reads_files:
            raise NotModelled(
                "the sharding of files among workers (tf.data.experimental.AutoShardPolicy.FILE): "
                "set the policy to DATA or OFF"
            )
        spec = self._split_spec(dataset.element_spec)
        super().__init__(strategy, spec, has_partial(strategy, dataset._size(), spec))

    def _split_spec(self, spec: Any) -> Any:
        return spec if self._replicas == 1 else minibatch_spec(spec, self._replicas)

    @property
    def cardinality(self) -> Any:
        """How many rounds there are, as far as it is known."""
        return np.int64(self._dataset._size())

    def _rows(self) -> Iterator[Row]:
        crew = self._strategy._crew
        if self._replicas == 1:
            return self._dataset._rows()
        if not self._sharded and self._batch is not None:
            sizes = sizes_for_worker(self._batch, crew.workers, crew.local, crew.worker)
            return resliced(self._dataset, sizes, False)
        rows = minibatches(self._dataset, self._replicas)
        if not self._sharded:
            return rows
        return itertools.islice(rows, crew.worker, None, crew.workers)

    def _rounds(self) -> Iterator[list[Row | None]]:
        return Rounds(self._strategy, begin(self._rows, self._dataset._start), self._partial)


class DistributedDatasetsFromFunction(DistributedDatasetInterface):
    """tensorflow/python/distribute/input_lib.py, `DistributedDatasetsFromFunction`."""

    __module__ = _TF

    def __init__(self, strategy: Any, dataset_fn: Callable[[Any], Any], options: Any) -> None:
        crew = strategy._crew
        mode = getattr(options, "experimental_replication_mode", InputReplicationMode.PER_WORKER)
        self._of_replica = mode is InputReplicationMode.PER_REPLICA
        if self._of_replica:
            made = [
                dataset_fn(InputContext(crew.replicas, crew.first + at, crew.replicas))
                for at in range(crew.local)
            ]
        else:
            made = [dataset_fn(InputContext(crew.workers, crew.worker, crew.replicas))]
        for one in made:
            if not isinstance(one, DatasetV2):
                raise AttributeError(
                    f"'{type(one).__name__}' object has no attribute 'element_spec'"
                )
        self._datasets = made
        spec = made[0].element_spec
        super().__init__(strategy, spec, has_partial(strategy, made[0]._size(), spec))

    @property
    def cardinality(self) -> Any:
        """How many rounds there are, as far as it is known."""
        size = self._datasets[0]._size()
        if size >= 0 and not self._of_replica:
            size = -(-size // self._strategy._crew.local)
        return np.int64(size)

    def _rounds(self) -> Iterator[list[Row | None]]:
        if not self._of_replica:
            return Rounds(self._strategy, self._datasets[0]._begin(), self._partial)
        ends = itertools.zip_longest(*[one._begin() for one in self._datasets])
        rounds = (list(one) for one in ends)
        if self._partial:
            return rounds
        return itertools.takewhile(lambda one: None not in one, rounds)


@export("tf.distribute.DistributedIterator")
class DistributedIterator(_OfReplicas):
    """tensorflow/python/distribute/input_lib.py, `DistributedIterator`."""

    __module__ = _TF

    def __init__(self, strategy: Any, spec: Any, rounds: Iterator[list[Row | None]]) -> None:
        super().__init__(strategy, spec)
        self._rounds = Returnable(rounds)

    def __iter__(self) -> DistributedIterator:
        return self

    def _element(self, round_: list[Row | None]) -> Any:
        graph = graphs.current()
        if graph is not None:
            graph.sized = False
        parts = [
            nest.map_structure(nothing, self._spec) if row is None else pack(self._spec, row)
            for row in round_
        ]
        return together(self._strategy, parts)

    def _check(self) -> None:
        with contexts.enter_or_assert(self._strategy):
            if contexts.get_replica_context() is not None:
                raise ValueError(
                    "next(iterator) should be called from outside of replica_fn. e.g. "
                    "strategy.run(replica_fn, args=(next(iterator),))"
                )

    def __next__(self) -> Any:
        try:
            return self.get_next()
        except OutOfRangeError:
            if graphs.current() is not None:
                raise
            raise events.budget().ending(StopIteration()) from None

    def next(self) -> Any:
        """The next element."""
        return self.__next__()

    def get_next(self) -> Any:
        """The next element; OutOfRangeError at the end."""
        self._check()
        round_ = next(self._rounds, None)
        if round_ is None:
            raise ended()
        return self._element(round_)

    def get_next_as_optional(self) -> Optional:
        """The next element, if there is one."""
        round_ = next(self._rounds, None)
        return Optional(self.element_spec, None if round_ is None else self._element(round_))


def together(strategy: Any, parts: list[Any]) -> Any:
    """The elements of the replicas as one structure of PerReplicas; one element as it is."""
    crew = strategy._crew
    if crew.local == 1 and crew.workers == 1:
        return parts[0]
    return nest.map_structure(lambda *leaves: PerReplica(Parts.all(leaves)), *parts)


def nothing(spec: Any) -> Any:
    """A batch without rows: what a replica gets for which nothing is left (`_dummy_tensor_fn`)."""
    if not isinstance(spec, TensorSpec):
        return spec
    sizes = [] if spec.shape.rank is None else [0 if one is None else one for one in spec.shape]
    return make(blank(sizes, spec.dtype), spec.dtype)


def spec_of_parts(strategy: Any, spec: Any) -> Any:
    """The spec of one leaf for all of a worker's replicas."""
    crew = strategy._crew
    if crew.local == 1 and crew.workers == 1:
        return spec
    return PerReplicaSpec([spec] * crew.local)


# The strategies with `experimental_enable_get_next_as_optional`
PARTIAL = (StrategyKind.MIRRORED, StrategyKind.MULTI_WORKER_MIRRORED, StrategyKind.TPU)


def has_partial(strategy: Any, size: int, spec: Any) -> bool:
    """Whether replicas may get nothing in the last round (`_enable_get_next_as_optional`)."""
    if size == INFINITE or strategy._in_table.kind not in PARTIAL:
        return False
    return not static_shape(spec) or strategy._crew.workers > 1


# what hands a batch size on (tensorflow/core/kernels/data/experimental/compute_batch_size_op.cc)
PASSES_BATCHES = frozenset(
    (
        "CacheDataset", "_OptionsDataset", "_PrefetchDataset", "_RepeatDataset", "_ShardDataset",
        "_ShuffleDataset", "_SkipDataset", "_TakeDataset", "_AssertCardinalityDataset",
    )
)  # fmt: skip


def batch_size(dataset: DatasetV2) -> int | None:
    """The size of the batches (`compute_batch_size`); None where it is not known."""
    sizes: set[int | None] = set()
    for one in nest.flatten(dataset.element_spec):
        if not isinstance(one, TensorSpec) or one.shape.rank is None:
            sizes.add(None)
        elif not one.shape.rank:
            raise IndexError("list index out of range")
        else:
            sizes.add(one.shape[0])
    if None not in sizes:
        return sizes.pop() if len(sizes) == 1 else None
    while type(dataset).__name__ in PASSES_BATCHES:
        dataset = dataset._inputs[0]
    return getattr(dataset, "_batch_size", None)


def sizes_for_worker(batch: int, workers: int, local: int, worker: int) -> list[int]:
    """`batch_sizes_for_worker`: batches of replicas differ by one at most."""
    each, more = divmod(batch, workers * local)
    sizes = [each + 1] * more + [each] * (workers * local - more)
    start = worker * local
    return sizes[start:] + sizes[:start]


def install() -> None:
    """Strategies make their distributed datasets with this module from now on."""
    datasets.makers.dataset = DistributedDataset
    datasets.makers.from_function = DistributedDatasetsFromFunction


install()
