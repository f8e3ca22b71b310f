"""What belongs in one scope: optimizers and the weights that they train."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from varsync_runtime.semantics import StrategyKind

from varsync_rules.program import Call, Program
from varsync_rules.surface import family, keras_generation
from varsync_rules.values import (
    Const,
    Container,
    Data,
    Heap,
    LibraryObject,
    Strategy,
    Value,
    Variable,
)

# Strategies whose variables belong to the one strategy that made them
TYING = frozenset({StrategyKind.MIRRORED, StrategyKind.MULTI_WORKER_MIRRORED, StrategyKind.TPU})
_APPLIES = frozenset({"keras.Optimizer.apply_gradients", "keras.Optimizer.apply"})
_SLOTS = frozenset(
    {
        *("Adam", "AdamW", "Adamax", "Nadam", "Adagrad", "Adadelta", "Adafactor", "RMSprop"),
        *("Ftrl", "Lion", "Lamb", "Muon"),
    }
)
_INPUTS = frozenset({"keras.Input", "keras.layers.Input", "keras.layers.InputLayer"})
_SHAPES = frozenset({"input_shape", "input_dim", "batch_input_shape", "batch_shape"})


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """Gradients are applied in replica context by an optimizer of Keras 3.

    `strategies`: the ones in force, one of them. `weights`: the variables, and the objects whose
    weights they are.
    """

    call: Call
    strategies: tuple[Strategy, ...]
    optimizer: LibraryObject
    weights: tuple[Heap, ...]


def training_steps(program: Program) -> Iterator[TrainingStep]:
    """Where the replicas of a known strategy apply gradients."""
    for call in program.calls_to(*_APPLIES):
        context = call.context
        optimizer = call.receiver
        if not context.in_replica or not context.in_run or not context.strategies:
            continue
        if not isinstance(optimizer, LibraryObject) or is_of_keras_2(optimizer):
            continue
        if all(strategy.kind in TYING for strategy in context.strategies):
            weights = dict.fromkeys(
                found for value in call.arguments.all_values() for found in _weights(value)
            )
            yield TrainingStep(call, context.strategies, optimizer, tuple(weights))


def _weights(value: Value, depth: int = 4) -> Iterator[Heap]:
    """The weights that a value is or holds; gradients are none."""
    for atom in value:
        if isinstance(atom, Variable):
            yield atom
        elif isinstance(atom, Data):
            yield from atom.weights_of
        elif isinstance(atom, Container) and depth:
            yield from _weights(atom.elements(), depth - 1)


def is_of_keras_2(made: LibraryObject) -> bool:
    """Whether an object is of Keras 2 by its name."""
    spelled = made.symbol.spelled
    return keras_generation(spelled, made.module.target) == 2 or ".legacy." in spelled


def has_slots(optimizer: Value) -> bool | None:
    """Whether an optimizer keeps variables beside each weight; None where that isn't known.

    Of Keras's own only SGD without momentum does not.
    """
    answers = {_has_slots(atom) for atom in optimizer}
    return answers.pop() if len(answers) == 1 else None


def _has_slots(optimizer: object) -> bool | None:
    if isinstance(optimizer, Const) and isinstance(optimizer.value, str):
        name = optimizer.value.lower()
        if name == "sgd":
            return False
        return True if name in {known.lower() for known in _SLOTS} else None
    if not isinstance(optimizer, LibraryObject) or is_of_keras_2(optimizer):
        return None
    if family(optimizer.symbol.name) != "keras.Optimizer":
        return None
    name = optimizer.symbol.name.rsplit(".", 1)[-1]
    if name != "SGD":
        return True if name in _SLOTS else None
    momentum = optimizer.args.value(1, "momentum")
    if not momentum and not optimizer.args.open:
        return False
    given = {bool(a.value) if isinstance(a, Const) else None for a in momentum}
    return given.pop() if len(given) == 1 else None


def is_built(program: Program, model: Heap) -> bool:
    """Whether a model's weights are made where the model is, since its input's shape is known."""
    if isinstance(model, Variable):
        return True
    if not isinstance(model, LibraryObject):
        return False
    name = model.symbol.name
    if name.startswith("keras.applications.") or name in ("keras.Model", "keras.models.Model"):
        return True
    if any(_gives_a_shape(value) for value in model.args.all_values()):
        return True
    return any(
        call.receiver is model and call.context.strategies == model.context.strategies
        for call in program.calls_to("keras.Model.build", "keras.Layer.build")
    )


def _gives_a_shape(value: Value, depth: int = 4) -> bool:
    for atom in value:
        if isinstance(atom, Container) and depth and _gives_a_shape(atom.elements(), depth - 1):
            return True
        if isinstance(atom, LibraryObject) and (
            atom.symbol.name in _INPUTS or any(key in _SHAPES for key, _ in atom.args.keywords)
        ):
            return True
    return False
