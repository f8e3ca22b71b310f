"""VS404: a strategy is constructed again, and meets what an earlier one made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from varsync_runtime.semantics import StrategyKind, Synchronization

from varsync_rules.context import Role
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import has
from varsync_rules.program import Event, Program, created_here, place, span
from varsync_rules.surface import STRATEGIES
from varsync_rules.values import (
    Container,
    Instance,
    LibraryObject,
    Strategy,
    Value,
    Variable,
)

# Their variables are tied to the one object in whose scope they were made
_TYING = frozenset({StrategyKind.MIRRORED, StrategyKind.MULTI_WORKER_MIRRORED, StrategyKind.TPU})
_ON_OBJECTS = frozenset(
    {
        *("keras.Optimizer.apply_gradients", "keras.Optimizer.apply", "keras.Optimizer.minimize"),
        *("keras.Metric.update_state", "keras.Metric.__call__"),
        *("keras.Model.compile", "keras.Model.fit"),
    }
)
_KNOWN = frozenset({"tf", "keras", "numpy", "builtins", "functools", "contextlib", "?", "None"})


def check(program: Program) -> Iterator[Finding]:
    """Strategies under which the variables of an earlier one are used; those of loops as notes."""
    reported: set[int] = set()
    for meeting in mixes(program):
        if is_recreated(meeting.used, meeting.own) and id(meeting.later.node) not in reported:
            reported.add(id(meeting.later.node))
            yield _error(meeting)
    for strategy in program.strategies:
        if strategy.context.loops and id(strategy.node) not in reported:
            kept = _kept(program, strategy)
            if kept is not None:
                reported.add(id(strategy.node))
                yield _error(Mix(kept[0], strategy, strategy, kept[1]))
    for strategy in program.strategies:
        if strategy.context.loops and id(strategy.node) not in reported:
            unknown = _handed_on(program, strategy)
            if unknown is not None:
                reported.add(id(strategy.node))
                yield _note(strategy, unknown)


Thing: TypeAlias = Variable | LibraryObject | Instance


@dataclass(frozen=True, slots=True)
class Mix:
    """An event under one strategy that uses something made under another.

    `thing` is the variable, or the optimizer, metric or model.
    """

    event: Event
    used: Strategy
    own: Strategy
    thing: Thing

    @property
    def later(self) -> Strategy:
        """The strategy that was constructed in the second place."""
        if self.own.kind is None:
            return self.used
        return max(self.used, self.own, key=lambda strategy: strategy.index)


def mixes(program: Program) -> Iterator[Mix]:
    """What is used under another strategy than it was made under, for certain.

    Where the same place of the program may use something of the right strategy, it is not certain.
    """
    found: dict[tuple[int, object], list[Mix | None]] = {}
    choices, order = _choices(program), _order(program)
    for event, thing in _uses(program):
        mix = _mix(event, thing, order)
        if mix is not None and any(choice >= {mix.used, mix.own} for choice in choices):
            mix = None
        found.setdefault((id(event.node), event.frame.key), []).append(mix)
    for held in found.values():
        certain = [mix for mix in held if mix is not None]
        if len(certain) == len(held):
            yield certain[0]


def _choices(program: Program) -> list[set[Strategy]]:
    """The strategies of which the program takes one: what one expression may be."""
    found: dict[tuple[int, object], set[Strategy]] = {}
    for call in program.calls:
        if isinstance(call.receiver, Strategy):
            found.setdefault((id(call.node), call.frame.key), set()).add(call.receiver)
    together = {call.context.strategies for call in program.calls}
    together |= {creation.context.strategies for creation in program.creations}
    held = [*found.values(), *(set(strategies) for strategies in together)]
    return [strategies for strategies in held if len(strategies) > 1]


def _mix(event: Event, thing: Thing, order: dict[object, int]) -> Mix | None:
    """The mix of one use, if it is one; `order` is that of constructions and creations.

    Where the program chooses between strategies, those count that tie variables to themselves. One
    that is not known may be any, but not one that is constructed after the thing was made.
    """
    used = [strategy for strategy in event.context.strategies if strategy.kind in _TYING]
    own = [strategy for strategy in thing.context.strategies if strategy.kind in _TYING]
    if not own and thing.context.strategies:
        made, constructed = order.get(thing), [order.get(strategy) for strategy in used]
        if made is None or not all(at is not None and at > made for at in constructed):
            return None
        if _entered(event.frame).isdisjoint(_entered(thing.frame)):
            return None
        own = [strategy for strategy in thing.context.strategies if strategy.kind is None]
    if not used or not own or len(used) != len(event.context.strategies):
        return None
    if not set(used).isdisjoint(thing.context.strategies):
        return None
    return Mix(event, used[0], own[0], thing)


def _entered(frame: Any) -> set[object]:
    """Where a chain of calls begins, and the objects whose methods are on it."""
    found: set[object] = set()
    while frame.caller is not None:
        if isinstance(frame.receiver, Instance):
            found.add(frame.receiver)
        frame = frame.caller
    return found | {frame}


def _order(program: Program) -> dict[object, int]:
    """When strategies are constructed and variables created, in the order of evaluation."""
    found: dict[object, int] = {}
    for creation in program.creations:
        found.setdefault(creation.variable, creation.order)
    for call in program.calls:
        if call.symbol in STRATEGIES:
            for atom in call.result:
                found.setdefault(atom, call.order)
    return found


def _uses(program: Program) -> Iterator[tuple[Event, Thing]]:
    """What checks that the strategy in force is its own: writes, reads of ON_READ, Keras."""
    for update in program.updates:
        if update.context.role is not Role.UPDATE and update.context.strategies:
            yield update, update.variable
    for read in program.reads:
        on_read = has(read.variable, synchronization=[Synchronization.ON_READ])
        if on_read and read.context.in_replica:
            yield read, read.variable
    for call in program.calls:
        of_object = call.symbol in _ON_OBJECTS and bool(call.context.strategies)
        if of_object and isinstance(call.receiver, (LibraryObject, Instance)):
            yield call, call.receiver


def is_recreated(used: Strategy, own: Strategy) -> bool:
    """Whether one of two strategies is the other one constructed again.

    They are not where the program keeps them apart by name, side by side.
    """
    if used.node is own.node or used.frame.key != own.frame.key:
        return True
    first, second = sorted((used, own), key=lambda strategy: strategy.index)
    if second.context.loops > first.context.loops:
        return True
    # the other side of a choice is no second time
    if not set(first.context.conditions) <= set(second.context.conditions):
        return False
    return used.name == own.name


def _kept(program: Program, strategy: Strategy) -> tuple[Event, Variable] | None:
    """A variable made under a strategy of a loop in one turn alone, and its use in the others."""
    around = strategy.context.conditions
    once = {
        creation.variable: set(creation.context.conditions) - set(around)
        for creation in program.creations
        if creation.context.strategies == (strategy,)
        and creation.context.role is Role.HOST
        and set(creation.context.conditions) - set(around)
    }
    if not once:
        return None
    runs = {
        (id(call.node), call.frame.key): set(call.context.conditions)
        for call in program.calls_to("tf.distribute.Strategy.run")
    }
    for update in program.updates:
        conditions = once.get(update.variable)
        if conditions is None or update.context.strategies != (strategy,):
            continue
        frame = update.frame
        while frame.caller is not None and frame.caller.context_at_entry.role is Role.REPLICA:
            frame = frame.caller
        outside = runs.get((id(frame.call_node), frame.caller.key)) if frame.caller else None
        if outside is not None and not conditions & outside:
            return update, update.variable
    return None


def _handed_on(program: Program, strategy: Strategy) -> Event | None:
    """The call of something unknown that gets a strategy of a loop."""
    for call in program.calls:
        if call.symbol.partition(".")[0] in _KNOWN or not call.context.loops:
            continue
        if any(_holds(value, strategy) for value in call.arguments.all_values()):
            return call
    return None


def _holds(value: Value, strategy: Strategy) -> bool:
    return any(
        atom is strategy or (isinstance(atom, Container) and strategy in atom.elements())
        for atom in value
    )


def _error(mix: Mix) -> Finding:
    thing = mix.thing
    name = thing.called if isinstance(thing, Variable) else "an object of Keras"
    made = f"{name} is made under another one" if mix.used is not mix.own else f"{name} is kept"
    related = [Related(place(mix.event), "it is used under this strategy here")]
    if isinstance(thing, Variable):
        related.append(created_here(thing))
    if mix.own.node is not mix.later.node:
        related.append(Related(span(mix.own.module, mix.own.node), "the other strategy"))
    return Finding(
        code="VS404",
        name="strategy-recreated",
        severity=Severity.ERROR,
        message=f"the strategy is constructed again, but {made}: using it raises",
        span=span(mix.later.module, mix.later.node),
        related=tuple(related),
        explanation="RuntimeError: Mixing different tf.distribute.Strategy objects",
        remedy=(
            "construct the strategy once and pass it on; tf.distribute.get_strategy() gives the"
            " current one"
        ),
    )


def _note(strategy: Strategy, call: Event) -> Finding:
    return Finding(
        code="VS404",
        name="strategy-recreated",
        severity=Severity.NOTE,
        message=(
            "a strategy is constructed in each turn of the loop: right only if everything that it"
            " works on is made anew, too"
        ),
        span=span(strategy.module, strategy.node),
        related=(Related(place(call), "it is given to code that is not known here"),),
        explanation="variables belong to the one strategy object in whose scope they were made",
        remedy="construct the strategy once, before the loop",
    )
