"""Splitting, unstacking, padding, tiling, repeating, rolling, reversing."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive

from varsync_runtime.ops.layout import BROADCAST_TO, integer, integers, reshape, transpose
from varsync_runtime.ops.selection import GATHER, take, take_back
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import Op, brackets, call, reject
from varsync_runtime.tensors.errors import NotModelled, Rejected
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.tensor import Tensor

# ------------------------------------------------------------------- into several


def _split(array: Any, sizes: tuple[int, ...], axis: int) -> tuple[Any, ...]:
    index: list[Any] = [slice(None)] * array.ndim
    parts = []
    start = 0
    for size in sizes:
        index[axis] = slice(start, start + size)
        parts.append(array[tuple(index)])
        start += size
    return tuple(parts)


SPLIT = Op(
    "Split",
    _split,
    vjps=(
        lambda g, out, array, sizes, axis: anp.concatenate(
            list(g) if isinstance(g, (list, tuple)) else [g], axis
        ),
    ),
    label="split",
)


@export("tf.split")
def split(
    value: Any, num_or_size_splits: Any, axis: Any = 0, num: Any = None, name: str = "split"
) -> list[Tensor]:
    """Equal parts if a number is given, parts of the sizes given else (one may be -1)."""
    value = convert(value)
    where = integer(axis)
    rank = value._array.ndim
    if not -rank <= where < rank:
        raise reject(
            "Split", f"-input rank(-{rank}) <= split_dim < input rank ({rank}), but got {where}"
        )
    size = value._array.shape[where]
    parts = num_or_size_splits
    if isinstance(parts, (list, tuple)) or (isinstance(parts, Tensor) and parts._array.ndim):
        sizes = _sizes(integers(parts), size)
    else:
        count = integer(parts)
        if count <= 0 or size % count:
            raise reject(
                "Split",
                "Number of ways to split should evenly divide the split dimension, but got "
                f"split_dim {where} (size = {size}) and num_split {count}",
            )
        sizes = (size // count,) * count
    return list(call(SPLIT, (value,), {"sizes": sizes, "axis": where}))


def _sizes(given: tuple[int, ...], size: int) -> tuple[int, ...]:
    known = sum(one for one in given if one != -1)
    sizes = tuple(size - known if one == -1 else one for one in given)
    if sum(sizes) != size or min(sizes, default=0) < 0:
        raise reject(
            "SplitV",
            "Determined shape must either match input shape along split_dim exactly if fully "
            "specified, or be less than the size of the input along split_dim if not fully "
            f"specified.  Got: {known}",
        )
    return sizes


def _unstack(array: Any, axis: int) -> tuple[Any, ...]:
    moved = anp.moveaxis(array, axis, 0)
    return tuple(moved[i] for i in range(moved.shape[0]))


UNPACK = Op(
    "Unpack",
    _unstack,
    vjps=(
        lambda g, out, array, axis: anp.stack(
            list(g) if isinstance(g, (list, tuple)) else [g], axis
        ),
    ),
    label="unstack",
)


@export("tf.unstack")
def unstack(
    value: Any, num: int | None = None, axis: int = 0, name: str = "unstack"
) -> list[Tensor]:
    """The tensors that stand along one axis."""
    value = convert(value)
    rank = value._array.ndim
    if not -rank <= axis < rank:
        raise ValueError(f"Argument `axis` = {axis} not in range [{-rank}, {rank})")
    if num is not None and num != value._array.shape[axis]:
        raise reject(
            "Unpack",
            f"Input shape axis {axis % rank} must equal {num}, got shape "
            f"{brackets(value._array.shape)}",
        )
    if not value._array.shape[axis]:
        return []
    return list(call(UNPACK, (value,), {"axis": axis}))


# ------------------------------------------------------------------- pad

_MODES = {"REFLECT": "reflect", "SYMMETRIC": "symmetric"}


def _checked_paddings(array: np.ndarray, paddings: Any, mode: str) -> None:
    if paddings.ndim != 2 or paddings.shape[1] != 2:
        raise Rejected(
            f"paddings must be a matrix with 2 columns: {brackets(paddings.shape)}",
        )
    if paddings.shape[0] != array.ndim:
        raise Rejected(
            "The first dimension of paddings must be the rank of inputs"
            f"{brackets(paddings.shape)} {brackets(array.shape)}"
        )
    if (paddings < 0).any():
        before, after = paddings[(paddings < 0).any(axis=1)][0]
        raise Rejected(f"Paddings must be non-negative: {before} {after}")
    if mode == "CONSTANT":
        return
    room = np.array(array.shape) - (mode == "REFLECT")
    for (before, after), size, limit in zip(paddings, array.shape, room, strict=True):
        if before > limit or after > limit:
            than = "less than" if mode == "REFLECT" else "no greater than"
            other = "less than" if mode == "REFLECT" else "greater than"
            raise Rejected(
                f"paddings must be {than} the dimension size: {before}, {after} not {other} {size}"
            )


def _pad(array: np.ndarray, paddings: Any, mode: str, value: Any) -> Any:
    widths = np.array(paddings)
    _checked_paddings(array, widths, mode)
    if mode == "CONSTANT":
        return np.pad(array, widths, constant_values=value)
    return np.pad(array, widths, mode=_MODES[mode])  # type: ignore[call-overload]


def _traced_pad(array: Any, paddings: Any, mode: str, value: Any) -> Any:
    """Padding by taking rows, so that autograd knows it."""
    if mode == "CONSTANT":
        return anp.pad(array, paddings, "constant", constant_values=value)
    for axis, (before, after) in enumerate(paddings):
        size = array.shape[axis]
        order = np.pad(np.arange(size), (before, after), mode=_MODES[mode])  # type: ignore[call-overload]
        index: list[Any] = [slice(None)] * array.ndim
        index[axis] = order
        array = array[tuple(index)]
    return array


PAD = Op(
    "Pad",
    _traced_pad,
    plain=_pad,
)
MIRROR_PAD = Op("MirrorPad", _traced_pad, plain=_pad)


@export("tf.pad")
def pad(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """More elements before and after along each axis: constant, or a mirror's."""
    kind = mode.upper()
    if kind not in ("CONSTANT", *_MODES):
        raise ValueError(
            'Value of argument `mode` expected to be one of "CONSTANT", "REFLECT", or "SYMMETRIC". '
            f"Received `mode` = {mode}"
        )
    tensor = convert(tensor)
    widths = (
        tuple(map(tuple, convert(paddings)._array.tolist()))
        if _is_matrix(paddings)
        else (convert(paddings)._array)
    )
    value = convert(constant_values, None if isinstance(constant_values, Tensor) else tensor.dtype)
    attributes = {"paddings": widths, "mode": kind, "value": value._numpy()}
    return call(PAD if kind == "CONSTANT" else MIRROR_PAD, (tensor,), attributes)


def _is_matrix(value: Any) -> bool:
    return convert(value)._array.ndim == 2


# ------------------------------------------------------------------- tile and repeat


def _tile(array: np.ndarray, multiples: tuple[int, ...]) -> Any:
    if len(multiples) != array.ndim:
        raise Rejected(
            f"Expected multiples argument to be a vector of length {array.ndim} but got length "
            f"{len(multiples)}",
            static=f"Shape must be rank {len(multiples)} but is rank {array.ndim} for "
            "'{{node Tile}} = Tile'",
        )
    for position, one in enumerate(multiples):
        if one < 0:
            raise Rejected(f"Expected multiples[{position}] >= 0, but got {one}")
    return np.tile(array, multiples)


def _tile_back(g: Any, out: Any, array: Any, multiples: tuple[int, ...]) -> Any:
    shape = array.shape
    mixed = [size for pair in zip(multiples, shape, strict=True) for size in pair]
    return anp.sum(anp.reshape(g, mixed), axis=tuple(range(0, len(mixed), 2)))


TILE = Op(
    "Tile", lambda array, multiples: anp.tile(array, multiples), plain=_tile, vjps=(_tile_back,)
)


@export("tf.tile")
def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:
    """The whole tensor several times along each axis."""
    return call(TILE, (convert(input),), {"multiples": integers(multiples, "Tmultiples", "Tile")})


def _repeated(size: int, repeats: tuple[int, ...]) -> np.ndarray:
    return np.repeat(np.arange(size), repeats if len(repeats) == size else repeats[0])


REPEAT = Op(
    GATHER.name,
    lambda array, repeats, axis: take(array, _repeated(array.shape[axis], repeats), axis),
    vjps=(
        lambda g, out, array, repeats, axis: take_back(
            g, out, array, _repeated(array.shape[axis], repeats), axis
        ),
    ),
)


@export("tf.repeat")
def repeat(input: Any, repeats: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """Each element several times along an axis."""
    value = convert(input)
    if axis is None:
        value, where = reshape(value, [-1]), 0
    else:
        where = integer(axis)
    attributes = {"repeats": integers(repeats), "axis": where % max(value._array.ndim, 1)}
    return call(REPEAT, (value,), attributes)


# ------------------------------------------------------------------- turn around


def _plain_flip(array: np.ndarray, axis: tuple[int, ...]) -> Any:
    for position, one in enumerate(axis):
        if not -array.ndim <= one < array.ndim:
            raise Rejected(f"'axis'[{position}] = {one} is out of valid range [0, {array.ndim - 1}")
    return np.flip(array, axis)


def _traced_flip(array: Any, axis: tuple[int, ...]) -> Any:
    index: list[Any] = [slice(None)] * array.ndim
    for one in axis:
        index[one] = slice(None, None, -1)
    return array[tuple(index)]


REVERSE = Op(
    "ReverseV2",
    _traced_flip,
    plain=_plain_flip,
    vjps=(lambda g, out, array, axis: _traced_flip(g, axis),),
)


@export("tf.reverse")
def reverse(tensor: Any, axis: Any, name: str | None = None) -> Tensor:
    """The other way round along some axes."""
    return call(REVERSE, (convert(tensor),), {"axis": integers(axis, "Tidx", "ReverseV2")})


def _roll(array: Any, shift: tuple[int, ...], axis: tuple[int, ...]) -> Any:
    return np.roll(array, shift, axis)


rolled = primitive(_roll)
defvjp(
    rolled,
    lambda ans, array, shift, axis: lambda g: rolled(g, tuple(-one for one in shift), axis),
)
ROLL = Op(
    "Roll",
    rolled,
    plain=_roll,
    vjps=(lambda g, out, array, shift, axis: rolled(g, tuple(-one for one in shift), axis),),
)


@export("tf.roll")
def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Tensor:
    """Shifted along axes, what falls off comes in at the other end."""
    return call(ROLL, (convert(input),), {"shift": integers(shift), "axis": integers(axis)})


@export("tf.meshgrid")
def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> list[Tensor]:
    """The coordinates of a grid, one tensor an axis."""
    if indexing not in ("xy", "ij"):
        raise ValueError(
            f"Argument `indexing` parameter must be either 'xy' or 'ij', got '{indexing}'"
        )
    given = [reshape(one, [-1]) for one in args]
    sizes = [one._array.shape[0] for one in given]
    grids = []
    for position, one in enumerate(given):
        shape = [1] * len(given)
        shape[position] = sizes[position]
        wide = call(BROADCAST_TO, (reshape(one, shape),), {"shape": tuple(sizes)})
        if indexing == "xy" and len(given) > 1:
            wide = transpose(wide, [1, 0, *range(2, len(given))])
        grids.append(wide)
    return grids


def _channels_last(data_format: str, name: str) -> None:
    if data_format != "NHWC":
        raise NotModelled(f"{name} with the data format {data_format}")


@export("tf.nn.depth_to_space")
def depth_to_space(
    input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """Each pixel's channels as a block of pixels."""
    _channels_last(data_format, "tf.nn.depth_to_space")
    x = convert(input)
    batch, height, width, depth = x._array.shape
    channels = depth // block_size**2
    blocks = reshape(x, (batch, height, width, block_size, block_size, channels))
    rows = transpose(blocks, (0, 1, 3, 2, 4, 5))
    return reshape(rows, (batch, height * block_size, width * block_size, channels))


@export("tf.nn.space_to_depth")
def space_to_depth(
    input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """Each block of pixels as the channels of one."""
    _channels_last(data_format, "tf.nn.space_to_depth")
    x = convert(input)
    batch, height, width, depth = x._array.shape
    high, wide = height // block_size, width // block_size
    blocks = reshape(x, (batch, high, block_size, wide, block_size, depth))
    columns = transpose(blocks, (0, 1, 3, 2, 4, 5))
    return reshape(columns, (batch, high, wide, block_size**2 * depth))
