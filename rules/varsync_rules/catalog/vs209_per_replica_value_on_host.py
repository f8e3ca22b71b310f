"""VS209: values of several replicas used as one, or a distributed variable as a number."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.semantics import (
    Raises,
    Rule,
    StrategyKind,
    Updated,
    ValueKind,
    Variable,
    VariableClass,
)

from varsync_rules.context import Context, Role
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import created, generation, updated, words
from varsync_rules.program import (
    Call,
    Program,
    Read,
    Update,
    Use,
    created_here,
    expression,
    place,
    where,
)
from varsync_rules.values import Container, Data, Varies, each_replicas
from varsync_rules.values import Variable as Held

_DISTRIBUTED = frozenset(
    {
        VariableClass.MIRRORED,
        VariableClass.SYNC_ON_READ,
        VariableClass.TPU_MIRRORED,
        VariableClass.TPU_SYNC_ON_READ,
    }
)
_AS_NUMBER = frozenset({"float", "int", "round", "format", "range"})
_AS_TRUTH = frozenset({"condition", "bool"})
_CONVERTING = frozenset({"assign", "assign_add", "assign_sub"})
_NO_TENSOR = "AttributeError: 'PerReplica' object has no attribute 'dtype'"
_REDUCE = "reduce it first with strategy.reduce, or look at each with experimental_local_results"


def check(program: Program) -> Iterator[Finding]:
    """Per-replica values used, assigned or counted on the host; variables used as numbers."""
    for use in program.uses:
        if _is_known(use.context, use.data):
            yield _used(use)
    for update in program.updates:
        each = each_replicas(update.value)
        if update.context.in_cross_replica and each is not None:
            finding = _assigned(update, each)
            if finding is not None:
                yield finding
    for call in program.calls:
        if call.context.in_cross_replica:
            finding = _handed(call)
            if finding is not None:
                yield finding
    for read in program.reads:
        finding = _number(read) or _truth(read)
        if finding is not None:
            yield finding


def _is_known(context: Context, data: Data) -> bool:
    """Whether there is a value of each replica for certain, not one alone.

    On the host they come from a strategy that is known; a merge function's may be anyone's.
    """
    if "per_worker" in data.tags:
        return False
    if context.role is not Role.MERGE:
        return True
    return bool(context.strategies) and all(
        strategy.kind is not None and strategy.replicates for strategy in context.strategies
    )


def _used(use: Use) -> Finding:
    what, _, name = use.use.partition(" ")
    how = {
        "attribute": f"has no `{name}`",
        "method": f"has no `{name}()`",
        "call": f"cannot be given to {name}",
        "format": "cannot be formatted as a number",
        "comparison": "cannot be compared",
    }.get(what, "cannot be computed with" if what == "operator" else f"is no number for {what}()")
    return Finding(
        code="VS209",
        name="per-replica-value-on-host",
        severity=Severity.ERROR,
        message=f"`{use.spelled}` holds a value of each replica, and {how} on the host",
        span=place(use),
        explanation=(
            "with two replicas or more it is a PerReplica, which is no tensor; with one replica it"
            " is the tensor itself, so the error does not show there"
        ),
        remedy=_REDUCE,
    )


def _assigned(update: Update, data: Data) -> Finding | None:
    """`v.assign(per_replica)`."""
    if data.reduced or not _is_known(update.context, Data()):
        return None
    outcomes = updated(update, ValueKind.PER_REPLICA)
    raised = [outcome for outcome in outcomes if isinstance(outcome, Raises)]
    spelled = expression(update.module, update.argument.node if update.argument else None)
    message = f"`{update.spelled}` is given a value of each replica, `{spelled}`"
    if (raised and len(raised) == len(outcomes)) or _is_plain(update):
        if "per_worker" in data.tags:
            return None
        severity, consequence = Severity.ERROR, "which raises"
        explanation = words(raised[0]) if raised else _NO_TENSOR
    elif not raised and outcomes and data.varies is Varies.DIFFERS:
        rules = {outcome.rule for outcome in outcomes if isinstance(outcome, Updated)}
        if rules == {Rule.OWN}:
            consequence = "so each copy gets its own and the copies diverge"
        elif rules == {Rule.FIRST}:
            consequence = "of which the first is kept and the others are dropped"
        else:
            return None
        severity = Severity.WARNING
        explanation = "nothing is raised, and the aggregation is not used on the host"
    else:
        return None
    return Finding(
        code="VS209",
        name="per-replica-value-on-host",
        severity=severity,
        message=f"{message}, {consequence}",
        span=place(update),
        related=(created_here(update.variable),),
        explanation=explanation,
        remedy=_REDUCE,
    )


def _is_plain(update: Update) -> bool:
    """Whether a variable that no strategy made is written by a method that converts the value."""
    made = update.variable.context
    if made.strategies or made.portable or made.unknown_scope or made.rewritten:
        return False
    if update.way != "method" or update.op not in _CONVERTING or generation(update.variable):
        return False
    return StrategyKind.MULTI_WORKER_MIRRORED not in update.context.kinds


def _handed(call: Call) -> Finding | None:
    """`metric.update_state(per_replica)`, and `extended.update(v, fn, (per_replica,))`."""
    if call.symbol in ("keras.Metric.update_state", "keras.Metric.__call__"):
        values = list(call.arguments.all_values())
        severity = Severity.ERROR
        message = "a metric is given a value of each replica on the host, which raises"
        explanation = (
            "ValueError: It looks like you are using a PerReplica object while not inside a replica"
            " context"
        )
        remedy = "call update_state in the function that strategy.run is given"
    elif call.symbol == "tf.distribute.StrategyExtended.update":
        target = call.arguments.value(0, "var")
        if any(isinstance(atom, Held) and not atom.context.strategies for atom in target):
            # a plain variable has no copies
            return None
        values = [
            item
            for atom in call.arguments.value(2, "args")
            if isinstance(atom, Container)
            for item in atom.items.values()
        ]
        severity = Severity.WARNING
        message = "extended.update is given a value of each replica: every copy gets its own"
        explanation = "the copies diverge; extended.update does not check that the values are equal"
        remedy = "reduce it first, with extended.reduce_to"
    else:
        return None
    each = [data for data in map(each_replicas, values) if data is not None]
    known = [data for data in each if _is_known(call.context, data)]
    if severity is Severity.WARNING:
        known = [data for data in known if data.varies is Varies.DIFFERS and not data.reduced]
    if not known:
        return None
    return Finding(
        code="VS209",
        name="per-replica-value-on-host",
        severity=severity,
        message=message,
        span=place(call),
        explanation=explanation,
        remedy=remedy,
    )


def _is_distributed(read: Read) -> bool:
    """Whether the variable has a copy for each replica, under every strategy with several."""
    strategies = read.variable.context.strategies
    if not strategies or any(strategy.kind is None for strategy in strategies):
        return False
    made = [outcome for _, outcome in created(read.variable, read.variable.context)]
    return bool(made) and all(
        isinstance(outcome, Variable) and outcome.cls in _DISTRIBUTED for outcome in made
    )


def _number(read: Read) -> Finding | None:
    """`float(v)`."""
    if read.use not in _AS_NUMBER and not read.use.startswith("call math."):
        return None
    keras = read.variable.api.startswith("keras.")
    if (keras and read.use == "round") or not _is_distributed(read):
        return None
    name = read.spelled
    how = "formatted as one" if read.use == "format" else f"{read.use.removeprefix('call ')}()"
    return _variable(
        read,
        Severity.ERROR,
        f"`{name}` is no Python number {where(read.variable.context)}, and {how} raises",
        "a distributed variable has neither __float__ nor __int__, __round__ or __format__",
        f"write {name}.numpy()",
    )


def _truth(read: Read) -> Finding | None:
    """`if v:` where Python runs it."""
    context = read.context
    if read.use not in _AS_TRUTH or context.traced or context.portable:
        return None
    if read.variable.api.startswith("keras.") or not _is_distributed(read):
        return None
    return _variable(
        read,
        Severity.WARNING,
        f"`{read.spelled}` is tested for truth, but a distributed variable is always true, whatever"
        " it holds",
        "a distributed variable has no __bool__, so Python takes any for true",
        f"write {read.spelled}.numpy()",
    )


def _variable(
    read: Read, severity: Severity, message: str, explanation: str, remedy: str
) -> Finding:
    related: tuple[Related, ...] = (created_here(read.variable),)
    return Finding(
        code="VS209",
        name="per-replica-value-on-host",
        severity=severity,
        message=message,
        span=place(read),
        related=related,
        explanation=explanation,
        remedy=remedy,
    )
