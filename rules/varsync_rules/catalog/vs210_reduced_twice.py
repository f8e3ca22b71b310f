"""VS210: what is summed over the replicas already is summed over them again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from varsync_runtime import semantics
from varsync_runtime.semantics import (
    Aggregation,
    Context,
    Raises,
    ReadForm,
    Rule,
    Synchronization,
    Updated,
    ValueKind,
)

from varsync_rules.bindings import only_source
from varsync_rules.changes import CallToArgument, Change, DropStatement, Fix, Respell
from varsync_rules.evaluate.library.distribute import sums
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import created, generation, has, home, unaggregated, updated, words
from varsync_rules.program import (
    Call,
    Event,
    Program,
    Update,
    created_here,
    place,
    replica_chain,
    span,
    where,
)
from varsync_rules.repairs import aggregate_as_written, is_name
from varsync_rules.surface import INTEGERS
from varsync_rules.values import (
    Atom,
    Const,
    Container,
    Data,
    Form,
    LibraryObject,
    Value,
    Variable,
    Varies,
    is_unknown,
)

_REDUCES = ("tf.distribute.Strategy.reduce", "tf.distribute.StrategyExtended.reduce_to")
_ALL_REDUCE = "tf.distribute.ReplicaContext.all_reduce"
_STEPS = frozenset(
    f"{base}.{name}"
    for base in ("keras.Optimizer", "tf.train.Optimizer")
    for name in ("apply_gradients", "apply")
)
_NOT_SUMMED = {"skip_gradients_aggregation": True, "experimental_aggregate_gradients": False}
_MIRRORED = (Synchronization.AUTO, Synchronization.ON_WRITE)


def check(program: Program) -> Iterator[Finding]:
    """Second reductions: by a variable, an optimizer, a metric, the host or another all_reduce."""
    for update in program.updates:
        if update.context.in_replica and is_total(update.data) and _sums_again(update):
            yield replace(_update(update), fix=_of_update(program, update))
    for call in program.calls:
        if not call.context.may_replicate and not call.symbol.startswith("tf.distribute."):
            continue
        if call.symbol in _STEPS or _is_models_step(call):
            finding = _step(call)
            given = _gradients(call)
        elif call.symbol in ("keras.Metric.update_state", "keras.Metric.__call__"):
            finding = _metric(call)
            given = _first(call)
        elif call.symbol in _REDUCES or call.symbol == _ALL_REDUCE:
            finding = _reduction(program, call)
            given = None
        else:
            continue
        if finding is not None:
            fix = None if given is None else _own_part(program, call, given)
            yield finding if fix is None else replace(finding, fix=fix)


def is_total(data: Data) -> bool:
    """Whether data is a total over the replicas, and whole: the same number on each of them."""
    return (
        data.reduced
        and data.varies is Varies.SAME
        and "total" in data.tags
        and "share" not in data.tags
    )


def _sums_again(update: Update) -> bool:
    if update.way not in ("method", "function"):
        return False
    if not update.context.may_replicate or not has(update.variable, aggregation=[Aggregation.SUM]):
        return False
    outcomes = updated(update, ValueKind.TENSOR)
    return bool(outcomes) and all(
        isinstance(outcome, Updated) and outcome.rule in (Rule.SUM, Rule.OWN)
        for outcome in outcomes
    )


def _update(update: Update) -> Finding:
    name = update.spelled
    on_read = has(update.variable, synchronization=[Synchronization.ON_READ])
    again = "when it is read" if on_read else "as it is written"
    return _finding(
        update,
        f"`{name}` is given a total over the replicas, and sums it again {again}:"
        f" {where(update.context)} it is N times too large",
        "give the variable this replica's own part, or drop the aggregation",
        created_here(update.variable),
    )


_LEFT_OUT = "what was given N times is given once, so the value changes"


def _of_update(program: Program, update: Update) -> Fix | None:
    """The update with this replica's part, or an aggregation that takes one of the equal totals."""
    argument = update.argument
    part = None
    # a helper may write other variables at this place, with other modes
    others = [other for other in program.updates if other.node is update.node]
    if argument is not None and all(is_total(o.data) and _sums_again(o) for o in others):
        part = _own_part(program, update, argument.node)
    return part or aggregate_as_written(program, update.variable)


def _own_part(program: Program, event: Event, given: ast.AST | None) -> Fix | None:
    """What is given without the `all_reduce` that made a total of it, if nothing else uses that."""
    call = given
    kept: tuple[ast.Assign, list[ast.stmt]] | None = None
    function = event.frame.function
    if isinstance(given, ast.Name) and function is not None:
        owner = function.node
        kept = None if isinstance(owner, ast.Lambda) else only_source(owner, given)
        call = kept[0].value if kept is not None else None
    made = next((one for one in program.calls_to(_ALL_REDUCE) if one.node is call), None)
    if made is None or made.module is not event.module or not _is_tensor(made):
        return None
    change: Change = CallToArgument(place(made), 1, "value")
    argument = made.arguments.get(1, "value")
    if kept is not None and argument is not None and isinstance(argument.node, ast.Name):
        statement, body = kept
        if [argument.node.id] == [getattr(target, "id", "") for target in statement.targets]:
            if len(body) == 1:
                return None
            change = DropStatement(span(made.module, statement))
    return Fix("leave all_reduce out", change, _LEFT_OUT)


def _is_tensor(made: Call) -> bool:
    """Whether what was all-reduced is a tensor, or several: numbers can't be aggregated as such."""
    parts = [*made.arguments.value(1, "value")]
    while any(isinstance(atom, Container) for atom in parts):
        parts = [
            held
            for atom in parts
            for held in (atom.elements() if isinstance(atom, Container) else (atom,))
        ]
    return bool(parts) and all(
        isinstance(atom, Data) and atom.form is Form.TENSOR and atom.made.value != "host"
        for atom in parts
    )


def _first(call: Call) -> ast.AST | None:
    argument = call.arguments.get(0, "values")
    return argument.node if argument is not None else None


def _gradients(call: Call) -> ast.AST | None:
    """The expression of the gradients: `zip(this, variables)`, `[(this, variable)]`."""
    argument = call.arguments.get(0, "grads_and_vars", "grads", "grads_and_variables")
    node = argument.node if argument is not None else None
    if call.method == "apply":
        return node
    if isinstance(node, ast.List) and len(node.elts) == 1:
        node = node.elts[0]
        return node.elts[0] if isinstance(node, ast.Tuple) and node.elts else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "zip":
        return node.args[0] if node.args else None
    return None


def _is_models_step(call: Call) -> bool:
    """`self.optimizer` of a model is what compile() was given."""
    return call.symbol == "?.apply_gradients" and call.context.hook.startswith("Model.")


def _step(call: Call) -> Finding | None:
    """Gradients that are summed by hand and then by the optimizer."""
    if not call.context.in_replica or call.arguments.open:
        return None
    for name, argument in call.arguments.keywords:
        if name in _NOT_SUMMED and argument.value != (Const(not _NOT_SUMMED[name]),):
            return None
    given = call.arguments.value(0, "grads_and_vars", "grads", "grads_and_variables")
    gradients = [atom for atom in _firsts(given) if "gradient" in atom.tags]
    if not gradients or not all(is_total(atom) for atom in gradients):
        return None
    return _finding(
        call,
        f"the gradients are summed over the replicas already, and `{call.method}` sums them again:"
        f" {where(call.context)} the step is N times too large",
        "leave the sum to the optimizer, or give it the mean (ReduceOp.MEAN)",
    )


def _firsts(value: Value, depth: int = 3) -> Iterator[Data]:
    """The gradients among `(gradient, variable)` pairs, or of a list of gradients."""
    for atom in value:
        if isinstance(atom, Data):
            yield atom
        elif isinstance(atom, Container) and depth:
            items = atom.items.get(0, ()) if atom.kind == "tuple" and atom.items else ()
            yield from _firsts(items or atom.elements(), depth - 1)


def _metric(call: Call) -> Finding | None:
    """A sum metric of Keras that is given a total."""
    metric = call.receiver
    if not isinstance(metric, LibraryObject) or metric.symbol.name != "keras.metrics.Sum":
        return None
    given = call.arguments.value(0, "values")
    if not call.context.in_replica or not _all_totals(given):
        return None
    return _finding(
        call,
        "the metric is given a total over the replicas, and its result sums the replicas again:"
        f" {where(call.context)} it is N times too large",
        "give the metric this replica's own part",
    )


def _all_totals(value: Value) -> bool:
    return bool(value) and all(isinstance(atom, Data) and is_total(atom) for atom in value)


def _reduction(program: Program, call: Call) -> Finding | None:
    """A sum over the replicas of something that they all have."""
    if not sums(call.arguments.value(0, "reduce_op")):
        return None
    value = call.arguments.value(1, "value")
    if not value:
        return None
    if all(isinstance(atom, Variable) for atom in value):
        return _of_variable(call, [atom for atom in value if isinstance(atom, Variable)])
    if not call.context.may_replicate and not _of_a_strategy(call):
        return None
    if not all(_is_whole(program, atom, call) for atom in value):
        return None
    finding = _finding(
        call,
        f"what `{call.method}` sums over the replicas is the same on all of them already, a total"
        " or a mirrored variable: the result is N times it",
        "use ReduceOp.MEAN, or take one replica's value",
    )
    return replace(finding, fix=_mean(call, value))


def _mean(call: Call, value: Value) -> Fix | None:
    """The same reduction with MEAN, which of equal values is the value."""
    operation = call.arguments.get(0, "reduce_op")
    written = None if operation is None else operation.node
    axis = call.arguments.value(2, "axis")
    if call.symbol == _ALL_REDUCE:
        change: Change = CallToArgument(place(call), 1, "value")
        return Fix("leave all_reduce out", change, _LEFT_OUT)
    if call.method == "reduce" and axis != (Const(None),):
        return None
    # the mean of integers is a float64
    if any(is_unknown(atom) or getattr(atom, "dtype", None) in INTEGERS for atom in value):
        return None
    if isinstance(written, ast.Attribute) and written.attr == "SUM":
        member = f"{ast.unparse(written.value)}.MEAN"
    elif isinstance(written, ast.Constant) and isinstance(written.value, str):
        member = '"MEAN"'
    else:
        return None
    return Fix(
        "reduce with MEAN",
        Respell(span(call.module, written), member),
        f"{_LEFT_OUT}; the mean of integers is a float",
    )


def _of_a_strategy(call: Call) -> bool:
    replicates = getattr(call.receiver, "replicates", None)
    if replicates is None:
        replicates = getattr(getattr(call.receiver, "strategy", None), "replicates", False)
    return bool(replicates)


def _of_variable(call: Call, variables: list[Variable]) -> Finding | None:
    """`reduce` or `all_reduce` of a variable itself."""
    form = ReadForm.ALL_REDUCE if call.symbol == _ALL_REDUCE else ReadForm.REDUCE_SUM
    at = Context.REPLICA if call.context.in_replica else Context.OUTSIDE_SCOPE
    outcomes = [
        semantics.read(made, at, form)
        for variable in variables
        if has(variable, synchronization=_MIRRORED)
        for _, made in created(variable, home(variable, call.context))
        if not isinstance(made, Raises) and made.copies > 1
    ]
    if len(outcomes) < len(variables):
        return None
    related = tuple(created_here(variable) for variable in variables)
    fix = _read(call, variables)
    raised = [outcome for outcome in outcomes if isinstance(outcome, Raises)]
    if len(raised) == len(outcomes):
        finding = _finding(
            call,
            f"`{call.method}` with ReduceOp.SUM of a mirrored variable raises"
            f" {where(variables[0].context)}",
            "read the variable: its copies are equal",
            *related,
            severity=Severity.ERROR,
            explanation=words(raised[0]),
        )
        return replace(finding, fix=fix)
    if not all(not isinstance(o, Raises) and o.rule is Rule.SUM for o in outcomes):
        return None
    finding = _finding(
        call,
        f"`{call.method}` sums a mirrored variable, which is the same on every replica: the result"
        " is N times it",
        "read the variable as it is",
        *related,
    )
    return replace(finding, fix=None if fix is None else replace(fix, unsafe=_LEFT_OUT))


def _read(call: Call, variables: list[Variable]) -> Fix | None:
    """A read of the variable in place of the reduction."""
    argument = call.arguments.get(1, "value")
    node = argument.node if argument is not None else None
    of_keras = any(one.api.startswith("keras.") and generation(one) != 2 for one in variables)
    if not isinstance(node, ast.expr) or not is_name(node) or of_keras:
        return None
    return Fix("read the variable", Respell(place(call), f"{ast.unparse(node)}.read_value()"))


def _is_whole(program: Program, atom: Atom, call: Call) -> bool:
    """Whether every replica has the same: a total, or what it reads from a mirrored variable."""
    if not isinstance(atom, Data):
        return False
    if is_total(atom):
        return True
    if atom.varies is not Varies.SAME or atom.tags or atom.op not in ("", "identity"):
        return False
    return len(atom.reads) == 1 and all(_is_equal(program, v, call) for v in atom.reads)


def _is_equal(program: Program, variable: Variable, call: Call) -> bool:
    """Whether a variable is mirrored under a strategy, and its copies stay equal."""
    made = home(variable, call.context)
    if not has(variable, synchronization=_MIRRORED) or not made.may_replicate:
        return False
    if any(isinstance(outcome, Raises) for _, outcome in created(variable, made)):
        return False
    return all(
        update.data.varies is Varies.SAME or not unaggregated(update)
        for update in program.updates_of(variable)
    )


def _finding(
    event: Event,
    message: str,
    remedy: str,
    *related: Related,
    severity: Severity = Severity.WARNING,
    explanation: str = "",
) -> Finding:
    return Finding(
        code="VS210",
        name="reduced-twice",
        severity=severity,
        message=message,
        span=place(event),
        related=(*related, *replica_chain(event)),
        explanation=explanation or "nothing is raised; with one replica the result is right",
        remedy=remedy,
    )
