"""The strategy that is current where none was entered: one replica.

After tensorflow/python/distribute/distribute_lib.py, `_DefaultDistributionStrategy`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from varsync_runtime import semantics
from varsync_runtime.distribute import contexts
from varsync_runtime.distribute.contexts import Mode
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.datasets import left_alone
from varsync_runtime.distribute.options import InputContext
from varsync_runtime.distribute.replica_context import DefaultReplicaContext
from varsync_runtime.distribute.strategy import Strategy, StrategyBase, StrategyExtended
from varsync_runtime.tensors.state import hooks

_TF = "tensorflow.python.distribute.distribute_lib"


class _DefaultDistributionStrategy(Strategy):
    """The default strategy."""

    __module__ = _TF

    def __init__(self) -> None:
        super().__init__(_DefaultDistributionExtended(self))


class _DefaultDistributionContext:
    """Its scope, which only checks."""

    def __init__(self, strategy: StrategyBase) -> None:
        self._strategy = strategy
        self._nested = 0

    def __enter__(self) -> StrategyBase:
        if contexts.has_strategy():
            raise RuntimeError("Must not nest tf.distribute.Strategy scopes.")
        self._nested += 1
        return self._strategy

    def __exit__(self, *_: object) -> None:
        self._nested -= 1


class _DefaultDistributionExtended(StrategyExtended):
    """What the default strategy does: nothing but call."""

    __module__ = _TF

    def __init__(self, strategy: StrategyBase) -> None:
        in_table = semantics.Strategy(semantics.StrategyKind.DEFAULT)
        super().__init__(strategy, Crew(1), in_table, ("/device:CPU:0",))

    def _scope(self, strategy: StrategyBase) -> Any:
        return _DefaultDistributionContext(strategy)

    def variable_created_in_scope(self, v: Any) -> bool:
        return v._distribute_strategy is None

    def colocate_vars_with(self, colocate_with_variable: Any) -> Any:
        if contexts.get_strategy() is not self._strategy:
            raise contexts.wrong_strategy(self._strategy)
        return contextlib.nullcontext()

    def call_for_each_replica(
        self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None
    ) -> Any:
        contexts.require_cross_replica(self._strategy)
        return super().call_for_each_replica(fn, args, kwargs)

    def _experimental_distribute_dataset(self, dataset: Any, options: Any) -> Any:
        return left_alone(dataset)

    def _distribute_datasets_from_function(self, dataset_fn: Any, options: Any) -> Any:
        return left_alone(dataset_fn(InputContext()))

    def _local_results(self, value: Any) -> tuple[Any, ...]:
        return (value,)


default_strategy = _DefaultDistributionStrategy()
contexts.set_default(Mode(default_strategy, DefaultReplicaContext(default_strategy, 0)))
hooks.strategy = contexts.get_strategy
hooks.cross_replica = contexts.in_cross_replica_context
