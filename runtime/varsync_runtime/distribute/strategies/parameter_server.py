"""`tf.distribute.ParameterServerStrategy` (V2): variables in one place, closures that use them.

After tensorflow/python/distribute/parameter_server_strategy_v2.py. The coordinator is in
`distribute.coordinator`; its workers are this process, one closure after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from varsync_runtime import semantics
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.resolvers import ClusterSpec, TFConfigClusterResolver, tasks_of
from varsync_runtime.distribute.strategy import Strategy, StrategyBase, StrategyExtended
from varsync_runtime.distribute.variables import creation
from varsync_runtime.distribute.variables.wrappers import CachingVariable, PerWorkerVariable
from varsync_runtime.semantics import Raises, StrategyKind
from varsync_runtime.tensors.exports import export

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
        kwargs.pop("colocate_with", None)
        per_worker = kwargs.pop("per_worker_variable", False)
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
