"""What `get_concrete_function` gives: one trace of a function, to be called or looked at."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from varsync_runtime.function.signatures import OfContainer, OfTensor
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.blanks import Blanks, standing_in
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import blank, string
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.tensor import SymbolicTensor, Tensor, make

if TYPE_CHECKING:
    from varsync_runtime.function.polymorphic import Function


@export("tf.types.experimental.ConcreteFunction")
class ConcreteFunction:
    """tensorflow/python/eager/polymorphic_function/concrete_function.py, `ConcreteFunction`."""

    __module__ = "tensorflow.python.eager.polymorphic_function.concrete_function"

    def __init__(self, function: Function, key: Any, arguments: Mapping[str, Any]) -> None:
        self._function = function
        self._key = key
        self._arguments = dict(arguments)
        self._unknown = False
        self.structured_outputs = nest.map_structure(_output, *self._results())

    def _results(self) -> list[Any]:
        """What the function gives, also for another size where one is unknown.

        A size that the function does not take counts for nothing; it may be broadcast from one.
        """
        try:
            results = [self._tried(2)]
        except ValueError:
            if not self._has_unknown_sizes():
                raise
            return [self._tried(1)]
        if self._unknown:
            with contextlib.suppress(ValueError):
                results.append(self._tried(3))
        return results

    def _tried(self, size: int) -> Any:
        """What the function gives for zeros, or for ones where zeros are rejected.

        With another size for what is unknown the results differ where theirs is unknown, too.
        """
        result, accepted = self._blank_run(size, 0)
        if not accepted:
            result, _ = self._blank_run(size, 1)
        return result

    def _blank_run(self, size: int, number: int) -> tuple[Any, bool]:
        run = Blanks(size, asked=self._has_unknown_sizes())
        with standing_in(run):
            found = self._function._dry(self._key, self._filled(size, number))
        self._unknown = self._unknown or run.asked
        return found

    def _has_unknown_sizes(self) -> bool:
        return any(not one.shape.is_fully_defined() for one in self._tensors())

    def _tensors(self) -> list[OfTensor]:
        return [one for part in self._key.parts for one in _tensor_types(part)]

    def _filled(self, size: int, number: int) -> dict[str, Any]:
        """The arguments, with tensors of one number for specs."""
        return {
            name: _filled(part, self._arguments.get(name), size, number)
            for name, part in zip(self._key.keys, self._key.parts, strict=True)
        }

    @property
    def name(self) -> bytes:
        return f"__inference_{self._function.name}_{id(self) % 1000}".encode()

    @property
    def structured_input_signature(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The specs by position, and those by keyword."""
        specs = [
            _structured(part, name)
            for name, part in zip(self._key.keys, self._key.parts, strict=True)
        ]
        return tuple(specs), {}

    @property
    def outputs(self) -> list[Any]:
        """The tensors that it gives, without their structure."""
        return [one for one in nest.flatten(self.structured_outputs) if isinstance(one, Tensor)]

    @property
    def variables(self) -> tuple[Any, ...]:
        """The variables that it uses."""
        return tuple(one for one, _ in self._used())

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Those that are trainable."""
        return tuple(one for one in self.variables if one.trainable)

    def _used(self) -> list[tuple[Any, bool]]:
        """The variables that it uses and that are still there, and whether it writes them."""
        trace = self._function._find(self._key)
        found = () if trace is None else trace.used.values()
        pairs = ((reference(), written) for reference, written in found)
        return [(one, written) for one, written in pairs if one is not None]

    @property
    def output_shapes(self) -> Any:
        return nest.map_structure(lambda one: one.shape, self.structured_outputs)

    @property
    def output_dtypes(self) -> Any:
        return nest.map_structure(lambda one: one.dtype, self.structured_outputs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the trace with tensors of its signature."""
        arguments = dict(self._arguments)
        names = [
            name
            for name, part in zip(self._key.keys, self._key.parts, strict=True)
            if any(True for _ in _tensor_types(part)) or len(args) > len(self._tensors())
        ]
        arguments.update(zip(names, args, strict=False))
        arguments.update(kwargs)
        for number, (name, part) in enumerate(zip(self._key.keys, self._key.parts, strict=True)):
            if isinstance(part, OfTensor):
                arguments[name] = self._checked(arguments[name], part, number)
        bound = self._function._signature().signature.bind_partial()
        bound.arguments.update(arguments)
        trace = self._function._find(self._key)
        if trace is None:
            return self._function._trace(self._key, bound)
        return self._function._execute(trace, bound, tracing=False)

    def _checked(self, value: Any, part: OfTensor, number: int) -> Tensor:
        tensor = value if isinstance(value, Tensor) else convert(value, part.dtype)
        if tensor.dtype is not part.dtype:
            raise InvalidArgumentError(
                None,
                None,
                f"cannot compute {self.name.decode()} as input #{number}(zero-based) was expected to "
                f"be a {part.dtype._word} tensor but is a {tensor.dtype._word} tensor "
                f"[Op:{self.name.decode()}]",
            )
        return tensor


def _tensor_types(part: Any) -> list[OfTensor]:
    if isinstance(part, OfTensor):
        return [part]
    if isinstance(part, OfContainer):
        return [one for inner in part.parts for one in _tensor_types(inner)]
    return []


def _filled(part: Any, value: Any, size: int, number: int) -> Any:
    if isinstance(part, OfTensor):
        if isinstance(value, Tensor):
            return value
        shape = [None] * size if part.shape.rank is None else part.shape
        sizes = [size if one is None else one for one in shape]
        if part.dtype == string:
            return make(blank(sizes, string), string)
        return make(np.full(sizes, number).astype(part.dtype._array_type), part.dtype)
    if isinstance(part, OfContainer):
        if part.keys:
            return part.kind(
                (key, _filled(inner, value[key], size, number))
                for key, inner in zip(part.keys, part.parts, strict=True)
            )
        both = zip(part.parts, value, strict=True)
        return nest.sequence(part.kind, (_filled(*one, size, number) for one in both))
    # the spec of something that is made of tensors
    filled = getattr(value, "_filled", None)
    return value if filled is None else filled(size, number)


def _structured(part: Any, name: str) -> Any:
    if isinstance(part, OfTensor):
        return part.spec(name)
    if isinstance(part, OfContainer):
        parts = [_structured(one, name) for one in part.parts]
        if part.keys:
            return dict(zip(part.keys, parts, strict=True))
        return nest.sequence(part.kind, parts)
    return getattr(part, "value", part)


def _output(*values: Any) -> Any:
    """One result as the graph has it, from the results for two sizes."""
    first = values[0]
    if hasattr(first, "_likened"):
        return first._likened(values)
    if not isinstance(first, Tensor):
        return first
    shapes = [one.shape for one in values]
    if len({one.rank for one in shapes}) > 1:
        static = TensorShape(None)
        return SymbolicTensor(first._array, first.dtype, "Identity", "Identity", static)
    sizes = [one if all(s[at] == one for s in shapes) else None for at, one in enumerate(shapes[0])]
    return SymbolicTensor(first._array, first.dtype, "Identity", "Identity", TensorShape(sizes))
