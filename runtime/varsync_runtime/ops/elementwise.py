"""How public functions of one and two tensors are made from kernels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from varsync_runtime.tensors.convert import agreeing, convert
from varsync_runtime.tensors.dispatch import Op, Vjp, call
from varsync_runtime.tensors.dtypes import DType
from varsync_runtime.tensors.exports import provide
from varsync_runtime.tensors.tensor import Tensor

Function = Callable[..., Any]


def binary(
    names: Sequence[str],
    op: Op,
    arguments: tuple[str, str] = ("x", "y"),
    doc: str = "",
) -> Function:
    """The public function of an op with two inputs of one dtype."""
    op.arguments = arguments
    first, second = arguments
    only = op.allowed[0] if op.allowed is not None and len(op.allowed) == 1 else None

    def function(x: Any, y: Any, name: str | None = None) -> Any:
        if isinstance(x, Tensor):
            if isinstance(y, Tensor):
                return call(op, (x, y))
            if only is None and (type(y) is float or type(y) is int):
                return call(op, (x, convert(y, x.dtype)))
        return call(op, agreeing((x, y), only))

    return published(function, names, op, doc, {"x": first, "y": second})


def unary(names: Sequence[str], op: Op, argument: str = "x", doc: str = "") -> Function:
    """The public function of an op with one input."""
    op.arguments = (argument,)

    def function(x: Any, name: str | None = None) -> Any:
        return call(op, (x if isinstance(x, Tensor) else convert(x),))

    return published(function, names, op, doc, {"x": argument})


def published(
    function: Function, names: Sequence[str], op: Op, doc: str, renamed: dict[str, str]
) -> Function:
    """Exports a generated function under `names`, with its parameters called as TensorFlow does."""
    public = function
    if any(ours != theirs for ours, theirs in renamed.items()):
        back = {theirs: ours for ours, theirs in renamed.items()}

        def public(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **{back.get(key, key): value for key, value in kwargs.items()})

    public.__name__ = public.__qualname__ = names[0].rpartition(".")[2] if names else op.name
    public.__doc__ = doc or f"TensorFlow's {op.name}, on each element."
    for name in names:
        provide(name, public)
    return public


def op(
    name: str,
    kernel: Function,
    vjps: Sequence[Vjp | None] | None = None,
    *,
    plain: Function | None = None,
    allowed: Sequence[DType] | None = None,
    result: Any = 0,
    label: str = "",
) -> Op:
    """An Op that works element by element; without `vjps` it has no gradient."""
    return Op(
        name,
        kernel,
        plain=plain,
        types=("T",),
        allowed=allowed,
        result=result,
        vjps=vjps,
        differentiable=vjps is not None,
        label=label,
    )
