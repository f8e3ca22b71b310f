"""Calls of the program's own functions and classes, and what is made of a definition."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from varsync_rules.context import Context, Role
from varsync_rules.evaluate import relevance
from varsync_rules.evaluate.attributes import bound_to
from varsync_rules.evaluate.expressions import function as make_function
from varsync_rules.evaluate.frames import (
    DEEPEST,
    MOST_ACTIVATIONS,
    Frame,
    Machine,
    unknown_result,
)
from varsync_rules.evaluate.provenance import merged_arguments
from varsync_rules.immutable import replace
from varsync_rules.surface import CORE, STRATEGIES, canonical
from varsync_rules.values import (
    NONE,
    UNKNOWN,
    Argument,
    Arguments,
    Atom,
    Bound,
    Class,
    Const,
    Function,
    Instance,
    Method,
    Partial,
    Symbol,
    Traced,
    Value,
    constants,
    join,
    without_none,
)

_ALLOCATES = re.compile(
    r"Variable|Strategy\(|add_weight|add_variable|get_variable|Container|\.variable\("
)
_MOST_CALLEES = 6
# A class of these is made of its fields, like a dataclass.
_FIELDS_ALONE = frozenset({"typing.NamedTuple", "typing_extensions.NamedTuple"})

_WRAPPERS = frozenset(
    {
        "builtins.property",
        "builtins.classmethod",
        "builtins.staticmethod",
        "functools.cached_property",
        "abc.abstractproperty",
        "contextlib.contextmanager",
        "tensorflow.python.util.tf_contextlib.contextmanager",
    }
)


_CACHES = frozenset({"functools.lru_cache", "functools.cache"})


def call(
    machine: Machine, frame: Frame, node: ast.AST, callee: Value, arguments: Arguments
) -> Value:
    """What calling any one of the callee's atoms gives."""
    callee = without_none(callee)
    if len(callee) == 1:
        return machine.call_atom(frame, node, callee[0], arguments)
    return (
        join(*(machine.call_atom(frame, node, atom, arguments) for atom in callee[:_MOST_CALLEES]))
        or UNKNOWN
    )


def call_atom(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    atom: Atom,
    arguments: Arguments,
    context: Context | None = None,
    outermost: bool = False,
) -> Value:
    """Call one callee, in the caller's context or in another one (strategy.run, merge_call, …)."""
    if isinstance(atom, Function):
        return activate(machine, frame, node, atom, arguments, None, context, outermost)
    if isinstance(atom, Bound):
        return activate(
            machine, frame, node, atom.function, arguments, atom.receiver, context, outermost
        )
    if isinstance(atom, Partial):
        return _call_partial(machine, frame, node, atom, arguments, context, outermost)
    if isinstance(atom, Traced):
        inner = _traced(context or frame.context, outermost)
        return machine.call_atom(frame, node, atom.target, arguments, inner, outermost)
    if isinstance(atom, Class):
        return instantiate(machine, frame, node, atom, arguments)
    if isinstance(atom, Instance):
        return _call_instance(machine, frame, node, atom, arguments, context, outermost)
    if context is None:
        # what it enters (a scope, for an ExitStack) stays in force
        return machine.call_library(frame, node, atom, arguments)
    before = frame.context
    frame.context = context
    try:
        return machine.call_library(frame, node, atom, arguments)
    finally:
        frame.context = before


def _traced(context: Context, outermost: bool) -> Context:
    """Inside a tf.function; one called in replica context makes a graph of its own."""
    nested = context.role is Role.REPLICA and not outermost and not context.graph
    return replace(context, traced=True, graph="a nested tf.function" if nested else context.graph)


def _call_partial(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    atom: Partial,
    arguments: Arguments,
    context: Context | None,
    outermost: bool,
) -> Value:
    if isinstance(atom.target, Symbol):
        if atom.target.name.endswith("contextmanager"):
            return _context_manager(machine, frame, node, atom, arguments)
        if atom.target.name in _WRAPPERS:
            return machine.call(frame, node, atom.args[0], arguments)
        if atom.target.name in _CACHES and atom.args:
            return _call_cached(machine, frame, atom.args[0], arguments)
    named = tuple((name, Argument(value)) for name, value in atom.kwargs)
    given = {name for name, _ in arguments.keywords}
    merged = Arguments(
        (*(Argument(value) for value in atom.args), *arguments.positional),
        (*(pair for pair in named if pair[0] not in given), *arguments.keywords),
        arguments.open,
    )
    # tf.function under a partial is hidden from strategy.run
    direct = outermost and not isinstance(atom.target, Traced)
    return machine.call_atom(frame, node, atom.target, merged, context, direct)


def _call_cached(machine: Machine, frame: Frame, targets: Value, arguments: Arguments) -> Value:
    """Call a cached function: as if from one place, so that all its callers get the same objects."""
    results: list[Value] = []
    for target in targets:
        function = target.function if isinstance(target, Bound) else target
        if isinstance(function, Function):
            home = function.closure or frame
            receiver = target.receiver if isinstance(target, Bound) else None
            values = tuple(arguments.all_values())
            first = frame.context.behind_test()
            context = machine.first.setdefault((function, receiver, values), first)
            results.append(machine.call_atom(home, function.node, target, arguments, context))
    return join(*results) or UNKNOWN


def _context_manager(
    machine: Machine, frame: Frame, node: ast.AST, atom: Partial, arguments: Arguments
) -> Value:
    """Call a generator made a context manager: what is in force at its yield is in force inside."""
    made = machine.container(frame, node, "context")
    for target in atom.args[0]:
        function = target.function if isinstance(target, Bound) else target
        receiver = target.receiver if isinstance(target, Bound) else None
        if not isinstance(function, Function):
            continue
        inner = _run(machine, frame, node, function, arguments, receiver, None, False)
        if inner is None:
            continue
        if inner.yield_context is not None:
            entered = inner.yield_context.strategies
            if entered != frame.context.strategies:
                machine.write(made, "strategies", entered)
            elif inner.yield_context.unknown_scope and not frame.context.unknown_scope:
                machine.write(made, "unknown", (Const(True),))
        machine.write(made, "value", inner.yielded or NONE)
    return (made,)


def activate(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    function: Function,
    arguments: Arguments,
    receiver: Atom | None,
    context: Context | None,
    outermost: bool,
) -> Value:
    """Call a function of the program: its body is run for these arguments in this context."""
    inner = _run(machine, frame, node, function, arguments, receiver, context, outermost)
    if inner is None:
        held = unknown_result(function, machine)
        return held or merged_arguments(machine, frame, node, arguments)
    if inner.yielded:
        return (machine.container(inner, function.node, "list", rest=inner.yielded),)
    return inner.returned or NONE


def _run(
    machine: Machine,
    caller: Frame,
    node: ast.AST,
    function: Function,
    arguments: Arguments,
    receiver: Atom | None,
    context: Context | None,
    outermost: bool,
) -> Frame | None:
    """The finished frame of a call, or None when it is not run (recursion, bounds)."""
    context = context or caller.context
    if not relevance.worth_running(machine, function, arguments, receiver, context):
        machine.activated.add(function)
        return None
    site = (caller.key, id(node)) if _allocates(machine, function) else None
    values = (
        tuple(argument.value for argument in arguments.positional),
        tuple((name, argument.value) for name, argument in arguments.keywords),
    )
    key = (function, receiver, values, context, outermost, site)
    found = machine.memo.get(key)
    if found is not None:
        machine.take(found)
        return found if found.finished else None
    count = machine.activations.get(function, 0)
    if count >= MOST_ACTIVATIONS:
        return None
    if caller.depth >= DEEPEST:
        machine.program.cut.add((caller.module.source.path, node))
        return None
    machine.activations[function] = count + 1
    frame = Frame(
        function.module,
        context,
        name=function.name,
        key=machine.identity(
            (caller.key, id(node), id(function), id(receiver), context.role, context.strategies)
        ),
        function=function,
        parent=_enclosing(function),
        caller=caller,
        call_node=node,
    )
    frame.entry = machine.entry
    frame.receiver = receiver
    frame.owner = function.owner
    frame.outermost = outermost
    machine.memo[key] = frame
    machine.depends(machine.running, frame)
    if frame.parent is not None:
        machine.depends(frame, frame.parent)
    outer, machine.running = machine.running, frame
    machine.activated.add(function)
    _bind_parameters(machine, frame, function, arguments, receiver)
    body = function.node.body
    if isinstance(body, list):
        machine.execute(frame, body)
    else:
        frame.returned = machine.evaluate(frame, body)
    machine.running = outer
    frame.context = context
    frame.last = machine.last
    frame.finished = True
    held = machine.results.get(function, ())
    machine.results[function] = join(held, frame.returned or NONE)
    return frame


def _enclosing(function: Function) -> Frame | None:
    """The frame whose names a function sees: not the class body that it stands in."""
    closure: Frame | None = function.closure
    while closure is not None and closure.function is None and closure.owner is not None:
        closure = closure.parent
    return closure


def _allocates(machine: Machine, function: Function) -> bool:
    """Whether a call's place must be kept apart: each call of such a function makes other objects."""
    known = machine.allocates.get(function)
    if known is None:
        known = function.module.mentions(function.node, _ALLOCATES)
        machine.allocates[function] = known
    return known


def _bind_parameters(
    machine: Machine, frame: Frame, function: Function, arguments: Arguments, receiver: Atom | None
) -> None:
    spec = function.node.args
    names = [parameter.arg for parameter in (*spec.posonlyargs, *spec.args)]
    positional = list(arguments.positional)
    if receiver is not None:
        positional.insert(0, Argument((receiver,)))
    given: dict[str, Value] = {}
    for name, argument in zip(names, positional, strict=False):
        given[name] = argument.value
    extra = positional[len(names) :]
    keyword_names = {parameter.arg for parameter in spec.kwonlyargs} | set(names)
    left: list[tuple[str, Value]] = []
    for name, argument in arguments.keywords:
        if name in keyword_names:
            given[name] = argument.value
        else:
            left.append((name, argument.value))
    defaults = defaults_of(function)
    for name in (*names, *(parameter.arg for parameter in spec.kwonlyargs)):
        if name in given:
            frame.env[name] = given[name]
            continue
        default = defaults.get(name)
        value = machine.evaluate(function.closure or frame, default) if default is not None else ()
        frame.env[name] = join(value, UNKNOWN if arguments.open or default is None else ())
    if spec.vararg is not None:
        rest = UNKNOWN if arguments.open else ()
        items = [argument.value for argument in extra]
        frame.env[spec.vararg.arg] = (
            machine.container(frame, spec.vararg, "tuple", items, rest=rest),
        )
    if spec.kwarg is not None:
        made = machine.container(frame, spec.kwarg, "dict", rest=UNKNOWN if arguments.open else ())
        for name, value in left:
            machine.put(made, name, value)
        frame.env[spec.kwarg.arg] = (made,)


def defaults_of(function: Function) -> dict[str, ast.expr]:
    """The default expressions of a function's parameters by name."""
    spec = function.node.args
    ordered = [*spec.posonlyargs, *spec.args]
    found: dict[str, ast.expr] = {}
    if spec.defaults:
        for parameter, default in zip(ordered[-len(spec.defaults) :], spec.defaults, strict=True):
            found[parameter.arg] = default
    for parameter, keyword_default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if keyword_default is not None:
            found[parameter.arg] = keyword_default
    return found


def instantiate(
    machine: Machine, frame: Frame, node: ast.AST, cls: Class, arguments: Arguments
) -> Value:
    """Make an instance of a class of the program."""
    for ancestor in cls.ancestry():
        if isinstance(ancestor, Symbol) and ancestor.name in STRATEGIES:
            return machine.call_atom(frame, node, ancestor, arguments)
    instance = machine.made(Instance, frame, node, cls, cls=cls)
    machine.instances.setdefault(instance)
    initialise(machine, frame, node, instance, arguments)
    return (instance,)


def initialise(
    machine: Machine, frame: Frame, node: ast.AST, instance: Instance, arguments: Arguments
) -> None:
    """Run the constructor of an instance: its own, or the fields of a dataclass."""
    for ancestor in instance.cls.ancestry():
        if isinstance(ancestor, Symbol):
            if ancestor.name in _FIELDS_ALONE:
                break
            if ancestor.name not in ("builtins.object", "typing.Generic"):
                machine.call_atom(frame, node, Method(instance, "__init__"), arguments)
            return
        constructor = ancestor.attributes.get("__init__")
        if constructor is not None:
            callee = tuple(bound_to(item, instance) for item in constructor)
            machine.call(frame, node, callee, arguments)
            return
    fields = _fields(instance.cls)
    for name, argument in zip(fields, arguments.positional, strict=False):
        machine.write(instance, name, argument.value)
    for name, argument in arguments.keywords:
        machine.write(instance, name, argument.value)
    given = {*fields[: len(arguments.positional)], *(name for name, _ in arguments.keywords)}
    for name in fields:
        if name not in given:
            for factory in _factories(instance.cls, name):
                machine.write(instance, name, machine.call(frame, node, factory, Arguments()))


def _factories(cls: Class, name: str) -> Iterator[Value]:
    """What makes a field of a dataclass for each instance."""
    for ancestor in cls.ancestry():
        if isinstance(ancestor, Class) and name in ancestor.attributes:
            for atom in ancestor.attributes[name]:
                if isinstance(atom, Partial) and atom.target == Symbol("dataclasses.field()"):
                    yield from atom.args
            return


def _fields(cls: Class) -> list[str]:
    """The names that a class without a constructor of its own is made of, in their order."""
    names: dict[str, None] = {}
    for ancestor in reversed(cls.ancestry()):
        if not isinstance(ancestor, Class):
            continue
        for base in (atom for value in ancestor.bases for atom in value):
            if isinstance(base, Partial) and base.args:
                # collections.namedtuple(…)
                names.update(dict.fromkeys(map(str, constants(base.args[0]))))
        for statement in ancestor.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                names[statement.target.id] = None
    return list(names)


def _call_instance(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    instance: Instance,
    arguments: Arguments,
    context: Context | None,
    outermost: bool,
) -> Value:
    for ancestor in instance.cls.ancestry():
        if isinstance(ancestor, Symbol):
            before = frame.context
            if context is not None:
                frame.context = context
            result = machine.call_library(frame, node, Method(instance, "__call__"), arguments)
            frame.context = before
            return result
        method = ancestor.attributes.get("__call__")
        if method is not None:
            return join(
                *(
                    machine.call_atom(
                        frame, node, bound_to(item, instance), arguments, context, outermost
                    )
                    for item in method
                )
            )
    return UNKNOWN


def define_function(
    machine: Machine, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef
) -> Value:
    """What a def statement binds: the function, wrapped by its decorators."""
    if frame.function is None and frame.owner is None:
        name = canonical(f"{frame.module.name}.{node.name}")
        if name in CORE:
            return (Symbol(name, f"{frame.module.name}.{node.name}"),)
    made = make_function(machine, frame, node, node.name)
    machine.defined.setdefault(made)
    value: Value = (made,)
    for decorator in reversed(node.decorator_list):
        if isinstance(decorator, ast.Attribute) and decorator.attr in (
            "setter",
            "deleter",
            "getter",
        ):
            return frame.env.get(node.name, value)
        value = _decorated(machine, frame, decorator, value)
    if any(isinstance(atom, Traced) and atom.target is made for atom in value):
        machine.traced.add(made)
    return value


def _decorated(machine: Machine, frame: Frame, decorator: ast.expr, value: Value) -> Value:
    callee = machine.evaluate(frame, decorator)
    for atom in callee:
        if isinstance(atom, Symbol):
            if atom.name in _WRAPPERS | _CACHES or atom.name.endswith(".contextmanager"):
                return (Partial(atom, (value,), ()),)
            if atom.name == "tf.function":
                return tuple(Traced(item) for item in value)
        elif isinstance(atom, Partial) and isinstance(atom.target, Symbol):
            if atom.target.name == "tf.function":
                return tuple(Traced(item) for item in value)
            if atom.target.name in _CACHES:
                return (Partial(atom.target, (value,), ()),)
        elif isinstance(atom, (Function, Bound, Class)):
            result = machine.call(
                frame, decorator, callee, Arguments((Argument(value, decorator),))
            )
            usable = tuple(
                item for item in result if isinstance(item, (Function, Traced, Bound, Partial))
            )
            return usable or value
    return value


def define_class(machine: Machine, frame: Frame, node: ast.ClassDef) -> Value:
    """What a class statement binds; TensorFlow's and Keras's own base classes stay symbols."""
    dotted = f"{frame.module.name}.{node.name}"
    name = canonical(dotted)
    if name in CORE and frame.function is None:
        return (Symbol(name, dotted),)
    key = (id(node), frame.key)
    cls = machine.classes.get(key)
    if cls is None:
        cls = Class(node, frame.module, frame, node.name)
        machine.classes[key] = cls
    cls.closure = frame
    cls.bases = tuple(machine.evaluate(frame, base) for base in node.bases)
    body = Frame(
        frame.module,
        frame.context,
        name=node.name,
        key=machine.identity((frame.key, id(node))),
        parent=frame,
    )
    body.owner = cls
    body.entry = frame.entry
    body.depth = frame.depth + 1
    machine.execute(body, node.body)
    for attribute, value in body.env.items():
        cls.attributes[attribute] = value
    return (cls,)
