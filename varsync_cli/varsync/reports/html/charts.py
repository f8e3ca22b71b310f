"""Pictures of the page: the replicas' time by step, and how far copies of variables are apart.

They are SVG that is stretched to the width there is, with their words beside them as HTML. What a
picture shows is in a table too.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from varsync.reports import wording
from varsync.reports.html import tables
from varsync.reports.html.markup import Markup, joined, tag
from varsync.reports.html.tables import Number

Json = dict[str, Any]

PARTS = {
    "host": "host code",
    "compute": "replica code",
    "wait": "waits for others",
    "synchronise": "synchronises",
}
MOST = 0.9
ROOM = 1.4
"""A column is cut where it is longer than so many times what most are, if it is LONG."""
LONG = 2
"""So many times the one in the middle: the first step mostly is."""
HEIGHT = 100
MOST_LINES = 8
"""Of replicas that have a colour of their own."""
MOST_ROWS = 16
MOST_PICTURES = 60
"""Of variables; those that differ first."""


def time_line(document: Json) -> Markup | None:
    """The time of each replica by step; None where no replica took a step."""
    line = document.get("timeline") or {"replicas": []}
    replicas = [one for one in line["replicas"] if one["begin"]]
    if not replicas:
        return None
    width = line["steps_per_column"]
    count = max(len(one["begin"]) for one in replicas)
    totals = [sum(column) for one in replicas for column in _columns(one)]
    top = _top(totals)
    each = f"Each column is of {width} steps. " if width > 1 else ""
    longest = max(totals)
    cut = (
        f"A row is {_time(top)} high: longer columns are cut, the longest is {_time(longest)}. "
        if longest > top
        else f"A row is {_time(top)} high, as much as the longest column. "
    )
    legend = tag(
        "ul",
        *(tag("li", tag("i", class_=f"key {part}"), name) for part, name in PARTS.items()),
        class_="legend",
    )
    lanes = [_lane(one, count, top) for one in replicas]
    size = "few" if len(replicas) <= 4 else "some" if len(replicas) <= 16 else "lots"
    return joined(
        tag(
            "p", f"{each}{cut}These are times of the simulation, not of TensorFlow.", class_="hint"
        ),
        legend,
        tag("div", *lanes, class_=f"lanes {size}", id="lanes"),
        tag(
            "div",
            tag("span", "step 1"),
            tag("span", f"step {document['steps']}"),
            class_="axis lane-axis",
            aria_hidden="true",
        ),
        tag(
            "div",
            tag("label", "Look at a step", for_="step"),
            tag("input", type="range", id="step", min=0, max=count - 1, value=0, step=1),
            class_="picker",
        ),
        tag("div", id="at-step", aria_live="polite"),
        tag(
            "details",
            tag("summary", "Time of each replica, all steps together"),
            _sums(replicas),
        ),
    )


def _columns(replica: Json) -> Iterator[tuple[int, ...]]:
    return zip(*(replica[part] for part in PARTS), strict=True)


def _top(totals: Sequence[int]) -> float:
    """What a picture has room for: most columns, but not the few that are far longer."""
    order = sorted(totals)
    middle, usual = order[len(order) // 2], order[int((len(order) - 1) * MOST)]
    longest = order[-1]
    return float(max(usual * ROOM if longest > middle * LONG else longest, 1))


def _lane(replica: Json, count: int, top: float) -> Markup:
    columns = list(_columns(replica))
    heights = [0.0] * len(columns)
    shapes = []
    for at, part in enumerate(PARTS):
        heights = [height + column[at] for height, column in zip(heights, columns, strict=True)]
        shapes.append(tag("path", d=_steps(heights, top), class_=part))
    number = replica["replica"]
    whole = sum(map(sum, columns)) or 1
    shares = ", ".join(
        f"{name} {100 * sum(replica[part]) / whole:.0f} %" for part, name in PARTS.items()
    )
    picture = tag(
        "svg",
        *reversed(shapes),  # a sum is behind those of fewer parts
        viewBox=f"0 0 {count} {HEIGHT}",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"Replica {number}, by step: {shares}",
    )
    return tag("div", tag("span", number, class_="name"), picture, class_="lane")


def _steps(heights: Sequence[float], top: float) -> str:
    """A path along the tops of columns, each of width 1."""
    path = [f"M0 {HEIGHT}"]
    for at, height in enumerate(heights, 1):
        path.append(f"V{HEIGHT - round(HEIGHT * min(height / top, 1))}H{at}")
    return "".join((*path, f"V{HEIGHT}z"))


def _sums(replicas: Iterable[Json]) -> Markup:
    rows = []
    for one in replicas:
        before, after = (one[key] or dict.fromkeys(PARTS, 0) for key in ("before", "after"))
        around = [sum(part[name] for name in PARTS) for part in (before, after)]
        own = [sum(one[part]) for part in PARTS]
        rows.append([Number(one["replica"]), *(_ms(each) for each in (*own, around[0], around[1]))])
    columns = (
        "#replica",
        *(f"#{name}, ms" for name in PARTS.values()),
        "#before the first step, ms",
        "#after the last, ms",
    )
    return tables.table("Time of each replica", columns, rows)


def _ms(microseconds: int) -> Number:
    return Number(microseconds, f"{microseconds / 1000:,.1f}")


def _time(microseconds: float) -> str:
    if microseconds < 1000:
        return f"{microseconds:.0f} µs"
    if microseconds < 1_000_000:
        return f"{microseconds / 1000:.3g} ms"
    return f"{microseconds / 1_000_000:.3g} s"


def data(document: Json) -> str:
    """What the page's own script shows of a step: JSON without anything that HTML could take up."""
    line = document.get("timeline") or {"steps_per_column": 1, "replicas": []}
    replicas = [
        [one["replica"], *(one[part] for part in PARTS)] for one in line["replicas"] if one["begin"]
    ]
    shown = {
        "width": line["steps_per_column"],
        "steps": document["steps"],
        "parts": list(PARTS.values()),
        "replicas": replicas,
    }
    return json.dumps(shown, separators=(",", ":")).replace("<", "\\u003c")


# Distances ----------------------------------------------------------------------------------------


def divergence(document: Json) -> Markup | None:
    """A picture for each variable whose copies differ; None where there is none."""
    apart = [made for made in document["variables"] if (made["diverged"] or {}).get("steps")]
    if not apart:
        return None
    apart.sort(key=lambda made: int(made["diverged"]["step"]))
    steps = max(document["steps"], *(made["diverged"]["steps"][-1] for made in apart))
    many = len(apart) - MOST_PICTURES
    more = f" These are the first {MOST_PICTURES} of {len(apart)} variables." if many > 0 else ""
    return joined(
        tag(
            "p",
            "How far each replica's copy is from the first replica's: the Euclidean norm of the "
            "difference, from 0 to the number over the picture, by step. Lines begin where copies "
            f"first differ.{more}",
            class_="hint",
        ),
        tag("div", *(_picture(made, steps) for made in apart[:MOST_PICTURES]), class_="cards"),
    )


def _picture(made: Json, steps: int) -> Markup:
    diverged = made["diverged"]
    distances = diverged["distances"]
    known = [one for row in distances for one in row if one is not None and math.isfinite(one)]
    top = max(known, default=0.0) or 1.0
    several = len(distances) > MOST_LINES
    lines = [
        tag(
            "path",
            d=path(diverged["steps"], row, top, steps),
            class_="line many" if several else f"line r{replica}",
        )
        for replica, row in enumerate(distances)
        if replica
    ]
    label = made["label"]
    last = [(row[-1], replica) for replica, row in enumerate(distances) if row[-1] is not None]
    ends = max(last, default=None, key=lambda one: -1 if math.isnan(one[0]) else one[0])
    said = (
        "" if ends is None else f"; at step {diverged['steps'][-1]} replica {ends[1]} is farthest"
    )
    said += "" if ends is None else f", by {ends[0]:.4g}"
    legend = [
        tag("li", tag("i", class_=f"key line r{replica}"), f"replica {replica}")
        for replica in range(1, len(distances))
    ]
    return tag(
        "figure",
        tag(
            "figcaption",
            tag("code", label),
            tag("span", wording.place(diverged["location"]), class_="place"),
        ),
        tag("span", f"{top:.4g}", class_="top", aria_hidden="true"),
        tag(
            "svg",
            *lines,
            viewBox=f"0 0 {max(steps - 1, 1)} {HEIGHT}",
            preserveAspectRatio="none",
            role="img",
            aria_label=f"{label}: copies differ since step {diverged['step']}{said}",
        ),
        tag("span", "0", class_="zero", aria_hidden="true"),
        tag(
            "div",
            tag("span", "step 1"),
            tag("span", f"step {steps}"),
            class_="axis",
            aria_hidden="true",
        ),
        None if several else tag("ul", *legend, class_="legend", aria_hidden="true"),
        tag("details", tag("summary", "As a table"), _distances(made)),
        class_="chart",
    )


def path(at: Sequence[int], row: Sequence[float | None], top: float, steps: int) -> str:
    """A path through what is known; what is not leaves a gap."""
    drawn, pen = [], "M"
    for step, distance in zip(at, row, strict=True):
        if distance is None or not math.isfinite(distance):
            pen = "M"
            continue
        drawn.append(f"{pen}{step - 1} {HEIGHT - HEIGHT * distance / top:.4g}")
        pen = "L"
    if len(drawn) == 1:
        drawn.append(f"H{max(steps - 1, 1)}")  # one step would not be seen
    return "".join(drawn)


def _distances(made: Json) -> Markup:
    steps, distances = made["diverged"]["steps"], made["diverged"]["distances"]
    every = math.ceil(len(steps) / MOST_ROWS)
    kept = [at for at in range(len(steps)) if at % every == 0 or at == len(steps) - 1]
    rows: list[list[tables.Cell]]
    if len(distances) <= MOST_LINES:
        columns = ["#step", *(f"#replica {replica}" for replica in range(len(distances)))]
        rows = [[Number(steps[at]), *(_distance(row[at]) for row in distances)] for at in kept]
    else:
        columns = ["#step", "#smallest", "#largest", "#farthest replica"]
        rows = [[Number(steps[at]), *_range([row[at] for row in distances])] for at in kept]
    caption = f"Distances of the copies of {made['label']}"
    return tables.table(caption, columns, rows, sorts=False)


def _range(column: Sequence[float | None]) -> list[tables.Cell]:
    known = [
        (one, replica)
        for replica, one in enumerate(column)
        if replica and one is not None and math.isfinite(one)
    ]
    if not known:
        return ["", "", ""]
    return [_distance(min(known)[0]), _distance(max(known)[0]), Number(max(known)[1])]


def _distance(distance: float | None) -> Number | str:
    return "not known" if distance is None else Number(distance, f"{distance:.6g}")
