"""Convolutions and pools, in one, two or three spatial dimensions."""

from __future__ import annotations

import functools
from typing import Any

import autograd.numpy as anp
import numpy as np

from varsync_runtime.ops.layout import expand_dims, integers, squeeze, transpose
from varsync_runtime.ops.shaping import linked
from varsync_runtime.ops.windows import (
    Window,
    check_room,
    padded,
    paddings,
    patches,
    per_axis,
    unpatches,
    views,
)
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import agreeing, convert
from varsync_runtime.tensors.differentiate import plain
from varsync_runtime.tensors.dispatch import Op, brackets, call
from varsync_runtime.tensors.errors import Rejected
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.guesses import of_both
from varsync_runtime.tensors.tensor import Tensor

_FLOATS = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64, dtypes.int32)
_REALS = (*_FLOATS, dtypes.int64, dtypes.uint8, dtypes.int16, dtypes.int8, dtypes.uint16)

# ------------------------------------------------------------------- convolutions


def _convolve(x: Any, w: Any, window: Window, pads: Any) -> Any:
    """`[N, *space, C]` by `[*window, C / groups, F]`."""
    space = len(window.size)
    shape = w.shape
    seen = patches(padded(x, pads), window)
    lead = seen.shape[: 1 + space]
    inner, filters = shape[-2], shape[-1]
    groups = x.shape[-1] // inner
    elements = int(np.prod(window.size))
    if groups == 1:
        flat = anp.reshape(seen, (-1, elements * inner))
        out = anp.matmul(flat, anp.reshape(w, (elements * inner, filters)))
        return anp.reshape(out, (*lead, filters))
    split = anp.reshape(seen, (-1, elements, groups, inner))
    kernel = anp.reshape(w, (elements, inner, groups, filters // groups))
    out = anp.einsum("negi,eigf->ngf", split, kernel)
    return anp.reshape(out, (*lead, filters))


def _plain_convolve(x: np.ndarray, w: np.ndarray, window: Window, pads: Any) -> Any:
    inner = w.shape[-2]
    if x.shape[-1] % max(inner, 1):
        words = f"input depth must be evenly divisible by filter depth: {x.shape[-1]} vs {inner}"
        raise Rejected(words, static=f"Depth of input ({x.shape[-1]}) is not a multiple of input "
                       f"depth of filter ({inner}) for '{{{{node Conv2D}}}} = Conv2D'")  # fmt: skip
    check_room(x.shape[1:-1], pads, window)
    return _convolve(x, w, window, pads)


def _inside(crop: tuple[slice, ...]) -> tuple[slice, ...]:
    """The index of what `crop` leaves of the spatial axes."""
    return (slice(None), *crop, slice(None))


def _back_to_input(g: Any, w: Any, shape: tuple[int, ...], window: Window, pads: Any) -> Any:
    """What the convolution's gradient is for its input, which is a transposed convolution."""
    space = len(window.size)
    inner, filters = w.shape[-2:]
    groups = shape[-1] // inner
    elements = int(np.prod(window.size))
    lead = g.shape[: 1 + space]
    if groups == 1:
        flat = anp.reshape(w, (elements * inner, filters))
        seen = anp.matmul(anp.reshape(g, (-1, filters)), anp.transpose(flat))
    else:
        kernel = anp.reshape(w, (elements, inner, groups, filters // groups))
        split = anp.reshape(g, (-1, groups, filters // groups))
        seen = anp.einsum("ngf,eigf->negi", split, kernel)
    seen = anp.reshape(seen, (*lead, *window.size, shape[-1]))
    wide = (
        shape[0],
        *(size + a + b for size, (a, b) in zip(shape[1:-1], pads, strict=True)),
        shape[-1],
    )
    out = unpatches(seen, window, wide)
    crop = tuple(slice(a, a + size) for size, (a, _) in zip(shape[1:-1], pads, strict=True))
    return out[_inside(crop)]


def _back_to_filter(g: Any, x: Any, shape: tuple[int, ...], window: Window, pads: Any) -> Any:
    seen = patches(padded(x, pads), window)
    inner, filters = shape[-2:]
    elements = int(np.prod(window.size))
    groups = x.shape[-1] // inner
    if groups == 1:
        flat = anp.reshape(seen, (-1, elements * inner))
        gradient = anp.matmul(anp.transpose(flat), anp.reshape(g, (-1, filters)))
    else:
        split = anp.reshape(seen, (-1, elements, groups, inner))
        by_group = anp.reshape(g, (-1, groups, filters // groups))
        gradient = anp.einsum("negi,ngf->eigf", split, by_group)
    return anp.reshape(gradient, shape)


_CONV_VJPS = (
    lambda g, out, x, w, window, pads: _back_to_input(g, w, x.shape, window, pads),
    lambda g, out, x, w, window, pads: _back_to_filter(g, x, w.shape, window, pads),
)
CONV2D = Op(
    "Conv2D",
    _convolve,
    plain=_plain_convolve,
    types=("T",),
    allowed=_FLOATS,
    vjps=_CONV_VJPS,
    arguments=("input", "filter"),
)
CONV3D = Op(
    "Conv3D",
    _convolve,
    plain=_plain_convolve,
    types=("T",),
    allowed=_FLOATS[:-1],
    vjps=_CONV_VJPS,
    arguments=("input", "filter"),
)
CONV_BACK = Op(
    "Conv2DBackpropInput",
    lambda g, w, shape, window, pads: _back_to_input(g, w, shape, window, pads),
    types=("T",),
    allowed=_FLOATS,
)


def _channels_last(x: Tensor, data_format: str) -> Tensor:
    if not data_format.startswith("NC"):
        return x
    return transpose(x, [0, *range(2, x._array.ndim), 1])


def _as_before(x: Tensor, data_format: str) -> Tensor:
    if not data_format.startswith("NC"):
        return x
    return transpose(x, [0, x._array.ndim - 1, *range(1, x._array.ndim - 1)])


def _conv(
    op: Op, input: Any, filters: Any, strides: Any, padding: Any, data_format: str, dilations: Any
) -> Tensor:
    x, w = agreeing((input, filters))
    rank = w._array.ndim - 2
    if x._array.ndim != rank + 2:
        raise _wrong_rank(op, x, rank + 2)
    window = Window(
        w._array.shape[:-2],
        per_axis(strides, rank, data_format, "strides"),
        per_axis(1 if dilations is None else dilations, rank, data_format, "dilations"),
    )
    x = _channels_last(x, data_format)
    pads = paddings(padding, x._array.shape[1:-1], window, op.name)
    return _as_before(call(op, (x, w), {"window": window, "pads": pads}), data_format)


def _wrong_rank(op: Op, x: Tensor, rank: int) -> Exception:
    from varsync_runtime.tensors.dispatch import reject

    return reject(op.name, f"input must be {rank}-dimensional: {brackets(x._array.shape)}")


@export("tf.nn.conv2d")
def conv2d(
    input: Any, filters: Any, strides: Any, padding: Any, data_format: str = "NHWC",
    dilations: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The convolution of images by filters `[height, width, channels, filters]`."""
    return _conv(CONV2D, input, filters, strides, padding, data_format, dilations)


@export("tf.nn.conv3d")
def conv3d(
    input: Any, filters: Any, strides: Any, padding: Any, data_format: str = "NDHWC",
    dilations: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The convolution of volumes."""
    return _conv(CONV3D, input, filters, strides, padding, data_format, dilations)


@export("tf.nn.conv1d")
def conv1d(
    input: Any, filters: Any, stride: Any, padding: Any, data_format: str = "NWC",
    dilations: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The convolution of sequences."""
    channels_first = data_format.startswith("NC")
    where = 2 if channels_first else 1
    x, w = expand_dims(input, where), expand_dims(filters, 0)
    step = (1, *per_axis(stride, 1, data_format, "stride"))
    apart = (1, *per_axis(1 if dilations is None else dilations, 1, data_format, "dilations"))
    out = conv2d(x, w, step, padding, "NCHW" if channels_first else "NHWC", apart)
    return squeeze(out, [where])


@export("tf.nn.convolution")
def convolution(
    input: Any, filters: Any, strides: Any = None, padding: Any = "VALID",
    data_format: str | None = None, dilations: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The convolution of as many dimensions as the filters have."""
    rank = convert(filters)._array.ndim - 2
    conv = {1: conv1d, 2: conv2d, 3: conv3d}[rank]
    layout = data_format or ("NWC", "NHWC", "NDHWC")[rank - 1]
    return conv(input, filters, 1 if strides is None else strides, padding, layout, dilations)


@export("tf.nn.conv_transpose", "tf.nn.conv3d_transpose")
def conv_transpose(
    input: Any, filters: Any, output_shape: Any, strides: Any, padding: Any = "SAME",
    data_format: str | None = None, dilations: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The gradient of a convolution by its input, of as many dimensions as the filters have."""
    rank = convert(filters)._array.ndim - 2
    layout = data_format or ("NWC", "NHWC", "NDHWC")[rank - 1]
    if rank != 1:
        return conv2d_transpose(input, filters, output_shape, strides, padding, layout, dilations)
    channels_first = layout.startswith("NC")
    where = 2 if channels_first else 1
    out = conv2d_transpose(
        expand_dims(input, where),
        expand_dims(filters, 0),
        of_both(lambda shape: (*shape[:where], 1, *shape[where:]), integers(output_shape)),
        (1, *per_axis(strides, 1, layout, "strides")),
        padding,
        "NCHW" if channels_first else "NHWC",
        (1, *per_axis(1 if dilations is None else dilations, 1, layout, "dilations")),
    )
    return squeeze(out, [where])


@export("tf.nn.conv2d_transpose")
def conv2d_transpose(
    input: Any, filters: Any, output_shape: Any, strides: Any, padding: Any = "SAME",
    data_format: str = "NHWC", dilations: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The gradient of a convolution by its input, as a layer."""
    g, w = agreeing((input, filters))
    rank = w._array.ndim - 2
    shape = integers(output_shape)
    if data_format.startswith("NC"):
        shape = of_both(lambda given: (given[0], *given[2:], given[1]), shape)
    window = Window(
        w._array.shape[:-2],
        per_axis(strides, rank, data_format, "strides"),
        per_axis(1 if dilations is None else dilations, rank, data_format, "dilations"),
    )
    pads = paddings(padding, shape[1:-1], window, "Conv2DBackpropInput")
    attributes = {"shape": shape, "window": window, "pads": pads}
    return _as_before(call(CONV_BACK, (_channels_last(g, data_format), w), attributes), data_format)


@export("tf.nn.depthwise_conv2d")
def depthwise_conv2d(
    input: Any, filter: Any, strides: Any, padding: Any, data_format: str = "NHWC",
    dilations: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """Each channel by filters of its own."""
    from varsync_runtime.ops.layout import reshape

    x, w = agreeing((input, filter))
    height, width, channels, times = w._array.shape
    w = reshape(w, (height, width, 1, channels * times))
    return _conv(CONV2D, x, w, strides, padding, data_format, dilations)


@export("tf.nn.separable_conv2d")
def separable_conv2d(
    input: Any, depthwise_filter: Any, pointwise_filter: Any, strides: Any, padding: Any,
    data_format: str = "NHWC", dilations: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """A depthwise convolution, then one of single points."""
    deep = depthwise_conv2d(input, depthwise_filter, strides, padding, data_format, dilations)
    return conv2d(deep, pointwise_filter, 1, "VALID", data_format)


# ------------------------------------------------------------------- pools


def _max_pool(x: Any, window: Window, pads: Any) -> Any:
    lowest = _lowest(plain(x).dtype)
    seen = patches(padded(x, pads, lowest), window)
    shape = seen.shape
    space = len(window.size)
    flat = anp.reshape(seen, (*shape[: 1 + space], -1, shape[-1]))
    return anp.sum(flat * _first_largest(flat), axis=-2)


def _lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _first_largest(flat: Any) -> np.ndarray:
    # one place of the windows after the other: NumPy's argmax is slow on any axis but the last
    places = np.moveaxis(plain(flat), -2, 0)
    largest = functools.reduce(np.maximum, places)
    found = np.empty(plain(flat).shape, largest.dtype)
    rest = np.ones(largest.shape, np.bool_)
    for number, place in enumerate(places):
        chosen = place == largest
        if largest.dtype.kind == "f":
            chosen |= np.isnan(place)
        chosen &= rest
        rest ^= chosen
        found[..., number, :] = chosen
    return found


def _plain_max_pool(x: np.ndarray, window: Window, pads: Any) -> Any:
    check_room(x.shape[1:-1], pads, window)
    return functools.reduce(np.maximum, views(padded(x, pads, _lowest(x.dtype)), window))


def _max_pool_back(g: Any, out: Any, x: Any, window: Window, pads: Any) -> Any:
    array = plain(x)
    seen = plain(patches(padded(array, pads, _lowest(array.dtype)), window))
    space = len(window.size)
    flat = seen.reshape((*seen.shape[: 1 + space], -1, seen.shape[-1]))
    spread = anp.expand_dims(g, -2) * _first_largest(flat)
    shape = x.shape
    wide = (
        shape[0],
        *(size + a + b for size, (a, b) in zip(shape[1:-1], pads, strict=True)),
        shape[-1],
    )
    back = unpatches(anp.reshape(spread, seen.shape), window, wide)
    crop = tuple(slice(a, a + size) for size, (a, _) in zip(shape[1:-1], pads, strict=True))
    return linked(back[_inside(crop)], x)


MAX_POOL = Op(
    "MaxPool",
    _max_pool,
    plain=_plain_max_pool,
    allowed=_REALS,
    vjps=(_max_pool_back,),
    arguments=("input",),
)


def _avg_pool(x: Any, window: Window, pads: Any) -> Any:
    check_room(x.shape[1:-1], pads, window)
    space = len(window.size)
    axes = tuple(range(1 + space, 1 + 2 * space))
    ones = np.ones((1, *x.shape[1:-1], 1), dtype=plain(x).dtype)
    counts = np.sum(plain(patches(plain(padded(ones, pads)), window)), axis=axes)
    return anp.sum(patches(padded(x, pads), window), axis=axes) / counts


AVG_POOL = Op("AvgPool", _avg_pool, allowed=_FLOATS[:-1], arguments=("value",))


def _pool(
    op: Op, input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None
) -> Tensor:
    x = convert(input)
    rank = x._array.ndim - 2
    layout = data_format or "N...C"
    x = _channels_last(x, layout)
    window = Window(
        per_axis(ksize, rank, layout, "ksize"),
        per_axis(strides, rank, layout, "strides"),
        (1,) * rank,
    )
    pads = paddings(padding, x._array.shape[1:-1], window, op.name)
    return _as_before(call(op, (x,), {"window": window, "pads": pads}), layout)


@export("tf.nn.max_pool")
def max_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """The largest in each window."""
    return _pool(MAX_POOL, input, ksize, strides, padding, data_format)


@export("tf.nn.avg_pool")
def avg_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """The mean of each window; padding does not count."""
    return _pool(AVG_POOL, input, ksize, strides, padding, data_format)


def _of_rank(pool: Any, rank: int, *names: str) -> Any:
    def function(
        input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None,
        name: str | None = None,
    ) -> Tensor:  # fmt: skip
        return pool(input, ksize, strides, padding, data_format)

    function.__name__ = names[0].rpartition(".")[2]
    function.__doc__ = f"{pool.__doc__} For inputs with {rank} spatial dimensions."
    return export(*names)(function)


max_pool1d = _of_rank(max_pool, 1, "tf.nn.max_pool1d")
max_pool2d = _of_rank(max_pool, 2, "tf.nn.max_pool2d")
max_pool3d = _of_rank(max_pool, 3, "tf.nn.max_pool3d")
avg_pool1d = _of_rank(avg_pool, 1, "tf.nn.avg_pool1d")
avg_pool2d = _of_rank(avg_pool, 2, "tf.nn.avg_pool2d")
avg_pool3d = _of_rank(avg_pool, 3, "tf.nn.avg_pool3d")
