"""The tape: what was run, and the walk back over it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from varsync_runtime.tensors.dispatch import Op, call
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.passing import IDENTITY, READ
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.slices import IndexedSlices, densify
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor, make

# a gradient on its way: a tensor, rows of one, or what was added up so far
Gradient = Any
Backward = Callable[..., Any]


class Record:
    """One op that was run: an Op with arrays, or a function from gradients to gradients."""

    __slots__ = ("attributes", "backward", "inputs", "op", "outputs")

    def __init__(
        self,
        op: Op | None,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        attributes: Mapping[str, Any],
        backward: Backward | None = None,
    ) -> None:
        self.op = op
        self.inputs = inputs
        self.outputs = outputs
        self.attributes = attributes
        self.backward = backward


class Tape:
    """What was run since it was opened, as far as it depends on what it watches.

    Things are known by `id`; the tape keeps them, so that no id is given out twice.
    """

    __slots__ = ("accessing", "live", "records", "variables")

    def __init__(self, accessing: bool = True) -> None:
        self.live: dict[int, Any] = {}
        self.records: list[Record] = []
        self.variables: dict[int, Any] = {}
        self.accessing = accessing

    def watch(self, thing: Any) -> None:
        self.live[id(thing)] = thing

    def variable_accessed(self, variable: VariableLike) -> None:
        if self.accessing:
            self.watch_variable(variable)

    def watch_variable(self, variable: VariableLike) -> None:
        key = variable._tape_key()
        self.live[id(key)] = key
        shown = variable._tape_variable()
        self.variables[id(shown)] = shown

    def take(
        self,
        op: Op | None,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        attributes: Mapping[str, Any],
        backward: Backward | None = None,
    ) -> None:
        """Keeps one run if it depends on what is watched."""
        live = self.live
        for one in inputs:
            if id(one) in live:
                break
        else:
            return
        self.records.append(Record(op, inputs, outputs, attributes, backward))
        for one in outputs:
            if one is not None and (one.dtype.is_floating or one.dtype.is_complex):
                live[id(one)] = one

    def gradients(
        self, targets: Sequence[Any], seeds: Sequence[Gradient], sources: Sequence[Any]
    ) -> list[Gradient | None]:
        """The gradient of each source (a tensor, or a variable's key), None if unconnected.

        A record has its turn when all that was made of its outputs has had it, and those that wait
        do so in a queue, as in TensorFlow: so gradients come together, and are added, in its order.
        """
        found: dict[int, list[Gradient]] = {}
        for target, seed in zip(targets, seeds, strict=True):
            if id(target) in self.live:
                found.setdefault(id(target), []).append(seed)
        keep = {id(source) for source in sources}
        makers = {
            id(one): number for number, record in enumerate(self.records) for one in record.outputs
        }
        uses, waiting, ready = self._ahead(targets, makers)
        while ready:
            record = self.records[ready.popleft()]
            seeds_here = [
                aggregate(found[id(one)] if id(one) in keep else found.pop(id(one)))
                if id(one) in found
                else None
                for one in record.outputs
            ]
            if any(seed is not None for seed in seeds_here):
                self._step(record, seeds_here, found)
            for one in record.inputs:
                uses[id(one)] -= 1
                maker = makers.get(id(one))
                if not uses[id(one)] and maker is not None:
                    waiting[maker] -= 1
                    if not waiting[maker]:
                        ready.append(maker)
        return [aggregate(found[id(one)]) if id(one) in found else None for one in sources]

    def _ahead(
        self, targets: Sequence[Any], makers: Mapping[int, int]
    ) -> tuple[dict[int, int], dict[int, int], deque[int]]:
        """What the targets were made of: how often each thing was used, for how many of its outputs
        each record must wait, and the records that need not wait."""
        uses: dict[int, int] = {}
        waiting: dict[int, int] = {}
        reached: set[int] = set()
        things = [id(target) for target in targets]
        while things:
            number = makers.get(things.pop())
            if number is None or number in reached:
                continue
            reached.add(number)
            for one in self.records[number].inputs:
                thing = id(one)
                if thing in uses:
                    uses[thing] += 1
                    continue
                uses[thing] = 1
                maker = makers.get(thing)
                if maker is not None:
                    waiting[maker] = waiting.get(maker, 0) + 1
                    things.append(thing)
        return uses, waiting, deque(sorted(reached - waiting.keys(), reverse=True))

    def _step(
        self, record: Record, seeds: list[Gradient | None], found: dict[int, list[Gradient]]
    ) -> None:
        live = self.live
        needed = [position for position, one in enumerate(record.inputs) if id(one) in live]
        if record.backward is not None:
            every = _run_backward(record, seeds)
            gradients = [every[position] for position in needed]
        else:
            gradients = pull(record, seeds, needed)
        for position, gradient in zip(needed, gradients, strict=True):
            if gradient is not None:
                found.setdefault(id(record.inputs[position]), []).append(gradient)


def _run_backward(record: Record, seeds: Sequence[Gradient | None]) -> Sequence[Gradient | None]:
    assert record.backward is not None
    dys = [
        zeros_like(one) if seed is None else seed
        for one, seed in zip(record.outputs, seeds, strict=True)
    ]
    result = record.backward(*dys)
    return result if isinstance(result, (list, tuple)) else (result,)


def zeros_like(tensor: Any) -> Tensor:
    return make(np.zeros_like(tensor._array), tensor.dtype)


def array_of(thing: Any) -> np.ndarray:
    """The array of a record's input: a tensor's, or what a variable had (only its shape counts)."""
    return thing._array if isinstance(thing, Tensor) else thing._array_now()


def pull(record: Record, seeds: Sequence[Gradient | None], needed: Sequence[int]) -> list[Any]:
    """The gradients of a record's inputs number `needed` by the gradients of its outputs."""
    op = record.op
    assert op is not None
    if not op.differentiable:
        return [None] * len(needed)
    if op is READ or op is IDENTITY:
        return [seeds[0]]
    dense = [densify(one) if isinstance(one, IndexedSlices) else one for one in seeds]
    if state.tapes:
        return _pull_recorded(record, dense, needed)
    gradients = op.gradients(
        [array_of(one) for one in record.inputs],
        [None if one is None else one._array for one in record.outputs],
        [
            (np.zeros_like(one._array) if one is not None else None)
            if seed is None
            else seed._array
            for one, seed in zip(record.outputs, dense, strict=True)
        ],
        record.attributes,
        needed,
    )
    return [
        _wrapped(record.inputs[position], gradient)
        for position, gradient in zip(needed, gradients, strict=True)
    ]


def _wrapped(like: Any, gradient: Any) -> Any:
    if gradient is None or isinstance(gradient, (Tensor, IndexedSlices)):
        return gradient
    dtype = like.dtype
    array = np.asarray(gradient)
    # autograd lets double precision leak from a few of its rules
    if array.dtype is not dtype._array_type:
        array = (array.real if array.dtype.kind == "c" and not dtype.is_complex else array).astype(
            dtype._array_type
        )
    return make(array, dtype)


def _pull_recorded(
    record: Record, seeds: Sequence[Gradient | None], needed: Sequence[int]
) -> list[Any]:
    """The same through the dispatcher, so that the tapes that are open see how it was computed."""
    op = record.op
    assert op is not None
    if op.vjps is not None:
        without = {n for n in needed if op.vjps[min(n, len(op.vjps) - 1)] is None}
    else:
        without = set()
    some = tuple(position for position in needed if position not in without)
    if not some:
        return [None] * len(needed)
    if None in record.outputs:
        raise NotModelled("a gradient of this order")
    dys = [
        zeros_like(one) if seed is None else seed
        for one, seed in zip(record.outputs, seeds, strict=True)
    ]
    gradient_op = op.gradient_op(len(record.inputs), len(record.outputs), some)
    results = dict(
        zip(some, call(gradient_op, [*record.inputs, *dys], record.attributes), strict=True)
    )
    return [results.get(position) for position in needed]


class Adding:
    """The op that adds two gradients; the ops set it, so that the sum has a gradient, too."""

    add: Callable[[Tensor, Tensor], Tensor]
    concat: Callable[[list[Tensor]], Tensor]


def aggregate(gradients: list[Gradient]) -> Gradient:
    """The sum of the gradients that came together at one tensor; kept in the list, once added."""
    if len(gradients) == 1:
        return gradients[0]
    if all(isinstance(one, IndexedSlices) for one in gradients):
        total: Any = IndexedSlices(
            Adding.concat([one.values for one in gradients]),
            Adding.concat([one.indices for one in gradients]),
            gradients[0].dense_shape,
        )
    else:
        dense = [densify(one) if isinstance(one, IndexedSlices) else one for one in gradients]
        total = dense[0]
        for one in dense[1:]:
            total = Adding.add(total, one)
    gradients[:] = [total]
    return total


def record(inputs: Sequence[Any], outputs: Sequence[Tensor], backward: Callable[..., Any]) -> None:
    """Lets the open tapes take note of something that is no Op.

    `backward` gets the gradient of each output as a Tensor (zeros where there is none; it may be
    IndexedSlices) and gives a sequence with the gradient of each input, None where there is none.
    """
    for tape in state.tapes:
        tape.take(None, inputs, outputs, {}, backward)


@contextmanager
def paused() -> Iterator[None]:
    """Nothing that runs inside is recorded by any tape."""
    kept, state.tapes = state.tapes, []
    try:
        yield
    finally:
        state.tapes = kept
