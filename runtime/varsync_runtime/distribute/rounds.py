"""One call of `strategy.run` in this replica: its segments, and the meetings between them.

After `_call_for_each_replica` in tensorflow/python/distribute/mirrored_run.py. There the replicas
are threads that run one after the other, each until it calls `merge_call` or ends; then the main
thread looks at all of them. Here they are processes that run at the same time, and at the end of
each segment they post what they are about to do, so every replica knows what the main thread would:

- one raised: the first one's exception ends the run, and what later replicas did in this segment
  is taken back, since TensorFlow would not have run them any more;
- some are done and some merge: RuntimeError;
- replica 0 makes a variable: it is made in all of them, whoever else asks for it or not.

A replica that touches a variable of which there is one copy (one made outside the scope) takes its
turn: it goes on when the replicas before it are at the ends of their segments, with what they wrote.
So does one that looks at another replica's copy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from varsync_runtime import events, semantics
from varsync_runtime.distribute import brought, ledger, pickling, rejections
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.description import Numbers, Owner
from varsync_runtime.distribute.failures import Failure
from varsync_runtime.function import dry, undo
from varsync_runtime.ops.random import kernels
from varsync_runtime.ops.random.graphs import current_frame
from varsync_runtime.replicas import host
from varsync_runtime.replicas.intents import PAUSES, Intent
from varsync_runtime.semantics import words

if TYPE_CHECKING:
    from varsync_runtime.distribute.strategy import StrategyBase


class _RequestedStop(Exception):
    """Unwinds a replica whose run has ended elsewhere; `mirrored_run._RequestedStop`."""


@dataclass
class Report:
    """What a replica has to tell the others at a meeting, beside what it is about to do."""

    payload: Any = None
    plain: dict[int, np.ndarray] = field(default_factory=dict)
    own: dict[int, ledger.OwnWrite] = field(default_factory=dict)
    failure: Failure | None = None
    printed: host.Printed = ()
    forms: tuple[brought.Form, ...] = ()
    """Of the small arrays that it brings along."""

    def __reduce__(self) -> tuple[Any, ...]:
        fields = (
            self.payload, self.plain, self.own, self.failure, self.printed, self.forms
        )  # fmt: skip
        return Report, fields


@dataclass
class Met:
    """One replica at a meeting; `packed` has its report and the arrays, as bytes."""

    intent: Intent
    report: Report
    packed: bytes = b""


class ReplicaRun(Owner):
    """What this replica does in one call of `strategy.run`."""

    def __init__(self, strategy: StrategyBase, crew: Crew, index: int) -> None:
        self.strategy = strategy
        self.crew = crew
        self.index = index
        self.stamp = object()
        self.arguments: dict[int, object] = {}
        self.numbers = Numbers()
        self.is_one_of_several_workers = crew.local == 1 and crew.workers > 1
        kernels.eager.begin()
        self.frame = current_frame()
        """Whose random numbers all replicas share; None if they run eagerly."""
        self.verdict: BaseException | None = None
        """What the host raises, once all replicas know it."""
        self.merge_error: BaseException | None = None
        """What went wrong in a merge function."""
        self.last_met: list[Met] = []
        self.brought: list[list[np.ndarray]] = []
        """Small values that all replicas brought to their last meeting, each for all replicas."""
        self.segment = undo.Transaction()
        self.touched: dict[int, Any] = {}
        self.ever_touched: set[int] = set()
        self.own_writes: dict[int, ledger.OwnWrite] = {}
        self.has_turn = index == 0
        self.made: dict[str, list[Any]] = {}
        self.reused: dict[str, int] = {}
        self.recipes: list[Any] = []
        self.printed: list[host.Printed] = [()] * crew.local
        self.seen: np.ndarray | None = None
        """What the replica that goes on found in the copy that it looked at."""

    @property
    def starts_from_own_values(self) -> bool:
        """Whether the replicas were given different values, or may have been."""
        return bool(self.arguments) or self.is_one_of_several_workers

    # What happens in a segment -----------------------------------------------------------

    def __enter__(self) -> ReplicaRun:
        self.segment.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.segment.__exit__(None, None, None)

    def new_segment(self) -> None:
        """What was written up to here stays, whatever happens to this run."""
        self.segment.__exit__(None, None, None)
        self.segment = undo.Transaction()
        self.segment.__enter__()

    def take_turn(self) -> None:
        """Before a plain variable is touched: the replicas before this one end their segments."""
        while not self.has_turn:
            met = self._pause("turn")
            self.has_turn = self._going_on(met) == self.index

    def look(self, name: str, number: int, home: int) -> np.ndarray | None:
        """What replica `home`'s copy of this variable holds now; None if it has no such variable.

        Replicas before this one have ended their segments, those behind it have not begun theirs.
        """
        while self._going_on(self._pause("look", name, (number, home))) != self.index:
            pass
        return self.seen

    def _show_copy(self, looking: int, number: int, home: int) -> np.ndarray | None:
        """Gives the replica that goes on what it looks at."""
        array = None
        variable = ledger.variable(number)
        if self.index == home and variable is not None:
            copy = variable._own
            array = copy._array if home < looking else self.segment.before(copy)
        seen: np.ndarray | None = self.crew.tell(array, home)
        return seen

    def wrote_plain(self, variable: Any) -> None:
        """Remembers that this replica wrote a variable of which there is one copy."""
        if self.crew.local > 1:
            self.touched[variable._variable_number] = variable

    def wrote_own(
        self, variable: Any, operation: str, context: str, of_gradient: bool = False
    ) -> None:
        """Remembers that this replica wrote its own copy of what should be equal in all."""
        if self.crew.replicas > 1 and not dry.is_dry():
            rule = semantics.Rule.OWN.name
            # who wrote is told of the first difference alone
            through = () if variable._diverged else events.through()
            write = ledger.OwnWrite(
                operation, context, rule, events.here(), of_gradient=of_gradient, through=through
            )
            number = variable._variable_number
            if not variable._diverged:
                write = write.after(self.own_writes.get(number), variable._local_array())
            self.own_writes[number] = write

    # Meetings -------------------------------------------------------------------------------

    def meet(
        self, kind: str, payload: Any = None, arrays: Sequence[np.ndarray] = (), **intent: Any
    ) -> list[Met]:
        """Ends the segment; what all replicas are about to do, if the run goes on.

        Raises `_RequestedStop` if it does not; `verdict` is what the host raises then.
        """
        met = self.post(kind, payload, arrays, **intent)
        self.verdict = self.judged(met)
        if self.verdict is not None:
            raise _RequestedStop
        return met

    def post(
        self,
        kind: str,
        payload: Any = None,
        arrays: Sequence[np.ndarray] = (),
        failure: Failure | None = None,
        **intent: Any,
    ) -> list[Met]:
        """Ends the segment and waits until all have ended theirs.

        `arrays` are small ones that this replica brings along, for `brought`.
        """
        own = dict(self.own_writes)
        if kind in ("done", "raised"):
            own = {number: write.digested(number) for number, write in own.items()}
        site = "" if self.crew.local == 1 else str(events.here())
        wish = Intent(kind, site=site, **intent)
        while True:
            met = self._exchange(wish, Report(payload, self._plain(), own, failure), arrays)
            if self._going_on(met) is None:
                break
        self.last_met = met
        self.brought = brought.columns(
            [one.report.forms for one in met], [one.packed for one in met]
        )
        first = first_raised(met)
        if first is not None and self.index > first:
            self.segment.rollback()
        self.new_segment()
        for one in met:
            for number in one.report.own:
                ledger.doubt(number)
        self.has_turn = self.index == 0
        return met

    def _plain(self) -> dict[int, np.ndarray]:
        written = {number: variable._array for number, variable in self.touched.items()}
        self.ever_touched.update(written)
        self.touched = {}
        return written

    def _exchange(
        self, intent: Intent, report: Report, arrays: Sequence[np.ndarray] = ()
    ) -> list[Met]:
        """One meeting; every replica holds afterwards what was written to plain variables."""
        if self.crew.local == 1:
            return [Met(intent, report)]
        report.printed = host.printed(last=intent.kind in ("done", "raised"))
        report.forms = brought.forms(arrays)
        mine = pickling.dumps(report)
        met = []
        for post in self.crew.meet(intent, brought.pack(arrays, mine)):
            its = brought.unpack(post.data)
            # mostly all replicas report the same
            told = report if its == mine else pickling.loads(its)
            met.append(Met(post.intent, told, post.data))
        if self.index == 0:
            self._show(met)
        first = first_raised(met)
        wrote = [one.report.plain for one in (met if first is None else met[: first + 1])]
        if any(wrote):
            self._take_over(wrote)
        if met[0].intent.kind == "create":
            from varsync_runtime.distribute.variables import creation

            name, recipe = met[0].report.payload
            self.recipes.append(recipe)
            if self.index:
                made = self.strategy.extended._remade(recipe)
                creation.announce(made, {})
                self.made.setdefault(name, []).append(made)
        going = self._going_on(met)
        if going is not None and met[going].intent.kind == "look":
            self.seen = self._show_copy(going, *met[going].report.payload)
        return met

    def _take_over(self, wrote: list[dict[int, np.ndarray]]) -> None:
        """Holds what the replicas, in order, wrote to plain variables."""
        with undo.outside(self.segment):  # others' writes stay, whatever this one takes back
            for written in wrote:
                for number, array in written.items():
                    self.ever_touched.add(number)
                    ledger.hold(number, array)

    def _show(self, met: list[Met]) -> None:
        """At the end of a segment: what the replicas printed, one after the other.

        Those behind one that raised would not have run in it.
        """
        self.printed = [
            before + one.report.printed for before, one in zip(self.printed, met, strict=True)
        ]
        if any(one.intent.kind in PAUSES for one in met):
            return
        first = first_raised(met)
        for each in self.printed if first is None else self.printed[: first + 1]:
            host.show(each)
        self.printed = [()] * self.crew.local

    def _pause(self, kind: str, variable: str = "", payload: Any = None) -> list[Met]:
        """A meeting in the middle of a segment."""
        intent = Intent(kind, PAUSES[kind], variable, site=str(events.here()))
        return self._exchange(intent, Report(payload, self._plain()))

    @staticmethod
    def _going_on(met: list[Met]) -> int | None:
        """Which replica goes on after a pause; the others wait on."""
        for at, one in enumerate(met):
            if one.intent.kind in PAUSES:
                return at
        return None

    def judged(self, met: list[Met]) -> BaseException | None:
        """What the run ends with, if it ends with an exception."""
        first = first_raised(met)
        if first is not None:
            failure = met[first].report.failure
            assert failure is not None
            return failure.exception()
        done = [one.intent.kind == "done" for one in met]
        if any(done) and not all(done):
            flow = semantics.ControlFlow.REPLICAS_DIFFER
            outcome = semantics.meet(self.strategy._in_table, semantics.Call.MERGE_CALL, flow)
            if not isinstance(outcome, semantics.Raises):
                outcome = words.DIFFERENT_NUMBER  # a TPU's replicas cannot differ at all
            error = rejections.error(outcome)
            came = met[done.index(False)].intent
            rejections.tell(error, None, came.operation, "replica", events.Site.parse(came.site))
            return error
        return None

    # Variables that the replicas make -----------------------------------------------------

    def make(self, name: str, make: Callable[[], tuple[Any, Any]]) -> Any:
        """The variable that all replicas share: `shared_variable_creator.make_fn`.

        `make` gives replica 0's variable and what the others need to make theirs. None: replica 0
        made no variable of this name.
        """
        if self.index == 0:
            variable, recipe = make()
            self._pause("create", name, (name, recipe))
            return variable
        at = self.reused.get(name, 0)
        while len(self.made.get(name, [])) <= at:
            met = self._pause("create", name)
            if self._going_on(met) == self.index:
                # replica 0 is at the end of its segment
                if len(self.made.get(name, [])) <= at:
                    return None
                break
        self.reused[name] = at + 1
        return self.made[name][at]


def first_raised(met: list[Met]) -> int | None:
    """The first replica that raised."""
    for at, one in enumerate(met):
        if one.intent.kind == "raised":
            return at
    return None


def alike(met: list[Met]) -> bool:
    """Whether all replicas report the same, so that what they report has the same structure."""
    report = met[0].report
    return all(one.report is report for one in met)


_runs: list[ReplicaRun] = []


def current_run() -> ReplicaRun | None:
    """The innermost call of `strategy.run` that this code runs in."""
    return _runs[-1] if _runs else None


def enter(run: ReplicaRun) -> None:
    """A run begins."""
    _runs.append(run)
    run.crew.running += 1


def leave() -> None:
    """The innermost run ends."""
    _runs.pop().crew.running -= 1
