"""`strategy.gather`: the replicas' tensors in one.

After `_gather_to_implementation` in tensorflow/python/distribute/mirrored_strategy.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from varsync_runtime.distribute import feeding, telling
from varsync_runtime.distribute.arriving import Exchange, arrive
from varsync_runtime.distribute.values import DistributedValues
from varsync_runtime.semantics import Call
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.tensor import make

if TYPE_CHECKING:
    from varsync_runtime.distribute.strategy import StrategyBase


def gather(strategy: StrategyBase, value: Any, axis: int) -> Any:
    """The parts of a PerReplica along `axis`; a value of no replica is itself."""
    crew = strategy._crew
    if crew.workers == 1:
        if not isinstance(value, DistributedValues):
            return convert(value)
        parts = [convert(part) for part in value._values]
        arrays = [part._array for part in parts]
        dtype = parts[0].dtype
    else:
        own = value._of_replica(crew.index or 0) if isinstance(value, DistributedValues) else value
        tensor = convert(own)
        arrive(crew, Exchange.GATHER, "gather", "", tensor._array)
        arrays = crew.gather(tensor._array)
        dtype = tensor.dtype
    feeding.collective(strategy, Call.GATHER)
    telling.synchronised(None, "gather", "gather", arrays[0].nbytes)
    if arrays[0].ndim == 0:
        raise ValueError(
            "Gather requires input tensors of non-zero rank: tensors of rank 0 cannot be "
            "concatenated along an axis"
        )
    return make(np.concatenate(arrays, axis=axis), dtype)
