"""The dtypes that an op takes, as strict as TensorFlow and in its words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.state import state

if TYPE_CHECKING:
    from varsync_runtime.tensors.dispatch import Op
    from varsync_runtime.tensors.tensor import Tensor

d = dtypes
FLOATS = (d.bfloat16, d.float16, d.float32, d.float64)
FLOATS_COMPLEX = (*FLOATS, d.complex64, d.complex128)
INTEGERS = (d.int8, d.int16, d.int32, d.int64, d.uint8, d.uint16, d.uint32, d.uint64)
NUMBERS = (
    d.bfloat16, d.float16, d.float32, d.float64, d.uint8, d.uint16, d.uint32, d.uint64,
    d.int8, d.int16, d.int32, d.int64, d.complex64, d.complex128,
)  # fmt: skip
SIGNED = (
    d.bfloat16, d.float16, d.float32, d.float64, d.int8, d.int16, d.int32, d.int64,
    d.complex64, d.complex128,
)  # fmt: skip
REALS = (
    d.float32, d.float64, d.int32, d.uint8, d.int16, d.int8, d.int64, d.bfloat16, d.uint16,
    d.float16, d.uint32, d.uint64,
)  # fmt: skip
BOOL = (d.bool_,)
INDEX = (d.int32, d.int64)
INDEX16 = (d.int16, d.int32, d.int64)


def check(op: Op, inputs: Sequence[Tensor]) -> None:
    """Raises if the dtypes of `inputs` do not fit; TypeError while a graph is built, as there."""
    bound: dict[str, tuple[int, Any]] = {}
    for position, one in enumerate(inputs):
        kind = _kind(op, position)
        if kind is None:
            continue
        if not isinstance(kind, str):
            if one.dtype not in kind:
                _wrong(op, inputs, position, kind, "T")
        elif kind not in bound:
            bound[kind] = position, one.dtype
            if kind == "T" and op.allowed is not None and one.dtype not in op.allowed:
                _wrong(op, inputs, position, op.allowed, kind)
        elif one.dtype is not bound[kind][1]:
            _mismatch(op, inputs, position, *bound[kind])


def _kind(op: Op, position: int) -> Any:
    types = op.types
    if not types:
        return "T" if op.allowed is not None else None
    return types[position] if position < len(types) else types[-1]


def _argument(op: Op, position: int) -> str:
    names = op.arguments or ("x", "y")
    return names[position] if position < len(names) else names[-1]


def _mismatch(op: Op, inputs: Sequence[Tensor], position: int, first: int, dtype: Any) -> None:
    got = inputs[position].dtype
    if state.graph is not None:
        raise TypeError(
            f"Input '{_argument(op, position)}' of '{op.name}' Op has type {got.name} that does not "
            f"match type {dtype.name} of argument '{_argument(op, first)}'."
        )
    kernel = _KERNELS.get(op.name, op.name)
    raise InvalidArgumentError(
        None,
        None,
        f"cannot compute {kernel} as input #{position}(zero-based) was expected to be a {dtype._word} "
        f"tensor but is a {got._word} tensor [Op:{op.name}] name: ",
    )


# the kernels of TensorFlow's CPU build that go by another name
_KERNELS = {"MatMul": "_MklMatMul", "BatchMatMulV2": "_MklBatchMatMulV2"}


def _wrong(
    op: Op, inputs: Sequence[Tensor], position: int, allowed: Sequence[Any], letter: str
) -> None:
    got = inputs[position].dtype
    if state.graph is not None:
        names = ", ".join(one.name for one in allowed)
        raise TypeError(
            f"Value passed to parameter '{_argument(op, position)}' has DataType {got.name} not in "
            f"list of allowed values: {names}"
        )
    if len(allowed) == 1:
        raise InvalidArgumentError(
            None,
            None,
            f"cannot compute {op.name} as input #{position}(zero-based) was expected to be a "
            f"{allowed[0]._word} tensor but is a {got._word} tensor [Op:{op.name}] name: ",
        )
    words = ", ".join(one._word for one in allowed)
    raise InvalidArgumentError(
        None,
        None,
        f"Value for attr '{letter}' of {got._word} is not in the list of allowed values: {words}\n\t; "
        f"NodeDef: {{{{node {op.name}}}}} [Op:{op.name}] name: ",
    )
