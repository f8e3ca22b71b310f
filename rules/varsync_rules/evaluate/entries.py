"""Where an evaluation starts: modules, then Keras's hooks, then what nobody in the program calls."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice

from varsync_rules.context import Context, Role
from varsync_rules.evaluate import calls, expressions, relevance, statements
from varsync_rules.evaluate.attributes import bound_to, unknown_named
from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.evaluate.library import keras
from varsync_rules.evaluate.library.dispatch import call_library
from varsync_rules.files import INTERESTING, Module, Modules
from varsync_rules.immutable import replace
from varsync_rules.parsing import SyntaxProblem
from varsync_rules.program import (
    Branch,
    Call,
    Choice,
    Creation,
    Event,
    Program,
    Read,
    Rebind,
    Return,
    Reuse,
    Unresolved,
    Update,
    Use,
    Write,
)
from varsync_rules.surface import canonical, is_operations
from varsync_rules.values import (
    UNKNOWN,
    Argument,
    Arguments,
    Class,
    Const,
    Function,
    Imported,
    Instance,
    ModuleRef,
    Symbol,
    Traced,
    Value,
    join,
)

MOST_ROUNDS = 2
# Instances of one class made in alike contexts whose methods are run for themselves.
MOST_ALIKE = 6
# The part of the work that is done when all modules are loaded, about.
_LOADING = 0.5
# The libraries whose names are known when a program imports all of them.
_STARRED = frozenset({"tensorflow", "keras", "tf_keras"})


def evaluate_program(
    modules: Modules, candidates: Iterable[Module], told: Callable[[float], None]
) -> Program:
    """All events of the program that these modules and what they import make.

    `told` is called with the part of the work that is done, from 0 to 1.
    """
    entries = list(candidates)
    machine = Machine(modules, told)
    _wire(machine)
    _evaluate_all(machine, entries)
    for _ in range(MOST_ROUNDS):
        if not machine.run_stale():
            break
        _hooks(machine)
        _uncalled_functions(machine)
    _collect(machine)
    return machine.program


def _evaluate_all(machine: Machine, entries: list[Module]) -> None:
    for number, module in enumerate(entries):
        machine.told(_LOADING * number / len(entries))
        load(machine, module)
    for _ in range(MOST_ROUNDS):
        derived = _derived(machine)
        for module in derived:
            load(machine, module)
        if not derived:
            break
        entries = [*entries, *derived]
    machine.linted.update(entries)
    _hooks(machine)
    _uncalled_functions(machine)
    _hooks(machine)


def _derived(machine: Machine) -> list[Module]:
    """The modules not looked at yet that derive classes from ones that matter, by their names."""
    classes = list(machine.classes.values())
    names = {cls.name.encode() for cls in classes if _class_matters(machine, cls)}
    return [
        module
        for module in machine.modules.all
        if module not in machine.module_frames and not names.isdisjoint(module.base_names)
    ]


def _wire(machine: Machine) -> None:
    machine.evaluate = partial(expressions.evaluate, machine)
    machine.execute = partial(statements.execute, machine)
    machine.call = partial(calls.call, machine)
    machine.call_atom = partial(calls.call_atom, machine)
    machine.call_library = partial(call_library, machine)
    machine.binary = partial(expressions.binary, machine)
    machine.truth = expressions.truth
    machine.define_function = partial(calls.define_function, machine)
    machine.define_class = partial(calls.define_class, machine)
    machine.import_module = lambda frame, name: import_module(machine, name)
    machine.import_name = lambda frame, name, item: import_name(machine, name, item)
    machine.import_now = lambda name, item: import_now(machine, name, item)
    machine.star_import = lambda frame, name: star_import(machine, name)
    machine.module_attribute = lambda frame, module, name: module_attribute(machine, module, name)


def load(machine: Machine, module: Module) -> Frame | None:
    """The evaluated body of a module; None where it can't be parsed."""
    if module in machine.module_frames:
        return machine.module_frames[module]
    machine.module_frames[module] = None
    try:
        body = module.tree.body
    except SyntaxProblem:
        return None
    frame = Frame(
        module,
        Context(portable=module.is_test, callers=module.target.assumed),
        name=module.name,
        key=machine.identity(("module", module.name, module.source.path)),
    )
    frame.env["__name__"] = (Const("__main__"),)
    machine.module_frames[module] = frame
    frame.entry = ("module", module)
    machine.run_entry(frame.entry, module.source.path, lambda: machine.execute(frame, body))
    return frame


def import_module(machine: Machine, name: str) -> Value:
    """What `import name` binds."""
    module = machine.modules.find(name)
    return (ModuleRef(module),) if module is not None else (Symbol(canonical(name), name),)


def import_name(machine: Machine, name: str, item: str) -> Value:
    """What `from name import item` binds; in the program it is looked up when it is used."""
    dotted = f"{name}.{item}" if name else item
    if machine.modules.find(name) is None and machine.modules.find(dotted) is None:
        return (Symbol(canonical(dotted), dotted),)
    return (Imported(name, item),)


def import_now(machine: Machine, name: str, item: str) -> Value:
    """What a name imported from a module of the program is."""
    dotted = f"{name}.{item}" if name else item
    module = machine.modules.find(name)
    if module is not None and is_operations(name) and machine.modules.find(dotted) is None:
        return (Symbol(canonical(dotted), dotted),)
    if module is not None:
        frame = load(machine, module)
        if frame is not None and frame.env.get(item) not in (None, (Imported(name, item),)):
            return machine.looked_up(frame, item)
    submodule = machine.modules.find(dotted)
    if submodule is not None:
        return (ModuleRef(submodule),)
    if module is not None:
        symbol = canonical(dotted)
        if symbol != dotted:
            return (Symbol(symbol, dotted),)
        return machine.starred(module, item) or UNKNOWN
    return (Symbol(canonical(dotted), dotted),)


def star_import(machine: Machine, name: str) -> dict[str, Value]:
    """What `from name import *` binds; of a library nothing is known but its names' meaning."""
    module = machine.modules.find(name)
    if module is None:
        return {"*": (Symbol(canonical(name), name),)} if name.split(".")[0] in _STARRED else {}
    frame = load(machine, module)
    if frame is None:
        return {}
    listed = frame.env.get("__all__")
    public = {key: value for key, value in frame.env.items() if not key.startswith("_")}
    if listed:
        names = {
            atom.value
            for container in listed
            for atom in getattr(container, "elements", tuple)()
            if isinstance(atom, Const)
        }
        public = {key: value for key, value in frame.env.items() if key in names} or public
    return public


def module_attribute(machine: Machine, module: Module, name: str) -> Value:
    """`module.name` of a module of the program."""
    if is_operations(module.name) and machine.modules.find(f"{module.name}.{name}") is None:
        return (Symbol(canonical(f"{module.name}.{name}"), f"{module.name}.{name}"),)
    frame = load(machine, module)
    if frame is not None and name in frame.env:
        return machine.looked_up(frame, name)
    submodule = machine.modules.find(f"{module.name}.{name}")
    if submodule is not None:
        return (ModuleRef(submodule),)
    dotted = f"{module.name}.{name}"
    symbol = canonical(dotted)
    if symbol != dotted:
        return (Symbol(symbol, dotted),)
    return machine.starred(module, name) or UNKNOWN


def _root(machine: Machine, module: Module, context: Context, key: object) -> Frame:
    frame = Frame(module, context, name="", key=machine.identity(("root", key, context)))
    frame.entry = frame.key
    return frame


def assumed_arguments(
    machine: Machine, frame: Frame, function: Function, skip_first: bool
) -> Arguments:
    """What callers that the program does not show may pass: defaults, or anything."""
    spec = function.node.args
    parameters = [*spec.posonlyargs, *spec.args][1 if skip_first else 0 :]
    defaults = calls.defaults_of(function)
    keywords: list[tuple[str, Argument]] = []
    for parameter in (*parameters, *spec.kwonlyargs):
        default = defaults.get(parameter.arg)
        known = machine.evaluate(function.closure or frame, default) if default else ()
        guess = unknown_named(machine, frame, parameter, parameter.arg)
        if parameter.annotation is not None and guess == UNKNOWN:
            text = ast.unparse(parameter.annotation)
            if text.endswith("Strategy") or "distribute.Strategy" in text:
                guess = unknown_named(machine, frame, parameter, "strategy")
        keywords.append((parameter.arg, Argument(join(known, guess))))
    return Arguments((), tuple(keywords), bool(spec.vararg or spec.kwarg))


def _is_interesting(function: Function) -> bool:
    return function.module.mentions(function.node, INTERESTING)


def _hooks(machine: Machine) -> None:
    """Call what Keras calls on every instance that the program makes or that stands for its users'."""
    for instance in list(machine.instances):
        base = keras.is_keras_class(instance.cls)
        if not base or instance in machine.hooked:
            continue
        machine.hooked.add(instance)
        alike = (instance.cls, instance.context.strategies, instance.context.portable)
        machine.alike[alike] = machine.alike.get(alike, 0) + 1
        if machine.alike[alike] > MOST_ALIKE:
            continue
        for role, table in (
            (Role.HOST, keras.HOST_HOOKS),
            (Role.REPLICA, keras.REPLICA_HOOKS),
            (Role.UPDATE, keras.UPDATE_HOOKS),
        ):
            visible = instance.context.may_replicate
            for name in table.get(base, ()):
                if visible or role is Role.HOST or not _is_called(machine, instance, name):
                    _hook(machine, instance, base, name, role if visible else Role.HOST)


def _is_called(machine: Machine, instance: Instance, name: str) -> bool:
    """Whether the program itself calls the method: then Keras may not, where no strategy is."""
    for ancestor in instance.cls.ancestry():
        held = ancestor.attributes.get(name) if isinstance(ancestor, Class) else None
        if held is not None:
            return any(_function_of(item) in machine.activated for item in held)
    return False


def _hook(machine: Machine, instance: Instance, base: str, name: str, role: Role) -> None:
    for ancestor in instance.cls.ancestry():
        if not isinstance(ancestor, Class):
            return
        held = ancestor.attributes.get(name)
        if held is None:
            continue
        context = keras.hook_context(instance, role, f"{base.rsplit('.', 1)[-1]}.{name}")
        frame = _root(machine, ancestor.module, context, (instance.index, name))
        for item in held:
            inner = bound_to(item, instance)
            function = _function_of(inner)
            if function is None:
                continue
            parameters = [
                p.arg for p in (*function.node.args.posonlyargs, *function.node.args.args)
            ]
            optional = frozenset(calls.defaults_of(function))
            batch = keras.hook_arguments(parameters[1:], optional, role)
            assumed = assumed_arguments(machine, frame, function, True)
            if role is not Role.HOST:
                keywords = tuple(
                    (key, Argument(batch.get(key, argument.value)))
                    for key, argument in assumed.keywords
                )
                assumed = replace(assumed, keywords=keywords)
            what = f"{function.module.source.path}:{function.node.lineno}"
            direct = not isinstance(inner, Traced) or keras.is_given_to_run(instance, base, name)
            machine.run_entry(
                frame.entry,
                what,
                partial(machine.call_atom, frame, function.node, inner, assumed, context, direct),
            )
        return


def _function_of(atom: object) -> Function | None:
    while atom is not None:
        if isinstance(atom, Function):
            return atom
        atom = getattr(atom, "function", None) or getattr(atom, "target", None)
    return None


def _uncalled_classes(machine: Machine) -> None:
    """Assume an instance of each class that nobody in the program makes one of."""
    made = {instance.cls for instance in machine.instances if not instance.assumed}
    for cls in list(machine.classes.values()):
        module = cls.module
        if cls in machine.assumed or module not in machine.linted:
            continue
        machine.assumed.add(cls)
        if cls in made or not _class_matters(machine, cls):
            continue
        context = Context(portable=True, callers=module.target.assumed)
        frame = _root(machine, module, context, ("assumed", id(cls.node)))
        instance = machine.made(Instance, frame, cls.node, cls, cls=cls)
        instance.assumed = True
        machine.instances.setdefault(instance)
        constructor = next(
            (
                item
                for ancestor in cls.ancestry()
                if isinstance(ancestor, Class)
                for item in ancestor.attributes.get("__init__", ())
                if isinstance(item, Function)
            ),
            None,
        )
        given = (
            assumed_arguments(machine, frame, constructor, True)
            if constructor is not None
            else Arguments(open=True)
        )
        what = f"{module.source.path}:{cls.node.lineno}"
        machine.run_entry(
            frame.entry,
            what,
            partial(calls.initialise, machine, frame, cls.node, instance, given),
        )


def _class_matters(machine: Machine, cls: Class) -> bool:
    """Whether a class's instances can touch a variable: their own, or of what Keras calls in them."""
    if cls.module.mentions(cls.node, INTERESTING):
        return True
    return bool(keras.is_keras_class(cls)) and relevance.matters(machine, cls)


def _uncalled_functions(machine: Machine) -> None:
    """Run every function that matters and that nothing ran, on behalf of callers not shown."""
    seen = 0
    while True:
        _uncalled_classes(machine)
        _hooks(machine)
        new = list(islice(machine.defined, seen, None))
        seen += len(new)
        waiting = [
            function
            for function in new
            if function not in machine.activated and _is_interesting(function)
        ]
        if not waiting:
            return
        instances: dict[Class, list[Instance]] = {}
        for instance in machine.instances:
            for ancestor in instance.cls.ancestry():
                if isinstance(ancestor, Class):
                    instances.setdefault(ancestor, []).append(instance)
        for number, function in enumerate(_callers_first(waiting)):
            machine.told(_LOADING + (1 - _LOADING) * number / len(waiting))
            if function in machine.activated:
                continue
            owners = instances.get(function.owner, []) if function.owner is not None else []
            _run_uncalled(machine, function, owners[:3])


def _callers_first(waiting: list[Function]) -> list[Function]:
    """Functions that no other of them names come first: they call the others, with a context."""
    named = Counter(name for function in waiting for name in relevance.names_in(function))
    return sorted(waiting, key=lambda function: named[function.name] > 1)


def _run_uncalled(machine: Machine, function: Function, owners: list[Instance]) -> None:
    what = f"{function.module.source.path}:{function.node.lineno}"
    receivers: list[Instance | None] = [None]
    if function.owner is not None and not _is_static(function):
        receivers = list(owners) or [None]
    for receiver in receivers:
        base = receiver.context if receiver is not None else Context()
        context = Context(
            strategies=base.strategies, portable=True, callers=function.module.target.assumed
        )
        frame = _root(machine, function.module, context, ("uncalled", id(function.node)))
        given = assumed_arguments(machine, frame, function, receiver is not None)
        target = bound_to(function, receiver) if receiver is not None else function
        if function in machine.traced:
            target = Traced(target)
        machine.run_entry(
            frame.entry,
            what,
            partial(machine.call_atom, frame, function.node, target, given, context, False),
        )


def _is_static(function: Function) -> bool:
    decorators = getattr(function.node, "decorator_list", [])
    return any(getattr(item, "id", "") in ("staticmethod", "classmethod") for item in decorators)


def _collect(machine: Machine) -> None:
    """Sort the events of the last pass into the program."""
    program = machine.program
    kinds: dict[type[Event], list[Event]] = {
        Creation: program.creations,  # type: ignore[dict-item]
        Update: program.updates,  # type: ignore[dict-item]
        Read: program.reads,  # type: ignore[dict-item]
        Call: program.calls,  # type: ignore[dict-item]
        Rebind: program.rebinds,  # type: ignore[dict-item]
        Return: program.returns,  # type: ignore[dict-item]
        Branch: program.branches,  # type: ignore[dict-item]
        Choice: program.choices,  # type: ignore[dict-item]
        Write: program.writes,  # type: ignore[dict-item]
        Reuse: program.reuses,  # type: ignore[dict-item]
        Use: program.uses,  # type: ignore[dict-item]
        Unresolved: program.unresolved,  # type: ignore[dict-item]
    }
    for event in sorted(machine.events.values(), key=lambda event: event.order):
        kinds[type(event)].append(event)
