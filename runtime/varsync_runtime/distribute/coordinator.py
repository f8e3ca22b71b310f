"""`tf.distribute.coordinator.ClusterCoordinator`: closures for a parameter server's workers.

After tensorflow/python/distribute/coordinator/cluster_coordinator.py. A closure runs where it is
scheduled, on the next worker in turn.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from varsync_runtime.distribute.datasets import left_alone
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.errors import OpError
from varsync_runtime.tensors.exports import export

_TF = "tensorflow.python.distribute.coordinator"

_worker: list[int] = []


def current_worker() -> int | None:
    """The worker whose closure runs, None outside closures."""
    return _worker[-1] if _worker else None


@contextmanager
def on_worker(worker: int) -> Iterator[None]:
    """Inside, a closure of this worker runs."""
    _worker.append(worker)
    try:
        yield
    finally:
        _worker.pop()


@export(
    "tf.distribute.coordinator.RemoteValue", "tf.distribute.experimental.coordinator.RemoteValue"
)
class RemoteValue:
    """What a closure will have returned."""

    __module__ = f"{_TF}.remote_value"

    def __init__(self, value: Any = None, error: BaseException | None = None) -> None:
        self._value = value
        self._error = error

    def fetch(self) -> Any:
        """The result; tensors as NumPy has them."""
        return nest.map_structure(
            lambda one: one.numpy() if hasattr(one, "numpy") else one, self.get()
        )

    def get(self) -> Any:
        """The result, as it is."""
        if self._error is not None:
            raise self._error
        return self._value


@export(
    "tf.distribute.coordinator.PerWorkerValues",
    "tf.distribute.experimental.coordinator.PerWorkerValues",
)
class PerWorkerValues:
    """One value for each worker; a closure gets its worker's."""

    __module__ = f"{_TF}.values"

    def __init__(self, values: Any) -> None:
        self._values = tuple(values)


class PerWorkerDataset(PerWorkerValues):
    """A dataset for each worker."""

    def __init__(self, datasets: Any, element_spec: Any) -> None:
        super().__init__(datasets)
        self.element_spec = element_spec

    def __iter__(self) -> Any:
        return PerWorkerIterator([iter(dataset) for dataset in self._values])


class PerWorkerIterator(PerWorkerValues):
    """An iterator for each worker."""

    def get_next(self) -> Any:
        """Only in a closure."""
        raise NotImplementedError("Iterating over an `AsyncDistributedIterator` is not supported.")

    def __next__(self) -> Any:
        return self.get_next()


@export(
    "tf.distribute.coordinator.ClusterCoordinator",
    "tf.distribute.experimental.coordinator.ClusterCoordinator",
)
class ClusterCoordinator:
    """Schedules closures on the workers of a ParameterServerStrategy."""

    __module__ = f"{_TF}.cluster_coordinator"

    def __new__(cls, strategy: Any) -> ClusterCoordinator:
        if getattr(strategy, "_cluster_coordinator", None) is None:
            strategy._cluster_coordinator = super().__new__(cls)
        coordinator: ClusterCoordinator = strategy._cluster_coordinator
        return coordinator

    def __init__(self, strategy: Any) -> None:
        if getattr(self, "_has_initialized", False):
            return
        from varsync_runtime.distribute.strategies.parameter_server import (
            ParameterServerStrategyV2,
        )

        if not isinstance(strategy, ParameterServerStrategyV2):
            raise ValueError(
                "Only `tf.distribute.experimental.ParameterServerStrategy` is supported to work "
                "with `tf.distribute.experimental.coordinator.ClusterCoordinator` currently."
            )
        self._has_initialized = True
        self._strategy_reference = weakref.ref(strategy)
        self._strategy = strategy
        self._next = 0
        self._error: BaseException | None = None

    @property
    def strategy(self) -> Any:
        """The strategy."""
        return self._strategy

    def schedule(self, fn: Callable[..., Any], args: Any = None, kwargs: Any = None) -> RemoteValue:
        """Runs a `tf.function` on the next worker."""
        if not hasattr(fn, "python_function") and not hasattr(fn, "structured_outputs"):
            raise TypeError(
                "`tf.distribute.experimental.coordinator.ClusterCoordinator.schedule` only accepts "
                "a `tf.function` or a concrete function."
            )
        self._raise()
        worker = self._next % self._strategy.extended._num_workers
        self._next += 1
        args, kwargs = (self._of_worker(worker, given) for given in (args or (), kwargs or {}))
        # a value of a closure that failed is asked for too late
        with on_worker(worker), self._strategy.scope():
            try:
                return RemoteValue(fn(*args, **kwargs))
            except OpError as error:
                self._error = error
                return RemoteValue(error=error)

    @staticmethod
    def _of_worker(worker: int, structure: Any) -> Any:
        def select(value: Any) -> Any:
            if isinstance(value, PerWorkerValues):
                value = value._values[worker]
            return value._value if isinstance(value, RemoteValue) else value

        return nest.map_structure(select, structure)

    def _raise(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def join(self) -> None:
        """Waits for all closures, which have run; raises what one of them raised."""
        self._raise()

    def done(self) -> bool:
        """Whether all closures have run."""
        self._raise()
        return True

    def fetch(self, val: Any) -> Any:
        """The results in a structure."""
        return nest.map_structure(
            lambda one: one.fetch() if isinstance(one, RemoteValue) else one, val
        )

    def create_per_worker_dataset(self, dataset_fn: Any) -> PerWorkerDataset:
        """A dataset for each worker."""
        count = self._strategy.extended._num_workers
        datasets = []
        for worker in range(count):
            with on_worker(worker):
                made = dataset_fn() if callable(dataset_fn) else dataset_fn
                datasets.append(left_alone(made))
        return PerWorkerDataset(datasets, getattr(datasets[0], "element_spec", None))

    def _create_per_worker_resources(self, fn: Any, args: Any = (), kwargs: Any = None) -> Any:
        values = []
        for worker in range(self._strategy.extended._num_workers):
            with on_worker(worker):
                values.append(fn(*args, **(kwargs or {})))
        return PerWorkerValues(values)


@export("tf.distribute.get_worker_index")
def get_worker_index() -> Any:
    """The worker whose closure runs."""
    worker = current_worker()
    if worker is None:
        raise RuntimeError(
            "Cannot retrieve the worker index. `get_worker_idx_and_num_workers` should be called "
            "from within a tf.function being executed on a worker."
        )
    return worker
