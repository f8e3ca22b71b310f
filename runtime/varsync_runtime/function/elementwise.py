"""`tf.map_fn`, `tf.scan`, `tf.foldl` and the like: a function for each row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.function import dry, flow
from varsync_runtime.ops import layout
from varsync_runtime.ops.random import graphs as random_graphs
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.spec import TensorSpec
from varsync_runtime.tensors.tensor import Tensor, make

Function = Callable[..., Any]


@export("tf.map_fn")
def map_fn(
    fn: Function,
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """tensorflow/python/ops/map_fn.py, `map_fn_v2`."""
    del parallel_iterations, back_prop, swap_memory, infer_shape, name
    if not callable(fn):
        raise TypeError(f"The provided function {fn!r} is not callable.fn")
    elems = nest.map_structure(convert, elems)
    signature = fn_output_signature if fn_output_signature is not None else dtype
    if signature is None:
        signature = nest.map_structure(lambda one: one.dtype, elems)
    place = random_graphs.place()
    rows = [_applied(fn, place, row) for row in _rows(elems)]
    for row in rows:
        nest.assert_same_structure(signature, row, check_types=False)
        nest.map_structure(_check_dtype, signature, row, check_types=False)
    if not rows:
        sample = _of_nothing(fn, elems)
        return nest.map_structure(_empty, signature, sample, check_types=False)
    return nest.map_structure(lambda *parts: layout.stack(list(parts)), *rows)


def _of_nothing(fn: Function, elems: Any) -> Any:
    """What `fn` gives for a row of zeros, to know the shapes of no rows at all."""
    zeros = nest.map_structure(
        lambda one: make(np.zeros(one._array.shape[1:], one._array.dtype), one.dtype), elems
    )
    return nest.map_structure(convert, dry.call(fn, zeros))


def _empty(spec: Any, sample: Tensor) -> Tensor:
    dtype = _dtype_of(spec)
    return make(np.zeros((0, *sample._array.shape), dtype._array_type), dtype)


def _dtype_of(spec: Any) -> Any:
    return spec.dtype if isinstance(spec, TensorSpec) else as_dtype(spec)


def _check_dtype(spec: Any, value: Tensor) -> None:
    wanted = _dtype_of(spec)
    if value.dtype is not wanted:
        raise InvalidArgumentError(
            None,
            None,
            f"TensorArray dtype is {wanted.name} but Op is trying to write dtype "
            f"{value.dtype.name} ",
        )


def _rows(elems: Any) -> list[Any]:
    """The rows of the tensors in a structure, as structures."""
    leaves = nest.flatten(elems)
    if not leaves or not leaves[0]._array.ndim:
        raise ValueError(
            "Elements in elems must be 1+ dimensional Tensors, not scalars"
            if leaves
            else "elems must be a Tensor or (possibly nested) sequence of Tensors."
        )
    return [
        nest.pack_sequence_as(elems, [one[row] for one in leaves])
        for row in range(len(leaves[0]._array))
    ]


def _applied(fn: Function, place: random_graphs.Path | None, *arguments: Any) -> Any:
    """One call, which is the body of a loop if it is compiled: the one at this place."""
    if place is None:
        return nest.map_structure(convert, fn(*arguments))
    with flow.condition(place, random_graphs.ROUNDS, loop=True):
        return nest.map_structure(convert, fn(*arguments))


@export("tf.vectorized_map")
def vectorized_map(
    fn: Function, elems: Any, fallback_to_while_loop: bool = True, warn: bool = True
) -> Any:
    """tensorflow/python/ops/parallel_for/control_flow_ops.py; the rows one after the other."""
    del fallback_to_while_loop, warn
    elems = nest.map_structure(convert, elems)
    place = random_graphs.place()
    rows = [_applied(fn, place, row) for row in _rows(elems)]
    if not rows:
        return nest.map_structure(
            lambda one: make(np.zeros((0, *one._array.shape), one._array.dtype), one.dtype),
            _of_nothing(fn, elems),
        )
    return nest.map_structure(lambda *parts: layout.stack(list(parts)), *rows)


def _fold(fn: Function, elems: Any, initializer: Any, reverse: bool) -> tuple[list[Any], Any]:
    elems = nest.map_structure(convert, elems)
    rows = _rows(elems)
    if reverse:
        rows.reverse()
    if initializer is None:
        if not rows:
            raise InvalidArgumentError(None, None, "No elements and no initializer.")
        results = [rows[0]]
        rows = rows[1:]
    else:
        results = []
    value = results[0] if results else nest.map_structure(convert, initializer)
    place = random_graphs.place()
    for row in rows:
        value = _applied(fn, place, value, row)
        results.append(value)
    return results, value


@export("tf.foldl")
def foldl(
    fn: Function,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """tensorflow/python/ops/functional_ops.py, `foldl_v2`."""
    del parallel_iterations, back_prop, swap_memory, name
    return _fold(fn, elems, initializer, reverse=False)[1]


@export("tf.foldr")
def foldr(
    fn: Function,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """tensorflow/python/ops/functional_ops.py, `foldr_v2`."""
    del parallel_iterations, back_prop, swap_memory, name
    return _fold(fn, elems, initializer, reverse=True)[1]


@export("tf.scan")
def scan(
    fn: Function,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """tensorflow/python/ops/functional_ops.py, `scan_v2`."""
    del parallel_iterations, back_prop, swap_memory, infer_shape, name
    results, _ = _fold(fn, elems, initializer, reverse)
    if reverse:
        results.reverse()
    return nest.map_structure(lambda *parts: layout.stack(list(parts)), *results)
