"""Which functions are worth running: most of a program can't touch a distributed variable.

A definition matters when its text names something of variables or strategies, or when it names
another definition that matters. What does not matter is not run: its result is data made of its
arguments.
"""

from __future__ import annotations

import re

from varsync_rules.context import Context, Role
from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.values import (
    Arguments,
    Atom,
    Bound,
    Class,
    Function,
    Imported,
    Partial,
    Scope,
    Strategy,
    Symbol,
    Traced,
    Value,
    Variable,
)

HOT = re.compile(
    r"Variable\(|VariableSync|VariableAggr|add_weight|add_variable|get_variable|add_slot|\.variable\("
    r"|\.assign|scatter_|trategy|distribute\.|merge_call|all_reduce|GradientTape|apply_gradients|minimize\("
    r"|replica|Checkpoint|saved_model|TF_CONFIG|update_state|BatchNorm|horovod|hvd\.|chief|raw_ops|\.handle"
)
_NAMES = re.compile(r"[A-Za-z_]\w{2,}")
_SHORT = 9


def worth_running(
    machine: Machine,
    function: Function,
    arguments: Arguments,
    receiver: Atom | None,
    context: Context,
) -> bool:
    """Whether a call of the function can tell anything."""
    if context.role is not Role.HOST and not context.portable:
        return True
    node = function.node
    if (node.end_lineno or node.lineno) - node.lineno < _SHORT or matters(machine, function):
        return True
    return any(_telling(value) for value in arguments.all_values())


def _telling(value: Value) -> bool:
    return any(
        isinstance(atom, (Strategy, Scope, Variable, Function, Bound, Traced, Partial))
        or (isinstance(atom, Symbol) and atom.name.startswith("tf.Variable"))
        for atom in value
    )


def matters(machine: Machine, definition: Function | Class) -> bool:
    """Whether a definition can touch a distributed variable, by its text and what it names."""
    known = machine.relevant.get(definition)
    if known is not None:
        return known
    machine.relevant[definition] = False
    result = _matters(machine, definition)
    machine.relevant[definition] = result
    return result


def _matters(machine: Machine, definition: Function | Class) -> bool:
    if isinstance(definition, Function) and definition.owner is not None:
        return matters(machine, definition.owner)
    module = definition.module
    if module.mentions(definition.node, HOT):
        return True
    if isinstance(definition, Class):
        for ancestor in definition.ancestry()[1:]:
            if isinstance(ancestor, Class) and matters(machine, ancestor):
                return True
    frame = machine.module_frames.get(module)
    if frame is None:
        return True
    return any(_named(machine, frame, name) for name in names_in(definition))


def names_in(definition: Function | Class) -> frozenset[str]:
    """The names that the code of a definition holds, its own among them."""
    return frozenset(_NAMES.findall(definition.module.code_of(definition.node)))


def _named(machine: Machine, frame: Frame, name: str) -> bool:
    held = frame.env.get(name, ())
    if any(isinstance(atom, Imported) and not _may_matter(machine, atom) for atom in held):
        return False
    for atom in machine.looked_up(frame, name) if held else ():
        target = atom.target if isinstance(atom, Traced) else atom
        if isinstance(target, (Function, Class)) and matters(machine, target):
            return True
        if isinstance(target, (Strategy, Variable)):
            return True
    return False


def _may_matter(machine: Machine, imported: Imported) -> bool:
    """Whether the file that a name comes from has a word of interest, or passes on other files' names."""
    module = machine.modules.find(imported.module)
    return module is None or module.is_package or module.is_candidate
