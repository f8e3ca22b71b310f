"""The windows that convolutions and pools look through, and the way back: both linear."""

from __future__ import annotations

from typing import Any, NamedTuple

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive

from varsync_runtime.tensors.errors import InvalidArgumentError, Rejected


class Window(NamedTuple):
    """The size of a window, its steps, and the distance of its elements, for each spatial axis."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]


def _places(window: Window, output: tuple[int, ...]) -> list[tuple[tuple[int, ...], Any]]:
    """Each place in the window, with the slice of the (padded) input that it sees."""
    found = []
    for place in np.ndindex(window.size):
        spec = [slice(None)]
        for axis, offset in enumerate(place):
            start = offset * window.dilations[axis]
            step = window.strides[axis]
            spec.append(slice(start, start + step * (output[axis] - 1) + 1, step))
        found.append((place, tuple(spec)))
    return found


def _sizes(shape: tuple[int, ...], window: Window) -> tuple[int, ...]:
    return tuple(
        (size - (k - 1) * dilation - 1) // stride + 1
        for size, k, stride, dilation in zip(
            shape, window.size, window.strides, window.dilations, strict=True
        )
    )


def views(x: np.ndarray, window: Window) -> list[np.ndarray]:
    """What each place of the window sees of `[N, *space, C]`: `[N, *output, C]`."""
    return [x[spec] for _, spec in _places(window, _sizes(x.shape[1:-1], window))]


def _patches(x: Any, window: Window) -> Any:
    """`[N, *space, C]` to `[N, *output, *window, C]`."""
    x = np.asarray(x)
    output = _sizes(x.shape[1:-1], window)
    out = np.empty((x.shape[0], *output, *window.size, x.shape[-1]), dtype=x.dtype)
    middle = (slice(None),) * (len(output) + 1)
    for place, spec in _places(window, output):
        out[middle + place] = x[spec]
    return out


def _unpatches(p: Any, window: Window, shape: tuple[int, ...]) -> Any:
    """Adds what the windows hold back to an array of `shape`."""
    p = np.asarray(p)
    rank = len(window.size)
    output = p.shape[1 : 1 + rank]
    out = np.zeros(shape, dtype=p.dtype)
    middle = (slice(None),) * (rank + 1)
    for place, spec in _places(window, output):
        out[spec] += p[middle + place]
    return out


patches = primitive(_patches)
unpatches = primitive(_unpatches)
defvjp(patches, lambda ans, x, window: lambda g: unpatches(g, window, x.shape))
defvjp(unpatches, lambda ans, p, window, shape: lambda g: patches(g, window))


def per_axis(value: Any, rank: int, data_format: str, what: str) -> tuple[int, ...]:
    """A number, or one an axis, or one for batch and channels too, as one a spatial axis."""
    given = [value] if isinstance(value, (int, np.integer)) else list(value)
    if len(given) == 1:
        given = given * rank
    elif len(given) == rank + 2:
        channels_last = not data_format.startswith("NC")
        given = given[1:-1] if channels_last else given[2:]
    elif len(given) != rank:
        raise ValueError(
            f"{what} should be of length 1, {rank} or {rank + 2}. Received: {what}={value} of length "
            f"{len(given)}"
        )
    return tuple(int(one) for one in given)


def paddings(
    padding: Any, space: tuple[int, ...], window: Window, op_name: str
) -> tuple[tuple[int, int], ...]:
    """How much is put before and after each spatial axis."""
    if not isinstance(padding, str):
        return tuple((int(a), int(b)) for a, b in list(padding)[1:-1])
    kind = padding.upper() if padding in ("same", "valid") else padding
    if kind == "VALID":
        return ((0, 0),) * len(space)
    if kind != "SAME":
        raise InvalidArgumentError(
            None,
            None,
            f"Value for attr 'padding' of \"{padding}\" is not in the list of allowed values: "
            f'"SAME", "VALID", "EXPLICIT"\n\t; NodeDef: {{{{node {op_name}}}}} [Op:{op_name}]',
        )
    found = []
    for size, k, stride, dilation in zip(
        space, window.size, window.strides, window.dilations, strict=True
    ):
        extent = (k - 1) * dilation + 1
        total = max((-(-size // stride) - 1) * stride + extent - size, 0)
        found.append((total // 2, total - total // 2))
    return tuple(found)


def padded(x: Any, pads: tuple[tuple[int, int], ...], value: float = 0) -> Any:
    """`x` with `value` around its spatial axes."""
    if not any(one for pair in pads for one in pair):
        return x
    return anp.pad(x, ((0, 0), *pads, (0, 0)), "constant", constant_values=value)


def check_room(space: tuple[int, ...], pads: Any, window: Window) -> None:
    """Raises if a window does not fit in once."""
    for size, (before, after), k, dilation in zip(
        space, pads, window.size, window.dilations, strict=True
    ):
        if size + before + after < (k - 1) * dilation + 1:
            raise Rejected(
                "Computed output size would be negative: "
                f"{size + before + after - (k - 1) * dilation - 1 + 1} [input_size: {size}, "
                f"effective_filter_size: {(k - 1) * dilation + 1}, stride: 1]"
            )
