"""Where the replicas meet: aggregated updates, all_reduce, merge_call, an optimizer's step.

An operation of this kind needs every replica. `forks` gives, for each condition that replicas may
decide differently, what they meet in on either side of it.
"""

from __future__ import annotations

import ast
import enum
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from varsync_runtime import semantics
from varsync_runtime.semantics import (
    ControlFlow,
    Execution,
    Hangs,
    Operation,
    Raises,
    StrategyKind,
    Synchronization,
    Updated,
    ValueKind,
)

from varsync_rules.context import Because, Condition
from varsync_rules.evaluate.attributes import library_spelled
from varsync_rules.predict import created, has, home, strategies, table_context, updated
from varsync_rules.program import Call, Event, Program, Update, expression
from varsync_rules.surface import keras_generation
from varsync_rules.values import Instance

_MEETING = frozenset(
    {
        StrategyKind.MIRRORED,
        StrategyKind.MULTI_WORKER_MIRRORED,
        StrategyKind.CENTRAL_STORAGE,
    }
)
_OPTIMIZERS = frozenset({"keras.Optimizer", "tf.train.Optimizer", "?"})
_STEPS = frozenset({"apply_gradients", "minimize"})
_REDUCES = frozenset({"all_reduce", "all_gather"})
_MAY_MEET = re.compile(r"update|assign|apply|reduce|gather|sync|step|minimize|train")
_HARMLESS = frozenset({"tf", "keras", "numpy", "builtins", "absl", *sys.stdlib_module_names})


class Kind(enum.Enum):
    """What the replicas meet in."""

    UPDATE = "update"
    REDUCE = "all_reduce"
    MERGE = "merge_call"
    STEP = "optimizer"


@dataclass(frozen=True, slots=True)
class Meeting:
    """An event in which the replicas meet; `key` has to be the same on all of them."""

    event: Event
    kind: Kind
    key: tuple[object, ...]
    what: str


def meetings(program: Program) -> list[Meeting]:
    """Everything in replica context in which the replicas meet, in the order of evaluation."""
    found = [_update(update) for update in program.updates if update.context.in_replica]
    found += [_call(call) for call in program.calls if call.context.in_replica]
    return sorted(
        (meeting for meeting in found if meeting is not None),
        key=lambda meeting: meeting.event.order,
    )


def _update(update: Update) -> Meeting | None:
    if update.way not in ("method", "function") or not update.context.may_replicate:
        return None
    if update.op == "moving_average":
        # takes the mean over the replicas by itself, whatever the variable's aggregation
        written = (Synchronization.AUTO, Synchronization.ON_WRITE)
        if not has(update.variable, synchronization=written) or not _all_meet(update):
            return None
    else:
        outcomes = updated(update, ValueKind.TENSOR)
        if not outcomes or not all(isinstance(o, Updated) and o.merges for o in outcomes):
            return None
    key = (update.op, update.variable)
    return Meeting(update, Kind.UPDATE, key, f"the update of `{update.spelled}`")


def _call(call: Call) -> Meeting | None:
    owner, _, method = call.symbol.rpartition(".")
    if owner == "tf.distribute.ReplicaContext" and method in _REDUCES:
        kind, what = Kind.REDUCE, f"`{method}`"
    elif owner == "tf.distribute.ReplicaContext" and method == "merge_call":
        kind, what = Kind.MERGE, "`merge_call`"
    elif owner in _OPTIMIZERS and method in _STEPS:
        kind, what = Kind.STEP, f"`{method}`"
    else:
        return None
    if not _all_meet(call):
        return None
    return Meeting(call, kind, (method, call.receiver), what)


def _all_meet(event: Event) -> bool:
    """Whether the replicas of every strategy that may be in force meet in a merge_call."""
    held = strategies(event.context)
    return bool(held) and all(strategy.kind in _MEETING for strategy in held)


def outcomes(
    meeting: Meeting, flow: ControlFlow, execution: Execution = Execution.EAGER
) -> list[Raises | Hangs | None]:
    """What becomes of a meeting in this control flow under each strategy; None: it goes through."""
    found: list[Raises | Hangs | None] = []
    event = meeting.event
    if isinstance(event, Update) and event.op != "moving_average":
        operation = Operation(event.op)
        for _, variable in created(event.variable, home(event.variable, event.context)):
            if isinstance(variable, Raises):
                continue
            outcome = semantics.update(
                variable,
                operation,
                table_context(event.context),
                flow=flow,
                execution=execution,
            )
            found.append(outcome if isinstance(outcome, (Raises, Hangs)) else None)
        return found
    call = semantics.Call.MERGE_CALL if meeting.kind is Kind.MERGE else semantics.Call.ALL_REDUCE
    for strategy in strategies(event.context):
        met = semantics.meet(strategy, call, flow, execution)
        found.append(met if isinstance(met, (Raises, Hangs)) else None)
    return found


def is_graph_branch(event: Event, condition: Condition) -> bool:
    """Whether compiled code makes a branch of the graph of the condition that an event stands in.

    Keras 3 does not convert a layer's `call` or a model's `train_step`: Python's own `if` stays.
    """
    if not event.context.traced or not condition.tensor:
        return False
    if isinstance(condition.node, ast.Call):
        return True
    return not event.context.hook or _hook_generation(event) == 2


def _hook_generation(event: Event) -> int:
    """Of which Keras the class is whose method Keras calls: 3 unless it says otherwise."""
    frame = event.frame
    while frame is not None:
        if frame.outermost and isinstance(frame.receiver, Instance):
            cls = frame.receiver.cls
            return keras_generation(library_spelled(cls), cls.module.target) or 3
        frame = frame.caller
    return 3


@dataclass(slots=True)
class Fork:
    """A condition that replicas may decide differently, and what stands on its two sides.

    `sides`: the meetings under branch 0 and under branch 1. `unsure`: the sides on which more may
    happen than is known.
    """

    condition: Condition
    sides: tuple[list[Meeting], list[Meeting]] = field(default_factory=lambda: ([], []))
    unsure: set[int] = field(default_factory=set)

    @property
    def is_loop(self) -> bool:
        """Whether it decides how often its body runs."""
        return isinstance(self.condition.node, (ast.For, ast.AsyncFor, ast.While))

    @property
    def tested(self) -> str:
        """What is tested, or gone through, as it is written."""
        node = self.condition.node
        for name in ("test", "iter"):
            if hasattr(node, name):
                return expression(self.condition.module, getattr(node, name))
        if isinstance(node, ast.Call) and node.args:
            return expression(self.condition.module, node.args[0])
        return expression(self.condition.module, node)

    @property
    def by_size(self) -> bool:
        """Whether it is the size of a replica's part that decides: a `for` over it."""
        return isinstance(self.condition.node, (ast.For, ast.AsyncFor))


_Key = tuple[int, object]


def forks(program: Program) -> Iterator[Fork]:
    """The conditions in replica code that Python decides, on each replica for itself."""
    found: dict[_Key, Fork] = {}
    loops: dict[_Key, int] = {
        (id(branch.condition.node), branch.frame.key): branch.context.loops
        for branch in program.branches
    }
    for meeting in program.once(meetings):
        event = meeting.event
        for depth, condition in enumerate(event.context.conditions):
            if condition.because is not Because.REPLICA or is_graph_branch(event, condition):
                continue
            if any(is_graph_branch(event, other) for other in event.context.conditions):
                continue
            key = _key(event, condition)
            fork = found.setdefault(key, Fork(condition))
            fork.sides[condition.branch].append(meeting)
            # under a further condition, or in a loop: not known how often
            deeper = depth + 1 < len(event.context.conditions)
            if deeper or event.context.loops > loops.get(key, event.context.loops):
                fork.unsure.add(condition.branch)
    if not found:
        return
    for event in _unknown(program):
        for condition in event.context.conditions:
            fork_there = found.get(_key(event, condition))
            if fork_there is not None:
                fork_there.unsure.add(condition.branch)
    yield from found.values()


def _key(event: Event, condition: Condition) -> _Key:
    """Which run of which condition: the node, and the frame in which it was met."""
    frame = event.frame
    while frame.caller is not None and any(
        held.node is condition.node for held in frame.context_at_entry.conditions
    ):
        frame = frame.caller
    return id(condition.node), frame.key


def _unknown(program: Program) -> Iterable[Event]:
    """Events in which the replicas may meet without it being known."""
    yield from program.unresolved
    for call in program.calls:
        if not call.context.in_replica or not call.context.conditions:
            continue
        first, _, rest = call.symbol.partition(".")
        if first == "?":
            if _MAY_MEET.search(rest):
                yield call
        elif first not in _HARMLESS:
            yield call
