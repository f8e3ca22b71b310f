"""The small classes of arguments in `tf.distribute`.

After tensorflow/python/distribute/distribute_lib.py and collective_util.py.
"""

from __future__ import annotations

import copy
import enum
from typing import Any, NamedTuple

from varsync_runtime.tensors.exports import export, provide

_LIB = "tensorflow.python.distribute.distribute_lib"


@export("tf.distribute.InputReplicationMode")
class InputReplicationMode(enum.Enum):
    """Whether an input function is called once a worker or once a replica."""

    PER_WORKER = "PER_WORKER"
    PER_REPLICA = "PER_REPLICA"


@export("tf.distribute.RunOptions")
class RunOptions(NamedTuple):
    """Options of `strategy.run`: all of them are for TPUs, and none changes a value."""

    experimental_enable_dynamic_batch_size: bool = True
    experimental_bucketizing_dynamic_shape: bool = False
    experimental_xla_options: Any = None


@export("tf.distribute.InputOptions")
class InputOptions(NamedTuple):
    """Options of distributed datasets; none but the replication mode changes a value."""

    experimental_fetch_to_device: bool | None = True
    experimental_replication_mode: InputReplicationMode = InputReplicationMode.PER_WORKER
    experimental_place_dataset_on_device: bool = False
    experimental_per_replica_buffer_size: int = 1


@export("tf.distribute.InputContext")
class InputContext:
    """What an input function is told: which pipeline of how many, for how many replicas."""

    __slots__ = ("_input_pipeline_id", "_num_input_pipelines", "_num_replicas_in_sync")

    def __init__(
        self,
        num_input_pipelines: int = 1,
        input_pipeline_id: int = 0,
        num_replicas_in_sync: int = 1,
    ) -> None:
        self._num_input_pipelines = num_input_pipelines
        self._input_pipeline_id = input_pipeline_id
        self._num_replicas_in_sync = num_replicas_in_sync

    @property
    def num_replicas_in_sync(self) -> int:
        """The number of replicas."""
        return self._num_replicas_in_sync

    @property
    def input_pipeline_id(self) -> int:
        """The number of this pipeline."""
        return self._input_pipeline_id

    @property
    def num_input_pipelines(self) -> int:
        """How many pipelines there are."""
        return self._num_input_pipelines

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """A replica's part of the batch, which has to come out even."""
        if global_batch_size % self._num_replicas_in_sync != 0:
            raise ValueError(
                f"The `global_batch_size` {global_batch_size!r} is not divisible by "
                f"`num_replicas_in_sync` {self._num_replicas_in_sync!r} "
            )
        return global_batch_size // self._num_replicas_in_sync

    def __str__(self) -> str:
        return (
            f"tf.distribute.InputContext(input pipeline id {self.input_pipeline_id}, "
            f"total: {self.num_input_pipelines})"
        )


@export("tf.distribute.experimental.ValueContext")
class ValueContext:
    """What `experimental_distribute_values_from_function` tells its function."""

    __slots__ = ("_num_replicas_in_sync", "_replica_id_in_sync_group")

    def __init__(self, replica_id_in_sync_group: int = 0, num_replicas_in_sync: int = 1) -> None:
        self._replica_id_in_sync_group = replica_id_in_sync_group
        self._num_replicas_in_sync = num_replicas_in_sync

    @property
    def num_replicas_in_sync(self) -> int:
        """The number of replicas."""
        return self._num_replicas_in_sync

    @property
    def replica_id_in_sync_group(self) -> int:
        """The replica that the value is for."""
        return self._replica_id_in_sync_group

    def __str__(self) -> str:
        return (
            f"tf.distribute.ValueContext(replica id {self.replica_id_in_sync_group},  "
            f"total replicas in sync: {self.num_replicas_in_sync})"
        )


class CommunicationImplementation(enum.Enum):
    """`tf.distribute.experimental.CommunicationImplementation`: a hint."""

    AUTO = "AUTO"
    RING = "RING"
    NCCL = "NCCL"


provide("tf.distribute.experimental.CommunicationImplementation", CommunicationImplementation)
provide("tf.distribute.experimental.CollectiveCommunication", CommunicationImplementation)


@export("tf.distribute.experimental.CommunicationOptions")
class Options:
    """Hints for collectives; none changes a value."""

    def __init__(
        self,
        bytes_per_pack: int = 0,
        timeout_seconds: float | None = None,
        implementation: Any = CommunicationImplementation.AUTO,
    ) -> None:
        if bytes_per_pack < 0:
            raise ValueError(f"Argument `bytes_per_pack` must be >=0, Received {bytes_per_pack}.")
        if isinstance(implementation, str):
            implementation = CommunicationImplementation(implementation.upper())
        if not isinstance(implementation, CommunicationImplementation):
            raise ValueError(
                "Argument `implementation` must be instance of "
                "`tf.distribute.experimental.CommunicationImplementation`."
            )
        self.bytes_per_pack = bytes_per_pack
        self.timeout_seconds = timeout_seconds
        self.implementation = implementation

    def merge(self, options: Options | None) -> Options:
        """These options, with what the others set in place of their own."""
        merged = copy.deepcopy(self)
        if options is None:
            return merged
        if options.bytes_per_pack != 0:
            merged.bytes_per_pack = options.bytes_per_pack
        if options.timeout_seconds is not None:
            merged.timeout_seconds = options.timeout_seconds
        if options.implementation is not CommunicationImplementation.AUTO:
            merged.implementation = options.implementation
        return merged

    def __str__(self) -> str:
        return (
            f"Options(bytes_per_pack={self.bytes_per_pack},"
            f"timeout_seconds={self.timeout_seconds}, implementation={self.implementation})"
        )


@export("tf.distribute.experimental.CollectiveHints")
class Hints:
    """The older name of the options."""

    def __new__(  # type: ignore[misc]  # TensorFlow's class makes instances of another, too
        cls, bytes_per_pack: int = 0, timeout_seconds: float | None = None
    ) -> Options:
        return Options(bytes_per_pack, timeout_seconds)


_HOMES: dict[str, tuple[type, ...]] = {
    _LIB: (InputReplicationMode, RunOptions, InputOptions, InputContext, ValueContext),
    "tensorflow.python.distribute.collective_util": (CommunicationImplementation, Options, Hints),
}
for _home, _classes in _HOMES.items():
    for _class in _classes:
        _class.__module__ = _home
