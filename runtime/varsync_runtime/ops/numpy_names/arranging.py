"""Functions that arrange, choose and join elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from varsync_runtime.ops import layout, pieces
from varsync_runtime.ops.arithmetic import floor_mod, maximum, minimum
from varsync_runtime.ops.creation import broadcast_dynamic_shape, range_, rank, shape
from varsync_runtime.ops.numpy_names.promotion import (
    array,
    asarray,
    named,
    padded_shape,
    promoted,
)
from varsync_runtime.ops.selection import boolean_mask, gather, where
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.tensor import Tensor

named("expand_dims")(lambda a, axis: layout.expand_dims(asarray(a), axis))
named("squeeze")(lambda a, axis=None: layout.squeeze(asarray(a), axis))
named("ravel")(lambda a: layout.reshape(asarray(a), [-1]))
named("shape")(lambda a: asarray(a).shape)
named("ndim")(lambda a: asarray(a)._array.ndim)
named("isscalar")(lambda num: asarray(num)._array.ndim == 0)


@named("reshape")
def reshape(a: Any, newshape: Any, order: str = "C") -> Tensor:
    """Another shape; with order "F" the first axis is the one that changes fastest."""
    if order not in {"C", "F"}:
        raise ValueError(f"Unsupported order argument {order}")
    tensor = asarray(a)
    sizes = [newshape] if isinstance(newshape, int) else newshape
    if order == "C":
        return layout.reshape(tensor, sizes)
    return layout.transpose(layout.reshape(layout.transpose(tensor), sizes[::-1]))


@named("transpose")
def transpose(a: Any, axes: Any = None) -> Tensor:
    """The axes in another order."""
    return layout.transpose(asarray(a), None if axes is None else asarray(axes))


def _axis(axis: Any, count: int) -> int:
    place = int(axis)
    return place + count if place < 0 else place


@named("swapaxes")
def swapaxes(a: Any, axis1: Any, axis2: Any) -> Tensor:
    """Two axes in each other's place."""
    tensor = asarray(a)
    perm = list(range(tensor._array.ndim))
    first, second = (_axis(one, len(perm)) for one in (axis1, axis2))
    perm[first], perm[second] = second, first
    return layout.transpose(tensor, perm)


@named("moveaxis")
def moveaxis(a: Any, source: Any, destination: Any) -> Tensor:
    """Axes in other places."""
    tensor = asarray(a)
    count = tensor._array.ndim
    moved = [(one,) if isinstance(one, int) else one for one in (source, destination)]
    if len(moved[0]) != len(moved[1]):
        raise ValueError("The lengths of source and destination must equal")
    sources, targets = ([_axis(one, count) for one in axes] for axes in moved)
    perm = [axis for axis in range(count) if axis not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        perm.insert(target, axis)
    return layout.transpose(tensor, perm)


@named("flip")
def flip(m: Any, axis: Any = None) -> Tensor:
    """Turned round in one axis, or in all."""
    tensor = asarray(m)
    return pieces.reverse(tensor, range_(rank(tensor)) if axis is None else [axis])


named("flipud")(lambda m: flip(m, 0))
named("fliplr")(lambda m: flip(m, 1))


@named("rot90")
def rot90(m: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """Turned by `k` right angles."""
    first, second = (_axis(one, asarray(m)._array.ndim) for one in axes)
    turns = k % 4
    if turns == 2:
        return flip(flip(m, first), second)
    if turns == 1:
        return swapaxes(flip(m, second), first, second)
    return flip(swapaxes(m, first, second), second) if turns else m


@named("roll")
def roll(a: Any, shift: Any, axis: Any = None) -> Tensor:
    """What falls off one end comes in at the other."""
    tensor = asarray(a)
    if axis is not None:
        return pieces.roll(tensor, shift, axis)
    return layout.reshape(pieces.roll(layout.reshape(tensor, [-1]), shift, 0), shape(tensor))


@named("repeat")
def repeat(a: Any, repeats: Any, axis: Any = None) -> Tensor:
    """Each element so many times."""
    return pieces.repeat(asarray(a), asarray(repeats), axis)


@named("tile")
def tile(a: Any, reps: Any) -> Tensor:
    """The whole array so many times along each axis."""
    tensor, counts = array(a), layout.reshape(array(reps, dtypes.int32), [-1])
    wanted = max(tensor._array.ndim, counts._array.shape[0])
    counts = pieces.pad(counts, [[wanted - counts._array.shape[0], 0]], constant_values=1)
    return pieces.tile(layout.reshape(tensor, padded_shape(tensor, wanted)), counts)


@named("pad")
def pad(array: Any, pad_width: Any, mode: str, **kwargs: Any) -> Tensor:
    """With more elements at the ends."""
    if mode not in ("constant", "reflect", "symmetric"):
        raise ValueError("Unsupported padding mode: " + mode)
    value = kwargs.get("constant_values", 0)
    width = asarray(pad_width, dtypes.int32)
    return pieces.pad(asarray(array), width, mode.upper(), constant_values=value)


@named("split")
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """In so many equal parts, or before each of these places."""
    tensor = asarray(ary)
    if isinstance(indices_or_sections, int):
        return pieces.split(tensor, indices_or_sections, axis=axis)
    return pieces.split(tensor, _sizes(tensor, indices_or_sections, axis), axis=axis)


def _sizes(tensor: Tensor, places: Sequence[int], axis: int) -> list[int]:
    if axis >= tensor._array.ndim:
        raise ValueError(f"axis {axis} is out of bound for shape {tensor.shape}")
    total, before = tensor._array.shape[axis], 0
    sizes: list[int] = []
    for number, place in enumerate(places):
        if place < before:
            raise ValueError(
                f"The {number}-th boundary {place} is smaller than the previous boundary {before}"
            )
        sizes.append(min(place - before, max(0, total - sum(sizes))))
        before = place
    return [*sizes, max(0, total - sum(sizes))]


def _splitting(name: str, axis: int) -> None:
    def function(ary: Any, indices_or_sections: Any) -> list[Tensor]:
        along = 0 if axis == 1 and asarray(ary)._array.ndim == 1 else axis
        if isinstance(indices_or_sections, int) and ary.shape[along] % indices_or_sections:
            raise ValueError("array split does not result in an equal division")
        return split(ary, indices_or_sections, axis=along)

    named(name)(function)


for _place, _name in enumerate(("vsplit", "hsplit", "dsplit")):
    _splitting(_name, _place)


@named("atleast_1d")
def atleast_1d(*arys: Any) -> Any:
    """Arrays with one dimension or more."""
    return _each(lambda one: layout.reshape(one, padded_shape(one, 1)), arys)


@named("atleast_2d")
def atleast_2d(*arys: Any) -> Any:
    """Arrays with two dimensions or more."""
    return _each(lambda one: layout.reshape(one, padded_shape(one, 2)), arys)


@named("atleast_3d")
def atleast_3d(*arys: Any) -> Any:
    """Arrays with three dimensions or more; a row is in the middle."""

    def reshaped(one: Tensor) -> Tensor:
        sizes = one._array.shape
        wanted = {0: (1, 1, 1), 1: (1, *sizes, 1), 2: (*sizes, 1)}.get(len(sizes), sizes)
        return layout.reshape(one, wanted)

    return _each(reshaped, arys)


def _each(function: Any, arys: Sequence[Any]) -> Any:
    found = [function(asarray(one)) for one in arys]
    return found[0] if len(found) == 1 else found


@named("stack")
def stack(arrays: Any, axis: int = 0) -> Tensor:
    """Arrays along a new axis."""
    if isinstance(arrays, Tensor):
        return swapaxes(arrays, 0, axis) if axis else arrays
    return layout.stack(promoted(*arrays), axis)


@named("concatenate")
def concatenate(arys: Any, axis: Any = 0) -> Tensor:
    """Arrays along an axis."""
    found = arys if isinstance(arys, (list, tuple)) else [arys]
    if not found:
        raise ValueError(f"Need at least one array to concatenate. Received empty input: {arys=}")
    return layout.concat(promoted(*found), axis)


@named("append")
def append(arr: Any, values: Any, axis: Any = None) -> Tensor:
    """The values behind the array."""
    both = [arr, values]
    if axis is None:
        both = [layout.reshape(asarray(one), [-1]) for one in both]
    return concatenate(both, 0 if axis is None else axis)


@named("vstack")
def vstack(tup: Any) -> Tensor:
    """Arrays below each other."""
    return layout.concat([atleast_2d(one) for one in tup], 0)


@named("hstack")
def hstack(tup: Any) -> Tensor:
    """Arrays beside each other."""
    found = [atleast_1d(one) for one in tup]
    return layout.concat(found, 0 if found[0]._array.ndim == 1 else 1)


@named("dstack")
def dstack(tup: Any) -> Tensor:
    """Arrays behind each other."""
    return layout.concat([atleast_3d(one) for one in tup], 2)


@named("broadcast_to")
def broadcast_to(array: Any, shape: Any) -> Tensor:
    """An array of a greater shape."""
    return layout.broadcast_to(asarray(array), shape)


@named("broadcast_arrays")
def broadcast_arrays(*args: Any, **kwargs: Any) -> list[Tensor]:
    """Arrays of one shape."""
    if kwargs.pop("subok", False):
        raise ValueError("subok=True is not supported.")
    if kwargs:
        raise ValueError(f"Received unsupported arguments {kwargs.keys()}")
    found = [asarray(one) for one in args]
    shape = np.broadcast_shapes(*(one._array.shape for one in found))
    return [layout.broadcast_to(one, shape) for one in found]


@named("meshgrid")
def meshgrid(*xi: Any, **kwargs: Any) -> list[Tensor]:
    """The coordinates of a grid."""
    for argument, wanted in (("sparse", False), ("copy", True)):
        if kwargs.get(argument, wanted) is not wanted:
            raise ValueError(f"Function `meshgrid` only supports {argument}={wanted}.")
    return pieces.meshgrid(*map(asarray, xi), indexing=kwargs.get("indexing", "xy"))


@named("take")
def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "clip") -> Tensor:
    """The elements at these places; a place beyond the end is the last."""
    if out is not None:
        raise ValueError("out argument is not supported in take.")
    if mode not in {"raise", "clip", "wrap"}:
        raise ValueError(f"Invalid mode '{mode}' for take")
    if mode == "raise":
        raise ValueError("The 'raise' mode to take is not supported.")
    tensor, places = asarray(a), asarray(indices)
    if axis is None:
        tensor, axis = layout.reshape(tensor, [-1]), 0
    count = layout.cast(shape(tensor)[axis], places.dtype)
    if mode == "clip":
        places = maximum(minimum(places, count - 1), convert(0, places.dtype))
    else:
        places = floor_mod(places, count)
    return gather(tensor, places, axis=axis)


@named("take_along_axis")
def take_along_axis(arr: Any, indices: Any, axis: Any) -> Tensor:
    """Of each row along the axis the elements at its places."""
    tensor, places = asarray(arr), asarray(indices)
    if axis is None:
        return take_along_axis(tensor.ravel(), places, 0)
    tensor, places = (swapaxes(one, axis, -1) for one in (tensor, places))
    outer = broadcast_dynamic_shape(shape(tensor)[:-1], shape(places)[:-1])
    tensor = layout.broadcast_to(tensor, layout.concat([outer, shape(tensor)[-1:]], 0))
    places = layout.broadcast_to(places, layout.concat([outer, shape(places)[-1:]], 0))
    size = layout.cast(shape(tensor)[-1], places.dtype)
    places = where(places < 0, places + size, places)
    found = gather(tensor, places, axis=-1, batch_dims=tensor._array.ndim - 1)
    return swapaxes(found, axis, -1)


@named("where")
def where_(condition: Any, x: Any = None, y: Any = None) -> Any:
    """`x` where it is true and `y` elsewhere; without both, where it is true."""
    truth = asarray(condition, np.bool_)
    if x is None and y is None:
        return nonzero(truth)
    if x is None or y is None:
        raise ValueError("Both x and y must be ndarrays, or both must be None.")
    yes, no = promoted(x, y)
    return where(truth, yes, no)


@named("nonzero")
def nonzero(a: Any) -> list[Tensor]:
    """Where elements are not zero: the places along each axis."""
    tensor = atleast_1d(a)
    found = where(layout.cast(tensor, dtypes.bool_))
    return pieces.unstack(found, tensor._array.ndim, axis=1)


@named("select")
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Tensor:
    """The choice of the first condition that is true."""
    if len(condlist) != len(choicelist):
        raise ValueError(
            f"condlist must have length equal to choicelist ({len(condlist)} vs {len(choicelist)})"
        )
    if not condlist:
        raise ValueError("condlist must be non-empty")
    found, *choices = promoted(default, *choicelist)
    for condition, choice in zip(condlist[::-1], choices[::-1], strict=True):
        found = where_(condition, choice, found)
    return found


@named("compress")
def compress(condition: Any, a: Any, axis: Any = None) -> Tensor:
    """The elements along an axis where the condition is true."""
    truth, tensor = asarray(condition, bool), asarray(a)
    if truth._array.ndim != 1:
        raise ValueError("condition must be a 1-d array.")
    if axis is None or not tensor._array.ndim:
        tensor, axis = layout.reshape(tensor, [-1]), 0
    along = _axis(axis, tensor._array.ndim)
    missing = max(0, tensor._array.shape[along] - truth._array.shape[0])
    rest = array([False] * missing, np.bool_)
    return boolean_mask(tensor, layout.concat([truth, rest], 0), axis=along)


@named("size")
def size(x: Any, axis: Any = None) -> Any:
    """How many elements there are."""
    if axis is not None:
        raise NotImplementedError(
            "axis argument is not supported in the current `np.size` implementation"
        )
    if isinstance(x, (int, float, np.int32, np.int64, np.float32, np.float64)):
        return 1
    return np.prod(asarray(x).shape.as_list(), dtype=int)


@named("flatten")
def flatten(a: Any, order: str = "C") -> Tensor:
    """The elements in a row."""
    if order not in ("C", "A", "K", "F"):
        raise ValueError("order can only be C, A, K (all row major) or F (column major).")
    tensor = asarray(a)
    return layout.reshape(layout.transpose(tensor) if order == "F" else tensor, [-1])
