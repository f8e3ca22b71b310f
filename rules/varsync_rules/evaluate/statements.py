"""Statements: what names are bound to, which way the program may go, in which context it is then."""

from __future__ import annotations

import ast
from collections.abc import Callable

from varsync_rules.context import Because, Condition, Context, Loop, Role
from varsync_rules.evaluate import attributes, managers, workers
from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.evaluate.lazily import made_before, made_here
from varsync_rules.evaluate.narrowing import narrowed
from varsync_rules.evaluate.provenance import condition_of, data_of
from varsync_rules.evaluate.rebinding import rebind
from varsync_rules.immutable import replace
from varsync_rules.predict import creation_fails
from varsync_rules.program import Branch, Choice, Return, Write, expression
from varsync_rules.values import (
    NONE,
    UNKNOWN,
    Arguments,
    Atom,
    Class,
    Const,
    Container,
    Data,
    Form,
    Instance,
    LibraryObject,
    ModuleRef,
    Scope,
    Strategy,
    Symbol,
    Value,
    Variable,
    Varies,
    constants,
    is_unknown,
    join,
    variables,
    without_none,
)


def execute(machine: Machine, frame: Frame, body: list[ast.stmt]) -> bool:
    """Run statements; whether the end of the block can be reached."""
    for statement in body:
        machine.step()
        handler = _HANDLERS.get(type(statement))
        if handler is not None and handler(machine, frame, statement) is False:
            return False
    return True


def enter(frame: Frame, condition: Condition) -> Context:
    """The context of a branch under a condition; a tensor's makes a graph of its own when traced."""
    context = frame.context.under(condition)
    if condition.tensor and context.role is Role.REPLICA and context.traced and not context.graph:
        context = replace(context, graph="a condition on a tensor")
    return context


def bind(machine: Machine, frame: Frame, target: ast.expr, value: Value) -> None:
    """Bind an assignment's target to a value."""
    if isinstance(target, ast.Name):
        owner = frame
        if target.id in frame.global_names:
            owner = machine.module_frames.get(frame.module) or frame
            owner.env[target.id] = join(owner.env.get(target.id, ()), value)
            _name_variables(frame, value, target)
            return
        frame.env[target.id] = value
        _name_variables(frame, value, target)
    elif isinstance(target, ast.Attribute):
        _bind_attribute(machine, frame, target, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(machine, frame, target, value)
    elif isinstance(target, ast.Subscript):
        _bind_item(machine, frame, target, value)
    elif isinstance(target, ast.Starred):
        rest = iterate(machine, frame, value, target)
        bind(machine, frame, target.value, (machine.container(frame, target, "list", rest=rest),))


def _name_variables(frame: Frame, value: Value, target: ast.expr) -> None:
    """A variable or a strategy is called by the first name that it is bound to."""
    for atom in value:
        if isinstance(atom, (Variable, Strategy)) and not atom.name:
            atom.name = (
                target.id if isinstance(target, ast.Name) else expression(frame.module, target)
            )


def _bind_attribute(machine: Machine, frame: Frame, target: ast.Attribute, value: Value) -> None:
    base = machine.evaluate(frame, target.value)
    _name_variables(frame, value, target)
    for atom in base:
        if isinstance(atom, (Instance, LibraryObject, Container, Strategy)):
            held = variables(atom.attributes.get(target.attr, ()))
            if not (frame.catches and variables(value) and held and _may_be_made(held)):
                machine.write(atom, target.attr, value)
        elif isinstance(atom, Class):
            atom.attributes[target.attr] = machine.overwritten(
                (atom, target.attr), atom.attributes.get(target.attr, ()), value
            )
        elif isinstance(atom, ModuleRef):
            machine.module_attribute(frame, atom.module, target.attr)
            owner = machine.module_frames.get(atom.module)
            if owner is not None:
                owner.env[target.attr] = machine.overwritten(
                    (owner, target.attr), owner.env.get(target.attr, ()), value
                )
        elif isinstance(atom, Symbol):
            machine.record(Write, frame, target, target=atom.name, key=target.attr, value=value)
        elif isinstance(atom, Variable):
            machine.record(Write, frame, target, target=atom.api, key=target.attr, value=value)


def _may_be_made(held: tuple[Variable, ...]) -> bool:
    """Whether one of these is made for all that is known, so that what is made instead may not be."""
    return any(creation_fails(variable) is not True for variable in held)


def _bind_item(machine: Machine, frame: Frame, target: ast.Subscript, value: Value) -> None:
    base = machine.evaluate(frame, target.value)
    index = machine.evaluate(frame, target.slice)
    keys = constants(index)
    _name_variables(frame, value, target)
    for atom in base:
        if isinstance(atom, Container):
            known = len(keys) == len(index) == 1
            machine.put(atom, keys[0] if known else None, value)
        elif isinstance(atom, Symbol):
            key = keys[0] if keys else None
            machine.record(Write, frame, target, target=atom.name, key=key, value=value)


def _unpack(machine: Machine, frame: Frame, target: ast.Tuple | ast.List, value: Value) -> None:
    stars = [at for at, element in enumerate(target.elts) if isinstance(element, ast.Starred)]
    star = stars[0] if stars else len(target.elts)
    for position, element in enumerate(target.elts):
        parts = [
            _unpacked(machine, frame, atom, element, position, star, len(target.elts))
            for atom in value
        ]
        taken = join(*parts) or UNKNOWN
        if isinstance(element, ast.Starred):
            rest = machine.container(frame, element, "list", rest=taken)
            bind(machine, frame, element.value, (rest,))
        else:
            bind(machine, frame, element, taken)


def _unpacked(
    machine: Machine, frame: Frame, atom: Atom, node: ast.expr, position: int, star: int, count: int
) -> Value:
    """What a target gets of a sequence; behind a star it is counted from the end."""
    if isinstance(atom, Container) and atom.kind != "dict" and not atom.rest:
        more = len(atom.items) - count
        if position == star:
            middle = [item for key, item in atom.items.items() if star <= key <= star + more]
            return join(*middle)
        return atom.items.get(position + more if position > star else position, ()) or UNKNOWN
    if isinstance(atom, Container) and position < star:
        return join(atom.items.get(position, ()), atom.rest) or UNKNOWN
    return iterate(machine, frame, (atom,), node)


def iterate(machine: Machine, frame: Frame, value: Value, node: ast.AST) -> Value:
    """What iterating over a value gives."""
    results: list[Value] = []
    for atom in without_none(value):
        if isinstance(atom, Container):
            machine.read_of(atom, "[]")
            if atom.kind == "dict":
                keys: Value = tuple(Const(key) for key in atom.items if isinstance(key, (str, int)))
                results.append(keys[:8] or UNKNOWN)
            else:
                results.append(atom.elements())
        elif isinstance(atom, LibraryObject):
            results.append(attributes.element_of(atom))
        elif isinstance(atom, Data):
            results.append((atom,))
        elif isinstance(atom, Variable):
            results.append((data_of(machine, frame, (atom,), node, "iteration"),))
        else:
            results.append(UNKNOWN)
    return join(*results) if results else UNKNOWN


def _assign(machine: Machine, frame: Frame, node: ast.Assign) -> None:
    value = machine.evaluate(frame, node.value)
    for target in node.targets:
        bind(machine, frame, target, value)
        choice = machine.events.get((Choice, id(node.value), frame.key))
        if isinstance(choice, Choice) and isinstance(target, ast.Name):
            choice.spelled = target.id


def _annotated(machine: Machine, frame: Frame, node: ast.AnnAssign) -> None:
    if node.value is not None:
        bind(machine, frame, node.target, machine.evaluate(frame, node.value))


def _augmented(machine: Machine, frame: Frame, node: ast.AugAssign) -> None:
    held = machine.evaluate(frame, node.target)
    value = machine.evaluate(frame, node.value)
    rebind(machine, frame, node, held)
    result = machine.binary(frame, node, node.op, held, value, node.target, node.value)
    if isinstance(node.target, ast.Name) or not variables(held):
        bind(machine, frame, node.target, result)


def _expression(machine: Machine, frame: Frame, node: ast.Expr) -> None:
    machine.evaluate(frame, node.value)


def _return(machine: Machine, frame: Frame, node: ast.Return) -> bool:
    value = machine.evaluate(frame, node.value) if node.value is not None else NONE
    frame.returned = join(frame.returned, value)
    if node.value is not None:
        held = [atom for atom in value if isinstance(atom, (Data, Const))]
        machine.record(
            Return,
            frame,
            node,
            value=value,
            data=data_of(machine, frame, tuple(held), node.value, "return") if held else Data(),
            outermost=frame.outermost,
        )
    return False


def _if(machine: Machine, frame: Frame, node: ast.If) -> bool:
    test = machine.evaluate(frame, node.test)
    decided = machine.truth(test)
    if decided is False and made_here(machine, frame, node):
        decided = None
    if decided is not None:
        blocks = (node.body, node.orelse) if decided else (node.orelse, node.body)
        return _one_branch(machine, frame, *blocks)
    if _is_type_checking(node.test):
        return machine.execute(frame, node.body)
    if made_before(machine, frame, node):
        return machine.execute(frame, node.orelse)
    data = data_of(machine, frame, test, node.test, "condition")
    reaches = _branches(machine, frame, node, data, (node.body, node.orelse))
    return any(reaches)


def _one_branch(
    machine: Machine, frame: Frame, taken: list[ast.stmt], other: list[ast.stmt]
) -> bool:
    """Run the branch that is taken as far as is known; another time it may be the other one."""
    held = frame.context.guarded
    frame.context = frame.context.behind_test()
    reached = machine.execute(frame, taken)
    frame.context = replace(frame.context, guarded=held)
    if other and isinstance(other[-1], (ast.Return, ast.Break, ast.Continue)):
        frame.context = frame.context.behind_test()
    return reached


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _branches(
    machine: Machine,
    frame: Frame,
    node: ast.If,
    data: Data,
    blocks: tuple[list[ast.stmt], list[ast.stmt]],
) -> list[bool]:
    """Run both branches from the same state and join what they leave."""
    before, context = dict(frame.env), frame.context
    ends: list[dict[str, Value]] = []
    reaches: list[bool] = []
    after = context
    for number, block in enumerate(blocks):
        condition = condition_of(frame, data, node, node.test, number)
        frame.env = dict(before)
        frame.env.update(narrowed(machine, frame, node.test, number == 0))
        frame.context = enter(frame, condition)
        reached = machine.execute(frame, block) if block else True
        inner = frame.context
        if block:
            machine.record(
                Branch,
                frame,
                node,
                number,
                condition=condition,
                data=data,
                leaves=not reached,
                end=None if reached else block[-1],
            )
        frame.context = context
        reaches.append(reached)
        if reached:
            ends.append(frame.env)
            if not block or inner.strategies == context.strategies:
                continue
            after = replace(context, strategies=inner.strategies)
        elif block and not _only_raises(block):
            # what follows runs only where this branch was not taken
            if condition.because is Because.PYTHON:
                after = after.behind_test()
                continue
            other = replace(condition, branch=1 - number)
            after = _under(frame, after, other)
    own = workers.own_tags((data,)) if context.in_cross_replica else frozenset[str]()
    frame.env = _joined(ends) if ends else before
    if own:
        for name, value in frame.env.items():
            if before.get(name, ()) != value:
                frame.env[name] = workers.depending(value, own)
    frame.context = after if any(reaches) else context
    if len(ends) == 2 and context.in_replica and data.varies is Varies.DIFFERS:
        _note_choices(machine, frame, node, data, ends)
    return reaches


def _note_choices(
    machine: Machine, frame: Frame, node: ast.If, data: Data, ends: list[dict[str, Value]]
) -> None:
    """Note the names that the two branches bind to different variables."""
    for name, value in ends[0].items():
        other = ends[1].get(name, ())
        held = {*variables(value), *variables(other)}
        if value is not other and len(held) > 1 and variables(value) and variables(other):
            chosen = frozenset(held)
            machine.record(Choice, frame, node, name, variables=chosen, data=data, spelled=name)


def _under(frame: Frame, context: Context, condition: Condition) -> Context:
    held = frame.context
    frame.context = context
    result = enter(frame, condition)
    frame.context = held
    return result


def _only_raises(block: list[ast.stmt]) -> bool:
    return isinstance(block[-1], ast.Raise)


def _joined(ends: list[dict[str, Value]]) -> dict[str, Value]:
    if len(ends) == 1:
        return ends[0]
    result = dict(ends[0])
    for end in ends[1:]:
        for name, value in end.items():
            held = result.get(name)
            result[name] = value if held is None or held is value else join(held, value)
    return result


def _loop_body(
    machine: Machine, frame: Frame, body: list[ast.stmt], again: Callable[[], None]
) -> None:
    """Run a loop's body: once, and again when names it binds have changed what they may be."""
    before = dict(frame.env)
    machine.execute(frame, body)
    after = frame.env
    frame.env = _joined([before, after])
    if any(before.get(name) != value for name, value in after.items() if name in before):
        again()
        machine.execute(frame, body)
        frame.env = _joined([before, after, frame.env])


def _for(machine: Machine, frame: Frame, node: ast.For | ast.AsyncFor) -> bool:
    source = machine.evaluate(frame, node.iter)
    item = iterate(machine, frame, source, node.iter)
    bind(machine, frame, node.target, item)
    context = frame.context
    frame.context = _turn(frame, node, source)
    tensors = [atom for atom in source if isinstance(atom, Data) and atom.form is Form.TENSOR]
    if tensors and len(tensors) == len(source):
        # autograph turns a loop over a tensor into a tf.while_loop
        data = data_of(machine, frame, source, node.iter, "loop")
        condition = condition_of(frame, data, node, node.iter, 0)
        frame.context = enter(frame, condition)
    elif turns := _turns_of_its_own(source, context):
        frame.context = enter(frame, condition_of(frame, turns, node, node.iter, 0))
    _loop_body(machine, frame, node.body, lambda: bind(machine, frame, node.target, item))
    frame.context = context
    machine.execute(frame, node.orelse)
    return True


def _turns_of_its_own(source: Value, context: Context) -> Data | None:
    """The number of turns of a `range`, where each replica may have another; else None.

    The static size of a replica's part is one number for the whole trace.
    """
    for atom in source:
        for turns in atom.attributes.get("turns", ()) if isinstance(atom, Container) else ():
            if isinstance(turns, Data) and (
                turns.varies is Varies.DIFFERS or ("own_size" in turns.tags and not context.traced)
            ):
                return replace(turns, form=Form.NUMBER, varies=Varies.DIFFERS)
    return None


def _turn(frame: Frame, node: ast.AST, source: Value = ()) -> Context:
    """The context inside a loop."""
    context = frame.context
    loop = Loop(node, frame.module, len(context.conditions), source, context.loop)
    return replace(context, loops=context.loops + 1, loop=loop)


def _while(machine: Machine, frame: Frame, node: ast.While) -> bool:
    context = frame.context

    def test() -> bool | None:
        frame.context = _turn(frame, node)
        value = machine.evaluate(frame, node.test)
        decided = machine.truth(value)
        if decided is None:
            data = data_of(machine, frame, value, node.test, "condition")
            condition = condition_of(frame, data, node, node.test, 0)
            frame.context = enter(frame, condition)
            machine.record(Branch, frame, node, 0, condition=condition, data=data, leaves=False)
        return decided

    def again() -> None:
        # the body has bound names that the test asks
        frame.context = context
        test()

    if test() is False:
        frame.context = context
        return True
    _loop_body(machine, frame, node.body, again)
    frame.context = context
    machine.execute(frame, node.orelse)
    return True


def _with(machine: Machine, frame: Frame, node: ast.With | ast.AsyncWith) -> bool:
    context = frame.context
    own: list[Value] = []
    for item in node.items:
        value = machine.evaluate(frame, item.context_expr)
        if not managers.enters_no_scope(machine, frame, item.context_expr):
            frame.context = entered(machine, frame, value)
        given = _managed(machine, frame, item.context_expr, value, "__enter__")
        if item.optional_vars is not None:
            bind(machine, frame, item.optional_vars, given or attributes.entered_value(value))
        own.append(value)
    reached = machine.execute(frame, node.body)
    for item, value in zip(reversed(node.items), reversed(own), strict=True):
        _managed(machine, frame, item.context_expr, value, "__exit__")
    conditions = frame.context.conditions
    frame.context = replace(context, conditions=conditions)
    return reached


def _managed(machine: Machine, frame: Frame, node: ast.AST, value: Value, name: str) -> Value:
    """Call the methods of the program's own context managers."""
    results: list[Value] = []
    for atom in value:
        if attributes.own_method(atom, name):
            method = attributes.get(machine, frame, (atom,), name, node, called=True)
            given = Arguments(open=name == "__exit__")
            results.append(machine.call(frame, node, method, given))
    return join(*results)


def entered(machine: Machine, frame: Frame, value: Value) -> Context:
    """The context inside `with value`, or behind what enters it."""
    context = frame.context
    strategies: list[Strategy] = []
    for atom in value:
        if isinstance(atom, Scope):
            strategies.append(atom.strategy)
        elif isinstance(atom, Strategy):
            strategies.append(atom)
        elif isinstance(atom, LibraryObject) and atom.symbol.name == "tf.init_scope":
            return replace(context, traced=False, graph="")
        elif isinstance(atom, Data) and "creator" in atom.tags:
            context = replace(context, rewritten=True)
        elif isinstance(atom, Container) and atom.kind == "context":
            inside = atom.attributes.get("strategies", ())
            strategies.extend(item for item in inside if isinstance(item, Strategy))
    if strategies:
        return replace(context, strategies=tuple(dict.fromkeys(strategies)))
    if any(_is_unknown_manager(atom) for atom in value):
        return replace(context, unknown_scope=context.role is Role.HOST)
    return context


def _is_unknown_manager(atom: Atom) -> bool:
    if isinstance(atom, (Instance, LibraryObject)):
        return managers.may_enter(atom)
    if isinstance(atom, Container) and atom.kind == "context":
        return bool(atom.attributes.get("unknown"))
    return is_unknown(atom)


def _try(machine: Machine, frame: Frame, node: ast.Try) -> bool:
    before = dict(frame.env)
    context = frame.context
    reached = machine.execute(frame, node.body)
    ends = [frame.env] if reached else []
    middle = _joined([before, frame.env])
    if reached and node.orelse:
        reached = machine.execute(frame, node.orelse)
    for handler in node.handlers:
        frame.env = dict(middle)
        frame.context = context.behind_test()
        if handler.name:
            frame.env[handler.name] = UNKNOWN
        outer, frame.catches = frame.catches, True
        ended = machine.execute(frame, handler.body)
        frame.catches = outer
        if ended:
            if ends:
                _settle(ends[0], before, frame.env)
            ends.append(frame.env)
            reached = True
    frame.context = context
    frame.env = _joined(ends) if ends else middle
    if node.finalbody and not machine.execute(frame, node.finalbody):
        return False
    return reached


def _settle(tried: dict[str, Value], before: dict[str, Value], caught: dict[str, Value]) -> None:
    """Leave of two variables, one made in a `try` and one instead of it, the one that is made.

    Where it can't be told whether the first creation raises, neither of them is known.
    """
    for name, instead in caught.items():
        first = variables(tried.get(name, ()))
        if not first or tried[name] == before.get(name) or not variables(instead):
            continue
        own = tuple(atom for atom in instead if atom not in tried[name])
        if not variables(own):
            continue
        raising = set(map(creation_fails, first))
        if raising == {False}:
            caught[name] = tried[name]
        else:
            tried[name] = caught[name] = own if raising == {True} else UNKNOWN


def _match(machine: Machine, frame: Frame, node: ast.Match) -> bool:
    machine.evaluate(frame, node.subject)
    before = dict(frame.env)
    ends = [before]
    for case in node.cases:
        frame.env = dict(before)
        for name in (
            n for n in ast.walk(case.pattern) if isinstance(n, (ast.MatchAs, ast.MatchStar))
        ):
            if name.name:
                frame.env[name.name] = UNKNOWN
        if machine.execute(frame, case.body):
            ends.append(frame.env)
    frame.env = _joined(ends)
    return True


def _global(machine: Machine, frame: Frame, node: ast.Global) -> None:
    frame.global_names.update(node.names)


def _nonlocal(machine: Machine, frame: Frame, node: ast.Nonlocal) -> None:
    frame.nonlocal_names.update(node.names)
    for name in node.names:
        frame.env.pop(name, None)


def _raise(machine: Machine, frame: Frame, node: ast.Raise) -> bool:
    if node.exc is not None:
        machine.evaluate(frame, node.exc)
    return False


def _assert(machine: Machine, frame: Frame, node: ast.Assert) -> None:
    machine.evaluate(frame, node.test)


def _leave(machine: Machine, frame: Frame, node: ast.stmt) -> bool:
    return False


def _delete(machine: Machine, frame: Frame, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.env.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            _delete_item(machine, frame, target)


def _delete_item(machine: Machine, frame: Frame, target: ast.Subscript) -> None:
    keys = constants(machine.evaluate(frame, target.slice))
    for atom in machine.evaluate(frame, target.value):
        if isinstance(atom, Container) and atom.kind == "dict" and len(keys) == 1:
            atom.items.pop(keys[0], None)


def _define(machine: Machine, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    value: Value = machine.define_function(frame, node)
    frame.env[node.name] = join(value)


def _class(machine: Machine, frame: Frame, node: ast.ClassDef) -> None:
    frame.env[node.name] = machine.define_class(frame, node)


def _import(machine: Machine, frame: Frame, node: ast.Import) -> None:
    for alias in node.names:
        if alias.asname:
            frame.env[alias.asname] = machine.import_module(frame, alias.name)
        else:
            top = alias.name.split(".")[0]
            frame.env[top] = machine.import_module(frame, top)
            if top != alias.name:
                machine.import_module(frame, alias.name)


def _import_from(machine: Machine, frame: Frame, node: ast.ImportFrom) -> None:
    name = node.module or ""
    if node.level:
        name = machine.modules.relative(frame.module, node.level, name)
    for alias in node.names:
        if alias.name == "*":
            frame.env.update(machine.star_import(frame, name))
        else:
            frame.env[alias.asname or alias.name] = machine.import_name(frame, name, alias.name)


_HANDLERS: dict[type, Callable[..., bool | None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Expr: _expression,
    ast.Return: _return,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.Match: _match,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Break: _leave,
    ast.Continue: _leave,
    ast.Delete: _delete,
    ast.FunctionDef: _define,
    ast.AsyncFunctionDef: _define,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
}
if hasattr(ast, "TryStar"):
    _HANDLERS[ast.TryStar] = _try

__all__ = ["bind", "enter", "entered", "execute", "iterate"]
