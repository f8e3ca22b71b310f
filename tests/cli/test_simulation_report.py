"""How a simulated run looks in the terminal, and that the documentation has every key of its data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from varsync.reports.simulation import MOST_ROWS, render
from varsync_runtime.diagnosis.endings import Ending, Failure, Place, State, Status
from varsync_runtime.diagnosis.report import report
from varsync_runtime.events import (
    Approximated,
    Began,
    Created,
    Event,
    Ignored,
    Saved,
    Site,
    Synchronised,
)

from tests.runtime.diagnosis.test_observations import (
    DIVERGED,
    HERE,
    MADE,
    STRATEGY,
    counted,
    number,
    update,
)

PAGE = Path(__file__).parents[2] / "docs" / "report.md"
FINISHED = Ending(Status.FINISHED)
FAILURE = Failure("KeyError", "'x'", "Traceback (most recent call last):\nKeyError: 'x'", 1)
EVERYTHING: tuple[Event, ...] = (
    DIVERGED,
    counted(update()),
    counted(Ignored("tf.summary.scalar", HERE)),
    counted(Approximated("tf.random.uniform", "other numbers in a tf.function", HERE)),
    Saved(0, "ckpt", "WORKER_FIRST", (number(1), number(2)), number(1), HERE),
)


def document(
    *events: Event, ending: Ending = FINISHED, made: Created = MADE, ranks: int = 2
) -> dict[str, Any]:
    """A report as the command makes it."""
    data = report([[Began("2.21.0"), STRATEGY, made, *events]] * ranks, ending)
    data = {"varsync": "0", "engine": "numpy", "script": "train.py", "arguments": [], **data}
    return {**data, "seconds": 1.0}


def text(data: dict[str, Any], width: int = 120) -> str:
    return render(data, color=False, width=width)


def test_everything_that_was_seen_is_there() -> None:
    shown = text(document(*EVERYTHING))
    for words in (
        "train.py: MirroredStrategy, 2 replicas",
        "warning VS201 replica-update-without-aggregation  train.py:10  step 1",
        "replica 1  20",
        "model.py:3  `total` is created here",
        "MirroredVariable",
        "2, differ since 1",
        "update, SUM",
        "tf.summary.scalar (train.py:10, 8 times)",
        "other numbers in a tf.function",
        "save",
    ):
        assert words in shown


def test_a_clean_run_says_so() -> None:
    assert "Nothing wrong was seen." in text(document())


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_keep_to_the_width(width: int) -> None:
    shown = text(document(*EVERYTHING), width)
    assert max(map(len, shown.splitlines())) <= width
    assert not any(line != line.rstrip() for line in shown.splitlines())


def test_tables_in_a_log_have_a_line_for_each_row() -> None:
    made = replace(MADE, name="a_rather_long_name_" * 4, site=Site("folder/" * 12 + "m.py", 3))
    shown = render(document(DIVERGED, made=made), color=False, width=60, fold=False)
    row = next(line for line in shown.splitlines() if line.startswith(made.name))
    assert f"{made.site.filename}:3" in row
    assert all(len(line) <= 60 for line in shown.split("Variables")[0].splitlines())


def test_colours_only_where_they_are_wanted() -> None:
    data = document(*EVERYTHING)
    assert "\x1b" not in text(data)
    assert "\x1b[" in render(data, color=True, width=100)


def test_names_are_text() -> None:
    made = replace(MADE, name="[red]w\x1b[31m[/red]")
    shown = text(document(DIVERGED, made=made))
    assert "[red]w\\x1b[31m[/red]" in shown
    assert "\x1b" not in shown


def test_what_is_true_of_several_variables_is_said_once() -> None:
    made = [replace(MADE, variable=at, name=f"v{at}") for at in range(1, 13)]
    many = [replace(DIVERGED, variable=at) for at in range(1, 13)]
    elsewhere = replace(many[0], site=Site("train.py", 11))
    shown = text(document(*made, *many, elsewhere), width=400)
    assert shown.count("warning VS201") == 2
    assert "see the first. The same of `v2`, `v3`, " in shown
    assert "`v9` and 3 more\n" in shown


def test_the_ledger_names_the_first_of_many_gradients() -> None:
    made = [replace(MADE, variable=at, name=f"v{at}") for at in range(4)]
    one = Synchronised(None, "all_reduce", "SUM", True, HERE, False, "adam", 4, 0)
    told = [counted(replace(one, gradient_of=at)) for at in range(4)]
    shown = text(document(*made, *told))
    row = next(line for line in shown.splitlines() if line.startswith("all_reduce"))
    assert re.split(" {2,}", row.rstrip())[1:] == [
        *("gradients of total, v1 and 2 more", "adam", "train.py:10", "8", "16", "128")
    ]
    unknown = text(document(*made, counted(replace(one, by="", gradient_of=None))))
    assert "4 tensors" in unknown
    assert " by " not in unknown


def test_long_tables_are_cut() -> None:
    many = [replace(MADE, variable=at, name=f"v{at}") for at in range(1, 100)]
    shown = text(document(*many))
    assert f"... and {100 - MOST_ROWS} more" in shown
    assert "v99" not in shown


def test_a_failed_script_shows_its_exception() -> None:
    shown = text(document(*EVERYTHING, ending=Ending(Status.FAILED, failure=FAILURE)))
    assert "The script failed: KeyError: 'x'" in shown


def test_a_stuck_run_shows_who_waits() -> None:
    places = (Place(0, State.WAITING, "the read of `total`", HERE), Place(1, State.ENDED))
    shown = text(document(ending=Ending(Status.STUCK, "nobody goes on", places)))
    assert "nobody goes on" in shown
    assert re.search(r"1 +has ended", shown)
    assert re.search(r"0 +waits +the read of `total` +train.py:10", shown)


def keys(data: Any) -> Iterator[str]:
    """Every key of nested objects."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from keys(value)
    elif isinstance(data, list):
        for value in data:
            yield from keys(value)


def test_every_key_is_documented() -> None:
    places = (Place(0, State.LOST, detail="killed by signal 9"),)
    data = document(*EVERYTHING, ending=Ending(Status.LOST, "", places, FAILURE))
    page = PAGE.read_text(encoding="utf-8")
    documented = {
        word for code in re.findall(r"`([^`]+)`", page) for word in re.findall(r"\w+", code)
    }
    assert set(keys(data)) <= documented


def test_saves_of_one_line_are_one_row() -> None:
    saves = [Saved(0, "ckpt", "WORKER_FIRST", (number(n),) * 2, number(n), HERE) for n in (1, 2, 3)]
    (row,) = [line for line in text(document(*saves)).splitlines() if line.startswith("save")]
    assert row.split() == ["save", "total", "2,", "equal", "3", "train.py:10", "3"]


def test_places_are_told_from_the_folder_of_the_script() -> None:
    elsewhere = Site("/elsewhere/project/train.py", 7)
    data = document(counted(Ignored("tf.summary.scalar", elsewhere)))
    data["script"] = "/elsewhere/project/train.py"
    assert "(train.py:7, 8 times)" in text(data)


def test_variables_of_one_name_are_told_apart() -> None:
    data = document(replace(MADE, variable=1))
    assert [made["label"] for made in data["variables"]] == ["total", "total (2)"]
