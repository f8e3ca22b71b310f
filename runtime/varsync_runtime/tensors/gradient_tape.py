"""`tf.GradientTape`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any

import numpy as np

from varsync_runtime import events
from varsync_runtime.events import recorder
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import Packing, convert
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.slices import IndexedSlices, densify
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tape import Tape, array_of
from varsync_runtime.tensors.tensor import Tensor, make

_TF = "tensorflow.python.eager.backprop"


@export("tf.UnconnectedGradients")
class UnconnectedGradients(Enum):
    """What `gradient` gives for a source that the target does not depend on."""

    NONE = "none"
    ZERO = "zero"


UnconnectedGradients.__module__ = "tensorflow.python.ops.unconnected_gradients"


def _tell_none(source: Any) -> None:
    """There is no gradient: for an ON_READ variable that no tape watches, that is told."""
    variable = _source(source)
    if recorder.current.send is None or not isinstance(variable, VariableLike):
        return
    number = variable._number()
    mode = getattr(variable, "synchronization", None)
    if number is not None and not variable.trainable and getattr(mode, "name", "") == "ON_READ":
        events.count(events.NoGradient, number, events.here())


def _key(thing: Any) -> Any:
    return thing._tape_key() if isinstance(thing, VariableLike) else thing


@export("tf.GradientTape", "tf.autodiff.GradientTape")
class GradientTape:
    """Records what is run inside it, to give gradients afterwards."""

    __module__ = _TF

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._tape: Tape | None = None
        self._persistent = persistent
        self._watch_accessed_variables = watch_accessed_variables
        self._watched: tuple[Any, ...] = ()
        self._recording = False

    def __enter__(self) -> GradientTape:
        self._push_tape()
        return self

    def __exit__(self, typ: Any, value: Any, traceback: Any) -> None:
        if self._recording:
            self._pop_tape()

    def _push_tape(self) -> None:
        if self._recording:
            raise ValueError(
                "Tape is still recording, This can happen if you try to re-enter an already-active "
                "tape."
            )
        if self._tape is None:
            self._tape = Tape(self._watch_accessed_variables)
        state.tapes.append(self._tape)
        self._recording = True

    def _pop_tape(self) -> None:
        if not self._recording:
            raise ValueError("Tape is not recording.")
        # a tape that was left while it was paused is not in the list
        state.tapes = [one for one in state.tapes if one is not self._tape]
        self._recording = False

    def watch(self, tensor: Any) -> None:
        """Takes a tensor, a variable or a nest of them for something to differentiate by."""
        for one in nest.flatten(tensor, expand_composites=True):
            if not isinstance(one, (Tensor, VariableLike)):
                raise ValueError(
                    f"Passed in object {one} of type {type(one).__name__!r}, not tf.Tensor or "
                    "tf.Variable or ExtensionType."
                )
            if self._tape is None:
                raise AttributeError("'NoneType' object has no attribute 'watch'")
            if isinstance(one, VariableLike):
                self._tape.watch_variable(one)
            else:
                self._tape.watch(one)

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Nothing that runs inside is recorded by this tape."""
        if self._tape is None:
            raise RuntimeError(
                "Trying to set recording to stop on a tape that was not started."
                if not self._watched
                else "A non-persistent GradientTape can only be used to compute one set of "
                "gradients (or jacobians)"
            )
        self._pop_tape()
        try:
            yield
        finally:
            self._push_tape()

    def reset(self) -> None:
        """Forgets everything, as if the tape had just been opened."""
        self._pop_tape()
        self._tape = None
        self._push_tape()

    def watched_variables(self) -> tuple[Any, ...]:
        """The variables that the tape watches, in the order in which they were made."""
        if self._tape is not None:
            found = self._tape.variables.values()
            self._watched = tuple(sorted(found, key=lambda one: one._order))
        return self._watched

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
    ) -> Any:
        """The gradients of `target` (the sum, if it has several elements) by each of `sources`."""
        tape = self._open_tape()
        if target is None:
            raise TypeError(
                "Argument `target` should be a list or nested structure of Tensors, Variables or "
                "CompositeTensors to be differentiated, but received None."
            )
        zero = _unconnected(unconnected_gradients)
        targets = [_key(_checked(one)) for one in nest.flatten(target, expand_composites=True)]
        raw = nest.flatten(sources)
        found = tape.gradients(
            targets, _seeds(targets, output_gradients), [_key(_source(one)) for one in raw]
        )
        if zero is UnconnectedGradients.ZERO:
            found = [
                _zeros(one) if got is None else got for one, got in zip(raw, found, strict=True)
            ]
        self._used()
        for one, got in zip(raw, found, strict=True):
            if got is None:
                _tell_none(one)
        if state.stamp is not None:
            state.gradients = True
            for one, got in zip(raw, found, strict=True):
                tensor = got.values if isinstance(got, IndexedSlices) else got
                if isinstance(tensor, Tensor):
                    tensor._of_gradient = True
                    source = _source(one)
                    if isinstance(source, VariableLike):
                        tensor._gradient_of = source._number()
        return nest.pack_sequence_as(sources, found)

    def _open_tape(self) -> Tape:
        if self._tape is None:
            raise RuntimeError(
                "A non-persistent GradientTape can only be used to compute one set of gradients "
                "(or jacobians)"
            )
        if self._recording and not self._persistent:
            self._pop_tape()
        return self._tape

    def _used(self) -> None:
        """A tape that is not persistent is given up; which variables it saw stays known."""
        if not self._persistent:
            self.watched_variables()
            self._tape = None

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: Any = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of each element of `target` by each of `sources`."""
        del parallel_iterations, experimental_use_pfor
        tape = self._open_tape()
        zero = _unconnected(unconnected_gradients)
        raw = nest.flatten(sources)
        keys = [_key(one) for one in raw]
        rows: list[list[Any]] = [[] for _ in raw]
        count = target._array.size
        for number in range(count):
            seed = np.zeros(count, dtype=target._array.dtype)
            seed[number] = 1
            seeds = [make(seed.reshape(target._array.shape), target.dtype)]
            for row, got in zip(rows, tape.gradients([target], seeds, keys), strict=True):
                row.append(got)
        packed = [self._stacked(row, target, one, zero) for row, one in zip(rows, raw, strict=True)]
        self._used()
        return nest.pack_sequence_as(sources, packed)

    @staticmethod
    def _stacked(row: list[Any], target: Any, source: Any, zero: UnconnectedGradients) -> Any:
        if all(one is None for one in row):
            if zero is UnconnectedGradients.NONE:
                return None
            row = [_zeros(source)] * max(len(row), 1)
        shape = (*target._array.shape, *source.shape)
        tensors = [
            _zeros(source)
            if one is None
            else densify(one)
            if isinstance(one, IndexedSlices)
            else one
            for one in row
        ]
        return Packing.reshape(Packing.pack(tensors), shape)

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: Any = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of each example's target by the same example's source."""
        del parallel_iterations, experimental_use_pfor
        tape = self._open_tape()
        zero = _unconnected(unconnected_gradients)
        if not target.shape or not source.shape or target.shape[0] != source.shape[0]:
            raise ValueError(
                "Need first dimension of target shape ("
                f"{target.shape[0] if target.shape else None}) and source shape "
                f"({source.shape[0] if source.shape else None}) to match."
            )
        batch = target._array.shape[0]
        inner = target._array.reshape(batch, -1).shape[1]
        columns = []
        for number in range(inner):
            seed = np.zeros((batch, inner), dtype=target._array.dtype)
            seed[:, number] = 1
            seeds = [make(seed.reshape(target._array.shape), target.dtype)]
            got = tape.gradients([target], seeds, [_key(source)])[0]
            columns.append(densify(got) if isinstance(got, IndexedSlices) else got)
        self._used()
        if not columns or columns[0] is None:
            if zero is UnconnectedGradients.NONE:
                return None
            columns = [_zeros(source)] * inner
        stacked = Packing.pack(columns)
        order = (1, 0, *range(2, stacked._array.ndim))
        shape = (*target._array.shape, *source._array.shape[1:])
        return Packing.reshape(Packing.transpose(stacked, order), shape)


def _unconnected(value: Any) -> UnconnectedGradients:
    try:
        return UnconnectedGradients(value)
    except ValueError:
        raise ValueError(f"Unknown value for unconnected_gradients: {value!r}") from None


def _checked(target: Any) -> Any:
    if isinstance(target, (Tensor, VariableLike, IndexedSlices)):
        return target.values if isinstance(target, IndexedSlices) else target
    if hasattr(target, "__tf_tensor__"):
        return convert(target)
    raise AttributeError(f"'{type(target).__name__}' object has no attribute 'dtype'")


def _source(source: Any) -> Any:
    if isinstance(source, (Tensor, VariableLike)) or source is None:
        return source
    if getattr(source, "_should_act_as_resource_variable", False):
        # Keras's variables: resource_variable_ops.is_resource_variable
        return source.handle._variable
    if isinstance(source, (str, int, float, bytes)):
        raise AttributeError(f"'{type(source).__name__}' object has no attribute 'dtype'")
    return source


def _seeds(targets: Sequence[Any], output_gradients: Any) -> list[Any]:
    given = [None] * len(targets) if output_gradients is None else nest.flatten(output_gradients)
    return [
        _ones(target) if one is None else one if isinstance(one, IndexedSlices) else convert(one)
        for target, one in zip(targets, given, strict=True)
    ]


def _ones(thing: Any) -> Tensor:
    return make(np.ones_like(array_of(thing)), thing.dtype)


def _zeros(thing: Any) -> Tensor:
    return make(np.zeros_like(array_of(thing)), thing.dtype)
