"""Time lines and distances of the report, made of what replicas told."""

from __future__ import annotations

from dataclasses import replace

from varsync_runtime.diagnosis import distances, timeline
from varsync_runtime.diagnosis.run import gather
from varsync_runtime.events import (
    Apart,
    Details,
    Diverged,
    Event,
    Site,
    Span,
    Stepped,
    Value,
    WorkerCopy,
)

HERE = Site("train.py", 10)
ONE, TWO = Value((), (1.0,), 1.0), Value((), (2.5,), 2.5)


def test_replicas_have_the_same_columns() -> None:
    first = [
        Stepped(0, 0, 100, 40, 0, 0, 0),
        Stepped(1, 1, 140, 1, 2, 3, 4),
        Stepped(2, 2, 150, 1, 2, 3, 4),
        Stepped(3, 4, 160, 5, 5, 5, 5),
        Stepped(-1, -1, 180, 9, 0, 0, 0),
    ]
    line = timeline.timeline(gather([first, first[1:4]]))
    assert line["steps_per_column"] == 2
    whole, part = line["replicas"]
    assert whole == {
        "replica": 0,
        "before": {"begin": 0, "host": 40, "compute": 0, "wait": 0, "synchronise": 0},
        "begin": [40, 60],
        "host": [2, 5],
        "compute": [4, 5],
        "wait": [6, 5],
        "synchronise": [8, 5],
        "after": {"begin": 80, "host": 9, "compute": 0, "wait": 0, "synchronise": 0},
    }
    assert (part["before"], part["after"], part["host"]) == (None, None, [2, 5])


def test_without_steps_the_time_line_is_empty() -> None:
    assert timeline.timeline(gather([[]]))["replicas"][0]["begin"] == []


def test_spans_keep_their_replica() -> None:
    span = Span("wait", 1, 2, "wait", HERE)
    run = gather([[], [Details((span,), 3)]])
    assert list(timeline.spans(run)) == [(1, span)]
    assert timeline.left_out(run) == 3


def test_distances_are_by_step_and_replica() -> None:
    told: list[list[Event]] = [
        [Apart(0, 1, 0.0, ONE), Apart(0, 3, 0.0, ONE)],
        [Apart(0, 1, 1.23456789, TWO), Apart(0, 3, None, TWO)],
    ]
    found = distances.distances(gather(told))
    assert found == {0: {"steps": [1, 3], "distances": [[0.0, 0.0], [1.23457, None]]}}


def test_of_very_many_numbers_some_steps_are_kept() -> None:
    steps = range(1, 4001)
    told: list[list[Event]] = [[Apart(0, step, 0.0, ONE) for step in steps] for _ in range(64)]
    (found,) = distances.distances(gather(told)).values()
    assert found["steps"][0] == 1 and found["steps"][-1] == 4000
    assert 0.5 < len(found["steps"]) * 64 / distances.MOST_NUMBERS < 1.1


def test_workers_with_one_replica_each_tell_their_values() -> None:
    copy = WorkerCopy(0, 0, 1, 2, ONE, "assign", "replica", "OWN", HERE)
    other = replace(copy, worker=1, value=TWO)
    told: list[list[Event]] = [[copy], [other]]
    run = gather(told)
    assert [event.step for event in run.of(Diverged)] == [2]
    assert distances.distances(run) == {0: {"steps": [2], "distances": [[0.0], [1.5]]}}
    text = replace(copy, value=Value((), ("a",))), replace(other, value=Value((), ("b",)))
    run = gather([[text[0]], [text[1]]])
    assert distances.distances(run)[0]["distances"] == [[0.0], [None]]
