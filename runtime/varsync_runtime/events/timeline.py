"""Where the time of a process went, by step: on the host, in replica code, waiting, exchanging.

A step's row begins where the step before it ended, so the host's part of it is what the host did to
get there: it fetched the data, and looked at what the last step gave. What came before the first
step, and what came after the last one, are rows of their own.

The first `WHOLE` steps have a row each. Then two steps share one, and twice as many each time that
half as many rows are full again: a run of any length has few rows, and those of all replicas are of
the same steps.

Where `detailed` is set, each exchange, wait and step is kept by itself as well, up to a number.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from varsync_runtime.events.kinds import Details, Span, Stepped, Synchronised
from varsync_runtime.events.sites import NOWHERE, Site

WHOLE = 512
SPANS = 400_000
"""So many details are kept of all replicas together."""
NEAR = ("merge", "gather", "collective", "share")
"""Meetings that may be part of an exchange that is told when it is done."""
AFTER = -1
"""Stands as the step of what came after the last one; 0 is before the first."""
MICROSECOND = 1000  # nanoseconds
# bound here: a script may get a patched one; one clock for all processes
now = time.monotonic_ns


class Spent:
    """Nanoseconds of this process: in meetings with others, and waiting for them in these."""

    __slots__ = ("meeting", "waiting")

    def __init__(self) -> None:
        self.meeting = self.waiting = 0

    def since(self, meeting: int, waiting: int) -> tuple[int, int]:
        """How much more it is than it was then."""
        return self.meeting - meeting, self.waiting - waiting


spent = Spent()


@dataclass
class _Row:
    """Steps that are counted together; nanoseconds."""

    first: int
    begin: int
    last: int = 0
    host: int = 0
    compute: int = 0
    wait: int = 0
    synchronise: int = 0

    def told(self) -> Stepped:
        parts = (self.begin, self.host, self.compute, self.wait, self.synchronise)
        return Stepped(self.first, self.last, *(part // MICROSECOND for part in parts))


class Timeline:
    """The rows of one process. `begin` and `end` are called around each step."""

    def __init__(self) -> None:
        self.width = 1
        self._rows: list[Stepped] = []
        self._row: _Row | None = None
        self._depth = 0
        self._last = 0
        self._mark = (now(), spent.meeting, spent.waiting)

    def begin(self, step: int) -> None:
        """A step begins; one in another is a part of it."""
        self._depth += 1
        if self._depth > 1:
            return
        begun = self._mark[0]
        host, wait, synchronise = self._passed()
        if not self._last:
            self._rows.append(_Row(0, begun, 0, host, 0, wait, synchronise).told())
            begun += host + wait + synchronise
            host = wait = synchronise = 0
        self._last = max(self._last, step)
        if self._row is None or self._row.last + 1 > self._end_of(self._row.first):
            self._close()
            self._row = _Row(self._last, begun)
        row = self._row
        row.last = self._last
        row.host += host
        row.wait += wait
        row.synchronise += synchronise

    def end(self) -> None:
        """The step that began last is done."""
        self._depth -= 1
        row = self._row
        if not self._depth and row is not None:
            compute, wait, synchronise = self._passed()
            row.compute += compute
            row.wait += wait
            row.synchronise += synchronise

    def finish(self) -> None:
        """The process ends: what is left is told."""
        self._close()
        begun = self._mark[0]
        host, wait, synchronise = self._passed()
        self._rows.append(_Row(AFTER, begun, AFTER, host, 0, wait, synchronise).told())

    def take(self) -> list[Stepped]:
        """The rows that are whole and were not taken yet."""
        rows, self._rows = self._rows, []
        return rows

    def _passed(self) -> tuple[int, int, int]:
        """Nanoseconds since the last mark: of its own, waiting, exchanging; the mark is here now."""
        then, meeting, waiting = self._mark
        self._mark = (now(), spent.meeting, spent.waiting)
        met, waited = spent.since(meeting, waiting)
        return max(self._mark[0] - then - met, 0), waited, max(met - waited, 0)

    def _end_of(self, first: int) -> int:
        """The last step of the row that begins with this one."""
        while first > WHOLE * self.width:
            self.width *= 2
        return first + self.width - 1 - (first - 1) % self.width

    def _close(self) -> None:
        if self._row is not None:
            self._rows.append(self._row.told())
            self._row = None


class Detailed:
    """Each step, exchange and wait of one process by itself, as many as its share of `SPANS`."""

    def __init__(self, processes: int = 1) -> None:
        self.processes = processes
        self._spans: list[Span] = []
        self._kept = self._left_out = 0
        self._near: list[tuple[int, int, str, Site]] = []
        self._expected: Synchronised | None = None
        self._nbytes = 0
        self._step: tuple[int, int, Site] | None = None

    def begin(self, step: int, site: Site) -> None:
        """A step begins, at this line of the user's."""
        self._settle()
        if self._step is None:
            self._step = (step, now(), site)

    def end(self) -> None:
        """It is done."""
        self._settle()
        if self._step is not None:
            step, begun, site = self._step
            self._step = None
            self._keep(Span("step", begun, now(), f"step {step}", site))

    def waited(self, begun: int, ended: int) -> None:
        """The process waited for others."""
        self._keep(Span("wait", begun, ended, "wait", NOWHERE))

    def met(self, begun: int, ended: int, kind: str, what: str, site: str) -> None:
        """A meeting: what for, and where."""
        if self._expected is not None:
            self._exchange(self._expected, self._nbytes, begun, ended)
        elif kind in NEAR:
            self._near.append((begun, ended, what, Site.parse(site)))
        else:
            self._settle()
            self._keep(Span("meeting", begun, ended, what, Site.parse(site)))

    def told(self, event: Synchronised, nbytes: int) -> None:
        """An exchange is told of: the last meetings were for it, or one that comes."""
        last = self._spans[-1] if self._spans else None
        if not self._near and last is not None and 0 < len(last.variables) < event.together:
            # the next one of an all-reduce of several tensors
            self._spans[-1] = replace(
                last,
                variables=(*last.variables, _variable_of(event)),
                nbytes=last.nbytes + nbytes,
            )
            return
        at = now()
        begun, ended = (self._near[0][0], self._near[-1][1]) if self._near else (at, at)
        if event.cause == "read" and not self._near:
            self._settle()
            self._expected, self._nbytes = event, nbytes  # it is told before it is done
        else:
            self._near = []
            self._exchange(event, nbytes, begun, ended)

    def take(self) -> Iterator[Details]:
        """What was not taken yet, but for the last one, which may grow."""
        if len(self._spans) > 1:
            taken, self._spans = self._spans[:-1], self._spans[-1:]
            yield Details(tuple(taken))

    def finish(self) -> Iterator[Details]:
        """All that is left."""
        self._settle()
        taken, self._spans = self._spans, []
        yield Details(tuple(taken), self._left_out)

    def _exchange(self, event: Synchronised, nbytes: int, begun: int, ended: int) -> None:
        self._expected = None
        what = f"{event.cause}, {event.operation}" if event.operation else event.cause
        variables = (_variable_of(event),)
        self._keep(Span("exchange", begun, ended, what, event.site, event.by, variables, nbytes))

    def _settle(self) -> None:
        """Meetings that nobody has told the meaning of."""
        for begun, ended, what, site in self._near:
            self._keep(Span("meeting", begun, ended, what, site))
        self._near = []
        if self._expected is not None:
            at = now()
            self._exchange(self._expected, self._nbytes, at, at)

    def _keep(self, span: Span) -> None:
        if self._kept < SPANS // self.processes:
            self._kept += 1
            self._spans.append(span)
        else:
            self._left_out += 1


def _variable_of(event: Synchronised) -> int | None:
    return event.gradient_of if event.variable is None else event.variable
