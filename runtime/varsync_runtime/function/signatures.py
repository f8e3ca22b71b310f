"""With which arguments a `tf.function` is traced anew.

tensorflow/core/function/trace_type: a tensor counts by dtype and shape, a variable by these and by
which arguments are the same variable, a Python value by equality, a container by what it holds, any
other object by itself.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import DType
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.spec import TensorSpec
from varsync_runtime.tensors.tensor import Tensor

LITERALS = (int, float, complex, str, bytes, bool, type(None), type(Ellipsis))


@dataclass(frozen=True)
class OfTensor:
    """A tensor of this dtype and shape; the shape may have unknown sizes."""

    dtype: DType
    shape: TensorShape

    def spec(self, name: str | None = None) -> TensorSpec:
        """The same as TensorFlow spells it."""
        return TensorSpec(self.shape, self.dtype, name)

    def takes(self, other: Any) -> bool:
        """Whether a function that was traced for this can be called with `other`."""
        if not isinstance(other, OfTensor) or self.dtype is not other.dtype:
            return False
        return other.shape.is_subtype_of(self.shape)


@dataclass(frozen=True)
class OfVariable:
    """A variable; `number` is the same for arguments that are the same variable."""

    dtype: DType
    shape: TensorShape
    number: int


@dataclass(frozen=True)
class OfLiteral:
    """A Python value, by equality: 1, 1.0 and True are one."""

    value: Any


@dataclass(frozen=True)
class OfContainer:
    """A list, tuple, dictionary or the like: its class, its keys, and what it holds."""

    kind: type
    keys: tuple[Any, ...]
    parts: tuple[Any, ...]


class OfObject:
    """Any other object, which is not kept alive by this."""

    def __init__(self, value: Any) -> None:
        self._id = id(value)
        try:
            hash(value)
        except TypeError:
            raise TypeError(
                f"Could not generate a generic TraceType for {value!r}."
                "Please verify that it is immutable/hashable. Otherwise, consider implementing the "
                "Tracing Protocol for it."
            ) from None
        self._hash = hash(value)
        try:
            self._get: Callable[[], Any] = weakref.ref(value)
        except TypeError:
            self._get = lambda: value

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OfObject):
            return False
        mine, its = self._get(), other._get()
        return mine is not None and its is not None and (mine is its or bool(mine == its))


def type_of(value: Any, variables: dict[int, int]) -> Any:
    """What counts of an argument. `variables` numbers the variables of the call."""
    if isinstance(value, Tensor):
        return OfTensor(value.dtype, value.shape)
    if isinstance(value, LITERALS):
        return OfLiteral(value)
    if isinstance(value, VariableLike):
        number = variables.setdefault(id(value), len(variables))
        return OfVariable(value.dtype, value.shape, number)
    if isinstance(value, TensorSpec):
        return OfTensor(value.dtype, value.shape)
    if isinstance(value, (np.ndarray, np.generic)):
        return _of_array(value)
    if isinstance(value, TensorShape):
        return OfLiteral(("TensorShape", repr(value)))
    if isinstance(value, (list, tuple)):
        parts = tuple(type_of(one, variables) for one in value)
        return OfContainer(type(value), (), parts)
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: (str(type(key)), key))
        parts = tuple(type_of(value[key], variables) for key in keys)
        return OfContainer(type(value), tuple(keys), parts)
    if hasattr(type(value), "_trace_parts"):
        parts = tuple(type_of(one, variables) for one in value._trace_parts())
        return OfContainer(type(value), (), parts)
    described = getattr(value, "_trace_key", None)
    if described is not None and not isinstance(value, type):
        return OfLiteral(described())
    if is_array(value):
        return _of_array(value)
    return OfObject(value)


def is_array(value: Any) -> bool:
    """Whether a function takes this as a tensor: NumPy's arrays, and what turns into one."""
    return hasattr(value, "__array__") and not isinstance(value, type)


def _of_array(value: Any) -> OfTensor:
    tensor = convert(value)
    return OfTensor(tensor.dtype, tensor.shape)


def takes(traced: Any, called: Any) -> bool:
    """Whether a function that was traced for one type can be called with the other."""
    if isinstance(traced, OfTensor):
        return traced.takes(called)
    if isinstance(traced, OfContainer) and isinstance(called, OfContainer):
        return (
            (traced.kind, traced.keys) == (called.kind, called.keys)
            and len(traced.parts) == len(called.parts)
            and all(map(takes, traced.parts, called.parts))
        )
    return bool(traced == called)


def relaxed(one: Any, other: Any) -> Any:
    """The type that takes both, as `reduce_retracing` makes it; None if there is none."""
    if isinstance(one, OfTensor) and isinstance(other, OfTensor):
        if one.dtype is not other.dtype:
            return None
        return OfTensor(one.dtype, one.shape.most_specific_compatible_shape(other.shape))
    if isinstance(one, OfContainer) and isinstance(other, OfContainer):
        same = (one.kind, one.keys) == (other.kind, other.keys)
        if not same or len(one.parts) != len(other.parts):
            return None
        parts = tuple(map(relaxed, one.parts, other.parts))
        return None if None in parts else OfContainer(one.kind, one.keys, parts)
    return one if one == other else None


class Binding:
    """The parameters of a Python function: puts a call's arguments into their places."""

    def __init__(self, function: Callable[..., Any], input_signature: Any = None) -> None:
        self.signature = inspect.signature(function)
        self.specs = input_signature
        if input_signature is not None:
            self._check_input_signature()

    def _check_input_signature(self) -> None:
        places = [
            one
            for one in self.signature.parameters.values()
            if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
        ]
        open_ended = any(
            one.kind is one.VAR_POSITIONAL for one in self.signature.parameters.values()
        )
        if len(self.specs) > len(places) and not open_ended:
            raise TypeError(
                f"input_signature has {len(self.specs)} arguments, but the function takes "
                f"{len(places)}"
            )

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> inspect.BoundArguments:
        """The arguments of a call; raises TypeError in TensorFlow's words."""
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise self._failed(str(error), args, kwargs) from error
        if self.specs is not None:
            self._cast(bound, args, kwargs)
        else:
            bound.apply_defaults()
        return bound

    def _cast(
        self, bound: inspect.BoundArguments, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        """Makes the arguments what the input signature says, or raises."""
        for name, spec in self.specs_by_name().items():
            if name in bound.arguments:
                try:
                    bound.arguments[name] = cast(bound.arguments[name], spec)
                except (TypeError, ValueError) as error:
                    raise self._failed(str(error), args, kwargs) from error
        bound.apply_defaults()

    def specs_by_name(self) -> dict[str, Any]:
        """The input signature by parameter: `*args` has a tuple of specs."""
        specs = list(self.specs or ())
        found: dict[str, Any] = {}
        for name, parameter in self.signature.parameters.items():
            if parameter.kind is parameter.VAR_POSITIONAL:
                found[name] = tuple(specs)
                break
            if not specs:
                break
            found[name] = specs.pop(0)
        return found

    def _failed(self, why: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> TypeError:
        return TypeError(
            f"Binding inputs to tf.function failed due to `{why}`. Received args: {tuple(args)} and "
            f"kwargs: {dict(kwargs)} for signature: {self.describe()}."
        )

    def describe(self) -> str:
        """The signature as TensorFlow writes it in messages."""
        words = []
        for number, one in enumerate(self.signature.parameters.values()):
            text = str(one.replace(annotation=one.empty, default=one.empty))
            if self.specs is not None and number < len(self.specs):
                text += f": {describe_spec(self.specs[number])}"
            if one.default is not one.empty:
                text += (
                    "=<captured_default_value>"
                    if ":" not in text
                    else " = <captured_default_value>"
                )
            words.append(text)
        return f"({', '.join(words)})"


def describe_spec(spec: Any) -> str:
    """A spec, or a structure of them, as TensorFlow writes it."""
    return repr(spec)


def cast(value: Any, spec: Any) -> Any:
    """`value` as an argument of this spec, or raises with the reason."""
    if isinstance(spec, (list, tuple)):
        if not isinstance(value, (list, tuple)) or len(value) != len(spec):
            raise TypeError(f"Can not cast {value!r} to {spec!r}")
        parts = (cast(one, its) for one, its in zip(value, spec, strict=True))
        return nest.sequence(type(spec), parts)
    if isinstance(spec, Mapping):
        return {key: cast(value[key], its) for key, its in spec.items()}
    if not isinstance(spec, TensorSpec) or isinstance(value, TensorSpec):
        return value
    if isinstance(value, (Tensor, VariableLike, np.ndarray, np.generic)):
        tensor = convert(value)
    else:
        try:
            tensor = convert(value, spec.dtype)
        except (TypeError, ValueError) as error:
            raise TypeError(str(error)) from error
    if tensor.dtype is not spec.dtype or not tensor.shape.is_subtype_of(spec.shape):
        given = TensorSpec(tensor.shape, tensor.dtype)
        wanted = TensorSpec(spec.shape, spec.dtype)
        raise TypeError(f"Can not cast {given!r} to {wanted!r}")
    return tensor
