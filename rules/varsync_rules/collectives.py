"""What all workers of a MultiWorkerMirroredStrategy have to come to, or those that come wait.

The host's reads and assignments of variables of which every worker has a part, saving them, Keras's
loops, `strategy.reduce`, and steps in which the replicas reduce something.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from varsync_runtime import semantics
from varsync_runtime.semantics import (
    Context,
    Operation,
    Read,
    Updated,
    ValueKind,
    Variable,
)

from varsync_rules.context import Context as Where
from varsync_rules.meetings import Kind, meetings
from varsync_rules.predict import created, home, strategies, table_context, value_kind
from varsync_rules.program import Call, Event, Program, Update
from varsync_rules.program import Read as ReadEvent
from varsync_rules.surface import family
from varsync_rules.values import (
    Atom,
    Bound,
    Class,
    Container,
    Function,
    Heap,
    Instance,
    LibraryObject,
    Partial,
    Strategy,
    Traced,
    Value,
)
from varsync_rules.values import Variable as ProgramVariable

# Reads that see this worker's copies alone
_LOCAL = frozenset({"local_results"})
_LOOPS = frozenset({"fit", "evaluate", "predict", "train_on_batch", "test_on_batch"})
_OF_METRICS = frozenset({"result", "reset_state", "reset_states"})
_SAVES = frozenset({"save", "write", "save_weights", "export"})
_SAVERS = ("tf.train.Checkpoint.", "tf.train.CheckpointManager.", "keras.Model.")


@dataclass(frozen=True, slots=True)
class Collective:
    """An event that all workers have to come to.

    `what` says it in words; `key` is the same for two places that do the same.
    """

    event: Event
    what: str
    key: tuple[object, ...]


def collectives(program: Program) -> list[Collective]:
    """Everything on the host that all workers have to come to, in the order of evaluation."""
    if not any(spans_workers((strategy,)) for strategy in program.strategies):
        return []
    found: list[Collective | None] = [_read(read) for read in program.reads]
    found += [_update(update) for update in program.updates]
    found += [
        Collective(
            creation,
            f"creating {creation.variable.called}, which gets the chief's initial value",
            ("create",),
        )
        for creation in program.creations
        if creation.context.in_cross_replica
        and any(
            isinstance(made, Variable) and semantics.is_made_collectively(made)
            for _, made in created(creation.variable, creation.context)
        )
    ]
    steps = _reducing_steps(program)
    found += [_call(call, steps) for call in program.calls if call.context.in_cross_replica]
    kept = [collective for collective in found if collective is not None]
    return sorted(kept, key=lambda collective: collective.event.order)


def spans_workers(held: tuple[Strategy, ...]) -> bool:
    """Whether one of the strategies is for several workers."""
    return bool(held) and any(s.workers > 1 for s in strategies(Where(strategies=held)))


def holders_of_workers(value: Value) -> Iterator[Heap]:
    """The variables and Keras objects in a value that have a part on each worker."""
    for held in _within(value):
        if spans_workers(held.context.strategies) and (
            isinstance(held, (ProgramVariable, Instance))
            or (isinstance(held, LibraryObject) and bool(family(held.symbol.name)))
        ):
            yield held


def _made(variable: ProgramVariable, where: Where) -> list[Variable]:
    """The variable as it is made under the strategies for several workers."""
    return [
        made
        for strategy, made in created(variable, home(variable, where))
        if strategy.workers > 1 and isinstance(made, Variable)
    ]


def _read(read: ReadEvent) -> Collective | None:
    if not read.context.in_cross_replica or read.use in _LOCAL:
        return None
    outcomes = [
        semantics.read(made, Context.CROSS_REPLICA) for made in _made(read.variable, read.context)
    ]
    if any(isinstance(outcome, Read) and outcome.collective for outcome in outcomes):
        name = f"`{read.spelled}`" if read.spelled else read.variable.called
        return Collective(read, f"reading {name}", ("read", read.variable))
    return None


def _update(update: Update) -> Collective | None:
    context = update.context
    if not context.in_cross_replica or update.way not in ("method", "function"):
        return None
    if updated_on_workers(update, collective=True):
        return Collective(update, f"assigning `{update.spelled}`", ("assign", update.variable))
    return None


def updated_on_workers(update: Update, collective: bool) -> bool:
    """Whether an update succeeds that all workers have to make, or that each makes alone."""
    try:
        operation = Operation(update.op)
    except ValueError:
        return False
    outcomes = [
        semantics.update(made, operation, table_context(update.context), value_kind(update))
        for made in _made(update.variable, update.context)
    ]
    return any(isinstance(o, Updated) and o.collective is collective for o in outcomes)


def _call(call: Call, steps: dict[Function, str]) -> Collective | None:
    owner, _, method = call.symbol.rpartition(".")
    receiver = call.receiver
    if owner == "tf.distribute.Strategy" and isinstance(receiver, Strategy):
        if not spans_workers((receiver,)):
            return None
        if method in ("reduce", "gather"):
            return Collective(call, f"`strategy.{method}`", (method, receiver))
        if method in ("run", "experimental_run_v2"):
            for function in functions_of(call.arguments.value(0, "fn")):
                if function in steps:
                    what = f"`strategy.{method}` of a step with {steps[function]}"
                    return Collective(call, what, (method, function))
        return None
    if not isinstance(receiver, (LibraryObject, Instance)):
        return None
    if owner == "keras.Metric" and method in _OF_METRICS:
        if isinstance(receiver, LibraryObject) and spans_workers(receiver.context.strategies):
            return Collective(call, f"`{method}` of this metric", (method, receiver))
    elif owner == "keras.Model" and method in _LOOPS:
        if spans_workers(receiver.context.strategies):
            return Collective(call, f"`{method}`", (method, receiver))
    elif method in _SAVES and call.symbol.startswith(_SAVERS):
        name = _reduced_when_saved((receiver,))
        if name:
            return Collective(call, f"`{method}`, which reads {name},", (method, receiver))
    return None


def _reduced_when_saved(value: Value) -> str:
    """What in an object has to be added up over the workers to be saved, in words; or ""."""
    for held in _within(value):
        if isinstance(held, ProgramVariable):
            outcomes = [semantics.save(made) for made in _made(held, held.context)]
            if any(isinstance(outcome, Read) and outcome.collective for outcome in outcomes):
                return held.called
        elif (
            isinstance(held, LibraryObject)
            and family(held.symbol.name) == "keras.Metric"
            and spans_workers(held.context.strategies)
        ):
            return "a metric"
    return ""


def _within(value: Value, depth: int = 5) -> Iterator[Heap]:
    """The objects that a value is or holds."""
    seen: set[int] = set()
    stack = [(value, depth)]
    while stack:
        current, left = stack.pop()
        for atom in current:
            if not isinstance(atom, Heap) or id(atom) in seen or isinstance(atom, Strategy):
                continue
            seen.add(id(atom))
            yield atom
            if left and not isinstance(atom, ProgramVariable):
                stack.extend((inner, left - 1) for inner in _parts(atom))


def _parts(atom: Heap) -> Iterator[Value]:
    yield from list(atom.attributes.values())
    if isinstance(atom, Container):
        yield atom.elements()
    if isinstance(atom, LibraryObject) and atom.args is not None:
        yield from atom.args.all_values()


def _reducing_steps(program: Program) -> dict[Function, str]:
    """The functions given to strategy.run in which the replicas of all workers reduce something."""
    found: dict[Function, str] = {}
    for meeting in program.once(meetings):
        event = meeting.event
        if meeting.kind is Kind.MERGE:
            continue
        if isinstance(event, Update) and not _collective_update(event):
            continue
        frame = event.frame
        while frame is not None:
            if frame.outermost and frame.function is not None:
                found.setdefault(frame.function, meeting.what)
                break
            frame = frame.caller
    return found


def _collective_update(update: Update) -> bool:
    if update.op == "moving_average":
        return True
    outcomes = [
        semantics.update(made, Operation(update.op), Context.REPLICA, ValueKind.TENSOR)
        for made in _made(update.variable, update.context)
    ]
    return any(isinstance(o, Updated) and o.collective for o in outcomes)


def functions_of(value: Value) -> Iterator[Function]:
    """The program's functions that a callable is, inside tf.function, partial and methods."""
    for atom in value:
        inner: Atom | None = atom
        while isinstance(inner, (Traced, Bound, Partial)):
            inner = inner.function if isinstance(inner, Bound) else inner.target
        if isinstance(inner, Function):
            yield inner
        elif isinstance(inner, Instance):
            yield from _called(inner)


def _called(instance: Instance) -> Iterator[Function]:
    """What calling an instance runs: its class's `__call__`, or `call`, which Keras's calls."""
    for ancestor in instance.cls.ancestry():
        if isinstance(ancestor, Class):
            held = ancestor.attributes.get("__call__") or ancestor.attributes.get("call")
            if held:
                yield from functions_of(held)
                return
