"""Arrays through a transport: gather, and the sum in a given order.

A small sum is one beat: everybody brings its array and adds them all. A large one is cut into
chunks; each rank adds its share of a chunk for all and brings the result to the next beat, together
with its part of the next chunk, so n bytes cost about n / CHUNK + 1 beats. No other NumPy is
needed by the package.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from varsync_runtime.replicas.block import CHUNK
from varsync_runtime.replicas.orders import Order, ring_chunk, runs
from varsync_runtime.replicas.transport import Transport

Array: TypeAlias = NDArray[Any]
# up to this many bytes in all, each rank adds everything itself
SMALL = 1 << 17


def all_reduce(
    transport: Transport, seats: Sequence[int], place: int, array: Array, order: Order
) -> Array:
    """The sum over `seats` of an array that has the same dtype and shape on all.

    `place` is this seat's index among `seats`. Any dtype that NumPy adds and that holds no
    references; TypeError otherwise.
    """
    flat, tag = _prepared(array, order.value)
    if flat.nbytes * len(seats) <= SMALL and flat.nbytes <= CHUNK:
        result = _small(transport, seats, flat, tag, order)
    else:
        result = _large(transport, seats, place, flat, tag, order)
    transport.done()
    return result.reshape(array.shape)


def gather(transport: Transport, seats: Sequence[int], array: Array) -> list[Array]:
    """The arrays of all seats, in order; same dtype and shape on all."""
    flat, tag = _prepared(array, "gather")
    raw = flat.view(np.uint8)
    results = [np.empty_like(flat) for _ in seats]
    for start in range(0, max(raw.size, 1), CHUNK):
        part = raw[start : start + CHUNK]
        size = part.size
        _bytes(transport.slot(seats))[:size] = part
        views = transport.beat(seats, tag, size)
        for result, view in zip(results, views, strict=True):
            result.view(np.uint8)[start : start + size] = _bytes(view)[:size]
    transport.done()
    return [result.reshape(array.shape) for result in results]


def _prepared(array: Array, what: str) -> tuple[Array, int]:
    """The array as one dimension in C order, and a number that stands for its form."""
    dtype = array.dtype
    if dtype.hasobject:
        raise TypeError(f"an array of {dtype} cannot be sent")
    return array.ravel(), _tag(what, dtype, array.shape)


@functools.lru_cache(4096)
def _tag(what: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> int:
    return zlib.crc32(f"{what} {dtype} {shape}".encode())


def _bytes(view: memoryview) -> Array:
    return np.frombuffer(view, np.uint8)


def _small(
    transport: Transport, seats: Sequence[int], flat: Array, tag: int, order: Order
) -> Array:
    size, count, dtype = flat.nbytes, flat.size, flat.dtype
    transport.slot(seats)[:size] = flat.tobytes()
    views = transport.beat(seats, tag, size)
    return added([np.frombuffer(view, dtype, count) for view in views], order)


def added(parts: Sequence[Array], order: Order) -> Array:
    """The sum of at least two arrays of one dimension, same dtype and size, in this order."""
    one = parts[0]
    count, item = one.size, one.itemsize
    in_a_chunk = order is Order.RING and count <= ring_chunk(count, item, len(parts))
    if order is Order.RANKS or in_a_chunk:
        result: Array = one + parts[1]
        for part in parts[2:]:
            np.add(result, part, out=result)
        return result
    result = np.empty_like(one)
    for start, stop, first in runs(order, 0, count, count, item, len(parts)):
        _add([part[start:stop] for part in parts], first, result[start:stop])
    return result


def _large(
    transport: Transport, seats: Sequence[int], place: int, flat: Array, tag: int, order: Order
) -> Array:
    ranks, count, dtype = len(seats), flat.size, flat.dtype
    item = dtype.itemsize
    step = max(CHUNK // item, 1)
    share = -(-step // ranks)
    # a slot: the part of a chunk as it is, then this seat's share of the chunk before, added
    added_at = step * item
    result = np.empty_like(flat)
    chunks = -(-count // step)
    added = np.empty(share, dtype)
    filled = 0
    for number in range(chunks + 1):
        start = number * step
        stop = min(start + step, count)
        mine = np.frombuffer(transport.slot(seats), np.uint8)
        if start < stop:
            mine[: (stop - start) * item] = flat[start:stop].view(np.uint8)
        if filled:
            mine[added_at : added_at + filled * item] = added[:filled].view(np.uint8)
        views = transport.beat(seats, tag, added_at + filled * item)
        if number:
            _collect(views, result, start - step, min(start, count), share, added_at)
        if start < stop:
            low = min(start + place * share, stop)
            high = min(low + share, stop)
            parts = [np.frombuffer(view, dtype, stop - start) for view in views]
            for begin, end, first in runs(order, low, high, count, item, ranks):
                cut = [part[begin - start : end - start] for part in parts]
                _add(cut, first, added[begin - low : end - low])
            filled = high - low
    return result


def _collect(
    views: Sequence[memoryview], result: Array, start: int, stop: int, share: int, offset: int
) -> None:
    """Copies the shares that all ranks have added of the elements start to stop."""
    for view in views:
        size = min(share, stop - start)
        if size <= 0:
            return
        result[start : start + size] = np.frombuffer(view, result.dtype, size, offset)
        start += size


def _add(parts: Sequence[Array], first: int, out: Array) -> None:
    """out = parts[first] + parts[first + 1] + …, around the circle."""
    ranks = len(parts)
    np.add(parts[first], parts[(first + 1) % ranks], out=out)
    for offset in range(2, ranks):
        np.add(out, parts[(first + offset) % ranks], out=out)
