"""VS102: the copies of a variable have to be reduced, and nothing says how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from varsync_runtime.semantics import Aggregation, Raises, Synchronization, ValueKind
from varsync_runtime.semantics.words import NO_REDUCE_OP

from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import has, has_own_copies, home, known_host, updated, words
from varsync_rules.program import Call, Event, Program, created_here, place, where
from varsync_rules.repairs import aggregate_as_written
from varsync_rules.values import Value, Variable, variables_within

# Reads that do not reduce, or whose failure is another rule's
_OTHER_READS = frozenset(
    {
        *("print", "local_results", "all_reduce", "argument", "assigned", "condition", "return"),
        *("float", "int", "bool", "round", "format", "range"),
        *("call tf.is_tensor", "call tf.saved_model.save"),
    }
)
_OTHER_CALLS = ("maybe ", "strategy.", "call tf.nest.", "call tf.distribute.", "call tf.train.")
_CHECKPOINTS = frozenset(
    {
        *("tf.train.Checkpoint.save", "tf.train.Checkpoint.write"),
        "tf.train.CheckpointManager.save",
    }
)
_KERAS_SAVES = frozenset(
    f"keras.{owner}.{name}"
    for owner in ("Model", "Layer")
    for name in ("get_weights", "save_weights", "save")
)


def check(program: Program) -> Iterator[Finding]:
    """Reads, writes and saves in cross-replica context; else the creation."""
    is_host = program.once(known_host)
    used: set[int] = set()
    for finding, variable in _uses(program, is_host):
        used.add(id(variable.node))
        yield replace(finding, fix=aggregate_as_written(program, variable))
    for creation in program.creations:
        variable = creation.variable
        if id(variable.node) in used or not _is_concerned(variable, creation):
            continue
        finding = _finding(
            creation,
            variable,
            Severity.NOTE,
            f"{variable.called} is ON_READ and has no aggregation:"
            f" {where(creation.context)} it can neither be read by the host nor saved",
        )
        yield replace(finding, fix=aggregate_as_written(program, variable))


def _uses(program: Program, is_host: Callable[[Event], bool]) -> Iterator[tuple[Finding, Variable]]:
    """The places that raise, each with the variable."""
    for read in program.reads:
        if read.use in _OTHER_READS or read.use.startswith(_OTHER_CALLS):
            continue
        if _is_concerned(read.variable, read) and is_host(read) and _is_visible(read):
            yield _use(read, read.variable, f"`{read.spelled}` is read"), read.variable
    for update in program.updates:
        if not update.reads_back or not _is_concerned(update.variable, update):
            continue
        outcomes = updated(update, ValueKind.TENSOR)
        if not outcomes or not all(
            isinstance(outcome, Raises) and outcome.message == NO_REDUCE_OP.message
            for outcome in outcomes
        ):
            continue
        if is_host(update) and _is_visible(update):
            message = f"`{update.spelled}` is assigned"
            yield _use(update, update.variable, message), update.variable
    for call in program.calls:
        for variable in _saved(call):
            if _is_concerned(variable, call) and is_host(call):
                yield _use(call, variable, f"{variable.called} is saved"), variable


def _is_concerned(variable: Variable, event: Event) -> bool:
    """Whether the variable is copies that nothing says how to reduce."""
    return has(variable, [Synchronization.ON_READ], [Aggregation.NONE]) and has_own_copies(
        variable, home(variable, event.context)
    )


def _is_visible(event: Event) -> bool:
    variable: Variable = event.variable  # type: ignore[attr-defined]
    return bool(variable.context.strategies or event.context.strategies)


def _saved(call: Call) -> tuple[Variable, ...]:
    """The variables that a call saves, as far as they can be followed."""
    saved: Value
    if call.symbol == "tf.saved_model.save":
        saved = call.arguments.value(0, "obj")
    elif call.symbol in _CHECKPOINTS or call.symbol in _KERAS_SAVES:
        saved = (call.receiver,) if call.receiver is not None else ()
    else:
        return ()
    held = variables_within(saved)
    if call.symbol in _KERAS_SAVES:
        # a tf.Variable is no weight of a layer of Keras 3
        return tuple(variable for variable in held if variable.api.startswith("keras."))
    return held


def _use(event: Event, variable: Variable, what: str) -> Finding:
    context = home(variable, event.context)
    return _finding(
        event,
        variable,
        Severity.ERROR,
        f"{what} in cross-replica context, which raises {where(context)}: its copies have no"
        " aggregation",
    )


def _finding(event: Event, variable: Variable, severity: Severity, message: str) -> Finding:
    is_creation = event.node is variable.node
    return Finding(
        code="VS102",
        name="on-read-without-aggregation",
        severity=severity,
        message=message,
        span=place(event),
        related=() if is_creation else (created_here(variable),),
        explanation=words(NO_REDUCE_OP),
        remedy=(
            "give it aggregation=tf.VariableAggregation.SUM, MEAN or ONLY_FIRST_REPLICA, or read"
            " the copies with strategy.experimental_local_results"
        ),
    )
