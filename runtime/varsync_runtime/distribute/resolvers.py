"""`tf.distribute.cluster_resolver` and what describes a cluster: `ClusterSpec`, `Server`.

After tensorflow/python/distribute/cluster_resolver and tensorflow/python/training/server_lib.py.
Nothing is connected: the names and numbers are what scripts look at.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from varsync_runtime import events
from varsync_runtime.distribute import devices
from varsync_runtime.function import devices as machine
from varsync_runtime.tensors.exports import export

_RESOLVER = "tensorflow.python.distribute.cluster_resolver"
TPU_RESOLVER = "tf.distribute.cluster_resolver.TPUClusterResolver"
ALWAYS_ONE = "there is a TPU, whatever its name, with as many cores as replicas"


@export("tf.train.ClusterSpec")
class ClusterSpec:
    """Jobs, each with the addresses of its tasks."""

    __module__ = "tensorflow.python.training.server_lib"

    def __init__(self, cluster: Any) -> None:
        if isinstance(cluster, ClusterSpec):
            cluster = cluster._jobs
        if not isinstance(cluster, Mapping):
            raise TypeError(
                "`cluster` must be a dictionary mapping one or more job names to lists of network "
                "addresses, or a `ClusterDef` protocol buffer"
            )
        self._jobs: dict[str, dict[int, str]] = {}
        for job, tasks in cluster.items():
            if isinstance(tasks, Mapping):
                self._jobs[job] = {int(at): address for at, address in tasks.items()}
            elif isinstance(tasks, int):
                self._jobs[job] = {tasks: ""}
            elif isinstance(tasks, (list, tuple)):
                self._jobs[job] = dict(enumerate(tasks))
            else:
                raise TypeError(
                    f"The tasks for job {job!r} must be a list or a dictionary from integers to "
                    "strings."
                )

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClusterSpec) and self._jobs == other._jobs

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        jobs = {
            job: [tasks[at] for at in sorted(tasks)] for job, tasks in sorted(self._jobs.items())
        }
        return f"ClusterSpec({jobs})"

    def as_dict(self) -> dict[str, Any]:
        """The jobs as lists, or as dictionaries where numbers are missing."""
        return {
            job: list(tasks.values()) if list(tasks) == list(range(len(tasks))) else dict(tasks)
            for job, tasks in self._jobs.items()
        }

    @property
    def jobs(self) -> list[str]:
        """The names of the jobs."""
        return list(self._jobs)

    def num_tasks(self, job_name: str) -> int:
        """How many tasks a job has."""
        return len(self._of(job_name))

    def task_indices(self, job_name: str) -> list[int]:
        """The numbers of a job's tasks."""
        return sorted(self._of(job_name))

    def task_address(self, job_name: str, task_index: int) -> str:
        """Where a task is."""
        tasks = self._of(job_name)
        if task_index not in tasks:
            raise ValueError(f"No task with index {task_index!r} in job {job_name!r}")
        return tasks[task_index]

    def job_tasks(self, job_name: str) -> list[str]:
        """Where a job's tasks are."""
        tasks = self._of(job_name)
        return [tasks[at] for at in sorted(tasks)]

    def _of(self, job_name: str) -> dict[int, str]:
        if job_name not in self._jobs:
            raise ValueError(f"No such job in cluster: {job_name!r}")
        return self._jobs[job_name]


@export("tf.distribute.Server")
class Server:
    """A server of a cluster, which has nobody to serve."""

    __module__ = "tensorflow.python.training.server_lib"

    def __init__(
        self, server_or_cluster_def: Any, job_name: Any = None, task_index: Any = None,
        protocol: str | None = None, config: Any = None, start: bool = True,
    ) -> None:  # fmt: skip
        self.cluster = ClusterSpec(server_or_cluster_def)
        self.job_name, self.task_index = job_name, task_index
        self.target = "grpc://localhost:0"

    def start(self) -> None:
        """It runs already, as far as it ever will."""

    def join(self) -> None:
        """In TensorFlow it serves for ever; the script of a server ends here."""
        raise SystemExit(0)

    @staticmethod
    def create_local_server(config: Any = None, start: bool = True) -> Server:
        """A server of one process."""
        return Server({"local": ["localhost:0"]}, "local", 0)


@export("tf.distribute.cluster_resolver.ClusterResolver")
class ClusterResolver:
    """Says which workers there are."""

    __module__ = f"{_RESOLVER}.cluster_resolver"
    task_type: Any = None
    task_id: Any = None

    def cluster_spec(self) -> ClusterSpec:
        """The cluster."""
        raise NotImplementedError

    def master(self, task_type: Any = None, task_id: Any = None, rpc_layer: Any = None) -> str:
        """The address of a task."""
        return ""

    @property
    def environment(self) -> str:
        """Where it runs."""
        return ""

    def num_accelerators(
        self, task_type: Any = None, task_id: Any = None, config_proto: Any = None
    ) -> dict[str, int]:
        """How many devices of each kind a worker has."""
        return {"GPU": len(machine.current().logical("GPU"))}


@export("tf.distribute.cluster_resolver.SimpleClusterResolver")
class SimpleClusterResolver(ClusterResolver):
    """A resolver of what it is told."""

    __module__ = f"{_RESOLVER}.cluster_resolver"

    def __init__(
        self, cluster_spec: ClusterSpec, master: str = "", task_type: Any = None,
        task_id: Any = None, environment: str = "", num_accelerators: Any = None,
        rpc_layer: Any = None,
    ) -> None:  # fmt: skip
        if not isinstance(cluster_spec, ClusterSpec):
            raise TypeError("`cluster_spec` must be a `tf.train.ClusterSpec`.")
        self._spec, self._master = cluster_spec, master
        self.task_type, self.task_id = task_type, task_id
        self._environment, self._accelerators = environment, num_accelerators
        self.rpc_layer = rpc_layer

    def cluster_spec(self) -> ClusterSpec:
        return self._spec

    def master(self, task_type: Any = None, task_id: Any = None, rpc_layer: Any = None) -> str:
        if task_type is not None and task_id is not None:
            return self._spec.task_address(task_type, task_id)
        return self._master

    @property
    def environment(self) -> str:
        return self._environment

    def num_accelerators(
        self, task_type: Any = None, task_id: Any = None, config_proto: Any = None
    ) -> dict[str, int]:
        return self._accelerators or {}


@export("tf.distribute.cluster_resolver.TFConfigClusterResolver")
class TFConfigClusterResolver(ClusterResolver):
    """A resolver of the environment variable TF_CONFIG."""

    __module__ = f"{_RESOLVER}.tfconfig_cluster_resolver"

    def __init__(
        self, task_type: Any = None, task_id: Any = None, rpc_layer: Any = None,
        environment: Any = None,
    ) -> None:  # fmt: skip
        self._given = task_type, task_id
        self._rpc_layer, self._environment = rpc_layer, environment

    @staticmethod
    def _config() -> dict[str, Any]:
        config: dict[str, Any] = json.loads(os.environ.get("TF_CONFIG", "{}"))
        return config

    @property
    def task_type(self) -> str | None:
        """The job of this process."""
        if self._given[0] is not None:
            return str(self._given[0])
        task = self._config().get("task", {})
        return str(task["type"]) if "type" in task else None

    @property
    def task_id(self) -> int | None:
        """The number of this process in its job."""
        if self._given[1] is not None:
            return int(self._given[1])
        task = self._config().get("task", {})
        return int(task["index"]) if "index" in task else None

    @property
    def environment(self) -> str:
        return str(self._environment or "")

    @property
    def rpc_layer(self) -> Any:
        """How the tasks would talk."""
        return self._rpc_layer or self._config().get("rpc_layer")

    def cluster_spec(self) -> ClusterSpec:
        return ClusterSpec(self._config().get("cluster", {}))

    def master(self, task_type: Any = None, task_id: Any = None, rpc_layer: Any = None) -> str:
        spec = self.cluster_spec().as_dict()
        if not spec or (len(spec) == 1 and len(next(iter(spec.values()))) == 1):
            return ""
        task_type = self.task_type if task_type is None else task_type
        task_id = self.task_id if task_id is None else task_id
        address = self.cluster_spec().task_address(str(task_type), int(task_id or 0))
        layer = rpc_layer or self.rpc_layer
        return f"{layer}://{address}" if layer else address


@export("tf.distribute.cluster_resolver.TPUClusterResolver")
class TPUClusterResolver(ClusterResolver):
    """A resolver of TPUs: there are always some."""

    __module__ = f"{_RESOLVER}.tpu.tpu_cluster_resolver"

    def __init__(self, tpu: Any = None, *args: Any, **kwargs: Any) -> None:
        self._tpu = tpu if isinstance(tpu, str) else "" if tpu is None else str(tpu)
        self.task_type, self.task_id = kwargs.get("job_name", "worker"), 0
        self.tpu_hardware_feature = None
        events.count(events.Approximated, TPU_RESOLVER, ALWAYS_ONE, events.here())

    @staticmethod
    def connect(tpu: Any = None, zone: Any = None, project: Any = None) -> TPUClusterResolver:
        """A resolver, and the system set up."""
        return TPUClusterResolver(tpu, zone, project)

    @property
    def tpu(self) -> str:
        """The name that it was given."""
        return self._tpu

    def cluster_spec(self) -> ClusterSpec:
        return ClusterSpec({"worker": [self._tpu or "localhost:8470"]})

    def master(self, task_type: Any = None, task_id: Any = None, rpc_layer: Any = None) -> str:
        return f"grpc://{self._tpu}" if self._tpu and self._tpu != "local" else self._tpu

    def get_master(self) -> str:
        """The address of the TPU's worker."""
        return self.master()

    def get_job_name(self) -> str:
        """The job of the TPU's worker."""
        return "worker"

    def get_tpu_system_metadata(self) -> Any:
        """How many cores there are."""
        from varsync_runtime.distribute.strategies.tpu import metadata

        return metadata()

    def num_accelerators(
        self, task_type: Any = None, task_id: Any = None, config_proto: Any = None
    ) -> dict[str, int]:
        return {"TPU": devices.asked() or devices.TWO}


LOCAL_MASTERS = ("", "local")


@export("tf.config.experimental_connect_to_cluster")
def connect_to_cluster(
    cluster_spec_or_resolver: Any, job_name: str = "localhost", task_index: int = 0,
    protocol: Any = None, make_master_device_default: bool = True,
    cluster_device_filters: Any = None,
) -> None:  # fmt: skip
    """Looks at the cluster, and connects to nobody: tensorflow/python/eager/remote.py."""
    if isinstance(cluster_spec_or_resolver, ClusterResolver):
        master = cluster_spec_or_resolver.master()
        if master in LOCAL_MASTERS:
            return
        spec = cluster_spec_or_resolver.cluster_spec()
        addresses = [address for job in spec.jobs for address in spec.job_tasks(job)]
        known = any(master in one or one in master for one in addresses)
        if make_master_device_default and not known:
            raise ValueError(
                "`make_master_device_default` is set to True but cannot find master "
                f"{master} in the cluster"
            )
    elif not isinstance(cluster_spec_or_resolver, ClusterSpec):
        raise ValueError(
            "`cluster_spec_or_resolver` must be a `ClusterSpec` or a `ClusterResolver`."
        )
    events.count(events.Ignored, "tf.config.experimental_connect_to_cluster", events.here())


@export("tf.config.experimental_connect_to_host")
def connect_to_host(remote_host: Any = None, job_name: str = "worker") -> None:
    """Connects to nobody."""
    if not remote_host:
        raise ValueError("Must provide at least one remote_host")
    hosts = [remote_host] if isinstance(remote_host, str) else list(remote_host)
    connect_to_cluster(ClusterSpec({job_name: [one.removeprefix("grpc://") for one in hosts]}))


def tasks_of(spec: ClusterSpec, job: str) -> Sequence[str]:
    """The addresses of a job's tasks; none if there is no such job."""
    return spec.job_tasks(job) if job in spec.jobs else []
