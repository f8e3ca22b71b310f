"""`tf.print` and the few ops on strings: how TensorFlow writes tensors."""

from __future__ import annotations

import os
import pprint
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np

from varsync_runtime.tensors import blanks, dtypes, nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import reject
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Operation, Tensor, make

_PLACEHOLDER = "\x00tensor\x00"

# ------------------------------------------------------------------- one tensor


def float_text(value: float, kind: Any) -> str:
    """The fewest of 6 (15) digits or 9 (17) that give the same number again."""
    if np.isnan(value):
        return "nan"
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    short, long = ("%.15g", "%.17g") if kind == np.float64 else ("%.6g", "%.9g")
    text = short % value
    return text if kind.type(text) == value else long % value


def _element(value: Any, dtype: dtypes.DType, quoted: bool) -> str:
    if dtype is dtypes.string:
        text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        return f'"{text}"' if quoted else text
    if dtype is dtypes.bool_:
        return "1" if value else "0"
    if dtype.is_complex:
        return "?"
    if dtype.is_floating:
        kind = np.dtype(np.float64 if dtype is dtypes.float64 else np.float32)
        return float_text(kind.type(value), kind)
    return str(int(value))


def summary(tensor: Tensor, summarize: int) -> str:
    """A tensor as `tf.print` shows it, with `summarize` elements at each end of an axis."""
    array = tensor._array
    if not array.ndim:
        return _element(array[()], tensor.dtype, quoted=True)
    ends = array.size if summarize < 0 else min(summarize, array.size)
    return _nested(array, tensor.dtype, ends, 0, array.ndim)


def _nested(array: Any, dtype: dtypes.DType, ends: int, depth: int, rank: int) -> str:
    if depth == rank:
        return _element(array, dtype, quoted=True)
    space = " " if depth == rank - 1 else "\n" * (rank - depth - 1) + " " * (depth + 1)
    count = len(array)
    parts = [_nested(array[i], dtype, ends, depth + 1, rank) for i in range(min(ends, count))]
    text = space.join(parts)
    if count > 2 * ends:
        text += f"{space}..."
    for i in range(max(ends, count - ends), count):
        text += space + _nested(array[i], dtype, ends, depth + 1, rank)
    return f"[{text}]"


# ------------------------------------------------------------------- printing


def _is_tensor(value: Any) -> bool:
    return isinstance(value, (Tensor, VariableLike, IndexedSlices)) or hasattr(
        value, "__tf_tensor__"
    )


def _template(value: Any, texts: list[str], summarize: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, OrderedDict):
        value = OrderedDict(sorted(value.items()))
    leaves = []
    for leaf in nest.flatten(value):
        if _is_tensor(leaf):
            texts.append(summary(convert(leaf), summarize))
            leaves.append(_PLACEHOLDER)
        else:
            leaves.append(leaf)
    return pprint.pformat(nest.pack_sequence_as(value, leaves))


def formatted(inputs: Any, sep: str, summarize: int) -> str:
    """The text that `tf.print` gives for its inputs."""
    if len(inputs) == 1 and _is_tensor(inputs[0]):
        only = convert(inputs[0])
        if only.dtype is dtypes.string and not only._array.ndim:
            return _element(only._array[()], only.dtype, quoted=False)
    texts: list[str] = []
    template = sep.join(_template(one, texts, summarize) for one in inputs)
    quoted = repr(_PLACEHOLDER)
    pieces = template.replace(quoted, _PLACEHOLDER).split(_PLACEHOLDER)
    return "".join(a + b for a, b in zip(pieces, [*texts, ""], strict=True))


@export("tf.print")
def print_(*inputs: Any, **kwargs: Any) -> Any:
    """Writes tensors and other values to standard error, or to `output_stream`."""
    stream = kwargs.pop("output_stream", None)
    stream = sys.stderr if stream is None else stream
    kwargs.pop("name", None)
    summarize = kwargs.pop("summarize", 3)
    sep = kwargs.pop("sep", " ")
    end = kwargs.pop("end", os.linesep)
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments for tf.print: {kwargs}")
    text = formatted(inputs, sep, 3 if summarize is None else summarize) + end
    _write(text, stream)
    return None if state.graph is None else Operation("PrintV2", "PrintV2", state.graph)


def _write(text: str, stream: Any) -> None:
    if isinstance(stream, str) and stream.startswith("file://"):
        with Path(stream[len("file://") :]).open("a", encoding="utf-8") as file:
            file.write(text)
    elif stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        stream.write(text)
        stream.flush()
    elif callable(stream):
        stream(text.rstrip("\n"))
    else:
        raise ValueError(
            f"Unsupported output stream, logging level, or file.{stream}. Supported streams are "
            "sys.stdout, sys.stderr, tf.logging.info, tf.logging.warning, tf.logging.error. File "
            "needs to be in the form of 'file://<filepath>'."
        )


# ------------------------------------------------------------------- strings


def _strings(array: np.ndarray) -> Tensor:
    return make(array, dtypes.string)


def each(function: Any, array: np.ndarray) -> np.ndarray:
    """What a function gives for each element."""
    out = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        out[index] = function(array[index])
    return out


def mapped(function: Any, strings: Any) -> Tensor:
    """What a function of bytes gives for each string."""
    return _strings(each(function, convert(strings, dtypes.string)._array))


@export("tf.strings.as_string", "tf.as_string")
def as_string(
    input: Any, precision: int = -1, scientific: bool = False, shortest: bool = False,
    width: int = -1, fill: str = "", name: str | None = None,
) -> Tensor:  # fmt: skip
    """Each number as a string."""
    x = convert(input)
    letter = "g" if shortest else "e" if scientific else "f"
    digits = f".{precision}" if precision >= 0 else ""
    pad = f"{fill}{width}" if width >= 0 else ""

    def one(value: Any) -> bytes:
        if x.dtype is dtypes.string:
            return bytes(value)
        if x.dtype is dtypes.bool_:
            return b"true" if value else b"false"
        if x.dtype.is_complex:
            form = f"%{pad}{digits}{letter}"
            return f"({form % value.real},{form % value.imag})".encode()
        if x.dtype.is_floating:
            return (f"%{pad}{digits}{letter}" % value).encode()
        return (f"%{pad}d" % value).encode()

    return _strings(each(one, x._array))


@export("tf.strings.join")
def join(inputs: Any, separator: str = "", name: str | None = None) -> Tensor:
    """Strings one after the other, with `separator` between them."""
    arrays = np.broadcast_arrays(*[convert(one)._array for one in inputs])
    between = separator.encode()
    out = np.empty(arrays[0].shape, dtype=object)
    for index in np.ndindex(out.shape):
        out[index] = between.join(one[index] for one in arrays)
    return _strings(out)


@export("tf.strings.format")
def format_(
    template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: str | None = None
) -> Tensor:
    """`template`, with a tensor for each placeholder."""
    given = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    pieces = template.split(placeholder)
    if len(pieces) - 1 != len(given):
        raise ValueError(
            f"The template expects {len(pieces) - 1} tensors, but the inputs only has {len(given)}. "
            "Please ensure the number of placeholders in template matches inputs length."
        )
    texts = [summary(convert(one), summarize) for one in given]
    text = "".join(a + b for a, b in zip(pieces, [*texts, ""], strict=True))
    return convert(text)


@export("tf.strings.length")
def length(input: Any, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """How many bytes (or characters) each string has."""
    array = convert(input)._array
    count = each(lambda one: len(one) if unit == "BYTE" else len(one.decode()), array)
    return make(count.astype(np.int32), dtypes.int32)


def _cased(change: Any, encoding: str) -> Any:
    """Letters of ASCII are changed, with an encoding all that have another case."""
    if encoding not in ("", "utf-8"):
        words = f"only utf-8 or '' (no encoding) is supported, received {encoding}"
        raise reject("StringLower", words)

    def one(data: bytes) -> bytes:
        if encoding:
            return change(data.decode()).encode()
        return data.lower() if change is str.lower else data.upper()

    return one


@export("tf.strings.lower")
def lower(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Strings in small letters."""
    return mapped(_cased(str.lower, encoding), input)


@export("tf.strings.upper")
def upper(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Strings in capital letters."""
    return mapped(_cased(str.upper, encoding), input)


@export("tf.strings.to_number")
def to_number(input: Any, out_type: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """The numbers that strings spell."""
    wanted = dtypes.as_dtype(out_type)
    array = convert(input)._array
    unknown = blanks.result(array.shape, wanted)
    if unknown is not None:
        return unknown

    def one(value: bytes) -> Any:
        try:
            return float(value) if wanted.is_floating else int(value)
        except ValueError:
            raise InvalidArgumentError(
                None,
                None,
                "{{function_node __wrapped__StringToNumber_device_/job:localhost/replica:0/task:0/"
                "device:CPU:0}} StringToNumberOp could not correctly convert string: "
                f"{value.decode()} [Op:StringToNumber]",
            ) from None

    return make(each(one, array).astype(wanted._array_type), wanted)
