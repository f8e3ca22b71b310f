"""Sums of float32 and float64 in the order of TensorFlow's CPU kernels, equal to the bit.

TensorFlow leaves its sums to Eigen, which adds in packets: the order depends on the instructions
for which TensorFlow was built. This is the order of the packages on PyPI, which are built for AVX
(packets of 8 float32 or 4 float64), whatever else the CPU knows; a TensorFlow built for AVX-512 or
for ARM adds in another order. Sums over many neighbours, which Eigen halves first and shares out
among as many threads as there are cores, are NumPy's; so are those of the other dtypes.
"""

from __future__ import annotations

import math
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive

from varsync_runtime.ops.approximations import PACKETS

Axes = tuple[int, ...]

# With more packets than these, Eigen halves a sum over neighbours
_LEAF = 1024
# From so many rows on, four of them are added side by side
_UNROLLED_ROWS = 16


def plain_total(array: np.ndarray, axis: Axes, keepdims: bool = False) -> Any:
    """The sum over axes (numbers from 0), of the array's dtype."""
    packet = PACKETS.get(array.dtype)
    if packet is None or not array.size or not axis:
        return np.add.reduce(array, axis=axis, keepdims=keepdims, dtype=array.dtype)
    array = np.ascontiguousarray(array)
    shape = array.shape
    if len(axis) == len(shape):
        found = np.asarray(_inner(array.reshape(-1), packet))
        return found.reshape((1,) * len(shape)) if keepdims else found
    groups, first = _grouped(shape, axis)
    if len(groups) == 1 and not first:
        found = array + array.dtype.type(0)
    else:
        found = _by_groups(array, groups, first, axis, packet)
    if keepdims:
        return found.reshape([1 if i in axis else size for i, size in enumerate(shape)])
    return found.reshape([size for i, size in enumerate(shape) if i not in axis])


def _grouped(shape: tuple[int, ...], axis: Axes) -> tuple[list[int], bool]:
    """The sizes of neighbours that are both added up, or both kept; is the first added up?

    An axis of size 1 goes with its neighbour, so a sum over the last axis but for such is one over
    the last.
    """
    groups: list[int] = []
    first = before = True
    for position, size in enumerate(shape):
        if size == 1:
            continue
        added = position in axis
        if not groups:
            first = added
        if groups and added == before:
            groups[-1] *= size
        else:
            groups.append(size)
        before = added
    return groups or [1], first


def _by_groups(array: np.ndarray, groups: list[int], first: bool, axis: Axes, packet: int) -> Any:
    if first and len(groups) == 1:
        return _inner(array.reshape(-1), packet)
    if first and len(groups) == 2:
        return _outer(array.reshape(1, *groups), packet)
    if first and len(groups) == 3:
        moved = array.reshape(groups).transpose(2, 0, 1)
        return _rows_one_by_one(moved.reshape(1, -1, groups[1]))
    if len(groups) == 2:
        return _inner(array.reshape(groups), packet)
    if len(groups) == 3:
        return _outer(array.reshape(groups), packet)
    kept = [i for i in range(array.ndim) if i not in axis]
    moved = array.transpose(*kept, *axis)
    return _inner(moved.reshape(-1, math.prod([array.shape[i] for i in axis])), packet)


def _inner(rows: np.ndarray, packet: int) -> Any:
    """The sum over the last axis, of one row or of several."""
    size = rows.shape[-1]
    if size > packet * _LEAF:
        return np.add.reduce(rows, axis=-1)
    block = 4 * packet
    start = size - size % block
    if start:
        # `einsum` adds one block after the other, and faster than `add.reduce`
        blocks = np.einsum("...ij->...j", rows[..., :start].reshape(*rows.shape[:-1], -1, block))
        rest = rows[..., start:].T
        total = np.add.reduce(blocks.T.reshape(4, packet, *rows.shape[:-1]), axis=0)
    else:
        rest = np.ascontiguousarray(rows.T)
        total = rest[:packet]
        rest = rest[packet:]
        if len(total) < packet:
            return _one_by_one(total)
    end = len(rest) - len(rest) % packet
    for at in range(0, end, packet):
        total = total + rest[at : at + packet]
    while packet > 2:
        packet //= 2
        total = total[:packet] + total[packet:]
    return _one_by_one(rest[end:]) + (total[0] + total[1])


def _one_by_one(rest: np.ndarray) -> Any:
    total = rest.dtype.type(0)
    for each in rest:
        total = total + each
    return total


def _outer(array: np.ndarray, packet: int) -> Any:
    """The sum over the middle one of three axes; the last has several elements."""
    blocks, size, width = array.shape
    if size < _UNROLLED_ROWS or width < packet:
        return _rows_one_by_one(array)
    start = size - size % 4
    sums = np.einsum("ijk->ik", array[:, :start].reshape(blocks, -1, 4 * width))
    total = np.add.reduce(sums.reshape(blocks, 4, width), axis=1)
    for at in range(start, size):
        total += array[:, at]
    if width % packet:
        # only what fills a packet is added side by side
        starts: np.ndarray = np.arange(blocks * width) // packet * packet
        full = (starts % width + packet <= width) & (starts + packet <= blocks * width)
        return np.where(full.reshape(blocks, width), total, _rows_one_by_one(array))
    return total


def _rows_one_by_one(array: np.ndarray) -> Any:
    return np.einsum("ijk->ik", array) + array.dtype.type(0)


total = primitive(plain_total)


def _spread(ans: Any, array: Any, axis: Axes, keepdims: bool = False) -> Any:
    shape = array.shape
    kept = [1 if i in axis else size for i, size in enumerate(shape)]
    return lambda g: anp.reshape(g, kept) * anp.ones(shape, dtype=g.dtype)


defvjp(total, _spread)
