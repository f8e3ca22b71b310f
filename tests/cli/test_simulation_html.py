"""The page and the trace of a simulated run as text: what is in them, and whose text stays text."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from varsync.reports import trace, wording
from varsync.reports.html import render
from varsync_runtime.diagnosis.endings import Ending, Failure, Place, State, Status
from varsync_runtime.events import (
    Apart,
    Approximated,
    Created,
    Details,
    Diverged,
    Event,
    Ignored,
    Refused,
    Saved,
    Site,
    Span,
    Stepped,
    Synchronised,
    Value,
    Written,
)

from tests.cli.browser import simulated
from tests.cli.hostile import HOSTILE, TEXTS, controls
from tests.cli.test_simulation_report import document
from tests.runtime.diagnosis.test_observations import MADE, STRATEGY, counted

PARTS = ("host", "compute", "wait", "synchronise")
ODD = (math.nan, math.inf, -math.inf, 1e308, -0.0)
TAGS = """
    html head meta link title style body a header div p fieldset legend label input span h1 dl dt dd
    nav ul li main section h2 article h3 code pre mark table caption thead tr th tbody td button
    svg path i details summary figure figcaption footer script
"""


class Reader(HTMLParser):
    """The elements and texts of a page, as a browser takes them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.comments: list[str] = []
        self._within: list[str] = []
        self.codes: list[str] = []
        self.data: Any = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._within.append(tag)
        if tag == "code":
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        within = self._within[-1] if self._within else ""
        if within == "code":
            self.codes[-1] += data
        if within == "script" and self.tags["script"] == 1:
            self.data = json.loads(data)
        if within not in ("script", "style"):
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def everything(text: str, odd: float = 1.0) -> dict[str, Any]:
    """A report in which a text, and a number, is in every place where somebody's may be."""
    here = Site(f"/{text}", 3)
    value, other = Value((2,), (odd, text), odd), Value((), (text,), None)
    many = Value((9,), None, odd)
    events: list[Event] = [
        Diverged(0, 1, (value, other), text, "replica", "OWN", here),
        counted(Synchronised(0, "update", text, True, here, False, text)),
        counted(Written(0, text, "replica", "OWN", here)),
        counted(Ignored(text, here)),
        counted(Approximated(text, text, here)),
        counted(Refused(text, here)),
        Saved(0, text, "OWN", (value, many), many, here),
        Apart(0, 1, odd, value),
        Apart(0, 2, None, other),
        Stepped(1, 1, 5, 1, 2, 3, 4),
        Details((Span("exchange", 1, 9, text, here, text, (0, None), 4),)),
    ]
    made = Created(
        0, text, text, "ON_WRITE", "NONE", text, (None, 2), True, 2, text, "replica", 0, value, here,
        text,
    )  # fmt: skip
    failure = Failure("ValueError", text, f"Traceback\n{text}", 1)
    places = tuple(Place(rank, State.WAITING, text, here, text, here) for rank in range(2))
    ending = Ending(Status.STUCK, text, places, failure)
    data = document(*events, ending=ending, made=made)
    modes = [{"asked": text, "variables": [text], "message": text}]
    return {
        **data, "script": f"{text}.py", "arguments": [text], "tensorflow_version": text,
        "modes": modes,
    }  # fmt: skip


def told(text: str) -> list[list[Event]]:
    """What replicas tell of a run in detail."""
    here = Site(text, 3)
    spans = (
        Span("step", 0, 10_000, "step 1", here),
        Span("wait", 2_000, 3_000, "wait", Site("", 0)),
        Span("exchange", 1_500, 3_500, f"update, {text}", here, text, (0, None), 4),
        Span("meeting", 5_000, 6_000, text, here),
    )
    made = Created(
        0, text, "MirroredVariable", "ON_WRITE", "NONE", "float32", (), True, 2, "M", "replica", 0,
        None, here, text,
    )  # fmt: skip
    return [[STRATEGY, made, Details(spans, 1)], [STRATEGY, made, Details(spans)]]


PLAIN = Reader(render(everything("x")))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(text=TEXTS, odd=st.sampled_from(ODD) | st.floats())
def test_text_stays_text(text: str, odd: float) -> None:
    is_text(text, odd)


def test_hostile_text_stays_text() -> None:
    is_text("x".join(HOSTILE), math.nan)


def is_text(text: str, odd: float) -> None:
    """A page has this text in it, and nothing that the text would be as HTML."""
    page = render({**everything(text, odd)})
    page.encode()  # what can't be is written as text
    read = Reader(page)
    assert set(read.tags) <= set(TAGS.split())
    assert read.comments == []
    # no element comes or goes with the text, but for what a message has in backticks
    free = ("code", "mark", "span", "pre")
    assert {tag: count for tag, count in read.tags.items() if tag not in free} == {
        tag: count for tag, count in PLAIN.tags.items() if tag not in free
    }
    names = {(tag, name) for tag, name, _ in read.attributes}
    assert names <= {(tag, name) for tag, name, _ in PLAIN.attributes}
    assert not [name for _, name in names if name.startswith("on")]
    links = {value for _, name, value in read.attributes if name in ("href", "src")}
    assert links <= {"data:,", *(link for link in links if link.startswith("#"))}
    assert wording.text(text) in read.codes


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_nothing_in_the_page_controls_a_terminal_or_turns_text(text: str) -> None:
    assert not controls(render(everything(text)))
    assert not controls(trace.render(everything(text), told(text)))


def test_the_source_around_an_observation_is_text(tmp_path: Path) -> None:
    lines = [*HOSTILE[:3], "last.assign('</pre>')", "\x1b[2J\u202e", "after"]
    file = tmp_path / "train.py"
    file.write_text("\n".join(lines), encoding="utf-8")
    value = Value((), (1.0,), 1.0)
    happened = Diverged(0, 1, (value, value), "assign", "replica", "OWN", Site(str(file), 4))
    read = Reader(render(document(happened)))
    shown = "".join(read.texts)
    for line in lines[1:]:  # the second before it to the second after it
        assert wording.text(line) in shown
    assert read.tags["mark"] == 1 and read.tags["img"] == 0


def test_numbers_that_are_none_are_said() -> None:
    shown = "".join(Reader(render(everything("x", math.nan))).texts)
    assert "nan" in shown
    shown = "".join(Reader(render(everything("x", math.inf))).texts)
    assert "inf" in shown


def test_the_page_takes_nothing_from_anywhere() -> None:
    page = render(everything("x"))
    assert "http:" not in page and "https:" not in page and "@import" not in page
    assert not re.search(r"url\(|fetch\(|XMLHttpRequest|innerHTML|eval\(|document\.write", page)
    policy = next(value for _, name, value in PLAIN.attributes if "default-src" in value)
    assert "default-src 'none'" in policy and "unsafe" not in policy


@pytest.mark.parametrize("status", list(Status))
def test_each_end_of_a_run_is_said(status: Status) -> None:
    places = (Place(0, State.WAITING, "read of `v`"), Place(1, State.LOST, detail="killed"))
    shown = "".join(Reader(render(document(ending=Ending(status, "it is so", places)))).texts)
    assert "It is so" in shown
    if status is Status.STUCK:
        assert "read of v" in shown and "killed" in shown
    if status not in (Status.FINISHED, Status.LIMIT):
        assert status.value in shown


def test_a_run_without_anything_is_a_page() -> None:
    data = document()
    empty = {**data, "strategies": [], "variables": [], "ledger": []}
    shown = "".join(Reader(render(empty)).texts)
    assert "Nothing wrong was seen." in shown
    # another engine may have no time line
    del empty["timeline"]
    assert "Time line" not in render(empty)


def test_it_says_whether_tensorflow_agrees() -> None:
    def shown(*differences: dict[str, str]) -> str:
        agreement = {"agrees": not differences, "differences": list(differences)}
        both = {**document(), "engine": "both", "tensorflow": document(), "agreement": agreement}
        return "".join(Reader(render(both)).texts)

    one = {"part": "ledger", "subject": "<v>", "numpy": "1x", "tensorflow": "2x"}
    assert "TensorFlow 2.21.0 agrees" in shown() and "TensorFlow differs" not in shown()
    assert "TensorFlow differs" in shown(one) and "ledger<v>1x2x" in shown(one)


def test_the_script_finds_the_numbers_of_each_step() -> None:
    data = document(Stepped(1, 1, 5, 1, 2, 3, 4), Stepped(2, 2, 15, 1, 2, 3, 5))
    read = Reader(render(data))
    assert read.data["width"] == 1
    assert read.data["replicas"] == [
        [one["replica"], one["host"], one["compute"], one["wait"], one["synchronise"]]
        for one in data["timeline"]["replicas"]
    ]


@pytest.mark.slow
def test_a_report_of_64_replicas_and_1000_steps_is_small() -> None:
    assert len(render(large())) < 5_000_000


def large(replicas: int = 64, steps: int = 1000, variables: int = 60) -> dict[str, Any]:
    """A report of so many replicas, in which all copies of many variables differ."""
    from varsync_runtime.diagnosis.report import report

    value = Value((), (1.5,), 1.5)
    here = Site("train.py", 10)
    common: list[Event] = [STRATEGY]
    for number in range(variables):
        label = f"layers[{number}].kernel"
        common.append(
            Created(**{**vars(MADE), "variable": number, "name": label, "copies": replicas})
        )
        common.append(Diverged(number, 1, (value,) * replicas, "assign", "replica", "OWN", here))
    ranks = []
    for rank in range(replicas):
        own: list[Event] = []
        for step in range(1, 513):
            busy = 1000 + 17 * (rank * step % 37)
            own.append(Stepped(step, step, step * 3000, 200, busy, 1700 - busy % 900, 90))
        for step in range(513, steps + 1, 2):
            own.append(Stepped(step, min(step + 1, steps), step * 3000, 400, 2000, 3000, 180))
        for number in range(variables):
            for step in range(1, steps, 40):
                own.append(Apart(number, step, (rank * step % 91) / 7.0, value))
        ranks.append([*common, *own])
    data = report(ranks, Ending(Status.FINISHED))
    return {
        "varsync": "0",
        "script": "train.py",
        "arguments": [],
        "seconds": 1.0,
        "engine": "numpy",
        **data,
        "steps": steps,
    }


@pytest.mark.slow
def test_the_command_writes_the_page_the_report_and_the_trace(tmp_path: Path) -> None:
    file, report, traced = simulated(tmp_path)
    read = Reader(file.read_text(encoding="utf-8"))
    steps = report["steps"]
    assert steps == 10 and report["timeline"]["steps_per_column"] == 1
    for one, shown in zip(report["timeline"]["replicas"], read.data["replicas"], strict=True):
        assert shown == [
            one["replica"], one["host"], one["compute"], one["wait"], one["synchronise"]
        ]  # fmt: skip
        assert all(len(row) == steps for row in shown[1:])
        # the columns follow each other without a gap, but for rounding
        for at in range(1, steps):
            whole = sum(row[at - 1] for row in shown[1:])
            assert one["begin"][at - 1] + whole == pytest.approx(one["begin"][at], abs=8)
        assert min(map(min, shown[1:])) >= 0 and sum(one["compute"]) > 0
    apart = [made["diverged"] for made in report["variables"] if made["diverged"]]
    assert len(apart) == 2
    for diverged in apart:
        assert diverged["steps"] == list(range(1, steps + 1))
        first, second = (value["items"] for value in diverged["values"])
        assert diverged["distances"][0] == [0.0] * steps
        assert diverged["distances"][1][0] == pytest.approx(math.dist(first, second), rel=1e-5)
    slices = check(json.dumps(traced))
    assert sum(one["cat"] == "step" for one in slices) == 2 * steps


class Tables(HTMLParser):
    """The cells of a page's tables, by the table's caption."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._within = ""
        self._caption = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")
        if tag in ("td", "th", "caption"):
            self._within = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.tables[self._caption] = self._rows[1:]
        elif tag == self._within:
            self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "caption":
            self._caption += data
        elif self._within:
            self._rows[-1][-1] += data


def test_each_cell_of_its_tables_is_the_reports() -> None:
    data = everything("x")
    tables = Tables(render(data)).tables
    # a name would be put relative to the folder
    place = "/x:3"
    ledger = [
        [
            f"{row['cause']}, {row['operation']}", ", ".join(row["variables"]),
            row["by"], place, f"{row['times']:,}",
            f"{row['bytes_of_a_replica'] // row['times']:,}", f"{row['bytes_of_a_replica']:,}",
            f"{row['first_step']:,}", f"{row['last_step']:,}",
            "" if row["changed"] else "the same from all",
        ]
        for row in data["ledger"]
    ]  # fmt: skip
    assert tables["Synchronisations"] == ledger != []
    variables = [
        [
            made["label"], made["class"], made["synchronization"], made["aggregation"],
            f"{made['dtype']}{made['shape']}", place,
            f"{made['copies']}, differ since {made['diverged']['step']}",
            f"{made['synchronisations']:,}", f"{made['bytes_of_a_replica']:,}",
        ]
        for made in data["variables"]
    ]  # fmt: skip
    assert tables["Variables"] == variables != []
    places = [
        [
            str(one["replica"]), one["state"], one["doing"], place, place, one["detail"],
        ]
        for one in data["outcome"]["replicas"]
    ]  # fmt: skip
    assert tables["Where each replica stood at the end"] == places != []
    times = [
        [
            str(one["replica"]),
            *(f"{sum(one[part]) / 1000:,.1f}" for part in PARTS),
            *(
                f"{sum((one[around] or {}).get(part, 0) for part in PARTS) / 1000:,.1f}"
                for around in ("before", "after")
            ),
        ]
        for one in data["timeline"]["replicas"]
        if one["begin"]
    ]
    assert tables["Time of each replica"] == times != []
    for made in data["variables"]:
        apart = made["diverged"]
        assert tables[f"Distances of the copies of {made['label']}"] == [
            [
                str(step),
                *(
                    "not known" if row[at] is None else f"{row[at]:.6g}"
                    for row in apart["distances"]
                ),
            ]
            for at, step in enumerate(apart["steps"])
        ]
    for seen in data["observations"]:
        if seen["values"]:
            assert tables["Values by replica"] == [
                [str(replica), wording.value(value)] for replica, value in enumerate(seen["values"])
            ]
    for key, title in (
        ("ignored", "Ignored: it did nothing"),
        ("not_modelled", "Not modelled: an error was raised"),
        ("approximated", "Done in another way than TensorFlow does it"),
    ):
        assert tables[title] == [
            [row["symbol"], *([row["why"]] if "why" in row else []), place, f"{row['times']:,}"]
            for row in data[key]
        ]
    assert [row[5] for row in tables["Checkpoints"]] == [str(len(data["checkpoints"]))]


# The trace ----------------------------------------------------------------------------------------


def check(text: str) -> list[dict[str, Any]]:
    """Checks a trace against "Trace Event Format", Google's description of it; gives its slices.

    What was checked: the JSON object format has a list `traceEvents`, and `displayTimeUnit` is "ms"
    or "ns"; other keys are metadata. Each event has a one-letter phase `ph`, a `name`, numbers `pid`
    and `tid`, and an object `args`. Phase M is metadata: `process_name` and `thread_name` have
    `args.name`, `process_sort_index` a number `args.sort_index`. Phase X is a complete event: `ts` and
    `dur` are microseconds, not negative, `cat` is text, categories separated by commas. Complete
    events of one thread nest: one does not end within another that began after it.
    """
    whole = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert whole["displayTimeUnit"] in ("ms", "ns")
    slices: list[dict[str, Any]] = []
    threads: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for event in whole["traceEvents"]:
        assert {"ph", "name", "pid", "tid", "args"} <= event.keys()
        assert isinstance(event["name"], str) and isinstance(event["args"], dict)
        assert type(event["pid"]) is int and type(event["tid"]) is int
        if event["ph"] == "M":
            kind = event["name"]
            assert kind in ("process_name", "thread_name", "process_sort_index")
            wanted = ("sort_index", int) if kind == "process_sort_index" else ("name", str)
            assert isinstance(event["args"][wanted[0]], wanted[1])
            continue
        assert event["ph"] == "X"
        assert isinstance(event["cat"], str) and "," not in event["cat"]
        assert event["ts"] >= 0 and event["dur"] >= 0
        slices.append(event)
        thread = threads.setdefault((event["pid"], event["tid"]), [])
        begin, long = (round(1000 * event[key]) for key in ("ts", "dur"))  # nanoseconds
        thread.append((begin, begin + long))
    for thread in threads.values():
        around: list[int] = []
        for begin, end in sorted(thread, key=lambda one: (one[0], -one[1])):
            while around and around[-1] <= begin:
                around.pop()
            assert not around or end <= around[-1], "slices overlap"
            around.append(end)
    return slices


@settings(max_examples=30, deadline=None)
@given(text=TEXTS)
def test_a_trace_is_one_whatever_the_names(text: str) -> None:
    slices = check(trace.render(everything(text), told(text)))
    assert {one["pid"] for one in slices} == {0, 1}
    exchange = next(one for one in slices if one["cat"] == "synchronise")
    assert exchange["args"]["bytes"] == 4
    assert exchange["args"]["variables"] == [wording.text(text)]
    assert exchange["ts"] == 1.5 and exchange["dur"] == 2.0


def test_a_trace_says_what_it_has_no_room_for() -> None:
    assert json.loads(trace.render(document(), told("x")))["otherData"]["left_out"] == 1
