"""The time line of a process, on a clock that the tests turn."""

from __future__ import annotations

import pytest
from varsync_runtime.events import Details, Site, Stepped, Synchronised, recorder, timeline
from varsync_runtime.events.timeline import AFTER, WHOLE, Detailed, Timeline
from varsync_runtime.replicas.intents import Intent

HERE = Site("train.py", 3)
MICROSECOND = 1000


class Clock:
    """A clock, and what a process does on it, in microseconds."""

    def __init__(self) -> None:
        self.at = 0

    def __call__(self) -> int:
        return self.at

    def work(self, microseconds: int) -> None:
        self.at += microseconds * MICROSECOND

    def meet(self, waiting: int, exchanging: int, meeting: Intent | None = None) -> None:
        begun = self.at
        self.work(waiting)
        recorder.waited(begun)
        self.work(exchanging)
        recorder.met(begun, meeting or Intent("merge"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """In place of the real one, with a recorder of its own."""
    clock = Clock()
    spent = timeline.Spent()
    for module in (timeline, recorder):
        monkeypatch.setattr(module, "now", clock)
        monkeypatch.setattr(module, "spent", spent)
    monkeypatch.setattr(recorder, "current", recorder.Recorder())
    return clock


def test_each_part_of_the_time_is_told_once(clock: Clock) -> None:
    line = Timeline()
    clock.work(100)
    clock.meet(20, 5)
    for step in (1, 2):
        clock.work(7)
        line.begin(step)
        clock.work(50)
        clock.meet(30, 4)
        line.end()
    clock.work(11)
    line.finish()
    assert line.take() == [
        Stepped(0, 0, 0, 107, 0, 20, 5),
        Stepped(1, 1, 132, 0, 50, 30, 4),
        Stepped(2, 2, 216, 7, 50, 30, 4),
        Stepped(AFTER, AFTER, 307, 11, 0, 0, 0),
    ]
    assert line.take() == []


def test_a_step_in_a_step_is_part_of_it(clock: Clock) -> None:
    line = Timeline()
    line.begin(1)
    line.begin(2)
    clock.work(5)
    line.end()
    clock.work(5)
    line.end()
    line.finish()
    assert [row for row in line.take() if row.first > 0] == [Stepped(1, 1, 0, 0, 10, 0, 0)]


def test_a_long_run_has_few_rows_and_loses_no_time(clock: Clock) -> None:
    steps = 100_000
    line = Timeline()
    for step in range(1, steps + 1):
        line.begin(step)
        clock.work(3)
        line.end()
    line.finish()
    rows = [row for row in line.take() if row.first > 0]
    assert len(rows) < WHOLE * 6
    assert sum(row.compute for row in rows) == 3 * steps
    assert [row.first for row in rows[1:]] == [row.last + 1 for row in rows[:-1]]
    assert rows[-1].last == steps
    # rows of the same width begin where those of any other replica do
    assert all((row.first - 1) % (row.last - row.first + 1) == 0 for row in rows[:-1])


def details(detailed: Detailed) -> list[tuple[object, ...]]:
    spans = [span for told in (*detailed.take(), *detailed.finish()) for span in told.spans]
    return [(one.kind, one.what, one.variables, one.nbytes) for one in spans]


def test_an_exchange_has_the_meetings_before_it(clock: Clock) -> None:
    recorder.detail()
    detailed = recorder.current.detailed
    assert detailed is not None
    detailed.begin(1, HERE)
    clock.meet(2, 3, Intent("merge", "assign_add", "total"))
    clock.meet(0, 3, Intent("collective", "all_reduce"))
    detailed.told(Synchronised(7, "update", "SUM", True, HERE), 4)
    clock.meet(0, 1, Intent("done"))
    detailed.end()
    waits = [("wait", "wait", (), 0)] * 3
    found = details(detailed)
    assert found == [
        *waits[:2],
        ("exchange", "update, SUM", (7,), 4),
        waits[2],
        ("meeting", "done", (), 0),
        ("step", "step 1", (), 0),
    ]


def test_an_all_reduce_of_several_tensors_is_one(clock: Clock) -> None:
    detailed = Detailed()
    detailed.met(0, 5, "merge", "all_reduce", "")
    for number in (3, 4):
        event = Synchronised(None, "all_reduce", "SUM", True, HERE, False, "", 2, number)
        detailed.told(event, 8)
    assert details(detailed) == [("exchange", "all_reduce, SUM", (3, 4), 16)]


def test_a_read_is_told_before_it_is_done(clock: Clock) -> None:
    detailed = Detailed()
    detailed.told(Synchronised(1, "read", "SUM", True, HERE), 4)
    detailed.met(10, 20, "collective", "all_reduce", "")
    ((only,),) = [told.spans for told in detailed.finish()]
    assert (only.begin, only.end, only.variables) == (10, 20, (1,))


def test_there_is_room_for_so_many(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "SPANS", 10)
    detailed = Detailed(processes=2)
    for _ in range(8):
        detailed.waited(0, 1)
    told = [*detailed.take(), *detailed.finish()]
    assert sum(len(one.spans) for one in told) == 5
    assert told[-1] == Details(told[-1].spans, left_out=3)
