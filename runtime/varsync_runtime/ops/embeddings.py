"""Rows of tables, which may be in several parts (tensorflow/python/ops/embedding_ops.py)."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.ops.clipping import clip_by_norm
from varsync_runtime.ops.layout import concat, identity, reshape
from varsync_runtime.ops.selection import dynamic_partition, gather, in_range
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor, make


@export("tf.nn.embedding_lookup")
def embedding_lookup(
    params: Any, ids: Any, max_norm: Any = None, name: str | None = None
) -> Tensor:
    """The rows of a table; clipped to `max_norm` if it is given.

    A list is a table in parts: the first ones have a row more where they are not equal.
    """
    if params is None:
        raise ValueError("params must be specified")
    if isinstance(params, (list, tuple)) and not params:
        raise ValueError("Length of params is currently 0. Need at least one param.")
    chosen = convert(ids)
    if getattr(params, "is_sharded_variable", False):
        if state.graph is None:
            # then TensorFlow looks the rows up in the whole
            in_range(chosen._array, params.shape[0], "GatherV2")
        params = list(params.variables)
    parts = params if isinstance(params, list) else [params]
    rows = identity(gather(parts[0], chosen)) if len(parts) == 1 else _of_parts(parts, chosen)
    if max_norm is None:
        return rows
    first = chosen._array.ndim
    return clip_by_norm(rows, max_norm, axes=list(range(first, rows._array.ndim)))


def divided(ids: np.ndarray, rows: int, parts: int) -> tuple[np.ndarray, np.ndarray]:
    """In which part the rows of a table are, and which of its rows they are there: "div"."""
    each, extra = divmod(rows, parts)
    part = np.maximum(ids // (each + 1), (ids - extra) // each)
    return part, np.where(part < extra, ids % (each + 1), (ids - extra) % each)


def _of_parts(parts: list[Any], ids: Tensor) -> Tensor:
    flat = ids._array.reshape(-1)
    where, local = divided(flat, sum(int(one.shape[0]) for one in parts), len(parts))
    owners = make(where, ids.dtype)
    wanted = dynamic_partition(make(local, ids.dtype), owners, len(parts))
    found = [gather(part, one) for part, one in zip(parts, wanted, strict=True)]
    # they come part by part, and are asked for in another order
    back = make(np.argsort(np.argsort(where, kind="stable"), kind="stable"), ids.dtype)
    rows = gather(concat(found, 0), back)
    return reshape(rows, (*ids._array.shape, *rows._array.shape[1:]))
