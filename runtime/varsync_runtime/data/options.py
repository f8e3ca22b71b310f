"""`tf.data.Options`: kept and merged; the sharding policy is the one that changes elements."""

from __future__ import annotations

import copy
import enum
from typing import Any

from varsync_runtime.tensors.exports import export


@export("tf.data.experimental.AutoShardPolicy")
class AutoShardPolicy(enum.IntEnum):
    """tensorflow/python/data/ops/options.py, `AutoShardPolicy`."""

    OFF = -1
    AUTO = 0
    FILE = 1
    DATA = 2
    HINT = 3


AutoShardPolicy.__module__ = "tensorflow.python.data.ops.options"


@export("tf.data.experimental.ExternalStatePolicy")
class ExternalStatePolicy(enum.Enum):
    """tensorflow/python/data/ops/options.py, `ExternalStatePolicy`."""

    WARN = 0
    IGNORE = 1
    FAIL = 2


class _Base:
    """Attributes that are None until they are set; others can't be set."""

    __module__ = "tensorflow.python.data.ops.options"
    NAMES: tuple[str, ...] = ()
    DEFAULTS: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self) -> None:
        object.__setattr__(self, "_set", {})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self.NAMES:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        return self._set.get(name, self.DEFAULTS.get(name))

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.NAMES:
            raise AttributeError(f"Cannot set the property {name} on {type(self).__name__}.")
        self._set[name] = value

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._set == other._set

    def __hash__(self) -> int:
        return id(self)


class DistributeOptions(_Base):
    """tensorflow/python/data/ops/options.py, `DistributeOptions`."""

    NAMES = ("auto_shard_policy", "num_devices")
    DEFAULTS = {"auto_shard_policy": AutoShardPolicy.AUTO}  # noqa: RUF012


class ThreadingOptions(_Base):
    """tensorflow/python/data/ops/options.py, `ThreadingOptions`."""

    NAMES = ("max_intra_op_parallelism", "private_threadpool_size")


class OptimizationOptions(_Base):
    """tensorflow/python/data/ops/options.py, `OptimizationOptions`."""

    NAMES = (
        "apply_default_optimizations",
        "filter_fusion",
        "filter_parallelization",
        "inject_prefetch",
        "map_and_batch_fusion",
        "map_and_filter_fusion",
        "map_fusion",
        "map_parallelization",
        "noop_elimination",
        "parallel_batch",
        "seq_interleave_prefetch",
        "shuffle_and_repeat_fusion",
    )


class AutotuneOptions(_Base):
    """tensorflow/python/data/ops/options.py, `AutotuneOptions`."""

    NAMES = ("autotune_algorithm", "cpu_budget", "enabled", "ram_budget", "initial_parallelism")


@export("tf.data.Options")
class Options(_Base):
    """tensorflow/python/data/ops/options.py, `Options`."""

    NAMES = (
        "autotune",
        "deterministic",
        "experimental_deterministic",
        "experimental_distribute",
        "experimental_external_state_policy",
        "experimental_optimization",
        "experimental_slack",
        "experimental_symbolic_checkpoint",
        "experimental_threading",
        "experimental_warm_start",
        "dataset_name",
        "framework_type",
        "threading",
    )
    PARTS = {  # noqa: RUF012
        "autotune": AutotuneOptions,
        "experimental_distribute": DistributeOptions,
        "experimental_optimization": OptimizationOptions,
        "threading": ThreadingOptions,
        "experimental_threading": ThreadingOptions,
    }

    def __getattr__(self, name: str) -> Any:
        if name in self.PARTS and name not in self._set:
            self._set[name] = self.PARTS[name]()
        return super().__getattr__(name)

    def merge(self, options: Options) -> Options:
        """These options, with what `options` sets instead."""
        merged = Options()
        for one in (self, options):
            for name, value in one._set.items():
                if isinstance(value, _Base):
                    part = copy.copy(getattr(merged, name))
                    object.__setattr__(part, "_set", {**part._set, **value._set})
                    merged._set[name] = part
                elif value is not None:
                    merged._set[name] = value
        return merged


for _part, _name in (
    (DistributeOptions, "DistributeOptions"),
    (ThreadingOptions, "ThreadingOptions"),
    (OptimizationOptions, "OptimizationOptions"),
    (AutotuneOptions, "AutotuneOptions"),
):
    _part.__module__ = "tensorflow.python.data.ops.options"
    export(f"tf.data.experimental.{_name}")(_part)
Options.__module__ = "tensorflow.python.data.ops.options"
export("tf.data.ThreadingOptions")(ThreadingOptions)
