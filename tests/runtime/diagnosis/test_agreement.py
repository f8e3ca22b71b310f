"""What counts as a difference between the reports of two runs."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from varsync_runtime.diagnosis.agreement import Difference, differences
from varsync_runtime.diagnosis.endings import Ending, Status
from varsync_runtime.diagnosis.report import report
from varsync_runtime.events import (
    Counted,
    Created,
    Diverged,
    Ended,
    Event,
    Site,
    StrategyMade,
    Synchronised,
    Value,
)

LINE = Site("/home/me/train.py", 9)


def number(value: float) -> Value:
    return Value((), (value,), abs(value))


def told(second: float = 2.0, times: int = 3) -> list[Event]:
    """A run in which a variable diverges and another is synchronised."""
    made = [
        Created(
            at, name, "MirroredVariable", "ON_WRITE", aggregation, "float32", (), True, 2,
            "MirroredStrategy", "cross_replica", 0, number(0.0), Site("/home/me/train.py", at + 4),
        )
        for at, (name, aggregation) in enumerate((("w", "NONE"), ("b", "MEAN")))
    ]  # fmt: skip
    values = (number(1.0), number(second))
    return [
        StrategyMade("MirroredStrategy", 2, 1, Site("/home/me/train.py", 3)),
        *made,
        Diverged(0, 1, values, "assign", "replica", "OWN", LINE),
        Counted(Synchronised(1, "update", "MEAN", True, LINE), times, 4 * times, 1, 3),
        Ended(3, 0.1),
    ]


def document(second: float = 2.0, times: int = 3) -> dict[str, Any]:
    return report([told(second, times)], Ending(Status.FINISHED))


def test_a_run_agrees_with_itself_wherever_it_ran() -> None:
    other = copy.deepcopy(document())
    for seen in other["observations"]:
        seen["location"]["filename"] = "/elsewhere/train.py"
    assert differences(document(), other) == []


def test_rounding_is_no_difference() -> None:
    assert differences(document(), document(second=2.00001)) == []


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (document(second=2.1), {"observation VS201 w at train.py:9", "variable w"}),
        (document(second=1.0), {"observation VS201 w at train.py:9", "variable w"}),
        (document(times=2), {"synchronisation update MEAN of b at train.py:9", "variable b"}),
    ],
)
def test_values_and_counts_count(other: dict[str, Any], expected: set[str]) -> None:
    found = differences(document(), other)
    assert {f"{one.part} {one.subject}" for one in found} == expected


def test_what_one_run_does_not_know_is_missing_there() -> None:
    other = report([told()[:-3]], Ending(Status.FINISHED))
    found = {one.subject: one for one in differences(document(), other)}
    assert found["VS201 w at train.py:9"].second is None
    assert found["VS201 w at train.py:9"].first is not None
    assert found["steps"] == Difference("outcome", "steps", "3", "0")


def test_an_observation_that_comes_twice_is_not_one_that_comes_once() -> None:
    other = copy.deepcopy(document())
    other["observations"].append(other["observations"][0])
    (found,) = differences(document(), other)
    assert (found.subject, found.first) == ("VS201 w at train.py:9 (2)", None)


def test_the_ending_counts() -> None:
    other = report([told()], Ending(Status.TIMEOUT))
    assert [str(one) for one in differences(document(), other)] == [
        "outcome ends: finished | out of time"
    ]
