"""Who makes the datasets whose elements go to the replicas: `varsync_runtime.data.distributed`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from varsync_runtime.distribute.options import InputContext
    from varsync_runtime.distribute.strategy import StrategyBase


class Makers:
    """The classes that make them; `varsync_runtime.data` sets them."""

    dataset: Callable[[Any, Any, Any], Any] | None = None
    from_function: Callable[[Any, Any, Any], Any] | None = None


makers = Makers()


def distribute_dataset(strategy: StrategyBase, dataset: Any, options: Any) -> Any:
    """`strategy.experimental_distribute_dataset`."""
    assert makers.dataset is not None, "varsync_runtime.data is not imported"
    return makers.dataset(strategy, dataset, options)


def left_alone(dataset: Any) -> Any:
    """The dataset, where a strategy has nothing to distribute: it counts as distributed."""
    if hasattr(dataset, "_is_distributed"):
        dataset._is_distributed = True
    return dataset


def distribute_from_function(
    strategy: StrategyBase, dataset_fn: Callable[[InputContext], Any], options: Any
) -> Any:
    """`strategy.distribute_datasets_from_function`."""
    assert makers.from_function is not None, "varsync_runtime.data is not imported"
    return makers.from_function(strategy, dataset_fn, options)
