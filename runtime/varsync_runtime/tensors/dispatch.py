"""The one way through which every op goes: check, run the kernel, make tensors, record.

ADD = Op("AddV2", np.add, vjps=(...), allowed=NUMBERS)
call(ADD, (x, y))                    # x, y are Tensors
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from varsync_runtime.tensors import differentiate, signatures
from varsync_runtime.tensors.dtypes import FROM_NUMPY, DType, bfloat16, rounded
from varsync_runtime.tensors.errors import InvalidArgumentError, OpError, Rejected
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import EagerTensor, SymbolicTensor, Tensor

# TensorFlow's kernels divide by zero and overflow in silence; entering `np.errstate` at each op
# would take longer than a small op itself
np.seterr(all="ignore")

NOTHING: Mapping[str, Any] = {}
Vjp = Callable[..., Any]


class Op:
    """One kind of op: TensorFlow's name for it, a kernel on arrays, what it takes, its gradient.

    `kernel(*arrays, **attributes)` is written with `autograd.numpy` and gives an array, or a tuple of
    them for an op with several outputs; `plain` is the same in NumPy alone, for speed.
    `types` has one entry an input: a letter ("T") for inputs that must agree, or a set of DTypes.
    `allowed` has the DTypes of "T" in TensorFlow's order, None for all.
    `result` is the DType, the number of the input whose dtype it is, a tuple of those for several
    outputs, or None to take the array's.
    `vjps` has one function an input, `(dy, out, *arrays, **attributes) -> gradient`, or None for an
    input without a gradient. Without `vjps` autograd differentiates the kernel; `differentiable`
    False says that there is no gradient at all.
    """

    __slots__ = (
        "_gradients", "allowed", "arguments", "differentiable", "kernel", "label", "name", "plain",
        "result", "signatures", "types", "vjps",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        kernel: Callable[..., Any],
        *,
        plain: Callable[..., Any] | None = None,
        types: Sequence[Any] = (),
        allowed: Sequence[DType] | None = None,
        result: Any = 0,
        vjps: Sequence[Vjp | None] | None = None,
        differentiable: bool = True,
        arguments: Sequence[str] = (),
        label: str = "",
    ) -> None:
        self.name = name
        self.kernel = kernel
        self.plain = plain or kernel
        self.types = types
        self.allowed = allowed
        self.result = result
        self.vjps = vjps
        self.differentiable = differentiable
        self.arguments = arguments
        self.label = label or name
        self.signatures: dict[tuple[DType, ...], Any] = {}
        self._gradients: dict[Any, Op] = {}

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    def labelled(self, label: str) -> Op:
        """The same op, whose symbolic tensors are called otherwise (`add` for the operator `+`)."""
        other = Op.__new__(Op)
        for slot in Op.__slots__:
            setattr(other, slot, getattr(self, slot))
        other.label = label
        return other

    def check(self, inputs: Sequence[Tensor]) -> Any:
        """Raises what TensorFlow raises for dtypes that do not fit; else the dtypes of the results."""
        dtypes = tuple([one.dtype for one in inputs])
        signatures.check(self, inputs)
        result = _result(self.result, dtypes)
        self.signatures[dtypes] = result
        return result

    def gradients(
        self,
        arrays: Sequence[Any],
        outputs: Sequence[Any] | None,
        seeds: Sequence[Any],
        attributes: Mapping[str, Any],
        needed: Sequence[int],
    ) -> list[Any]:
        """The gradients of the inputs number `needed`, None for one that has none.

        Without `outputs` they are computed again.
        """
        if not self.differentiable:
            return [None] * len(needed)
        if self.vjps is None:
            return differentiate.vjp(self.kernel, arrays, attributes, needed, seeds)
        if outputs is None:
            again = self.kernel(*arrays, **attributes)
            outputs = again if isinstance(again, tuple) else (again,)
        one = len(outputs) == 1
        dy, out = (seeds[0], outputs[0]) if one else (seeds, outputs)
        vjps = self.vjps
        found = []
        for position in needed:
            rule = vjps[position] if position < len(vjps) else vjps[-1]
            found.append(None if rule is None else rule(dy, out, *arrays, **attributes))
        return found

    def gradient_op(self, inputs: int, outputs: int, needed: tuple[int, ...]) -> Op:
        """The op that gives the gradients: for tapes that record the computation of gradients."""
        key = inputs, outputs, needed
        if key not in self._gradients:

            def kernel(*arrays: Any, **attributes: Any) -> tuple[Any, ...]:
                return tuple(
                    self.gradients(arrays[:inputs], None, arrays[inputs:], attributes, needed)
                )

            self._gradients[key] = Op(f"{self.name}Grad", kernel, result=needed)
        return self._gradients[key]


def _result(result: Any, dtypes: tuple[DType, ...]) -> Any:
    if isinstance(result, int):
        return dtypes[result]
    if isinstance(result, tuple):
        return tuple(_result(one, dtypes) for one in result)
    return result


def call(op: Op, inputs: Sequence[Tensor], attributes: Mapping[str, Any] = NOTHING) -> Any:
    """Runs `op` on tensors; gives a tensor, or a tuple of them for an op with several outputs."""
    try:
        result = op.signatures[tuple([one.dtype for one in inputs])]
    except KeyError:
        result = op.check(inputs)
    try:
        got = op.plain(*[one._array for one in inputs], **attributes)
    except Exception as error:
        explain(op, inputs, error)
    if type(got) is tuple:
        if type(result) is not tuple:
            result = (result,) * len(got)
        out: Any = tuple(
            [None if a is None else _tensor(op, a, d) for a, d in zip(got, result, strict=True)]
        )
        if state.gradients:
            hand_on(inputs, out)
        if state.tapes:
            record(op, inputs, out, attributes)
        if state.graph is not None and state.graph.look_again is not None:
            state.graph.look_again(op.plain, inputs, attributes, out)
        return out
    if type(got) is not np.ndarray:
        got = np.asarray(got)
    if result is None:
        result = FROM_NUMPY[got.dtype]
    elif got.dtype is not result._array_type:
        got = got.astype(result._array_type)
    if result is bfloat16:
        got = rounded(got)
    graph = state.graph
    if graph is None:
        out = EagerTensor(got, result)
    else:
        out = SymbolicTensor(got, result, op.label)
        if graph.look_again is not None:
            graph.look_again(op.plain, inputs, attributes, (out,))
    if state.gradients:
        hand_on(inputs, (out,))
    if state.tapes:
        record(op, inputs, (out,), attributes)
    return out


def _tensor(op: Op, got: Any, result: DType | None) -> Tensor:
    got = np.asarray(got)
    if result is None:
        result = FROM_NUMPY[got.dtype]
    elif got.dtype is not result._array_type:
        got = got.astype(result._array_type)
    if result is bfloat16:
        got = rounded(got)
    if state.graph is None:
        return EagerTensor(got, result)
    return SymbolicTensor(got, result, op.label)


def hand_on(inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
    """What is made of a gradient is known by it, and by the variable if that is one alone."""
    gradients = [one for one in inputs if one._of_gradient]
    if not gradients:
        return
    variables = {one._gradient_of for one in gradients} - {None}
    variable = variables.pop() if len(variables) == 1 else None
    for one in outputs:
        if one is not None:
            one._of_gradient, one._gradient_of = True, variable


def record(
    op: Op, inputs: Sequence[Any], outputs: Sequence[Any], attributes: Mapping[str, Any]
) -> None:
    """Lets the open tapes take note of one run of `op`."""
    for tape in state.tapes:
        tape.take(op, inputs, outputs, attributes)


def explain(op: Op, inputs: Sequence[Tensor], error: Exception) -> NoReturn:
    """Raises what the user sees when a kernel fails: TensorFlow's class and words."""
    if isinstance(error, Rejected):
        if state.graph is not None and error.static is not None:
            raise ValueError(error.static) from None
        raise reject(op.name, error.words, error.kind, error.label) from None
    if isinstance(error, OpError) or not isinstance(
        error, (ValueError, IndexError, TypeError, np.linalg.LinAlgError, OverflowError)
    ):
        raise error
    shapes = [one.shape for one in inputs]
    if "broadcast" in str(error) and len(shapes) >= 2:
        if state.graph is not None:
            raise ValueError(_unequal(op, shapes)) from None
        words = "Incompatible shapes: " + " vs. ".join(brackets(s) for s in shapes[:2])
        raise reject(op.name, words) from None
    raise reject(op.name, str(error)) from error


def _unequal(op: Op, shapes: Sequence[Any]) -> str:
    """What a graph says of two shapes that do not broadcast."""
    pairs = zip(reversed(shapes[0]), reversed(shapes[1]), strict=False)
    sizes = [(a, b) for a, b in pairs if a != b and 1 not in (a, b)] or [(0, 0)]
    left, right = sizes[0]
    listed = ", ".join(brackets(one) for one in shapes)
    return (
        f"Dimensions must be equal, but are {left} and {right} for '{{{{node {op.label}}}}} = "
        f"{op.name}' with input shapes: {listed}."
    )


def brackets(shape: Sequence[Any]) -> str:
    """A shape as TensorFlow's C++ writes it: `[2,3]`."""
    return f"[{','.join(str(size) for size in shape)}]"


def reject(
    op_name: str,
    words: str,
    kind: type[OpError] = InvalidArgumentError,
    label: str | None = "",
) -> OpError:
    """The error of an op that ran and rejected what it was given; `label`: the name it was given."""
    if state.graph is not None:
        return kind(None, None, f"Graph execution error:\n\n{words}\n\t [[{{{{node {op_name}}}}}]]")  # type: ignore[call-arg]
    named = "" if label is None else f" name: {label}"
    where = f"__wrapped__{op_name}_device_/job:localhost/replica:0/task:0/device:CPU:0"
    return kind(None, None, f"{{{{function_node {where}}}}} {words} [Op:{op_name}]{named}")  # type: ignore[call-arg]
