"""What optimizers use to come into cross-replica context where there is one.

After tensorflow/python/distribute/merge_call_interim.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from varsync_runtime.distribute import contexts
from varsync_runtime.tensors.exports import export


@export("tf.__internal__.distribute.strategy_supports_no_merge_call")
def strategy_supports_no_merge_call() -> bool:
    """Whether the current strategy's replicas may update variables without a merge_call."""
    if not contexts.has_strategy():
        return True
    return not contexts.get_strategy().extended._use_merge_call()


@export("tf.__internal__.distribute.interim.maybe_merge_call")
def maybe_merge_call(fn: Callable[..., Any], strategy: Any, *args: Any, **kwargs: Any) -> Any:
    """`fn(strategy, *args, **kwargs)`, in a merge_call unless the strategy does without."""
    if strategy_supports_no_merge_call():
        return fn(strategy, *args, **kwargs)
    context: Any = contexts.get_replica_context()
    return context.merge_call(fn, args=args, kwargs=kwargs)
