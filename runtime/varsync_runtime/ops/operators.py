"""What `+`, `[]`, `==` and the like do with tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.ops import arithmetic
from varsync_runtime.ops.indexing import getitem
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import agreeing, convert, hinted
from varsync_runtime.tensors.dispatch import Op, call
from varsync_runtime.tensors.tape import Adding
from varsync_runtime.tensors.tensor import Tensor, make, override_operator

Function = Callable[..., Any]


def _defers(x: Any, y: Any) -> bool:
    """Whether Python should ask the other operand: it is no number, and knows tensors itself."""
    return hasattr(type(y), "_overrides_tensors")


def _both(function: Function) -> tuple[Function, Function]:
    """The operator and its reflection, made of a function of two tensors."""

    def forward(x: Any, y: Any) -> Any:
        if _defers(x, y):
            return NotImplemented
        x = convert(x)
        return function(x, hinted(y, x.dtype))

    def reflected(y: Any, x: Any) -> Any:
        y = convert(y)
        return function(convert(x, y.dtype), y)

    return forward, reflected


def _quick(public: Op, label: str) -> tuple[Function, Function]:
    """`_both`, with a short way for two tensors."""
    op = public.labelled(label)

    def function(x: Tensor, y: Tensor) -> Any:
        joined = x.dtype is dtypes.string and public is arithmetic.ADD
        return call(arithmetic.ADD_STRING if joined else op, (x, y))

    forward, reflected = _both(function)

    def operator(x: Any, y: Any) -> Any:
        if type(x) is type(y) and x.dtype is not dtypes.string and isinstance(x, Tensor):
            return call(op, (x, y))
        return forward(x, y)

    return operator, reflected


def _logic(logical: Function, bitwise: Function) -> Function:
    def function(x: Tensor, y: Tensor) -> Any:
        return logical(x, y) if x.dtype is dtypes.bool_ else bitwise(x, y)

    return function


def _invert(x: Any) -> Any:
    x = convert(x)
    return arithmetic.logical_not(x) if x.dtype is dtypes.bool_ else arithmetic.invert(x)


def _equals(x: Any, y: Any) -> Any:
    if y is None:
        return False
    return _compared(arithmetic.EQUAL, x, y, False)


def _not_equals(x: Any, y: Any) -> Any:
    if y is None:
        return True
    return _compared(arithmetic.NOT_EQUAL, x, y, True)


def _compared(op: Op, x: Any, y: Any, otherwise: bool) -> Any:
    if _defers(x, y):
        return NotImplemented
    x, y = agreeing((x, y))
    if x._array.shape != y._array.shape:
        try:
            np.broadcast_shapes(x._array.shape, y._array.shape)
        except ValueError:
            # where the shapes do not fit, nothing is equal
            return make(np.array(otherwise), dtypes.bool_)
    return call(op, (x, y))


def _matmul(x: Tensor, y: Tensor) -> Any:
    from varsync_runtime.ops.linalg import matmul

    return matmul(x, y)


_UNARY: dict[str, Function] = {
    "__neg__": arithmetic.negative,
    "__abs__": arithmetic.abs_,
    "__invert__": _invert,
    "__eq__": _equals,
    "__ne__": _not_equals,
    "__getitem__": getitem,
}
_BINARY: dict[str, tuple[Function, Function]] = {
    "add": _quick(arithmetic.ADD, "add"),
    "sub": _quick(arithmetic.SUB, "sub"),
    "mul": _quick(arithmetic.MUL, "mul"),
    "truediv": _both(arithmetic.truediv),
    "div": _both(arithmetic.truediv),
    "floordiv": _both(arithmetic.floor_div),
    "mod": _both(arithmetic.floor_mod),
    "pow": _both(arithmetic.pow_),
    "matmul": _both(_matmul),
    "and": _both(_logic(arithmetic.logical_and, arithmetic.bitwise_and)),
    "or": _both(_logic(arithmetic.logical_or, arithmetic.bitwise_or)),
    "xor": _both(_logic(arithmetic.logical_xor, arithmetic.bitwise_xor)),
}
_COMPARISONS = {
    "__lt__": arithmetic.less,
    "__le__": arithmetic.less_equal,
    "__gt__": arithmetic.greater,
    "__ge__": arithmetic.greater_equal,
}


def _comparison(function: Function) -> Function:
    def operator(x: Any, y: Any) -> Any:
        if _defers(x, y):
            return NotImplemented
        return function(x, y)

    return operator


OPERATORS: dict[str, Function] = dict(_UNARY)
"""Every operator by the name of its method; `distribute` gives them to variables."""
for _name, (_forward, _reflected) in _BINARY.items():
    OPERATORS[f"__{_name}__"] = _forward
    OPERATORS[f"__r{_name}__"] = _reflected
for _name, _function in _COMPARISONS.items():
    OPERATORS[_name] = _comparison(_function)
for _name, _function in OPERATORS.items():
    override_operator(_name, _function)

Adding.add = staticmethod(arithmetic.add)
