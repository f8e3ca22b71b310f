"""`tf.debugging`: assertions about values, shapes and dtypes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.ops import arithmetic
from varsync_runtime.ops.layout import identity
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import agreeing, convert
from varsync_runtime.tensors.dispatch import reject
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor

Function = Callable[..., Any]


def _failed(lines: list[Any]) -> InvalidArgumentError:
    text = "\n".join(str(one) for one in lines)
    if state.graph is not None:
        text = f"Graph execution error:\n\nassertion failed: [{text}]"
    return InvalidArgumentError(None, None, text)


def _entries(array: np.ndarray, summarize: int) -> np.ndarray:
    return array.reshape(-1)[:summarize]


def _limit(summarize: int | None) -> int:
    if summarize is None:
        return 3
    return 10**9 if summarize < 0 else summarize


def _compared(symbol: str, x: Tensor, y: Tensor, passed: np.ndarray, summarize: int) -> list[Any]:
    """What TensorFlow tells of two tensors that do not compare as they should."""
    lines: list[Any] = [f"Condition x {symbol} y did not hold."]
    if summarize <= 0:
        return lines
    a, b = x._array, y._array
    if a.shape == b.shape and a.ndim:
        wrong = np.argwhere(~passed)
        count = min(summarize, len(wrong))
        lines += [
            f"Indices of first {count} different values:", wrong[:count],
            "Corresponding x values:", a[~passed][:count],
            "Corresponding y values:", b[~passed][:count],
        ]  # fmt: skip
    first, second = _entries(a, summarize), _entries(b, summarize)
    lines += [f"First {first.size} elements of x:", first]
    lines += [f"First {second.size} elements of y:", second]
    return lines


def _binary(symbol: str, function: Function, *names: str) -> Function:
    def check(
        x: Any, y: Any, message: str | None = None, summarize: int | None = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        a, b = convert(x), convert(y)
        passed = function(a, b)._array
        if passed.all():
            return
        lines = _compared(symbol, a, b, passed, _limit(summarize))
        raise _failed(lines if message is None else [message, *lines])

    check.__name__ = check.__qualname__ = names[0].rpartition(".")[2]
    check.__doc__ = f"Raises InvalidArgumentError unless `x {symbol} y` for all elements."
    return export(*names)(check)


assert_equal = _binary("==", arithmetic.equal, "tf.debugging.assert_equal", "tf.assert_equal")
assert_none_equal = _binary("!=", arithmetic.not_equal, "tf.debugging.assert_none_equal")
assert_less = _binary("<", arithmetic.less, "tf.debugging.assert_less", "tf.assert_less")
assert_less_equal = _binary("<=", arithmetic.less_equal, "tf.debugging.assert_less_equal")
assert_greater = _binary(
    ">", arithmetic.greater, "tf.debugging.assert_greater", "tf.assert_greater"
)
assert_greater_equal = _binary(">=", arithmetic.greater_equal, "tf.debugging.assert_greater_equal")


def _unary(symbol: str, function: Function, name_: str) -> Function:
    def check(
        x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
    ) -> None:
        a = convert(x)
        zero = convert(0, a.dtype)
        if function(a, zero)._array.all():
            return
        flat = a._array.reshape(-1)
        limit = _limit(summarize)
        shown: Any = [str(one) for one in flat[:limit]]
        if flat.size > limit:
            shown.append("...")
        value = str(shown) if a._array.ndim else str(a._numpy())
        told = f"shape={a.shape} dtype={a.dtype.name}"
        raise _failed(
            [
                "" if message is None else f"{message}.  ",
                f"Condition x {symbol} 0 did not hold element-wise:",
                f"x ({told}) = ",
                value,
            ]
        )

    check.__name__ = check.__qualname__ = name_.rpartition(".")[2]
    check.__doc__ = f"Raises InvalidArgumentError unless `x {symbol} 0` for all elements."
    return export(name_)(check)


assert_positive = _unary(">", arithmetic.greater, "tf.debugging.assert_positive")
assert_negative = _unary("<", arithmetic.less, "tf.debugging.assert_negative")
assert_non_negative = _unary(">=", arithmetic.greater_equal, "tf.debugging.assert_non_negative")
assert_non_positive = _unary("<=", arithmetic.less_equal, "tf.debugging.assert_non_positive")


@export("tf.debugging.Assert", "tf.Assert")
def Assert(
    condition: Any, data: Any, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises InvalidArgumentError with `data` unless `condition` is true."""
    if convert(condition)._array.all():
        return
    shown = "\n".join(_summary(convert(one)._array, _limit(summarize)) for one in data)
    raise InvalidArgumentError(
        None, None, f"Expected '{condition!s}' to be true. Summarized data: {shown}"
    )


def _summary(array: np.ndarray, count: int) -> str:
    """The first elements, as TensorFlow writes them."""
    texts = [str(one) for one in array.reshape(-1)[:count]]
    return ", ".join([*texts, "..."] if len(texts) < array.size else texts)


@export("tf.debugging.assert_near")
def assert_near(
    x: Any, y: Any, rtol: Any = None, atol: Any = None, message: str | None = None,
    summarize: int | None = None, name: str | None = None,
) -> None:  # fmt: skip
    """Raises InvalidArgumentError unless `x` and `y` are close."""
    a, b = agreeing((x, y))
    if not (a.dtype.is_floating or a.dtype.is_complex):
        raise TypeError(f"`x` must be a floating or complex tensor, got {a.dtype}")
    eps = 10 * float(np.finfo(a._array.dtype).eps)
    relative = eps if rtol is None else float(convert(rtol)._array)
    absolute = eps if atol is None else float(convert(atol)._array)
    if (np.abs(a._array - b._array) < absolute + relative * np.abs(b._array)).all():
        return
    first, second = a._array.reshape(-1), b._array.reshape(-1)
    limit = _limit(summarize)
    raise _failed(
        [
            *([message] if message else []),
            f"x and y not equal to tolerance rtol = {relative}, atol = {absolute}",
            first[:limit],
            second[:limit],
        ]
    )


@export("tf.debugging.check_numerics")
def check_numerics(tensor: Any, message: str, name: str | None = None) -> Tensor:
    """`tensor`, if all of it is finite."""
    x = convert(tensor)
    found = [
        kind
        for kind, bad in (("Inf", np.isinf(x._array).any()), ("NaN", np.isnan(x._array).any()))
        if bad
    ]
    if found:
        raise reject("CheckNumerics", f"{message} : Tensor had {' and '.join(found)} values")
    return identity(x)


@export("tf.debugging.assert_all_finite")
def assert_all_finite(x: Any, message: str, name: str | None = None) -> Tensor:
    """`x`, if all of it is finite."""
    return check_numerics(x, message)


@export("tf.debugging.assert_rank", "tf.assert_rank")
def assert_rank(x: Any, rank: Any, message: str | None = None, name: str | None = None) -> None:
    """Raises ValueError unless `x` has `rank` axes."""
    a = convert(x)
    wanted = int(convert(rank)._array)
    if a._array.ndim != wanted:
        raise ValueError(
            f"{message or ''}. Tensor {_name(a)} must have rank {wanted}.  Received rank "
            f"{a._array.ndim}, shape {a.shape}"
            if message
            else f"Tensor {_name(a)} must have rank {wanted}.  Received rank {a._array.ndim}, shape "
            f"{a.shape}"
        )


def _name(tensor: Tensor) -> str:
    return tensor.name if state.graph is not None and hasattr(tensor, "name") else ""


@export("tf.debugging.assert_rank_at_least")
def assert_rank_at_least(
    x: Any, rank: Any, message: str | None = None, name: str | None = None
) -> None:
    """Raises ValueError unless `x` has at least `rank` axes."""
    a = convert(x)
    wanted = int(convert(rank)._array)
    if a._array.ndim < wanted:
        raise ValueError(
            f"{message + '. ' if message else ''}Tensor {_name(a)} must have rank at least {wanted}.  "
            f"Received rank {a._array.ndim}, shape {a.shape}"
        )


@export("tf.debugging.assert_rank_in")
def assert_rank_in(x: Any, ranks: Any, message: str | None = None, name: str | None = None) -> None:
    """Raises ValueError unless the rank of `x` is one of `ranks`."""
    a = convert(x)
    if a._array.ndim not in ranks:
        raise ValueError(
            f"{message + '. ' if message else ''}Tensor {_name(a)} must have rank in {tuple(ranks)}.  "
            f"Received rank {a._array.ndim}, shape {a.shape}"
        )


@export("tf.debugging.assert_scalar")
def assert_scalar(tensor: Any, message: str | None = None, name: str | None = None) -> Tensor:
    """`tensor`, if it has no axes."""
    a = convert(tensor)
    if a._array.ndim:
        raise ValueError(f"{message or ''}Expected scalar shape, saw shape: {a.shape}.")
    return a


@export("tf.debugging.assert_type")
def assert_type(
    tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None
) -> None:
    """Raises TypeError unless `tensor` has the dtype."""
    wanted = as_dtype(tf_type)
    a = convert(tensor)
    if a.dtype is not wanted:
        raise TypeError(
            f"{message + '. ' if message else ''}tensor must be of type {wanted!r}; got {a.dtype!r}"
        )


@export("tf.debugging.assert_integer")
def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> None:
    """Raises TypeError unless `x` has an integer dtype."""
    a = convert(x)
    if not a.dtype.is_integer:
        raise TypeError(
            f'{message + "  " if message else ""}Expected "x" to be integer type.  Found: {a.dtype!r}'
        )


@export("tf.debugging.assert_same_float_dtype")
def assert_same_float_dtype(tensors: Any = None, dtype: Any = None) -> Any:
    """The dtype that all tensors have; ValueError if they differ or it is no float."""
    found = None if dtype is None else as_dtype(dtype)
    for one in nest.flatten(tensors) if tensors is not None else []:
        if one is None:
            continue
        kind = convert(one).dtype
        if found is not None and kind is not found:
            raise ValueError(f"Tensor has type {kind!r}; expected {found!r}.")
        found = kind
    if found is not None and not found.is_floating:
        raise ValueError(f"Expected floating point type, got {found}.")
    return found


@export("tf.debugging.assert_shapes")
def assert_shapes(
    shapes: Any, data: Any = None, summarize: Any = None, message: str | None = None,
    name: str | None = None,
) -> None:  # fmt: skip
    """Raises ValueError unless the shapes fit, where a letter stands for one size everywhere."""
    pairs = shapes.items() if isinstance(shapes, dict) else shapes
    sizes: dict[str, int] = {}
    for tensor, wanted in pairs:
        a = convert(tensor)
        letters = list(wanted) if isinstance(wanted, (tuple, list, str, TensorShape)) else [wanted]
        assert_rank(a, len(letters), message)
        for axis, (letter, size) in enumerate(zip(letters, a._array.shape, strict=True)):
            if letter in (None, "."):
                continue
            expected = letter if isinstance(letter, int) else sizes.setdefault(letter, size)
            if expected != size:
                raise ValueError(
                    f"{message + '. ' if message else ''}Specified by tensor {_name(a)} dimension "
                    f"{axis}.  Tensor {_name(a)} dimension {axis} must have size {expected}.  Received "
                    f"size {size}, shape {a.shape}"
                )
