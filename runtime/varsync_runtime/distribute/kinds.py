"""Which of the table's kinds of value something is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from varsync_runtime.distribute.description import Leaf, Owner, same
from varsync_runtime.distribute.values import DistributedValues
from varsync_runtime.semantics import ValueKind
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.tensor import Tensor


def kind_of(variable: Any, value: Any, run: Owner | None) -> ValueKind:
    """What is given to an update, as far as this process knows; `run`: in replica context."""
    if value is variable:
        return ValueKind.ITSELF
    if isinstance(value, (Tensor, IndexedSlices)):
        if value.dtype is not variable.dtype:
            return ValueKind.OTHER_DTYPE
        if run is None or run.owns(value) or owns_slices(value, run):
            return ValueKind.TENSOR
        if isinstance(value, IndexedSlices) and run.is_one_of_several_workers:
            return ValueKind.TENSOR  # the collective takes it, wherever it was made
        return ValueKind.CAPTURED
    if hasattr(value, "_variable_number"):
        if hasattr(value, "_crew"):
            return ValueKind.ITSELF if value._is_mirrored() else ValueKind.TENSOR
        return ValueKind.TENSOR if getattr(value, "_is_unread", False) else ValueKind.PLAIN_VARIABLE
    if isinstance(value, DistributedValues):
        return ValueKind.PER_REPLICA
    if isinstance(value, (np.ndarray, np.generic)):
        return ValueKind.NUMPY if run is None or run.owns(value) else ValueKind.SHARED_NUMPY
    if isinstance(value, (bool, int, float, complex)):
        if run is not None and value in run.numbers:
            return ValueKind.REPLICA_NUMBER
        return ValueKind.NUMBER if value else ValueKind.ZERO
    if isinstance(value, (list, tuple)):
        return ValueKind.LIST
    return ValueKind.NUMBER


def owns_slices(value: Any, run: Owner) -> bool:
    """Whether this run made the rows of an IndexedSlices."""
    return isinstance(value, IndexedSlices) and run.owns(value.values)


def together(kind: ValueKind, description: Sequence[Any]) -> ValueKind:
    """The kind of what all replicas gave, from replica 0's and from what they look like."""
    leaves = [one for one in description if isinstance(one, Leaf)]
    if len(leaves) < len(description):
        return ValueKind.LIST
    one_object = same(leaves)
    if kind in (ValueKind.NUMBER, ValueKind.ZERO, ValueKind.REPLICA_NUMBER):
        if not one_object:
            return ValueKind.REPLICA_NUMBER
        return kind
    if kind in (ValueKind.NUMPY, ValueKind.SHARED_NUMPY):
        return ValueKind.SHARED_NUMPY if one_object else ValueKind.NUMPY
    if kind is ValueKind.CAPTURED and not one_object:
        return ValueKind.TENSOR
    return kind
