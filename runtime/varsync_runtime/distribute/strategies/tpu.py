"""`tf.distribute.TPUStrategy`: as its source says, since nobody ran it here.

After tensorflow/python/distribute/tpu_strategy.py and tpu_values.py. The replicas are one traced
program there; here they are processes as with the other strategies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from varsync_runtime import events, semantics
from varsync_runtime.distribute import devices
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.regroup import holds_distributed
from varsync_runtime.distribute.resolvers import TPUClusterResolver
from varsync_runtime.distribute.strategies.mirrored import ReplicatingExtended
from varsync_runtime.distribute.strategy import Strategy, StrategyBase
from varsync_runtime.replicas import world as worlds
from varsync_runtime.semantics import (
    Context,
    Operation,
    Raises,
    StrategyKind,
    ValueKind,
)
from varsync_runtime.tensors.exports import export, provide
from varsync_runtime.tensors.state import state

_TF = "tensorflow.python.distribute.tpu_strategy"


class TPUSystemMetadata(NamedTuple):
    """`tf.tpu.experimental.TPUSystemMetadata`."""

    num_cores: int
    num_hosts: int
    num_of_cores_per_host: int
    topology: Any
    devices: Any


provide("tf.tpu.experimental.TPUSystemMetadata", TPUSystemMetadata)


def cores() -> int:
    """How many cores the TPU has: as many as replicas are asked for."""
    return devices.asked() or devices.TWO


def metadata() -> TPUSystemMetadata:
    """What `get_tpu_system_metadata` gives."""
    count = cores()
    names = tuple(f"/job:worker/replica:0/task:0/device:TPU:{at}" for at in range(count))
    return TPUSystemMetadata(count, 1, count, None, names)


class Topology:
    """`tf.tpu.experimental.Topology`, as much as scripts look at."""

    __module__ = "tensorflow.python.tpu.topology"

    def __init__(self, count: int) -> None:
        self.mesh_shape = [count, 1, 1, 1]
        self.num_tasks = 1
        self.num_tpus_per_task = count


provide("tf.tpu.experimental.Topology", Topology)


@export("tf.tpu.experimental.initialize_tpu_system")
def initialize_tpu_system(cluster_resolver: Any = None) -> Topology:
    """Nothing has to be set up."""
    events.count(events.Ignored, "tf.tpu.experimental.initialize_tpu_system", events.here())
    return Topology(cores())


@export("tf.tpu.experimental.shutdown_tpu_system")
def shutdown_tpu_system(cluster_resolver: Any = None) -> None:
    """Nothing has to be shut down."""


class TPUExtended(ReplicatingExtended):
    """What TPUStrategy does."""

    __module__ = _TF

    def __init__(self, strategy: StrategyBase, resolver: Any) -> None:
        self._cluster_resolver = resolver
        count = cores()
        names = list(metadata().devices)
        world = worlds.current()
        world.grow(count * world.workers)
        in_table = semantics.Strategy(StrategyKind.TPU, count)
        super().__init__(strategy, Crew(count), in_table, names)
        self.experimental_enable_get_next_as_optional = False

    @property
    def num_hosts(self) -> int:
        """One."""
        return 1

    @property
    def num_replicas_per_host(self) -> int:
        """All of them."""
        return self._crew.local

    @property
    def tpu_hardware_feature(self) -> Any:
        """Not known."""
        return None

    def call_for_each_replica(
        self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None
    ) -> Any:
        if state.graph is None and not hasattr(fn, "python_function"):
            raise NotImplementedError(
                "TPUStrategy.run(fn, ...) does not support pure eager execution. please make sure "
                "the function passed into `strategy.run` is a `tf.function` or `strategy.run` is "
                "called inside a `tf.function` if eager behavior is enabled."
            )
        return super().call_for_each_replica(fn, args, kwargs)

    def _update(self, var: Any, fn: Callable[..., Any], args: Any, kwargs: Any, group: bool) -> Any:
        if holds_distributed(args) or holds_distributed(kwargs):
            from varsync_runtime.distribute.variables import updating

            outcome = semantics.update(
                updating.in_table(var), Operation.ASSIGN, Context.UPDATE, ValueKind.PER_REPLICA
            )
            if isinstance(outcome, Raises):
                given = f": {args[0]} in {args}."
                error = Raises(outcome.exception, outcome.message + given)
                raise updating.refused(var, error, Operation.ASSIGN, Context.UPDATE)
        return super()._update(var, fn, args, kwargs, group)


@export("tf.distribute.TPUStrategy")
class TPUStrategyV2(Strategy):
    """Replicas on the cores of a TPU, in step."""

    __module__ = _TF

    def __init__(
        self, tpu_cluster_resolver: Any = None, experimental_device_assignment: Any = None,
        experimental_spmd_xla_partitioning: bool = False,
    ) -> None:  # fmt: skip
        resolver = tpu_cluster_resolver or TPUClusterResolver("")
        super().__init__(TPUExtended(self, resolver))

    @property
    def cluster_resolver(self) -> Any:
        """What says which TPU it is."""
        return self._extended._cluster_resolver


@export(
    "tf.distribute.experimental.TPUStrategy", "tf.compat.v1.distribute.experimental.TPUStrategy"
)
class TPUStrategy(TPUStrategyV2):
    """The older name."""

    __module__ = _TF

    def __init__(self, tpu_cluster_resolver: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(tpu_cluster_resolver)
