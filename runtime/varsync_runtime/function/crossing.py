"""Tensors on their way into a `tf.function` and out of it: symbolic inside, eager outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from varsync_runtime.function.signatures import OfContainer, OfTensor, is_array
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import Op, record
from varsync_runtime.tensors.guesses import hand_over
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.spec import TensorSpec
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import EagerTensor, SymbolicTensor, Tensor

IDENTITY = Op("Identity", lambda x: x, vjps=(lambda dy, out, x: dy,))


def entering(value: Any, kind: Any, name: str) -> Any:
    """An argument as the code of the function sees it; `kind` is its `signatures` type."""
    if isinstance(value, (Tensor, np.ndarray, np.generic)) or (
        isinstance(kind, OfTensor) and is_array(value)
    ):
        tensor = convert(value)
        static = kind.shape if isinstance(kind, OfTensor) and kind.shape != tensor.shape else None
        return _symbolic(tensor, name, static)
    if isinstance(kind, OfContainer) and isinstance(value, (list, tuple)):
        parts = [
            entering(one, part, f"{name}_{number}" if number else name)
            for number, (one, part) in enumerate(zip(value, kind.parts, strict=True))
        ]
        return _like(value, parts)
    if isinstance(kind, OfContainer) and isinstance(value, Mapping):
        inside = {
            key: entering(value[key], part, str(key))
            for key, part in zip(kind.keys, kind.parts, strict=True)
        }
        return _mapping_like(value, {key: inside[key] for key in value})
    if _is_composite(value):
        components = value._nest_components()
        kinds = _kinds_of_components(value, kind, len(components))
        parts = [entering(*pair, name) for pair in zip(components, kinds, strict=True)]
        return value._nest_rebuilt(parts)
    return value


def _kinds_of_components(value: Any, kind: Any, count: int) -> Sequence[Any]:
    """The kinds of the components; of all parts of a PerReplica a process may know a few."""
    if not isinstance(kind, OfContainer):
        return [None] * count
    if len(kind.parts) == count:
        return kind.parts
    return [kind.parts[at] for at in value._nest_numbers()]


def _symbolic(tensor: Tensor, name: str, static: Any) -> Tensor:
    graph = state.graph
    label = graph.unique_name(name) if graph is not None else name
    if graph is not None and static is not None:
        graph.sized = False
    inside = SymbolicTensor(tensor._array, tensor.dtype, "Placeholder", label, static)
    inside._stamp = tensor._stamp
    if static is None:
        hand_over(tensor, inside)
    if state.tapes:
        record(IDENTITY, (tensor,), (inside,), {})
    return inside


def leaving(result: Any, graph: Any, function: Callable[..., Any]) -> Any:
    """What the function returned, as its caller gets it: tensors, and None as it is."""
    if result is None:
        return None
    if isinstance(result, Tensor):
        return _passed_on(result)
    if isinstance(result, IndexedSlices):
        tensors = (result.values, result.indices, result.dense_shape)
        return IndexedSlices(*(leaving(one, graph, function) for one in tensors))
    if isinstance(result, (list, tuple)):
        return _like(result, [leaving(one, graph, function) for one in result])
    if isinstance(result, Mapping):
        return _mapping_like(result, {k: leaving(v, graph, function) for k, v in result.items()})
    if getattr(type(result), "_passes_functions", False):
        return result
    if _is_composite(result):
        parts = [leaving(one, graph, function) for one in result._nest_components()]
        return result._nest_rebuilt(parts)
    if isinstance(result, VariableLike) or _is_value(result):
        return _passed_on(convert(result))
    if isinstance(result, TensorSpec) or not hasattr(result, "__tf_tensor__"):
        raise TypeError(
            "To be compatible with tf.function, Python functions must return zero or more Tensors or "
            f"ExtensionTypes or None values; in compilation of {function}, found return value of "
            f"type {type(result).__name__}, which is not a Tensor or ExtensionType."
        )
    return _passed_on(convert(result))


def _is_composite(value: Any) -> bool:
    """Whether a value is made of tensors: a PerReplica, say."""
    return hasattr(type(value), "_nest_components")


def _is_value(value: Any) -> bool:
    return isinstance(value, (bool, int, float, complex, str, bytes, np.ndarray, np.generic))


def _passed_on(tensor: Tensor) -> Tensor:
    """The tensor for the code around: symbolic if that is compiled, too."""
    if state.graph is None:
        outside: Tensor = EagerTensor(tensor._array, tensor.dtype)
    else:
        outside = SymbolicTensor(tensor._array, tensor.dtype, "PartitionedCall")
    outside._stamp = tensor._stamp
    hand_over(tensor, outside)
    if state.tapes:
        record(IDENTITY, (tensor,), (outside,), {})
    return outside


def _like(value: Any, parts: list[Any]) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*parts)
    return tuple(parts) if isinstance(value, tuple) else list(parts)


def _mapping_like(value: Mapping[Any, Any], parts: dict[Any, Any]) -> Any:
    try:
        return type(value)(parts)  # type: ignore[call-arg]
    except TypeError:
        return parts
