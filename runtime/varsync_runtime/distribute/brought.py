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

# dtype, shape and bytes of an array: plain values are pickled ten times as fast
Packed = tuple[str, tuple[int, ...], bytes]


def along(crew: Crew, values: Sequence[Any]) -> tuple[Packed, ...]:
    """The arrays of the values, if all are tensors and small, and all replicas are at the meeting."""
    if crew.workers > 1 or crew.local == 1 or crew.has_observers:
        return ()
    arrays = [value._array for value in values if isinstance(value, Tensor)]
    if len(arrays) < len(values) or sum(array.nbytes for array in arrays) > MOST:
        return ()
    if any(array.dtype.hasobject or array.dtype.kind == "V" for array in arrays):
        return ()
    return tuple([(array.dtype.str, array.shape, array.tobytes()) for array in arrays])


def columns(rows: Sequence[Sequence[Packed]]) -> list[list[np.ndarray]]:
    """What all replicas brought, by value; nothing unless they brought arrays of the same form."""
    forms = [packed[:2] for packed in rows[0]]
    if not all(forms == [packed[:2] for packed in row] for row in rows[1:]):
        return []
    return [
        [np.frombuffer(packed[2], dtype).reshape(shape) for packed in column]
        for (dtype, shape), column in zip(forms, zip(*rows, strict=True), strict=True)
    ]


def added(parts: Sequence[np.ndarray], order: Order) -> np.ndarray:
    """The sum of the replicas' arrays, as an all-reduce gives it."""
    flat = [part.ravel() for part in parts]
    total: np.ndarray = collectives.added(flat, order).reshape(parts[0].shape)
    return total
