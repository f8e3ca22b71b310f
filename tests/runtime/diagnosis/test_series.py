"""The numbers that host code got, by step."""

from __future__ import annotations

from varsync_runtime.diagnosis.run import gather
from varsync_runtime.diagnosis.series import Series, series
from varsync_runtime.events import Counted, Event, Obtained, Site

LINE, OTHER = Site("train.py", 3), Site("train.py", 5)


def got(what: str, step: int, value: float, *, site: Site = LINE) -> Event:
    name = "loss" if what == "log" else ""
    return Counted(Obtained(what, name, step, value, site), 1, 0, step, step)


def seen(*told: Event) -> list[Series]:
    return series(gather([told]))


def test_the_numbers_of_a_line_are_a_series() -> None:
    assert seen(
        got("reduce", 1, 0.5),
        got("reduce", 2, 0.25),
        got("log", 2, 7.0, site=OTHER),
        got("reduce", 2, 8.0),
    ) == [
        Series("reduce", "", 1, LINE, ((1, 0.5), (2, 0.25))),
        Series("reduce", "", 2, LINE, ((2, 8.0),)),
        Series("log", "loss", 1, OTHER, ((2, 7.0),)),
    ]


def test_what_was_reduced_and_then_fetched_is_told_once() -> None:
    fetched = [got("fetch", step, step / 2, site=OTHER) for step in (1, 2)]
    reduced = [got("reduce", step, step / 2) for step in (1, 2)]
    (one,) = seen(*fetched, *reduced)
    assert one.what == "reduce"
    assert len(seen(*fetched, reduced[0])) == 2
