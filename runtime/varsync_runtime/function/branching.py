"""`tf.cond`, `tf.case`, `tf.switch_case` and `tf.while_loop`.

In a `tf.function` every branch is traced: the ones that are not taken are run dry, and what runs in
any of them runs under a condition on a tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from varsync_runtime.function import dry, flow, graphs
from varsync_runtime.function.tensor_array import TensorArray
from varsync_runtime.ops.random import graphs as random_graphs
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.tensor import Operation, Tensor

Branch = Callable[[], Any]


@export("tf.__internal__.smart_cond.smart_cond")
def smart_cond(
    pred: Any,
    true_fn: Branch | None = None,
    false_fn: Branch | None = None,
    name: str | None = None,
) -> Any:
    """tensorflow/python/framework/smart_cond.py: a Python bool chooses, a tensor is `tf.cond`'s."""
    for role, branch in (("true_fn", true_fn), ("false_fn", false_fn)):
        if not callable(branch):
            raise TypeError(f"Argument `{role}` must be callable. Received {branch}")
    assert true_fn is not None and false_fn is not None
    if isinstance(pred, Tensor):
        return cond(pred, true_fn, false_fn, name)
    if pred not in (0, 1, True, False):
        raise TypeError(
            "Argument `pred` must be a Tensor, or a Python bool, or 1 or 0. Received: "
            f"{pred=} of type {type(pred).__name__}"
        )
    return true_fn() if pred else false_fn()


@export("tf.cond")
def cond(
    pred: Any,
    true_fn: Branch | None = None,
    false_fn: Branch | None = None,
    name: str | None = None,
) -> Any:
    """tensorflow/python/ops/cond.py, `cond_for_tf_v2`."""
    for role, branch in (("true_fn", true_fn), ("false_fn", false_fn)):
        if not callable(branch):
            raise TypeError(f"'{role}' must be callable.")
    assert true_fn is not None and false_fn is not None
    if graphs.current() is None:
        chosen = true_fn if _truth(pred) else false_fn
        return chosen()
    if isinstance(pred, bool):
        raise TypeError("pred must not be a Python bool", pred)
    return _branch([false_fn, true_fn], int(_truth(pred)), order=(1, 0))


def _branch(branches: Sequence[Branch], index: int, order: Sequence[int]) -> Any:
    """What branch `index` gives; while tracing, all of them are looked at, in this order."""
    graph = graphs.current()
    results: dict[int, Any] = {}
    place = random_graphs.place()
    for number in order:
        if number == index:
            with flow.condition(place, str(number)):
                results[number] = nest.map_structure(_output, branches[number]())
        elif graph is not None and graph.tracing:
            with random_graphs.inside(place, str(number)):
                seen = dry.call(branches[number])
            if seen is not dry.FAILED:
                results[number] = nest.map_structure(_output, seen)
    if len(results) == len(branches):
        for number in order[1:]:
            _check_same(results[order[0]], results[number])
    return results[index]


def _output(value: Any) -> Any:
    """What a branch returns, as a graph returns it."""
    if isinstance(value, Operation):
        return convert(True)
    whole = (Tensor, IndexedSlices, TensorArray)
    is_whole = isinstance(value, whole) or hasattr(value, "_nest_components")
    return value if value is None or is_whole else convert(value)


def _unpacked(result: Any) -> Any:
    """A list or tuple of one is taken for the one, as TensorFlow does."""
    if isinstance(result, (list, tuple)) and len(result) == 1 and type(result) in (list, tuple):
        return result[0]
    return result


def _check_same(true: Any, false: Any) -> None:
    """Raises if two branches return different things."""
    first, second = nest.flatten(true), nest.flatten(false)
    counts = [sum(one is not None for one in leaves) for leaves in (first, second)]
    if counts[0] != counts[1]:
        if len(first) == len(second):
            raise ValueError(
                "Lengths of branch outputs of cond must match.\n"
                f"len(graphs[0].outputs): {counts[0]}\nlen(graphs[1].outputs): {counts[1]}\n"
            )
        raise AssertionError(counts)
    for one, other in zip(first, second, strict=True):
        dtypes = [getattr(part, "dtype", None) for part in (one, other)]
        if None not in dtypes and dtypes[0] is not dtypes[1]:
            raise TypeError(
                "true_fn and false_fn arguments to tf.cond must have the same number, type, and "
                f"overall structure of return values.\n\ntrue_fn output: {true}\n"
                f"false_fn output: {false}\n\nError details:\n{one} and {other} have different types"
            )


def _truth(pred: Any) -> bool:
    if isinstance(pred, (Tensor, VariableLike)):
        return bool(convert(pred)._array)
    return bool(pred)


@export("tf.case")
def case(
    pred_fn_pairs: Any,
    default: Branch | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """tensorflow/python/ops/control_flow_case.py, `case_v2`."""
    del strict, name
    pairs = list(pred_fn_pairs)
    if not pairs:
        raise ValueError("not enough values to unpack (expected 2, got 0)")
    truths = [_truth(pred) for pred, _ in pairs]
    if exclusive and sum(truths) > 1:
        raise InvalidArgumentError(
            None, None, "Input error: exclusive=True, but more than 1 condition evaluated as True"
        )
    branches = [branch for _, branch in pairs]
    chosen = truths.index(True) if True in truths else len(branches)
    if default is not None:
        branches.append(default)
    elif chosen == len(branches):
        raise InvalidArgumentError(
            None,
            None,
            "Expected 'tf.Tensor(False, shape=(), dtype=bool)' to be true. Summarized data: "
            "b'Input error: None of conditions evaluated as True:'\nFalse",
        )
    return _choose(branches, chosen)


def _choose(branches: Sequence[Branch], index: int) -> Any:
    if graphs.current() is None:
        return _unpacked(branches[index]())
    return _unpacked(_branch(branches, index, range(len(branches))))


@export("tf.switch_case")
def switch_case(
    branch_index: Any,
    branch_fns: Any,
    default: Branch | None = None,
    name: str = "switch_case",
) -> Any:
    """tensorflow/python/ops/control_flow_switch_case.py, `switch_case`."""
    del name
    if isinstance(branch_fns, Mapping):
        pairs = sorted(branch_fns.items())
    elif branch_fns and isinstance(branch_fns[0], tuple):
        pairs = sorted(branch_fns)
    else:
        pairs = list(enumerate(branch_fns))
    keys = [key for key, _ in pairs]
    if keys != list(range(len(keys))):
        raise ValueError(
            "branch indices (keys) must form contiguous range of "
            f"[0 to {len(keys)}) but found {{{','.join(map(str, keys))}}}"
        )
    branches = [branch for _, branch in pairs]
    if default is not None:
        branches.append(default)
    index = int(convert(branch_index)._array)
    if not 0 <= index < len(keys):
        index = len(branches) - 1
    return _choose(branches, index)


@export("tf.while_loop")
def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: Any = None,
    name: str | None = None,
) -> Any:
    """tensorflow/python/ops/while_loop.py, `while_loop_v2`."""
    del shape_invariants, parallel_iterations, back_prop, swap_memory, name
    if not callable(cond):
        raise TypeError("'cond' must be callable.")
    if not callable(body):
        raise TypeError("'body' must be callable.")
    graph = graphs.current()
    limit = None if maximum_iterations is None else int(convert(maximum_iterations)._array)
    values = loop_vars
    if graph is not None:
        values = nest.map_structure(_output, loop_vars)
    rounds = 0
    place = random_graphs.place()
    while _go_on(cond, values, place) and (limit is None or rounds < limit):
        rounds += 1
        values = _round(body, values, loop_vars, place)
        if dry.is_dry():
            break
    if not rounds and graph is not None and graph.tracing:
        with random_graphs.inside(place, random_graphs.ROUNDS):
            dry.call(lambda: body(*values))
    return nest.map_structure(_output, values)


def _go_on(cond: Callable[..., Any], values: Any, place: Any) -> bool:
    if place is None:
        return _truth(cond(*values))
    with flow.condition(place, "cond", loop=True):
        return _truth(cond(*values))


def _round(body: Callable[..., Any], values: Any, loop_vars: Any, place: Any) -> Any:
    if place is None:
        results = body(*values)
    else:
        with flow.condition(place, random_graphs.ROUNDS, loop=True):
            results = body(*values)
    if not isinstance(results, (list, tuple)) or (
        len(loop_vars) == 1 and isinstance(loop_vars[0], (list, tuple)) and len(results) != 1
    ):
        results = (results,)
    if len(results) != len(loop_vars):
        raise ValueError(
            f"The number of inputs and outputs of 'body' must be the same. Got {len(loop_vars)} "
            f"inputs and {len(results)} outputs."
        )
    nest.assert_same_structure(list(loop_vars), list(results))
    return type(loop_vars)(results) if type(loop_vars) in (list, tuple) else results
