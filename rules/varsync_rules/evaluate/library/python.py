"""Python's own: built-in functions, containers' methods, functools, contextlib, os."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from varsync_rules.evaluate import attributes, averages, workers
from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.evaluate.provenance import combine, data_of, made_in
from varsync_rules.evaluate.statements import entered, iterate
from varsync_rules.evaluate.types import classes_of, is_a
from varsync_rules.immutable import replace
from varsync_rules.values import (
    NONE,
    UNKNOWN,
    Arguments,
    Atom,
    Bound,
    Class,
    Const,
    Container,
    Data,
    Form,
    Function,
    Instance,
    LibraryObject,
    Made,
    Partial,
    Symbol,
    Traced,
    Value,
    Variable,
    Varies,
    constants,
    join,
    merge,
    only_constant,
)

Handler = Callable[[Machine, Frame, ast.AST, Symbol, Arguments], Value]
FIELD = "dataclasses.field()"
"""What stands for a field of a dataclass that a function makes; it is given the function."""
NAMEDTUPLE = "collections.namedtuple()"
"""What makes the tuples of one collections.namedtuple; it is given their names first."""
_NUMBER: Value = (Data(Form.NUMBER, Varies.SAME, Made.HOST),)


def _first(arguments: Arguments) -> Value:
    return arguments.positional[0].value if arguments.positional else ()


def _print(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    # Python's print shows the copies of a variable, tf.print its value
    use = "call tf.print" if symbol.name == "tf.print" else "print"
    for argument in arguments.positional:
        data_of(machine, frame, argument.value, argument.node or node, use)
    return NONE


def _number(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """float(x), int(x), bool(x): reads x as a Python number."""
    value = _first(arguments)
    const = only_constant(value)
    last = symbol.name.rsplit(".", 1)[-1]
    if const is not None and isinstance(const.value, (int, float, str)):
        try:
            return (Const({"float": float, "int": int, "bool": bool}[last](const.value)),)
        except (ValueError, OverflowError):
            return UNKNOWN
    at = arguments.positional[0].node if arguments.positional else node
    data = data_of(machine, frame, value, at or node, last)
    return (replace(data, form=Form.NUMBER, made=made_in(frame.context), op=last),)


def _range(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    made = machine.container(frame, node, "range", rest=_NUMBER)
    turns = [
        data_of(machine, frame, given.value, given.node or node, "range")
        for given in arguments.positional
    ]
    if len(turns) == 3:
        # every so many: a share of each worker's own, but as long as the others' or not
        turns[0] = replace(turns[0], tags=turns[0].tags - workers.OWN)
    machine.write(made, "turns", (merge(turns),))
    return (made,)


def _len(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    own = any(isinstance(a, Data) and a.varies is Varies.DIFFERS for a in _first(arguments))
    tags = frozenset({"count", "own_size"} if own else {"count"})
    made = combine(machine, frame, [], node)
    return (replace(made, form=Form.NUMBER, tags=tags, dtype="int32"),)


def _sequence(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """list(x), tuple(x), sorted(x), set(x), reversed(x)."""
    kind = symbol.name.rsplit(".", 1)[-1]
    kind = kind if kind in ("list", "tuple", "set") else "list"
    value = _first(arguments)
    if len(value) == 1 and isinstance(value[0], Container) and value[0].kind != "dict":
        held = value[0]
        made = machine.container(frame, node, kind, rest=held.rest)
        for key, item in list(held.items.items()):
            machine.put(made, key, item)
        return (made,)
    rest = iterate(machine, frame, value, node) if value else ()
    return (machine.container(frame, node, kind, rest=rest),)


def _dict(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    made = machine.container(frame, node, "dict")
    for atom in _first(arguments):
        if isinstance(atom, Container) and atom.kind != "dict":
            for pair in atom.elements() or UNKNOWN:
                _put_pair(machine, made, pair)
        elif isinstance(atom, Container):
            for key, item in list(atom.items.items()):
                machine.put(made, key, item)
            if atom.rest:
                machine.put(made, None, atom.rest)
        else:
            machine.put(made, None, UNKNOWN)
    for name, argument in arguments.keywords:
        machine.put(made, name, argument.value)
    if arguments.open:
        machine.put(made, None, UNKNOWN)
    return (made,)


def _put_pair(machine: Machine, made: Container, pair: Atom) -> None:
    """An item of a dict that is made of pairs."""
    if isinstance(pair, Container) and pair.kind != "dict":
        key = only_constant(pair.items.get(0, ()))
        item = join(pair.items.get(1, ()), pair.rest) or UNKNOWN
        machine.put(made, key.value if key is not None else None, item)
    else:
        machine.put(made, None, UNKNOWN)


def _defaultdict(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """collections.defaultdict(factory): what is not in it yet is made where it is asked for."""
    made = machine.container(frame, node, "dict")
    machine.write(made, "default_factory", _first(arguments))
    return (made,)


def _field(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """dataclasses.field(default=…, default_factory=…)."""
    factory = arguments.value(None, "default_factory")
    if factory:
        return (Partial(Symbol(FIELD), (factory,), ()),)
    return arguments.value(None, "default")


def _zip(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    items = [iterate(machine, frame, argument.value, node) for argument in arguments.positional]
    element = machine.made(Container, frame, node, "element", kind="tuple")
    for position, item in enumerate(items):
        machine.put(element, position, item)
    return (machine.container(frame, node, "list", rest=(element,)),)


def _enumerate(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    element = machine.made(Container, frame, node, "element", kind="tuple")
    machine.put(element, 0, _NUMBER)
    machine.put(element, 1, iterate(machine, frame, _first(arguments), node))
    made = machine.container(frame, node, "list", rest=(element,))
    workers.keep_turns(machine, made, _first(arguments))
    return (made,)


def _next(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    return iterate(machine, frame, _first(arguments), node)


def _same(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """iter(x), copy.copy(x), functools.wraps(f)(g) and the like: the thing itself."""
    return _first(arguments) or UNKNOWN


def _sum(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    last = symbol.name.rsplit(".", 1)[-1]
    tag = {"sum": "sum", "min": "max", "max": "max"}.get(last, "")
    tags = frozenset({tag}) if tag else frozenset()
    use = "round" if last == "round" else "operator"
    parts: list[Value] = [
        (data_of(machine, frame, value, node, use),) for value in arguments.all_values()
    ]
    made = combine(machine, frame, parts, node, op=tag, tags=tags)
    if last != "sum":
        return (made,)
    averaged = averages.of_operation(frame, node, "add_n", arguments, parts, made)
    return (replace(made, averages=averaged) if averaged else made,)


_FIELDS = re.compile(r"\{([^{}:!]*)(![rsa])?(:[^{}]+)?\}")


def format_text(
    machine: Machine, frame: Frame, node: ast.AST, text: str, arguments: Arguments
) -> Value:
    """`"loss {:.2f}".format(loss)`: the values that are formatted as numbers are read as such."""
    position = 0
    for name, conversion, spec in _FIELDS.findall(text):
        key = name or str(position)
        position += not name
        argument = arguments.get(int(key) if key.isdecimal() else None, key)
        if argument is not None:
            use = "format" if spec and not conversion else "print"
            data_of(machine, frame, argument.value, argument.node or node, use)
    return UNKNOWN


def math_function(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """math.sqrt(x): reads x as a Python number."""
    made = combine(machine, frame, arguments.all_values(), node, use=f"call {symbol.name}")
    return (replace(made, form=Form.NUMBER, made=made_in(frame.context)),)


def _any(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """any(x), all(x): a Python bool."""
    made = combine(machine, frame, arguments.all_values(), node, dtype="bool")
    return (replace(made, form=Form.NUMBER, varies=min(made.varies, Varies.UNKNOWN)),)


def _getattr(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    names = [name for name in constants(arguments.value(1)) if isinstance(name, str)]
    if not names:
        return UNKNOWN
    held = _first(arguments)
    found = [attributes.get(machine, frame, held, name, node) for name in names]
    return join(*found, arguments.value(2))


def _setattr(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    for atom in _first(arguments):
        for name in constants(arguments.value(1)):
            if isinstance(atom, (Instance, LibraryObject)):
                machine.write(atom, str(name), arguments.value(2))
    return NONE


def _partial(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    args = tuple(argument.value for argument in arguments.positional[1:])
    kwargs = tuple((name, argument.value) for name, argument in arguments.keywords)
    return tuple(Partial(atom, args, kwargs) for atom in _first(arguments)) or UNKNOWN


def _namedtuple(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """collections.namedtuple(name, fields): what makes tuples of these fields."""
    names: list[str] = []
    for atom in arguments.value(1, "field_names"):
        if isinstance(atom, Const) and isinstance(atom.value, str):
            names = atom.value.replace(",", " ").split()
        elif isinstance(atom, Container) and not atom.rest:
            names = [str(name) for item in atom.items.values() for name in constants(item)]
    return (Partial(Symbol(NAMEDTUPLE), (tuple(Const(name) for name in names),), ()),)


def _make_namedtuple(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """A tuple whose items have names; the names come first."""
    names = constants(arguments.value(0))
    given = replace(arguments, positional=arguments.positional[1:])
    made = machine.container(frame, node, "tuple", rest=UNKNOWN if given.open else ())
    for position, name in enumerate(names):
        value = given.value(position, name) or UNKNOWN
        machine.put(made, position, value)
        machine.write(made, name, value)
    return (made,)


def _import_module(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    name = only_constant(_first(arguments))
    if name is None or not isinstance(name.value, str) or name.value.startswith("."):
        return UNKNOWN
    return machine.import_module(frame, name.value)


def _clock(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """time.time(): each worker has a clock of its own."""
    return (Data(Form.NUMBER, Varies.UNKNOWN, made_in(frame.context), tags=frozenset({"clock"})),)


def _wraps(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    return (Symbol("copy.copy", "copy.copy"),)


def _cache(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """functools.lru_cache(fn), or lru_cache(…) that waits for its function."""
    target = arguments.value(0, "user_function")
    if not any(isinstance(atom, (Function, Bound)) for atom in target):
        return (Partial(symbol, (), ()),)
    return (Partial(symbol, (target,), ()),)


def _environment(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    key = only_constant(_first(arguments))
    is_cluster = key is not None and key.value == "TF_CONFIG"
    return (Data(tags=frozenset({workers.CLUSTER}) if is_cluster else frozenset()),)


def _isinstance(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """isinstance(x, C), where both are known."""
    classes = classes_of(arguments.value(1))
    answers = {is_a(atom, classes) for atom in _first(arguments)}
    if len(answers) == 1 and None not in answers:
        return (Const(answers.pop()),)
    return UNKNOWN


def _callable(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    """callable(x), where it is known."""
    value = _first(arguments)
    if value and all(isinstance(atom, (Function, Bound, Partial, Traced, Class)) for atom in value):
        return (Const(True),)
    if value and all(isinstance(atom, (Const, Container, Variable)) for atom in value):
        return (Const(False),)
    return UNKNOWN


def _unknown(
    machine: Machine, frame: Frame, node: ast.AST, symbol: Symbol, arguments: Arguments
) -> Value:
    return UNKNOWN


def container_method(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    receiver: Container,
    name: str,
    arguments: Arguments,
) -> Value:
    """A method of a list, dict, set or tuple."""
    value = _first(arguments)
    if name in ("append", "add", "appendleft"):
        machine.put(receiver, None, value)
        return NONE
    if name in ("insert",):
        machine.put(receiver, None, arguments.value(1))
        return NONE
    if name in ("extend", "update"):
        for atom in value:
            if isinstance(atom, Container) and receiver.kind == "dict":
                for key, item in list(atom.items.items()):
                    machine.put(receiver, key, item)
            else:
                machine.put(receiver, None, iterate(machine, frame, (atom,), node))
        for key, argument in arguments.keywords:
            machine.put(receiver, key, argument.value)
        return NONE
    if name in ("get", "pop", "setdefault"):
        key_const = only_constant(value) if value else None
        fallback = arguments.value(1)
        if name == "setdefault" and key_const is not None:
            machine.put(receiver, key_const.value, fallback)
        if receiver.kind == "dict" and key_const is not None:
            known = receiver.items.get(key_const.value, ())
            if name == "pop":
                receiver.items.pop(key_const.value, None)
            absent = NONE if name == "get" and not known and not fallback else ()
            return join(known, receiver.rest, fallback, absent) or UNKNOWN
        absent = NONE if name == "get" and receiver.kind == "dict" and not fallback else ()
        return join(receiver.elements(), fallback, absent) or UNKNOWN
    if name == "values":
        return (machine.container(frame, node, "list", rest=receiver.elements()),)
    if name == "items":
        element = machine.made(Container, frame, node, "element", kind="tuple")
        keys: Value = tuple(Const(key) for key in list(receiver.items)[:8])
        machine.put(element, 0, keys or UNKNOWN)
        machine.put(element, 1, receiver.elements() or UNKNOWN)
        return (machine.container(frame, node, "list", rest=(element,)),)
    if name == "keys":
        keys = tuple(Const(key) for key in list(receiver.items)[:8])
        return (machine.container(frame, node, "list", rest=keys or UNKNOWN),)
    if name in ("copy", "popleft", "union"):
        return (receiver,) if name != "popleft" else receiver.elements() or UNKNOWN
    return UNKNOWN


def enter_context(machine: Machine, frame: Frame, arguments: Arguments) -> Value:
    """ExitStack.enter_context(strategy.scope()): in force for what follows."""
    value = _first(arguments)
    frame.context = entered(machine, frame, value)
    return attributes.entered_value(value)


SYMBOLS: dict[str, Handler] = {
    "builtins.print": _print,
    "tf.print": _print,
    "builtins.str": _print,
    "builtins.repr": _print,
    "builtins.float": _number,
    "builtins.int": _number,
    "builtins.bool": _number,
    "builtins.range": _range,
    "builtins.len": _len,
    "builtins.list": _sequence,
    "builtins.tuple": _sequence,
    "builtins.set": _sequence,
    "builtins.sorted": _sequence,
    "builtins.reversed": _sequence,
    "builtins.dict": _dict,
    "collections.OrderedDict": _dict,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
    "builtins.next": _next,
    "builtins.iter": _same,
    "builtins.sum": _sum,
    "builtins.any": _any,
    "builtins.all": _any,
    "builtins.min": _sum,
    "builtins.max": _sum,
    "builtins.abs": _sum,
    "builtins.round": _sum,
    "builtins.getattr": _getattr,
    "builtins.setattr": _setattr,
    "builtins.isinstance": _isinstance,
    "builtins.hasattr": _unknown,
    "builtins.callable": _callable,
    "builtins.super": _unknown,
    "functools.partial": _partial,
    "functools.lru_cache": _cache,
    "functools.cache": _cache,
    "functools.wraps": _wraps,
    "importlib.import_module": _import_module,
    "collections.namedtuple": _namedtuple,
    "collections.defaultdict": _defaultdict,
    "dataclasses.field": _field,
    NAMEDTUPLE: _make_namedtuple,
    "copy.copy": _same,
    "copy.deepcopy": _same,
    "os.environ.get": _environment,
    "os.getenv": _environment,
    "time.time": _clock,
    "time.perf_counter": _clock,
    "time.monotonic": _clock,
}
