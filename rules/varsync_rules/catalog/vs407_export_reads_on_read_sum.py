"""VS407: a SavedModel is given a traced function that reads or writes what it cannot hold."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime import semantics
from varsync_runtime.semantics import Aggregation, Raises, Synchronization, VariableClass

from varsync_rules.context import Context, Role
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import created, strategies
from varsync_rules.program import Call, Event, Program, place, where
from varsync_rules.values import (
    Atom,
    Bound,
    Container,
    Function,
    LibraryObject,
    Partial,
    Traced,
    Value,
    Variable,
)

_DISTRIBUTED = frozenset({VariableClass.MIRRORED, VariableClass.SYNC_ON_READ})
# What reads or writes the weights of a metric, which are ON_READ and SUM
_OF_METRICS = frozenset(f"keras.Metric.{name}" for name in ("result", "update_state", "__call__"))


def check(program: Program) -> Iterator[Finding]:
    """Signatures that are concrete functions and use distributed variables across replicas."""
    for save in program.calls_to("tf.saved_model.save"):
        for concrete in _concrete(save.arguments.value(2, "signatures")):
            found = _unsaveable(program, concrete)
            if found is not None:
                yield _finding(save, *found)
                break


def _concrete(value: Value, depth: int = 2) -> Iterator[LibraryObject]:
    """The concrete functions among the signatures."""
    for atom in value:
        if isinstance(atom, LibraryObject) and atom.symbol.name == "tf.ConcreteFunction":
            yield atom
        elif isinstance(atom, Container) and depth:
            yield from _concrete(atom.elements(), depth - 1)


def _unsaveable(program: Program, concrete: LibraryObject) -> tuple[Event, Context, str] | None:
    """What a concrete function does that cannot be saved, the first of it."""
    traced = {
        function
        for atom in concrete.attributes.get("function", ())
        if (function := _function(atom)) is not None
    }
    events: list[tuple[Event, Context, str]] = []
    for read in program.reads:
        if _is_traced_in(read, traced) and _sums_when_read(read.variable):
            events.append((read, read.variable.context, f"reads {read.variable.called}"))
    for update in program.updates:
        if _is_traced_in(update, traced) and _is_distributed(update.variable):
            events.append((update, update.variable.context, f"writes {update.variable.called}"))
    for call in program.calls:
        metric = call.receiver
        if (
            call.symbol in _OF_METRICS
            and isinstance(metric, LibraryObject)
            and _is_traced_in(call, traced)
            and _is_mirrored(metric.context)
        ):
            verb = "reads" if call.method == "result" else "writes"
            events.append((call, metric.context, f"{verb} a metric"))
    return min(events, key=lambda found: found[0].order) if events else None


def _function(atom: Atom) -> Function | None:
    while not isinstance(atom, Function):
        if isinstance(atom, (Traced, Partial)):
            atom = atom.target
        elif isinstance(atom, Bound):
            atom = atom.function
        else:
            return None
    return atom


def _is_traced_in(event: Event, functions: set[Function]) -> bool:
    """Whether an event is in cross-replica context, in one of the functions or what it calls."""
    if event.context.role is not Role.HOST:
        return False
    frame = event.frame
    while frame is not None:
        if frame.function in functions:
            return True
        frame = frame.caller
    return False


def _is_mirrored(made_in: Context) -> bool:
    """Whether what is made in a context has copies that a SavedModel cannot hold."""
    made = [
        semantics.create(strategy, Synchronization.ON_READ, Aggregation.SUM)
        for strategy in strategies(made_in)
    ]
    return bool(made_in.strategies) and all(
        not isinstance(outcome, Raises) and outcome.cls is VariableClass.SYNC_ON_READ
        for outcome in made
    )


def _is_distributed(variable: Variable, sums: bool = False) -> bool:
    if not variable.context.strategies:
        return False
    made = [outcome for _, outcome in created(variable, variable.context)]
    return bool(made) and all(
        not isinstance(outcome, Raises)
        and outcome.cls in _DISTRIBUTED
        and (not sums or _is_sum(outcome.cls, outcome.aggregation))
        for outcome in made
    )


def _is_sum(cls: VariableClass, aggregation: Aggregation) -> bool:
    return cls is VariableClass.SYNC_ON_READ and aggregation is Aggregation.SUM


def _sums_when_read(variable: Variable) -> bool:
    """Whether a read across replicas is a sum over copies on several devices."""
    return _is_distributed(variable, sums=True)


def _finding(save: Call, event: Event, made_in: Context, what: str) -> Finding:
    return Finding(
        code="VS407",
        name="export-reads-on-read-sum",
        severity=Severity.ERROR,
        message=(
            f"the signature is a concrete function that {what}, made {where(made_in)}: the save"
            " raises"
        ),
        span=place(save),
        related=(Related(place(event), f"the function {what} here"),),
        explanation=(
            "ValueError: ConcreteFunction that uses distributed variables in certain way cannot be"
            " saved."
        ),
        remedy=(
            "give the function an input_signature and pass the function itself: it is traced again"
            " for the file"
        ),
    )
