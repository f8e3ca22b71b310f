"""Small arrays that replicas bring to a meeting, so that their sum needs no second one."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from varsync_runtime.distribute.crew import Crew
from varsync_runtime.replicas import collectives
from varsync_runtime.replicas.orders import Order
from varsync_runtime.tensors.tensor import Tensor

MOST = 1 << 13  # bytes of a replica's arrays

SIZE = struct.Struct("<Q")  # in front of the arrays' bytes: how many there are

Form = tuple[str, tuple[int, ...]]  # an array's dtype and shape


def along(crew: Crew, values: Sequence[Any]) -> list[np.ndarray]:
    """The arrays of the values, if all are tensors and small, and all replicas are at the meeting."""
    if crew.workers > 1 or crew.local == 1 or crew.has_observers:
        return []
    arrays = [value._array for value in values if isinstance(value, Tensor)]
    if len(arrays) < len(values) or sum([array.nbytes for array in arrays]) > MOST:
        return []
    if any(array.dtype.hasobject or array.dtype.kind == "V" for array in arrays):
        return []
    return arrays


def forms(arrays: Sequence[np.ndarray]) -> tuple[Form, ...]:
    """What the others must know of the arrays."""
    return tuple([(array.dtype.str, array.shape) for array in arrays])


def pack(arrays: Sequence[np.ndarray], rest: bytes) -> bytes:
    """The arrays' bytes, in front of others."""
    raw = b"".join([array.tobytes() for array in arrays])
    return b"".join((SIZE.pack(len(raw)), raw, rest))


def unpack(data: bytes) -> bytes:
    """The other bytes of what `pack` made."""
    return data[SIZE.size + SIZE.unpack_from(data)[0] :]


def columns(forms: Sequence[Sequence[Form]], packed: Sequence[bytes]) -> list[list[np.ndarray]]:
    """What all replicas brought, by value; nothing unless they brought arrays of the same form."""
    first = forms[0]
    if not all(row == first for row in forms):
        return []
    found = []
    offset = SIZE.size
    for dtype, shape in first:
        count = math.prod(shape)
        column = [np.frombuffer(data, dtype, count, offset).reshape(shape) for data in packed]
        found.append(column)
        offset += column[0].nbytes
    return found


def added(parts: Sequence[np.ndarray], order: Order) -> np.ndarray:
    """The sum of the replicas' arrays, as an all-reduce gives it."""
    flat = [part.ravel() for part in parts]
    total: np.ndarray = collectives.added(flat, order).reshape(parts[0].shape)
    return total
