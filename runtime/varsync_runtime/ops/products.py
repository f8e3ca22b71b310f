"""Products of two matrices of float32 or float64 in the order of TensorFlow's CPU kernels.

TensorFlow leaves float32 to oneDNN, which makes its kernels for the CPU it runs on, and float64 to
Eigen, built for AVX without fused multiply-add in the packages on PyPI. The orders here are those
of a CPU with AVX-512 (oneDNN has others for older ones):

- float32: each element is a chain of fused multiply-adds, in pieces of at most 384; a matrix by a
  vector, and few rows by a matrix given transposed, are dot products in 8 or 16 lanes.
- float64: products are rounded, then added, one by one or in packets, by where in Eigen's blocks
  an element stands.

Where the lanes would make NumPy slow the product is NumPy's, and so are those of stacked matrices.
A fused multiply-add is one of float64 rounded to float32: that differs once in a billion times.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from autograd.extend import defvjp, primitive

from varsync_runtime.ops.shaping import conj, unbroadcast

# So many products of elements are made at once at most
_PRODUCTS = 1 << 14
# Where oneDNN begins another chain
_PIECE = 384
# Fewer rows than these by a transposed matrix are dot products
_FEW_ROWS = 16
# Below this sum of sizes Eigen takes an element as a dot product
_SMALL = 20
# From so many columns on Eigen multiplies a matrix by a vector 16 columns at a time
_MANY, _COLUMNS = 128, 16
# With more columns than these it cuts a product of matrices into parts
_BLOCK = 300


def plain_product(a: np.ndarray, b: np.ndarray, ta: bool, tb: bool) -> Any:
    """The product of `a` and `b`, each with its last two axes exchanged if `ta` or `tb`."""
    left = a.swapaxes(-1, -2) if ta else a
    right = b.swapaxes(-1, -2) if tb else b
    if left.ndim == 2 and right.ndim == 2 and left.size and right.size:
        if a.dtype == np.float32:
            return _single(left, right, ta, tb)
        if a.dtype == np.float64 and left.size * right.shape[1] <= _PRODUCTS:
            return _double(left, right, ta, tb)
    return np.matmul(left, right)


# ------------------------------------------------------------------- float32


def _single(left: np.ndarray, right: np.ndarray, ta: bool, tb: bool) -> Any:
    rows, columns = len(left), right.shape[1]
    small = left.size * columns <= _PRODUCTS
    if tb and not ta and 1 < rows < _FEW_ROWS:
        if not small:
            return np.matmul(left, right)
        return _halves(_lanes(_wide(left)[:, None] * right.T, 16))
    if (tb and rows == 1) or (columns == 1 and rows > 1 and not ta):
        if not small:
            return np.matmul(left, right)
        if rows == 1:
            return _dots(_wide(right.T) * left[0])[None]
        return _dots(_wide(left) * right[:, 0])[:, None]
    if rows == 1 or columns == 1:
        return _chain(left, right)
    return _chains(left, right)


def _wide(array: np.ndarray) -> np.ndarray:
    """As float64, in which a product of two float32 is exact."""
    return array.astype(np.float64)


def _lanes(products: np.ndarray, lanes: int) -> np.ndarray:
    """Chains of fused multiply-adds over the last axis, one for each lane."""
    sums = (products[..., :lanes] + 0.0).astype(np.float32)
    for at in range(lanes, products.shape[-1], lanes):
        part = products[..., at : at + lanes]
        ahead = sums[..., : part.shape[-1]]
        np.add(ahead, part, out=ahead, casting="same_kind")
    return sums


def _halves(lanes: np.ndarray) -> Any:
    """The sum of the lanes, one half of them on the other."""
    width = 16
    while width > 1:
        width //= 2
        if lanes.shape[-1] > width:
            further = lanes[..., width:]
            lanes[..., : further.shape[-1]] += further
            lanes = lanes[..., :width]
    return lanes[..., 0]


def _dots(products: np.ndarray) -> Any:
    """Sums over the last axis: blocks of 16 in 8 lanes, then what is left in 8, 4, 2 and 1."""
    size = products.shape[-1]
    start = size - size % 16
    total: np.ndarray = np.zeros(len(products), np.float32)
    if start:
        total += _neighbours(_lanes(products[:, :start], 8))
    for width in (8, 4, 2, 1):
        if (size - start) & width:
            total += _neighbours(_lanes(products[:, start : start + width], width))
            start += width
    return total


def _neighbours(lanes: np.ndarray) -> Any:
    """The sum of 8, 4, 2 or 1 lanes, each added to its neighbour first."""
    if lanes.shape[-1] > 1:
        lanes = lanes[:, ::2] + lanes[:, 1::2]
    if lanes.shape[-1] == 4:
        lanes = lanes[:, :2] + lanes[:, 2:]
    return lanes[:, 0] + lanes[:, 1] if lanes.shape[-1] == 2 else lanes[:, 0]


def _chains(left: np.ndarray, right: np.ndarray) -> Any:
    total = None
    start, size = 0, len(right)
    while start < size:
        rest = size - start
        piece = _PIECE if rest >= 2 * _PIECE else rest if rest <= _PIECE else (rest + 1) // 2
        part = slice(start, start + piece)
        found = _chain(left[:, part], right[part])
        total = found if total is None else total + found
        start += piece
    return total


def _chain(left: np.ndarray, right: np.ndarray) -> Any:
    """A chain of fused multiply-adds: as NumPy's library makes them, if it does so in order."""
    if _fused():
        return _by_library(left, right)
    if left.size * right.shape[1] > _PRODUCTS:
        return np.matmul(left, right)
    return _by_hand(left, right)


@cache
def _fused() -> bool:
    """Whether a product of matrices in NumPy is a chain of fused multiply-adds."""
    one = np.sin(np.arange(600, dtype=np.float32) * 1.7).reshape(100, 6)
    other = np.cos(np.arange(700, dtype=np.float32) * 2.3).reshape(100, 7)
    return bool((_by_library(one.T, other) == _by_hand(one.T, other)).all())


def _by_library(left: np.ndarray, right: np.ndarray) -> Any:
    """NumPy's product, in the layout for which its library has no kernels for small matrices.

    With one row or column it would take a kernel for vectors: so there are two.
    """
    rows, columns = len(left), right.shape[1]
    if rows == 1:
        left = np.repeat(left, 2, axis=0)
    if columns == 1:
        right = np.repeat(right, 2, axis=1)
    found = np.matmul(np.asfortranarray(left), np.ascontiguousarray(right))
    return np.ascontiguousarray(found[:rows, :columns])


def _by_hand(left: np.ndarray, right: np.ndarray) -> Any:
    total = np.zeros((len(left), right.shape[1]), np.float32)
    for products in _wide(left.T)[:, :, None] * right[:, None]:
        np.add(total, products, out=total, casting="same_kind")
    return total


# ------------------------------------------------------------------- float64


def _double(left: np.ndarray, right: np.ndarray, ta: bool, tb: bool) -> Any:
    rows, size = left.shape
    columns = right.shape[1]
    if min(rows, size, columns) > 1:
        return _blocks(left, right) if size <= _BLOCK else np.matmul(left, right)
    if size > 1 and (rows + size + columns < _SMALL or rows == columns == 1):
        if tb and not ta:
            return _packets(left[:, None] * right.T)
    elif size > 1 and columns == 1 and not ta:
        return _by_vector(left * right[:, 0])[:, None]
    elif size > 1 and rows == 1 and tb:
        return _by_vector(right.T * left[0])[None]
    elif size >= _MANY:
        return _by_columns(left.T[:, :, None] * right[:, None])
    return _one_by_one(left.T[:, :, None] * right[:, None])


def _one_by_one(products: np.ndarray) -> Any:
    """The sum over the first axis, in order."""
    if products[0].size == 1:
        return np.add.accumulate(products, axis=0)[-1] + 0.0
    return np.einsum("k...->...", np.ascontiguousarray(products)) + 0.0


def _by_columns(products: np.ndarray) -> Any:
    """The sum over the first axis of the sums of 16 each."""
    end = len(products) // _COLUMNS * _COLUMNS
    width = products[0].size
    sums = np.einsum("ijk->ik", products[:end].reshape(-1, _COLUMNS, width))
    if end < len(products):
        sums = np.concatenate([sums, _one_by_one(products[end:]).reshape(1, width)])
    return _one_by_one(sums).reshape(products.shape[1:])


def _in_turn(products: np.ndarray, chains: int, peeled: int) -> Any:
    """The sum over the first axis in several chains in turn, as far as whole blocks go."""
    size = len(products)
    end = size - size % peeled
    if not end:
        return _one_by_one(products)
    sums = [_one_by_one(products[start:end:chains]) for start in range(chains)]
    while len(sums) > 1:
        sums = [one + other for one, other in zip(sums[::2], sums[1::2], strict=True)]
    return _one_by_one(np.concatenate([sums[0][None], products[end:]]))


def _blocks(left: np.ndarray, right: np.ndarray) -> Any:
    """The order of Eigen's blocks: 8 columns by 4 rows, then 4, 2 and 1 columns."""
    products = left.T[:, :, None] * right[:, None]
    found = _one_by_one(products)
    rows, columns = found.shape
    rows -= rows % 4
    if not rows:
        return found
    rest = columns % 8
    start, end = columns - rest, columns - rest % 2
    if start < end:
        found[:rows, start:end] = _in_turn(products[:, :rows, start:end], 2, 8)
    if end < columns:
        found[:rows, end:] = _in_turn(products[:, :rows, end:], 4, 4)
    return found


def _packets(products: np.ndarray) -> Any:
    """The sum over the last axis: packets of 4 in two chains, then the rest on top, one by one."""
    whole = np.moveaxis(products, -1, 0)
    end, pairs = (len(whole) // width * width for width in (4, 8))
    if not end:
        return _one_by_one(whole)
    packets = whole[:end].reshape(-1, 4, *whole.shape[1:])
    total = packets[0]
    if pairs:
        paired = packets[: pairs // 4]
        total = _one_by_one(paired[::2]) + _one_by_one(paired[1::2])
        if end > pairs:
            total = total + packets[-1]
    return _on_top(_folded(total), whole[end:])


def _by_vector(products: np.ndarray) -> Any:
    """The sum over the last axis in packets of 4; the last of an odd number of rows goes on in 2."""
    whole = products.T
    end = len(whole) // 4 * 4
    total: Any = _folded(_one_by_one(whole[:end].reshape(-1, 4, len(products)))) if end else 0.0
    found = _on_top(total, whole[end:])
    if len(products) % 2 and len(whole) - end > 1:
        last = whole[:, -1]
        half = last[end] + last[end + 1]
        found[-1] = _on_top(total[-1] + half if end else half, last[end + 2 :])
    return found


def _folded(packet: np.ndarray) -> Any:
    return (packet[0] + packet[2]) + (packet[1] + packet[3])


def _on_top(total: Any, rest: np.ndarray) -> Any:
    for each in rest:
        total = total + each
    return total + 0.0


# ------------------------------------------------------------------- the gradient

product = primitive(plain_product)


def gradient_of_a(g: Any, a: Any, b: Any, ta: bool, tb: bool) -> Any:
    """The gradient of the first factor, by the products that TensorFlow makes."""
    b = conj(b)
    return unbroadcast(product(b, g, tb, True) if ta else product(g, b, False, not tb), a)


def gradient_of_b(g: Any, a: Any, b: Any, ta: bool, tb: bool) -> Any:
    """The gradient of the second factor."""
    a = conj(a)
    return unbroadcast(product(g, a, True, ta) if tb else product(a, g, not ta, False), b)


defvjp(
    product,
    lambda ans, a, b, ta, tb: lambda g: gradient_of_a(g, a, b, ta, tb),
    lambda ans, a, b, ta, tb: lambda g: gradient_of_b(g, a, b, ta, tb),
)
