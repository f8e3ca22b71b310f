"""VS403: an optimizer and weights, or a variable and replicas, that belong to different scopes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from varsync_runtime.semantics import StrategyKind

from varsync_rules.catalog.vs404_strategy_recreated import is_recreated, mixes
from varsync_rules.entering import make_in_scope
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import is_outside
from varsync_rules.program import Call, Event, Program, created_here, place, span, where
from varsync_rules.scopes import TYING, has_slots, is_built, is_of_keras_2, training_steps
from varsync_rules.values import (
    Const,
    Heap,
    Instance,
    LibraryObject,
    Strategy,
    Value,
    Variable,
)

_MIXING = "RuntimeError: Mixing different tf.distribute.Strategy objects"
_ASSERTION = "AssertionError, or ValueError: `colocate_vars_with` must only be passed a variable"
_RUNS = ("run", "experimental_run_v2", "experimental_run")
_TRAINS = frozenset(f"keras.Model.{name}" for name in ("fit", "evaluate", "train_on_batch"))
# Under these an optimizer with slots made outside raises, with one replica too
_REFUSE_SLOTS = TYING | {StrategyKind.ONE_DEVICE, StrategyKind.CENTRAL_STORAGE}


def check(program: Program) -> Iterator[Finding]:
    """What is used together and was made apart, at the place where it meets."""
    yield from _steps(program)
    yield from _models(program)
    yield from _strategies(program)
    yield from _scopes(program)


def _steps(program: Program) -> Iterator[Finding]:
    """Gradients that are applied in replica context."""
    for step in training_steps(program):
        optimizer, strategies = step.optimizer, step.strategies
        inside = _is_made_in(optimizer, strategies)
        outside = all(is_outside(optimizer, strategy) for strategy in strategies)
        for weight in step.weights:
            is_own = _is_made_in(weight, strategies)
            is_plain = all(is_outside(weight, held) for held in strategies)
            if inside and is_plain and is_built(program, weight):
                finding = _apart(step.call, weight, optimizer, Severity.ERROR, _ASSERTION)
                yield replace(finding, fix=make_in_scope(program, weight, strategies))
            elif outside and is_own:
                late = _optimizer_outside(program, step.call, (optimizer,), strategies)
                if late is not None:
                    yield late
            elif inside and _is_of_other(weight, strategies):
                yield _apart(step.call, weight, optimizer, Severity.ERROR, _MIXING)


def _is_made_in(thing: Heap, strategies: tuple[Strategy, ...]) -> bool:
    made, held = set(thing.context.strategies), set(strategies)
    # a program that chooses between strategies goes on with the one that it chose
    return bool(made) and (made <= held or (bool(held) and held <= made))


def _is_of_other(thing: Heap, strategies: tuple[Strategy, ...]) -> bool:
    """Whether a thing was made under another strategy that the program keeps apart."""
    own = thing.context.strategies
    return (
        len(own) == 1
        and len(strategies) == 1
        and own[0] is not strategies[0]
        and own[0].kind in TYING
        and not is_recreated(strategies[0], own[0])
    )


def _optimizer_outside(
    program: Program, event: Call, optimizer: Value, strategies: tuple[Strategy, ...]
) -> Finding | None:
    """The finding of an optimizer made outside that trains weights made under a strategy."""
    slots = has_slots(optimizer)
    made = optimizer[0] if optimizer else None
    # an optimizer that compile() is given by name is made by it
    moved = made if isinstance(made, LibraryObject) else event
    related = (_made_here(made),) if isinstance(made, LibraryObject) else ()
    if slots and all(strategy.kind in _REFUSE_SLOTS for strategy in strategies):
        finding = _finding(
            event,
            Severity.ERROR,
            "the optimizer is made outside the scope in which the weights were made, which raises"
            f" when it creates its slots {where(replace(event.context, strategies=strategies))}",
            _MIXING,
            related,
        )
        return replace(finding, fix=make_in_scope(program, moved, strategies))
    if slots is False and all(s.kind in TYING and s.replicates for s in strategies):
        finding = _finding(
            event,
            Severity.WARNING,
            "the optimizer is made outside the scope in which the weights were made: its"
            " iterations count every step once for each replica",
            "SGD without momentum has no slots, so nothing raises; iterations is a plain variable"
            " that each replica increases",
            related,
        )
        counts = "its iterations count less, and schedules of the learning rate go slower"
        return replace(finding, fix=make_in_scope(program, moved, strategies, counts))
    return None


def _models(program: Program) -> Iterator[Finding]:
    """Models that are compiled or trained in another scope than they were made in."""
    trained: dict[Heap, list[Call]] = {}
    compiled: dict[Heap, list[Call]] = {}
    for call in program.calls:
        if isinstance(call.receiver, (LibraryObject, Instance)):
            if call.symbol in _TRAINS:
                trained.setdefault(call.receiver, []).append(call)
            elif call.symbol == "keras.Model.compile":
                compiled.setdefault(call.receiver, []).append(call)
    for model, compiles in compiled.items():
        if model not in trained or (isinstance(model, LibraryObject) and is_of_keras_2(model)):
            continue
        for compile_call in compiles:
            finding = _compiled(program, model, compile_call, trained[model])
            if finding is not None:
                yield finding
        yield from _fitted(program, model, compiles, trained[model])


def _compiled(program: Program, model: Heap, call: Call, trained: list[Call]) -> Finding | None:
    """`compile` where the optimizer is of another scope than the model."""
    optimizer = call.arguments.value(0, "optimizer")
    if not optimizer or call.context.in_replica:
        return None
    made = _made_of(optimizer, call)
    own = model.context.strategies
    if own and all(held.kind is not None for held in own):
        if all(_is_outside_all(thing, own) for thing in made):
            return _optimizer_outside(program, call, optimizer, own)
        return None
    around = {held for thing in made for held in thing.context.strategies}
    if len(around) != 1 or not all(thing.context.strategies for thing in made):
        return None
    (strategy,) = around
    if strategy.kind not in TYING or not is_outside(model, strategy):
        return None
    in_scope = any(strategy in fit.context.strategies for fit in trained)
    if not is_built(program, model) and not has_slots(optimizer) and in_scope:
        # such a model makes its weights in fit, in the scope
        return None
    if has_slots(optimizer) is None:
        return None
    finding = _apart(call, model, None, Severity.ERROR, _ASSERTION)
    return replace(finding, fix=make_in_scope(program, model, (strategy,)))


def _made_of(optimizer: Value, call: Call) -> list[Heap | Call]:
    """The things that carry the optimizer's scope: itself, or `compile` where that makes it."""
    return [
        atom if isinstance(atom, (LibraryObject, Instance)) else call
        for atom in optimizer
        if isinstance(atom, (LibraryObject, Instance, Const))
    ]


def _is_outside_all(thing: Heap | Call, strategies: tuple[Strategy, ...]) -> bool:
    """Whether it was made in no scope, while one of these strategies was there to be entered."""
    if isinstance(thing, Heap):
        return all(is_outside(thing, strategy) for strategy in strategies)
    if thing.context.strategies or thing.context.unknown_scope:
        return False
    # where the callers are not shown, this is outside only beside the strategy's construction
    return not thing.context.portable or all(
        strategy.context.portable and strategy.frame.entry == thing.frame.entry
        for strategy in strategies
    )


def _fitted(
    program: Program, model: Heap, compiles: list[Call], trained: list[Call]
) -> Iterator[Finding]:
    """`fit` in a scope, of a model that was made and compiled outside."""
    for call in trained:
        strategies = call.context.strategies
        if not strategies or not all(held.kind in TYING for held in strategies):
            continue
        if not _is_outside_all(model, strategies) or call.context.in_replica:
            continue
        optimizers = [compiled.arguments.value(0, "optimizer") for compiled in compiles]
        made = [
            thing
            for compiled, optimizer in zip(compiles, optimizers, strict=True)
            for thing in _made_of(optimizer, compiled)
        ]
        if not made or not all(_is_outside_all(thing, strategies) for thing in made):
            continue
        slots = [has_slots(optimizer) for optimizer in optimizers]
        if all(slots) or (None not in slots and is_built(program, model)):
            finding = _finding(
                call,
                Severity.ERROR,
                "the model is made and compiled outside the scope in which it is trained, which"
                f" raises {where(call.context)}",
                _MIXING,
                (_made_here(model),),
            )
            # the model alone would train, with an SGD outside, which counts too many steps
            yield replace(finding, fix=make_in_scope(program, made[0], strategies))


def _strategies(program: Program) -> Iterator[Finding]:
    """Things of one strategy that another one's replicas use."""
    for mix in mixes(program):
        if is_recreated(mix.used, mix.own):
            continue
        thing = mix.thing
        name = thing.called if isinstance(thing, Variable) else "this object"
        yield _finding(
            mix.event,
            Severity.ERROR,
            f"{name} was made under another strategy than the one in force here, which raises",
            _MIXING,
            (created_here(thing) if isinstance(thing, Variable) else _made_here(thing),),
        )


def _scopes(program: Program) -> Iterator[Finding]:
    """A strategy entered or run within another one's scope."""
    for call in program.methods("scope", *_RUNS):
        strategy, around = call.receiver, call.context.strategies
        if not isinstance(strategy, Strategy) or len(around) != 1 or call.context.in_replica:
            continue
        if strategy is around[0] or {strategy.kind, around[0].kind} - _REFUSE_SLOTS:
            continue
        if is_recreated(strategy, around[0]) or not _is_only(program, call):
            continue
        what = "entered" if call.method == "scope" else "run"
        yield _finding(
            call,
            Severity.ERROR,
            f"a strategy is {what} within the scope of another one, which raises",
            _MIXING,
            (),
        )


def _is_only(program: Program, call: Call) -> bool:
    """Whether the strategy is the only one that this place may mean."""
    return all(
        other.receiver is call.receiver
        for other in program.calls_to(call.symbol)
        if other.node is call.node and other.frame is call.frame
    )


def _apart(
    event: Event, thing: Heap, optimizer: Heap | None, severity: Severity, explanation: str
) -> Finding:
    name = thing.called if isinstance(thing, Variable) and thing.name else "the model"
    raises = f"which raises {where(event.context)}" if event.context.strategies else "which raises"
    related = [_made_here(thing)]
    if optimizer is not None:
        related.append(_made_here(optimizer))
    return _finding(
        event,
        severity,
        f"{name} is made outside the scope of its optimizer, {raises}",
        explanation,
        tuple(related),
    )


def _made_here(thing: Heap) -> Related:
    what = thing.called if isinstance(thing, Variable) and thing.name else "it"
    return Related(span(thing.module, thing.node), f"{what} is made here")


def _finding(
    event: Event,
    severity: Severity,
    message: str,
    explanation: str,
    related: tuple[Related, ...],
) -> Finding:
    return Finding(
        code="VS403",
        name="scope-mismatch",
        severity=severity,
        message=message,
        span=place(event),
        related=related,
        explanation=explanation,
        remedy="make the weights and what updates them in the scope of one strategy",
    )
