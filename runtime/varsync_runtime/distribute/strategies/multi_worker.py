"""`tf.distribute.MultiWorkerMirroredStrategy`: replicas on several workers, each a script's run.

After tensorflow/python/distribute/collective_all_reduce_strategy.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from varsync_runtime import semantics
from varsync_runtime.distribute import devices, rejections, telling
from varsync_runtime.distribute.arriving import Exchange, arrive
from varsync_runtime.distribute.crew import Crew, share
from varsync_runtime.distribute.resolvers import TFConfigClusterResolver
from varsync_runtime.distribute.strategies.mirrored import ReplicatingExtended
from varsync_runtime.distribute.strategy import Strategy, StrategyBase
from varsync_runtime.distribute.variables.plain import ResourceVariable
from varsync_runtime.replicas import world as worlds
from varsync_runtime.semantics import Context, StrategyKind, words
from varsync_runtime.tensors.exports import export, provide
from varsync_runtime.tensors.state import state

_TF = "tensorflow.python.distribute.collective_all_reduce_strategy"

_are_configured = False


class CollectiveAllReduceExtended(ReplicatingExtended):
    """What MultiWorkerMirroredStrategy does."""

    __module__ = _TF

    def __init__(
        self, strategy: StrategyBase, resolver: Any, given: Sequence[str] | None = None
    ) -> None:
        world = worlds.current()
        self._cluster_resolver = resolver
        workers = world.workers
        if workers > 1:
            _configure_collectives()
        names = _devices(world.worker, workers) if given is None else devices.for_replicas(given)
        world.grow(len(names) * workers)
        replicas = len(names) * workers
        in_table = semantics.Strategy(StrategyKind.MULTI_WORKER_MIRRORED, replicas, workers)
        super().__init__(strategy, Crew(len(names), workers), in_table, names)
        self._task_type = getattr(resolver, "task_type", None)
        self._task_id = getattr(resolver, "task_id", None)
        self._num_workers = workers

    def _in_multi_worker_mode(self) -> bool:
        return self._num_workers > 1

    @property
    def should_checkpoint(self) -> bool:  # type: ignore[override]
        """Whether this worker is the chief."""
        return self._crew.worker == 0

    @property
    def should_save_summary(self) -> bool:  # type: ignore[override]
        """Whether this worker is the chief."""
        return self._crew.worker == 0

    def _initialize(self, copies: Sequence[ResourceVariable]) -> None:
        """Every worker gets the chief's initial value: a collective."""
        crew = self._crew
        if crew.workers == 1:
            return
        first = copies[0]
        if crew.index is not None:
            arrive(crew, Exchange.BROADCAST, "creation", first.name, first._array)
            array = share(first._array, crew.everyone[0], crew.everyone)
            telling.synchronised(None, "create", "broadcast", array.nbytes)
            for copy in copies:
                copy._array = array


def _configure_collectives() -> None:
    """`Context.configure_collective_ops`: refused once the devices are set up, but for a second time."""
    global _are_configured
    if state.begun and not _are_configured:
        error = rejections.error(words.TOO_LATE)
        raise rejections.rejected(error, None, "create", Context.OUTSIDE_SCOPE.value)
    _are_configured = state.begun = True


def _devices(worker: int, workers: int) -> list[str]:
    if workers == 1:
        return devices.for_replicas(None)
    names = range(devices.asked() or 1)
    return [devices.canonical(f"/device:CPU:{at}", "worker", worker) for at in names]


@export("tf.distribute.MultiWorkerMirroredStrategy")
class CollectiveAllReduceStrategy(Strategy):
    """Replicas on several workers, in step."""

    __module__ = _TF

    def __init__(self, cluster_resolver: Any = None, communication_options: Any = None) -> None:
        del communication_options
        resolver = TFConfigClusterResolver() if cluster_resolver is None else cluster_resolver
        super().__init__(CollectiveAllReduceExtended(self, resolver))

    @classmethod
    def _from_local_devices(
        cls, devices: Sequence[str], communication_options: Any = None
    ) -> CollectiveAllReduceStrategy:
        """One worker with these devices."""
        del communication_options
        strategy = cls.__new__(cls)
        Strategy.__init__(strategy, CollectiveAllReduceExtended(strategy, None, devices))
        return strategy

    @property
    def cluster_resolver(self) -> Any:
        """What says which workers there are."""
        return self._extended._cluster_resolver


provide("tf.distribute.experimental.MultiWorkerMirroredStrategy", CollectiveAllReduceStrategy)
