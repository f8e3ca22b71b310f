"""The elements of datasets as rows: the leaves of a structure in a list, arrays where possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.spec import TensorSpec
from varsync_runtime.tensors.tensor import Tensor, make

Row = list[Any]


def normalised(structure: Any) -> Any:
    """A structure as datasets know it: a list is one tensor, not a structure."""
    if isinstance(structure, list):
        return convert(structure)
    if isinstance(structure, tuple):
        parts = [normalised(one) for one in structure]
        return type(structure)(*parts) if hasattr(structure, "_fields") else tuple(parts)
    if isinstance(structure, Mapping):
        return {key: normalised(value) for key, value in structure.items()}
    if structure is None or hasattr(structure, "_dataset_spec") or _is_sparse(structure):
        return structure
    return convert(structure)


def _is_sparse(value: Any) -> bool:
    return hasattr(value, "_stacked")


def only_arrays(row: Row, method: str) -> Row:
    """The row; sparse and ragged tensors in it are not modelled there."""
    for one in row:
        if _is_sparse(one):
            raise NotModelled(f"tf.data.Dataset.{method} of tf.{type(one).__name__}")
    return row


def flatten(structure: Any) -> Row:
    """The leaves of a normalised structure: arrays, and whatever is no tensor."""
    return [one._array if isinstance(one, Tensor) else one for one in nest.flatten(structure)]


def pack(spec: Any, row: Row) -> Any:
    """The element of a row."""
    leaves = nest.flatten(spec)
    return nest.pack_sequence_as(
        spec, [_leaf(one, its) for one, its in zip(row, leaves, strict=True)]
    )


def _leaf(value: Any, spec: Any) -> Any:
    if isinstance(spec, TensorSpec) and isinstance(value, (np.ndarray, np.generic)):
        return make(np.asarray(value), spec.dtype)
    return value


def spec_of(structure: Any) -> Any:
    """The spec of a normalised structure."""
    return nest.map_structure(leaf_spec, structure)


def leaf_spec(value: Any) -> Any:
    """The spec of a leaf."""
    if isinstance(value, Tensor):
        return TensorSpec(value.shape, value.dtype)
    if hasattr(value, "_type_spec"):
        return value._type_spec
    described = getattr(value, "_dataset_spec", None)
    return described() if described is not None else value


def map_shapes(spec: Any, change: Any) -> Any:
    """The spec with other shapes."""

    def leaf(one: Any) -> Any:
        if hasattr(one, "_with_shape"):
            return one._with_shape(change(one.shape))
        if not isinstance(one, TensorSpec):
            return one
        return TensorSpec(change(one.shape), one.dtype)

    return nest.map_structure(leaf, spec)


def unknown_outer(shape: TensorShape) -> TensorShape:
    """The shape with its first size unknown."""
    return shape if not shape.rank else TensorShape([None, *shape.as_list()[1:]])


def stack(rows: list[Row]) -> Row:
    """The batch of rows."""
    return [_stacked([row[at] for row in rows]) for at in range(len(rows[0]))]


def _stacked(parts: list[Any]) -> Any:
    if _is_sparse(parts[0]):
        return parts[0]._stacked(parts[1:])
    if not isinstance(parts[0], (np.ndarray, np.generic)):
        return parts[0]
    shapes = {one.shape for one in parts}
    if len(shapes) > 1:
        raise Unequal([np.shape(one) for one in parts])
    return np.stack(parts)


class Unequal(Exception):
    """Rows that can't be one batch."""

    def __init__(self, shapes: list[tuple[int, ...]]) -> None:
        super().__init__()
        self.shapes = shapes
