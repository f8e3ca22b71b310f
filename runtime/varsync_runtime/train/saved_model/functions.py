"""The functions of a SavedModel.

TensorFlow saves graphs. Here a function is the script's own Python code, so it is there in the run
that saved it and in no other; what it works on are the variables that were loaded.
After tensorflow/python/saved_model/function_deserialization.py and signature_serialization.py.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from varsync_runtime.function import signatures
from varsync_runtime.function.concrete import ConcreteFunction
from varsync_runtime.function.polymorphic import Function
from varsync_runtime.tensors import errors
from varsync_runtime.tensors.spec import TensorSpec
from varsync_runtime.tensors.tensor import Tensor
from varsync_runtime.train.saved_model.options import VariablePolicy
from varsync_runtime.train.saved_model.stand_ins import standing_in

Pairs = Sequence[tuple[Any, Any]]
NO_MATCH = "Could not find matching concrete function to call loaded from the SavedModel. Got:\n  "
NOT_A_FUNCTION = (
    "Expected a TensorFlow function for which to generate a signature, but got {}. Only "
    "`tf.functions` with an input signature or concrete functions can be used as a signature."
)


# What is saved -----------------------------------------------------------------------------------

# TensorFlow traces a function anew when it is saved for the first time with a policy
_again: weakref.WeakKeyDictionary[Function, dict[VariablePolicy, Function]]
_again = weakref.WeakKeyDictionary()


def traced(function: Any, policy: VariablePolicy) -> list[ConcreteFunction]:
    """The traces of a function as they are saved: made anew, but for one that was given."""
    if isinstance(function, ConcreteFunction):
        return [function]
    by_policy = _again.setdefault(function, {})
    if policy not in by_policy:
        by_policy[policy] = function._clone(function.python_function)
    again = by_policy[policy]
    if function.input_signature is not None:
        return [again.get_concrete_function()]
    found = []
    for trace in function._traces:
        examples = list(map(_example, trace.key.parts))
        if all(one is not _NONE for one in examples):
            arguments = dict(zip(trace.key.keys, examples, strict=True))
            found.append(ConcreteFunction(again, trace.key, arguments))
    return found


_NONE = object()
"""For an argument that a SavedModel cannot keep."""


def _example(part: Any) -> Any:
    """An argument of this type: specs for tensors."""
    if isinstance(part, signatures.OfTensor):
        return part.spec()
    if isinstance(part, signatures.OfLiteral):
        return part.value
    if not isinstance(part, signatures.OfContainer):
        return _NONE
    parts = list(map(_example, part.parts))
    if any(one is _NONE for one in parts) or part.kind not in (list, tuple, dict):
        return _NONE
    return dict(zip(part.keys, parts, strict=True)) if part.keys else part.kind(parts)


class Signature:
    """A trace that takes its tensors by name and gives a dictionary of tensors."""

    def __init__(self, key: str, concrete: ConcreteFunction) -> None:
        self.concrete = concrete
        self.places = {place.name: place for place in _places(concrete)}
        self.outputs = _named(concrete.structured_outputs)
        for name, one in self.outputs.items():
            of = f"the output of the function {concrete.name.decode()} used to generate the SavedModel"
            if not isinstance(name, str):
                raise ValueError(
                    f"Got a dictionary with a non-string key {name!r} in {of} signature {key!r}."
                )
            if not isinstance(one, Tensor):
                raise ValueError(
                    f"Got a non-Tensor value {one!r} for key {name!r} in {of} signature {key!r}. "
                    "Outputs for functions used as signatures must be a single Tensor, a sequence "
                    "of Tensors, or a dictionary from string to Tensor."
                )


@dataclass(frozen=True)
class _Place:
    """A tensor among the arguments of a trace: of a parameter, or the one at `index` in `*args`."""

    name: str
    parameter: str
    index: int | None
    part: signatures.OfTensor


def _places(concrete: ConcreteFunction) -> Iterator[_Place]:
    """The tensors; a signature calls them as their specs do, or as the parameters."""
    for parameter, part in zip(concrete._key.keys, concrete._key.parts, strict=True):
        given = concrete._arguments.get(parameter)
        if isinstance(part, signatures.OfTensor):
            yield _Place(_name(given) or parameter, parameter, None, part)
        elif isinstance(part, signatures.OfContainer) and isinstance(given, (list, tuple)):
            for index, (inner, one) in enumerate(zip(part.parts, given, strict=True)):
                if isinstance(inner, signatures.OfTensor):
                    yield _Place(_name(one) or f"{parameter}_{index}", parameter, index, inner)


def _name(given: Any) -> str | None:
    return given.name if isinstance(given, TensorSpec) else None


def _named(outputs: Any) -> dict[Any, Any]:
    """What a function gives, by name."""
    if isinstance(outputs, Mapping):
        return dict(outputs)
    if not isinstance(outputs, (list, tuple)):
        outputs = [outputs]
    return {f"output_{number}": one for number, one in enumerate(outputs)}


def signature_functions(given: Any) -> dict[str, Any]:
    """The functions that are to be signatures, by name; raises if one cannot be one."""
    by_name = given if isinstance(given, Mapping) else {"serving_default": given}
    for function in by_name.values():
        if not can_be_signature(function):
            raise ValueError(NOT_A_FUNCTION.format(function))
    return dict(by_name)


def can_be_signature(function: Any) -> bool:
    """Whether it is clear with which arguments a function is traced."""
    if isinstance(function, ConcreteFunction):
        return True
    return isinstance(function, Function) and function.input_signature is not None


# What is loaded ----------------------------------------------------------------------------------


class _Body:
    """The Python function of a function that was loaded."""

    def __init__(self, traces: Sequence[ConcreteFunction], pairs: Pairs) -> None:
        self._traces = traces
        self._pairs = pairs
        self.__signature__ = (
            inspect.signature(traces[0]._function.python_function)
            if traces
            else inspect.signature(lambda *args, **kwargs: None)
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self._traces:
            raise ValueError("Found zero restored functions for caller function.")
        bound = self.__signature__.bind(*args, **kwargs)
        bound.apply_defaults()
        for concrete in self._traces:
            key = concrete._function._key(bound.arguments)
            if signatures.takes(concrete._key, key):
                return run(concrete, bound.arguments, self._pairs)
        for concrete in self._traces:
            arguments = _converted(concrete, bound.arguments)
            if arguments is not None:
                return run(concrete, arguments, self._pairs)
        raise ValueError("".join(self._no_match(bound)))

    def _no_match(self, bound: inspect.BoundArguments) -> Iterator[str]:
        yield NO_MATCH + _arguments(tuple(bound.arguments.values()))
        count = len(self._traces)
        yield f"\n\n Expected these arguments to match one of the following {count} option(s):"
        for number, concrete in enumerate(self._traces):
            shown = concrete.structured_input_signature[0]
            yield f"\n\nOption {number + 1}:\n  {_arguments(shown)}"


def _arguments(values: Sequence[Any]) -> str:
    shown = (repr(one) if isinstance(one, Tensor) else one for one in values)
    lines = "".join(f"    * {one}\n" for one in shown)
    return f"Positional arguments ({len(values)} total):\n{lines}  Keyword arguments: {{}}"


def _converted(concrete: ConcreteFunction, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """The arguments, Python values made tensors where the trace has some; None if they do not fit."""
    converted = {}
    for name, part in zip(concrete._key.keys, concrete._key.parts, strict=True):
        value = arguments[name]
        try:
            if isinstance(part, signatures.OfTensor):
                value = signatures.cast(value, part.spec())
            elif not signatures.takes(part, signatures.type_of(value, {})):
                return None
        except TypeError:
            return None
        converted[name] = value
    return converted


def run(concrete: ConcreteFunction, arguments: Mapping[str, Any], pairs: Pairs) -> Any:
    """Runs a trace with the loaded variables."""
    function = concrete._function
    bound = function._signature().signature.bind_partial()
    bound.arguments.update(arguments)
    trace = function._find(concrete._key)
    with standing_in(pairs):
        return function._execute(trace, bound, tracing=False)  # type: ignore[arg-type]


class RestoredFunction(Function):
    """A `tf.function` that was loaded: it takes the arguments of the traces that were saved."""

    __module__ = "tensorflow.python.saved_model.function_deserialization"

    def __init__(
        self, name: str, input_signature: Any, traces: Sequence[ConcreteFunction], pairs: Pairs
    ) -> None:
        super().__init__(_Body(traces, pairs), name, input_signature, autograph=False)


class _WrapperFunction:
    """A signature, or a single trace, that was loaded."""

    __module__ = "tensorflow.python.saved_model.load"

    def __init__(self, signature: Signature, pairs: Pairs) -> None:
        self._signature = signature
        self._pairs = pairs
        specs = {name: place.part.spec(name) for name, place in signature.places.items()}
        self.structured_input_signature: Any = ((), specs)
        self.structured_outputs = {
            name: TensorSpec(one.shape, one.dtype, name) for name, one in signature.outputs.items()
        }

    @property
    def inputs(self) -> list[TensorSpec]:
        """The tensors that it takes."""
        return list(self.structured_input_signature[1].values())

    @property
    def outputs(self) -> list[TensorSpec]:
        """The tensors that it gives."""
        return list(self.structured_outputs.values())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        names = list(self._signature.places)
        # one that takes a single tensor takes it without a name, too
        given = {**dict(zip(names[:1], args, strict=False)), **kwargs}
        missing = next((name for name in names if name not in given), None)
        if missing is not None:
            raise TypeError(
                f"Binding inputs to tf.function failed due to `missing a required argument: "
                f"{missing!r}`. Received args: {args} and kwargs: {kwargs} for signature: "
                f"{self._described()}."
            )
        concrete = self._signature.concrete
        arguments = dict(concrete._arguments)
        for number, place in enumerate(self._signature.places.values()):
            tensor = concrete._checked(given[place.name], place.part, number)
            if place.index is None:
                arguments[place.parameter] = tensor
            else:
                several = list(arguments[place.parameter])
                several[place.index] = tensor
                arguments[place.parameter] = type(arguments[place.parameter])(several)
        return _named(run(concrete, arguments, self._pairs))

    def _described(self) -> str:
        specs = sorted(self.structured_input_signature[1].items())
        taken = "".join(f", {name}: {one!r}" for name, one in specs)
        given = ", ".join(f"[{name!r}, {one!r}]" for name, one in self.structured_outputs.items())
        return f"({'*' if taken else ''}{taken}) -> Dict[{given}]"

    def __repr__(self) -> str:
        return f"<ConcreteFunction {self._described()} at {id(self):#X}>"


class RestoredTrace:
    """A concrete function that was an attribute of what was saved."""

    __module__ = "tensorflow.python.saved_model.load"

    def __init__(self, concrete: ConcreteFunction, pairs: Pairs) -> None:
        self._concrete = concrete
        self._pairs = pairs
        self.structured_outputs = concrete.structured_outputs
        self.structured_input_signature = concrete.structured_input_signature

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with standing_in(self._pairs):
            return self._concrete(*args, **kwargs)


class _SignatureMap(Mapping[str, Any]):
    """The signatures by name."""

    __module__ = "tensorflow.python.saved_model.signature_serialization"

    def __init__(self, by_name: Mapping[str, Any]) -> None:
        self._signatures = dict(by_name)

    def __getitem__(self, key: str) -> Any:
        return self._signatures[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._signatures)

    def __len__(self) -> int:
        return len(self._signatures)

    def __repr__(self) -> str:
        return f"_SignatureMap({self._signatures})"


class OfAnotherRun:
    """A function of a SavedModel that another run saved: it is refused when it is called."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise errors.NotModelled(
            f"calling a function of a SavedModel that another run saved: {self._folder} has its "
            "variables alone"
        )
