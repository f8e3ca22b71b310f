"""Clipping by value and by norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from varsync_runtime.ops.arithmetic import maximum, minimum, truediv
from varsync_runtime.ops.creation import constant, ones_like
from varsync_runtime.ops.functions import sqrt
from varsync_runtime.ops.layout import cast, identity
from varsync_runtime.ops.reductions import reduce_sum
from varsync_runtime.ops.selection import where
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.tensor import Tensor


def _values(t: Any) -> Tensor:
    return t.values if isinstance(t, IndexedSlices) else convert(t)


def _like(t: Any, values: Tensor) -> Any:
    return (
        IndexedSlices(values, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else values
    )


@export("tf.clip_by_value")
def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """`t`, no smaller than one bound and no larger than the other."""
    values = _values(t)
    low = minimum(values, clip_value_max)
    values.shape.assert_is_compatible_with(low.shape)
    clipped = maximum(low, clip_value_min)
    values.shape.assert_is_compatible_with(clipped.shape)
    return _like(t, clipped)


@export("tf.clip_by_norm")
def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """`t`, scaled down so that its norm over `axes` is `clip_norm` at most."""
    values = _values(t)
    given: Any = clip_norm
    limit: Any = (
        max(given, 0) if np.isscalar(clip_norm) else cast(maximum(clip_norm, 0), values.dtype)
    )
    total = reduce_sum(values * values, axes, keepdims=True)
    positive = total > 0
    norm = where(positive, sqrt(where(positive, total, ones_like(total))), total)
    scaled = values * limit
    values.shape.assert_is_compatible_with(scaled.shape)
    return _like(t, identity(scaled / maximum(norm, limit)))


@export("tf.linalg.global_norm")
def global_norm(t_list: Any, name: str | None = None) -> Tensor:
    """The norm of all the tensors together; None is left out."""
    _sequence(t_list)
    from varsync_runtime.ops.neural import l2_loss

    halves = [l2_loss(_values(one)) for one in t_list if one is not None]
    if not halves:
        return constant(0.0)
    from varsync_runtime.ops.layout import stack

    total = reduce_sum(stack(halves))
    return sqrt(total * constant(2.0, dtype=total.dtype))


def _sequence(t_list: Any) -> None:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError(f"`t_list` should be a sequence of tensors. Received {type(t_list)}.")


@export("tf.clip_by_global_norm")
def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list[Any], Tensor]:
    """The tensors scaled by one factor so that their common norm is `clip_norm` at most."""
    _sequence(t_list)
    norm = global_norm(t_list) if use_norm is None else convert(use_norm)
    one = constant(1.0, dtype=norm.dtype)
    finite = clip_norm * minimum(truediv(1.0, norm), one / clip_norm)
    scale = finite + (norm - norm)
    clipped = [
        None if t is None else _like(t, identity(_values(t) * cast(scale, t.dtype))) for t in t_list
    ]
    return clipped, norm
