"""Small arrays that replicas bring to a meeting, so that their sum needs no second one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from varsync_runtime.distribute.crew import Crew
from varsync_runtime.replicas import collectives
from varsync_runtime.replicas.orders import Order
from varsync_runtime.tensors.tensor import Tensor

MOST = 1 << 13  # bytes of a replica's arrays


def along(crew: Crew, values: Sequence[Any]) -> tuple[np.ndarray, ...]:
    """The arrays of the values, if all are tensors and small, and all replicas are at the meeting."""
    if crew.workers > 1 or crew.local == 1 or crew.has_observers:
        return ()
    arrays = [value._array for value in values if isinstance(value, Tensor)]
    if len(arrays) < len(values) or sum(array.nbytes for array in arrays) > MOST:
        return ()
    return () if any(array.dtype.hasobject for array in arrays) else tuple(arrays)


def columns(rows: Sequence[Sequence[np.ndarray]]) -> list[list[np.ndarray]]:
    """What all replicas brought, by value; nothing unless they brought arrays of the same form."""
    first = rows[0]
    form = [(array.dtype, array.shape) for array in first]
    if not all(form == [(array.dtype, array.shape) for array in row] for row in rows[1:]):
        return []
    return [list(column) for column in zip(*rows, strict=True)]


def added(parts: Sequence[np.ndarray], order: Order) -> np.ndarray:
    """The sum of the replicas' arrays, as an all-reduce gives it."""
    flat = [part.ravel() for part in parts]
    total: np.ndarray = collectives.added(flat, order).reshape(parts[0].shape)
    return total
