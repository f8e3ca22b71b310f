"""argparse: the numbers and flags of the command line, which are the same on every replica."""

from __future__ import annotations

import ast

from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.values import (
    NONE,
    UNKNOWN,
    Arguments,
    Const,
    Data,
    Form,
    LibraryObject,
    Made,
    Symbol,
    Value,
    Varies,
    join,
    only_constant,
)

PARSER = "argparse.ArgumentParser"
NAMESPACE = "argparse.Namespace"
_DTYPES = {"builtins.int": "int32", "builtins.float": "float32"}
_FLAGS = frozenset({"store_true", "store_false"})


def parser_method(
    machine: Machine,
    frame: Frame,
    node: ast.AST,
    receiver: LibraryObject,
    name: str,
    arguments: Arguments,
) -> Value:
    """A method of a parser: what is added is found in what parse_args returns."""
    if name == "add_argument":
        destination = _destination(arguments)
        value = _number(arguments)
        if destination and value:
            machine.write(receiver, destination, value)
    elif name == "parse_args":
        symbol = Symbol(NAMESPACE, NAMESPACE)
        made = machine.made(LibraryObject, frame, node, symbol=symbol, args=Arguments())
        for destination, value in list(receiver.attributes.items()):
            machine.write(made, destination, value)
        return (made,)
    return UNKNOWN


def _destination(arguments: Arguments) -> str:
    """The attribute under which an option is found; "" where its name isn't known."""
    given = only_constant(arguments.value(None, "dest"))
    if given is not None:
        return str(given.value)
    names = [only_constant(argument.value) for argument in arguments.positional]
    spelled = [str(name.value) for name in names if name is not None]
    if not spelled or len(spelled) < len(names) or arguments.open:
        return ""
    long = next((name for name in spelled if name.startswith("--")), spelled[0])
    return long.lstrip("-").replace("-", "_")


def _number(arguments: Arguments) -> Value:
    """What an option of one number or of a flag may be; () for any other."""
    action = only_constant(arguments.value(None, "action"))
    if action is not None and action.value in _FLAGS:
        return (Data(Form.NUMBER, Varies.SAME, Made.HOST, dtype="bool"),)
    kinds = arguments.value(None, "type")
    if arguments.get(None, "nargs", "action") or len(kinds) != 1 or arguments.open:
        return ()
    dtype = _DTYPES.get(kinds[0].name) if isinstance(kinds[0], Symbol) else None
    if dtype is None:
        return ()
    number: Value = (Data(Form.NUMBER, Varies.SAME, Made.HOST, dtype=dtype),)
    default = arguments.get(None, "default")
    if default is None:
        needed = only_constant(arguments.value(None, "required")) == Const(True)
        return number if needed else join(number, NONE)
    known = only_constant(default.value)
    if known is None:
        return ()
    if known.value is None:
        return join(number, NONE)
    return number if isinstance(known.value, (int, float)) else ()
