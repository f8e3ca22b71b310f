"""`tf.distribute.ParameterServerStrategy` (V2): variables in one place, closures that use them.

After tensorflow/python/distribute/parameter_server_strategy_v2.py. The coordinator is in
`distribute.coordinator`; its workers are this process, one closure after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from varsync_runtime import semantics
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.resolvers import ClusterSpec, TFConfigClusterResolver, tasks_of
from varsync_runtime.distribute.strategy import Strategy, StrategyBase, StrategyExtended
from varsync_runtime.distribute.variables import creation
from varsync_runtime.distribute.variables.sharded import ShardedVariable
from varsync_runtime.distribute.variables.wrappers import CachingVariable, PerWorkerVariable
from varsync_runtime.semantics import Raises, StrategyKind
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape

_TF = "tensorflow.python.distribute.parameter_server_strategy_v2"


class ParameterServerStrategyV2Extended(StrategyExtended):
    """What ParameterServerStrategy does."""

    __module__ = _TF
    _replicas_meet = True

    def __init__(self, strategy: StrategyBase, resolver: Any, partitioner: Any) -> None:
        self._cluster_resolver = resolver
        spec: ClusterSpec = resolver.cluster_spec()
        self._num_workers = max(1, len(tasks_of(spec, "worker")))
        self._num_ps = max(1, len(tasks_of(spec, "ps")))
        self._variable_partitioner = partitioner
        in_table = semantics.Strategy(StrategyKind.PARAMETER_SERVER)
        device = "/job:chief/replica:0/task:0/device:CPU:0"
        super().__init__(strategy, Crew(1), in_table, (device,))
        self._made = 0

    def _use_merge_call(self) -> bool:
        return True

    def _create_variable(self, next_creator: Callable[..., Any], **kwargs: Any) -> Any:
        alone = kwargs.pop("colocate_with", None) is not None
        per_worker = kwargs.pop("per_worker_variable", False)
        if self._variable_partitioner is None or alone or per_worker:
            return self._create_whole(next_creator, per_worker, **kwargs)
        return self._create_in_shards(next_creator, **kwargs)

    def _create_in_shards(self, next_creator: Callable[..., Any], **kwargs: Any) -> Any:
        """A variable in as many parts as the partitioner says."""
        given: Any = kwargs.get("initial_value")
        dtype, shape = kwargs.get("dtype"), kwargs.get("shape")
        if given is None:
            return next_creator(**kwargs)  # which raises
        makes_parts = callable(given) and shape is not None and dtype is not None
        if not makes_parts:
            wanted = None if dtype is None else as_dtype(dtype)
            given = convert(given() if callable(given) else given, wanted)
            dtype, shape = given.dtype, given.shape
        shape = TensorShape(shape)
        parts = self._variable_partitioner(shape=shape, dtype=dtype) if shape.rank else [1]
        if not parts or not parts[0] or any(one != 1 for one in parts[1:]):
            raise ValueError(
                "variable_partitioner must return a list/tuple whose elements are 1 besides the "
                f"first element (non-zero), got: {parts!r}"
            )
        if parts[0] == 1:
            return self._create_whole(next_creator, False, **kwargs)
        shards = []
        for number, (start, form) in enumerate(divided_rows(shape, parts[0])):
            value = part_of(given, start, form) if makes_parts else given[start : start + form[0]]
            named = {**kwargs, "shape": form, "initial_value": value}
            if kwargs.get("name") is not None:
                named["name"] = f"{kwargs['name']}/part_{number}"
            shards.append(self._create_whole(next_creator, False, **named))
        return ShardedVariable(shards)

    def _create_whole(
        self, next_creator: Callable[..., Any], per_worker: bool, **kwargs: Any
    ) -> Any:
        synchronization, aggregation = creation.modes(kwargs, self._in_table)
        home = self._made % self._num_ps
        self._made += 1
        device = f"/job:ps/replica:0/task:{home}/device:CPU:0"
        kwargs["synchronization"], kwargs["aggregation"] = synchronization, aggregation
        trainable = kwargs.get("trainable")
        if per_worker:
            trainable = kwargs["trainable"] = False
        with creation.component(self._strategy, 0, device):
            first = next_creator(**kwargs)
        made = creation.asked(
            self._in_table, synchronization, aggregation, first.dtype, trainable, in_scope=True
        )
        if isinstance(made, Raises):
            raise creation.refused(made, kwargs, first.dtype)
        properties, array = first._properties, first._array
        variable: Any
        if per_worker:
            variable = PerWorkerVariable(properties, array, made, self._strategy, self._num_workers)
            return variable
        variable = CachingVariable(properties, array, made, self._strategy, None, device)
        creation.announce(variable, kwargs)
        return variable


def divided_rows(shape: TensorShape, parts: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The first row and the shape of each part: the first parts have a row more than the last."""
    rows, *inner = (size or 0 for size in shape.as_list())
    count = min(parts, rows)
    start = 0
    for number in range(count):
        size = rows // count + (number < rows % count)
        yield start, (size, *inner)
        start += size


def part_of(initializer: Callable[..., Any], start: int, shape: tuple[int, ...]) -> Any:
    """The rows from `start` on of what an initializer makes: by itself, or cut out of the whole."""
    try:
        value = initializer(
            partition_shape=shape, partition_offset=(start, *[0] * (len(shape) - 1))
        )
    except (TypeError, ValueError):  # it takes no parts
        value = initializer()
    value = convert(value)
    return value if value.shape == shape else value[start : start + shape[0]]


@export("tf.distribute.ParameterServerStrategy")
class ParameterServerStrategyV2(Strategy):
    """Workers that are not in step, and variables on parameter servers."""

    __module__ = _TF

    def __init__(self, cluster_resolver: Any = None, variable_partitioner: Any = None) -> None:
        resolver = TFConfigClusterResolver() if cluster_resolver is None else cluster_resolver
        super().__init__(ParameterServerStrategyV2Extended(self, resolver, variable_partitioner))
        self._cluster_coordinator: Any = None


@export("tf.distribute.experimental.ParameterServerStrategy")
class ExperimentalParameterServerStrategy(ParameterServerStrategyV2):
    """The older name."""

    __module__ = _TF
