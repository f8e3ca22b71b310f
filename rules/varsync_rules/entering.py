"""How something that is made outside a strategy's scope can be made in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from varsync_rules.bindings import (
    Body,
    Owner,
    Path,
    binds,
    bound_in,
    own_nodes,
    parameters,
    path_to,
)
from varsync_rules.changes import EnterScope, Fix
from varsync_rules.files import Module
from varsync_rules.findings import Span
from varsync_rules.program import Call, Event, Program, span
from varsync_rules.values import Heap, Instance, Strategy, Value

if TYPE_CHECKING:
    from varsync_rules.evaluate.frames import Frame

_TRAINS = ("keras.Optimizer.apply_gradients", "keras.Optimizer.apply", "keras.Optimizer.minimize")
_SIMPLE = (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return)
# what a strategy may be made before; these set up what it finds
_LATER = ("tf.", "keras.")
_NOT_LATER = ("tf.config.", "tf.distribute.", "tf.tpu.", "tf.summary.")


@dataclass(frozen=True, slots=True)
class _Entering:
    """`change` moves what is made into the scope.

    `earlier`: the strategy is made earlier for it. `called`: the call that makes the thing moves,
    with all that it makes.
    """

    change: EnterScope
    earlier: bool
    called: bool


def make_in_scope(
    program: Program, thing: Heap | Call, strategies: tuple[Strategy, ...], value_changes: str = ""
) -> Fix | None:
    """The statement that makes a thing, or a call, moved into the scope; None where none is seen.

    `value_changes` says what gets another value by it, where nothing raised so far.
    """
    entering = _entering(program, thing, strategies)
    if entering is None:
        return None
    change = entering.change
    unsafe = [value_changes] if value_changes else []
    if not unsafe and _is_written_by_replicas(program, thing):
        unsafe.append("the replicas update it in another way, as a variable of the strategy")
    if entering.earlier:
        unsafe.append("the strategy is made earlier than it was")
    if entering.called:
        unsafe.append("all that the call makes is made in the scope")
    return Fix(f"make it in `with {change.strategy}.scope():`", change, "; ".join(unsafe))


def _is_written_by_replicas(program: Program, thing: Heap | Call) -> bool:
    return any(
        update.variable.node is thing.node and update.context.in_replica
        for update in program.updates
    )


def _entering(
    program: Program, thing: Heap | Call, strategies: tuple[Strategy, ...]
) -> _Entering | None:
    if _is_used_outside(program, thing):
        return None
    frame: Frame = thing.frame
    node: ast.AST | None = thing.node
    called = False
    while node is not None:
        if not _only_there(program, node, strategies):
            return None
        change = _within(program, frame, node, thing, strategies)
        if change is not None:
            return _Entering(change, change.made_at is not None, called)
        if frame.caller is None:
            return None
        frame, node, called = frame.caller, frame.call_node, True
    return None


def _is_used_outside(program: Program, thing: Heap | Call) -> bool:
    """Whether an optimizer also trains what is in no scope, which it could not any more."""
    return any(
        isinstance(call.receiver, Heap)
        and call.receiver.node is thing.node
        and not call.context.in_replica
        and not call.context.strategies
        for call in program.calls_to(*_TRAINS)
    )


def _only_there(program: Program, node: ast.AST, strategies: tuple[Strategy, ...]) -> bool:
    """Whether what a node makes belongs to these strategies wherever it is reached."""
    events: list[Event] = [event for event in program.creations if event.node is node]
    events += [event for event in program.calls if event.node is node]
    return all(
        event.context.in_cross_replica
        and not event.context.unknown_scope
        and set(event.context.strategies) <= set(strategies)
        for event in events
    )


def _within(
    program: Program,
    frame: Frame,
    node: ast.AST,
    thing: Heap | Call,
    strategies: tuple[Strategy, ...],
) -> EnterScope | None:
    """The change of the statement in one function; None where the strategy is not at hand there."""
    owner = _owner(frame)
    path = path_to(owner.body, node) if owner is not None else None
    if owner is None or path is None:
        return None
    body, index = path[-1]
    statement = body[index]
    if not isinstance(statement, _SIMPLE):
        return None
    changes: list[EnterScope] = []
    for name, is_local in _names(frame, strategies):
        known = _is_bound(owner, path, name)
        made = None
        if known is False:
            made = _made_behind(program, frame.module, owner, body, index, name)
        if (
            known
            or made is not None
            or (known is None and not is_local and _existed(thing, strategies))
        ):
            changes.append(_change(frame.module, body, index, name, made))
    joining = (change for change in changes if change.before or change.behind)
    return next(joining, changes[0] if changes else None)


def _owner(frame: Frame) -> Owner | None:
    """The function or module of a frame; None of a class body or a lambda."""
    if frame.function is None:
        return frame.module.tree if frame.owner is None else None
    node = frame.function.node
    return None if isinstance(node, ast.Lambda) else node


def _names(frame: Frame, strategies: tuple[Strategy, ...]) -> Iterator[tuple[str, bool]]:
    """What the strategies are called in a function, and whether that is a name of its own."""
    wanted = frozenset(strategies)
    held: Frame | None = frame
    while held is not None:
        for name, value in held.env.items():
            if _is(value, wanted) and (held is frame or name not in frame.env):
                yield name, held is frame
        if held is frame and isinstance(frame.receiver, Instance) and frame.function is not None:
            first = next(iter(frame.function.node.args.args), None)
            for name, value in frame.receiver.attributes.items():
                if first is not None and _is(value, wanted):
                    yield f"{first.arg}.{name}", False
        held = held.parent


def _is(value: Value, wanted: frozenset[Strategy]) -> bool:
    """Whether a value is these strategies, or the one of several that the program chooses."""
    return wanted <= frozenset(value) and all(isinstance(atom, Strategy) for atom in value)


def _existed(thing: Heap | Call, strategies: tuple[Strategy, ...]) -> bool:
    """Whether the strategies were there before a thing."""
    return isinstance(thing, Call) or all(held.index < thing.index for held in strategies)


def _is_bound(owner: Owner, path: Path, name: str) -> bool | None:
    """Whether a name is bound, for good, before a statement; None where this function never does."""
    whole = sum(held == name for statement in owner.body for held in bound_in(statement))
    if name in parameters(owner):
        return not whole
    if not whole:
        return None
    for body, index in path:
        for statement in body[:index]:
            if binds(statement, name):
                return whole == sum(held == name for held in bound_in(statement))
    return False


def _made_behind(
    program: Program, module: Module, owner: Owner, body: Body, index: int, name: str
) -> ast.stmt | None:
    """The statement behind another one that makes the strategy, and can as well come before it."""
    if sum(held == name for statement in owner.body for held in bound_in(statement)) != 1:
        return None
    behind = [n for n, held in enumerate(body) if n > index and name in bound_in(held)]
    if not behind or not isinstance(body[behind[0]], ast.Assign):
        return None
    made = body[behind[0]]
    if span(module, made).cell != span(module, body[index]).cell:
        return None
    before = body[index : behind[0]]
    bound = {held for statement in before for held in bound_in(statement)}
    used = {held.id for held in ast.walk(made) if isinstance(held, ast.Name)}
    if bound & used or not all(_may_be_later(program, statement) for statement in before):
        return None
    return made


def _may_be_later(program: Program, statement: ast.stmt) -> bool:
    """Whether a statement means the same when a strategy is there already."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return not statement.decorator_list
    if not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr)):
        return False
    called = [held for held in own_nodes(statement) if isinstance(held, ast.Call)]
    known: dict[ast.AST, str] = {one.node: one.symbol for one in program.calls}
    known |= {one.node: one.variable.api for one in program.creations}
    symbols = [known.get(held, "") for held in called]
    return all(s.startswith(_LATER) and not s.startswith(_NOT_LATER) for s in symbols)


def _change(
    module: Module, body: Body, index: int, name: str, made: ast.stmt | None = None
) -> EnterScope:
    at = body.index(made) if made is not None else index
    place = span(module, body[index])
    before = behind = None
    if made is None and index:
        before = _scope_of(module, body[index - 1], name, place)
    if at + 1 < len(body) and at - index <= 1:
        behind = _scope_of(module, body[at + 1], name, place)
    made_at = span(module, made) if made is not None else None
    return EnterScope(place, name, before, behind, made_at)


def _scope_of(module: Module, statement: ast.stmt, name: str, near: Span) -> Span | None:
    """The statements of `with strategy.scope():`, where they have lines of their own."""
    if not isinstance(statement, ast.With) or len(statement.items) != 1:
        return None
    entered = statement.items[0].context_expr
    if not isinstance(entered, ast.Call) or ast.unparse(entered) != f"{name}.scope()":
        return None
    first, last = span(module, statement.body[0]), span(module, statement.body[-1])
    if first.line <= span(module, entered).end_line or not first.cell == near.cell == last.cell:
        return None
    return replace(first, end_line=last.end_line, end_column=last.end_column)
