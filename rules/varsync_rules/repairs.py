"""What rules need to say how a finding is mended: changes of creations, names as a file spells them."""

from __future__ import annotations

import ast

from varsync_runtime import semantics
from varsync_runtime.semantics import Aggregation, Synchronization

from varsync_rules.changes import DropKeyword, Fix, SetKeyword
from varsync_rules.context import Because
from varsync_rules.files import Module, imported
from varsync_rules.predict import (
    dtype_kind,
    generation,
    home,
    strategies,
    table_context,
    value_kind,
)
from varsync_rules.program import Program, Update, span
from varsync_rules.values import Variable, Varies, is_nonzero

_MODULES = ("tensorflow", "tensorflow.compat.v2", "tensorflow.compat.v1")

INCREMENTS = frozenset({"assign_add", "assign_sub"})


def is_name(node: ast.expr) -> bool:
    """Whether an expression may be written twice, or alone: a name, or attributes of one."""
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and is_name(node.value))


def aggregate_as_written(program: Program, variable: Variable) -> Fix | None:
    """The creation with the aggregation that the replicas' updates suggest; None where none does."""
    aggregation = suggested(program, variable)
    return None if aggregation is None else aggregate(program, variable, aggregation)


_WHY = {
    Aggregation.SUM: "each replica adds a part of its own",
    Aggregation.MEAN: "each replica writes an average of its own",
    Aggregation.ONLY_FIRST_REPLICA: "all replicas write the same value",
}


def aggregate(program: Program, variable: Variable, aggregation: Aggregation) -> Fix | None:
    """The creation with an aggregation; None where it does not fit, or can't be written there."""
    change = give_mode(variable, "aggregation", aggregation.name)
    if change is None or not _fits(program, variable, aggregation):
        return None
    others = " or ".join(one.name for one in _WHY if one is not aggregation)
    return Fix(
        f"create {variable.called} with aggregation {aggregation.name}",
        change,
        f"the aggregation is chosen from how it is written, {_WHY[aggregation]}; its author may"
        f" mean {others}",
    )


def suggested(program: Program, variable: Variable) -> Aggregation | None:
    """The aggregation that goes with all updates in replica context of what is created there."""
    updates = _by_replicas(program, variable)
    if not updates or any(update.way not in ("method", "function") for update in updates):
        return None
    # where not every replica writes, an update that is aggregated raises or hangs
    if any(update.context.because(Because.REPLICA) for update in updates):
        return None
    if all(update.data.varies is Varies.SAME for update in updates):
        return Aggregation.ONLY_FIRST_REPLICA
    ops = {update.op for update in updates}
    if ops <= INCREMENTS:
        return Aggregation.SUM
    if ops == {"assign"} and all(_is_average(update) for update in updates):
        return Aggregation.MEAN
    return None


def _by_replicas(program: Program, variable: Variable) -> list[Update]:
    """The updates in replica context of what is created at a variable's place."""
    return [
        update
        for update in program.updates
        if update.variable.node is variable.node and update.context.in_replica
    ]


def _fits(program: Program, variable: Variable, aggregation: Aggregation) -> bool:
    """Whether the updates in replica context go on to work, and mean the same, with an aggregation."""
    on_read = Synchronization.ON_READ in variable.synchronizations
    # a start is counted once for each replica; what a variable of Keras 3 adds, it assigns
    grows = (on_read and any(map(is_nonzero, variable.initial))) or generation(variable) == 3
    if aggregation is Aggregation.SUM and grows:
        return False
    return all(
        _is_fitting(update, aggregation, on_read) for update in _by_replicas(program, variable)
    )


def _is_fitting(update: Update, aggregation: Aggregation, on_read: bool) -> bool:
    variable, data = update.variable, update.data
    is_part = update.op in INCREMENTS and (data.varies is not Varies.SAME or data.op == "zeros")
    if aggregation is Aggregation.SUM and not is_part:
        return False
    # a graph within the replica's can't be left to meet the other replicas
    if update.context.graph and not on_read:
        return False
    made = [
        semantics.create(strategy, synchronization, aggregation, dtype_kind(variable))
        for strategy in strategies(home(variable, update.context))
        for synchronization in variable.synchronizations
    ]
    if any(isinstance(one, semantics.Raises) for one in made):
        return False
    try:
        operation = semantics.Operation(update.op)
    except ValueError:
        return False
    at, kind = table_context(update.context), value_kind(update)
    return not any(
        isinstance(semantics.update(one, operation, at, kind), semantics.Raises)
        for one in made
        if isinstance(one, semantics.Variable)
    )


def _is_average(update: Update) -> bool:
    return "mean" in update.data.tags


def give_mode(variable: Variable, keyword: str, member: str) -> SetKeyword | None:
    """The creation with a mode: `keyword` is synchronization or aggregation, `member` its name."""
    call = variable.node
    if not _may_be_changed(variable, keyword) or not isinstance(call, ast.Call):
        return None
    if generation(variable) == 3:
        value: str | None = f'"{member.lower()}"'
    elif generation(variable) == 2 or variable.api == "tf.Variable":
        enum = {"aggregation": "VariableAggregation", "synchronization": "VariableSynchronization"}
        value = spell(variable.module, call, f"{enum[keyword]}.{member}")
    else:
        value = None
    if value is None or value in _spellings(call, keyword):
        return None
    return SetKeyword(span(variable.module, call), keyword, value)


def _spellings(call: ast.Call, keyword: str) -> tuple[str, ...]:
    """How a keyword's value is written now, with either kind of quotes."""
    written = [ast.unparse(given.value) for given in call.keywords if given.arg == keyword]
    return (*written, *(text.replace("'", '"') for text in written))


def drop_mode(variable: Variable, keyword: str) -> DropKeyword | None:
    """The creation without this mode; None where it can't be written there."""
    call = variable.node
    if not isinstance(call, ast.Call) or not _may_be_changed(variable, keyword):
        return None
    if not any(given.arg == keyword for given in call.keywords):
        return None
    return DropKeyword(span(variable.module, call), keyword)


def _may_be_changed(variable: Variable, keyword: str) -> bool:
    """Whether the call at the creation spells all that it is given, and the mode by itself."""
    call = variable.node
    if not isinstance(call, ast.Call) or variable.arguments.open:
        return False
    # a place among the positional ones may be that of a mode
    if len(call.args) > 8 or any(isinstance(one, ast.Starred) for one in call.args):
        return False
    for given in call.keywords:
        if given.arg is None:
            return False
        if given.arg == keyword and not isinstance(given.value, (ast.Attribute, ast.Constant)):
            return False
    return True


def spell(module: Module, call: ast.Call, symbol: str) -> str | None:
    """A symbol of TensorFlow as this file writes it, near this call; None where nothing names it.

    `symbol` is what follows `tf.`: `VariableAggregation.SUM`.
    """
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr == "Variable":
        owner = ast.unparse(function.value)
        if _is_tensorflow(module, owner.partition(".")[0]):
            return f"{owner}.{symbol}"
    head, _, rest = symbol.partition(".")
    for local, name in imported(module.tree.body):
        if name in _MODULES:
            return f"{local}.{symbol}"
        if name in {f"{whole}.{head}" for whole in _MODULES}:
            return f"{local}.{rest}"
    return None


def _is_tensorflow(module: Module, name: str) -> bool:
    """Whether a name is a module of TensorFlow wherever the file imports it."""
    found = {whole for local, whole in module.imported if local == name}
    return bool(found) and all(whole.partition(".")[0] == "tensorflow" for whole in found)
