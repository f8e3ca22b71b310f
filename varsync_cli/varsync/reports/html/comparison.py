"""Variants of a script side by side, as one page that needs no network."""

from __future__ import annotations

import math
from collections.abc import Sequence

from varsync import __version__
from varsync.comparing.comparison import Comparison, Result
from varsync.comparing.networks import in_words
from varsync.reports import comparison
from varsync.reports.html import frame, tables
from varsync.reports.html.charts import HEIGHT, MOST_LINES, path
from varsync.reports.html.markup import Markup, begun, joined, tag
from varsync.reports.html.tables import Number
from varsync.reports.wording import many
from varsync.simulation import Series

WORDS = ("modes", "ended", "errors, warnings", "TensorFlow")
"""The columns of runs that hold no number."""


def render(compared: Comparison) -> str:
    """The page of a comparison."""
    worst, said = _verdict(compared)
    parts = [
        ("choose", "What to choose", _suggestion(compared)),
        ("runs", "Runs", _runs(compared)),
        ("one", "Against one replica", _against(compared)),
        ("observations", "Observations", _listed(list(comparison.problems(compared)))),
        ("agreement", "TensorFlow beside it", _listed(list(comparison.otherwise(compared)))),
        ("losses", "By step", _losses(compared)),
        ("values", "At the end", _values(compared)),
    ]
    counts = [result.variant.replicas for result in compared.results]
    facts = [
        ("Runs", Number(len(compared.results))),
        ("Most replicas", Number(max(counts))),
        ("Engine", begun(comparison.engine(compared))),
        ("Network", compared.network.name),
        ("Tolerance", f"{compared.tolerance:g}"),
    ]
    cells = [
        tag("div", tag("dt", name), tag("dd", str(value), data_fact=name)) for name, value in facts
    ]
    return frame.render(
        frame.Page(
            command="varsync compare",
            subject=compared.script,
            worst=worst,
            said=said,
            facts=tag("dl", *cells, class_="facts"),
            parts=[(name, title, part) for name, title, part in parts if part is not None],
            footer=tag("p", f"varsync {__version__}. {comparison.time_in_words(compared)}"),
            main="runs",
        )
    )


def _verdict(compared: Comparison) -> tuple[str, str]:
    """One word for how it looks, and a few more."""
    written = compared.written()
    against = compared.against_one(written)
    number = many(written.variant.replicas, "replica")
    if any(result.run.agrees is False for result in compared.results):
        return "error", "TensorFlow differs"
    if not written.run.finished:
        return "error", f"on {number}: {written.run.status}"
    if against is None:
        return "note", f"{len(compared.results)} runs"
    if against.is_same:
        return "good", f"{number} end as one does"
    return "warning", f"{number} do not end as one does"


def _suggestion(compared: Comparison) -> Markup | None:
    return tag("p", compared.suggestion) if compared.suggestion else None


def _runs(compared: Comparison) -> Markup:
    columns = [name if name in WORDS else f"#{name}" for name in comparison.head(compared)]
    rows: list[list[tables.Cell]] = [
        [
            Number(number),
            result.variant.title,
            Number(result.variant.replicas),
            result.run.status,
            Number(result.run.steps),
            Number(result.synchronisations),
            Number(result.bytes_of_a_replica),
            Number(result.seconds, in_words(result.seconds)),
            ", ".join(result.problems) or "-",
            *([comparison.AGREEMENT[result.run.agrees]] if compared.refereed else []),
        ]
        for number, result in enumerate(compared.results, 1)
    ]
    return tables.table("Runs", columns, rows)


def _against(compared: Comparison) -> Markup | None:
    parts = [_against_of(compared, result) for result in compared.results]
    shown = [part for part in parts if part is not None]
    return joined(*shown) if shown else None


def _against_of(compared: Comparison, result: Result) -> Markup | None:
    lines = list(comparison.against(compared, result))
    return joined(tag("h3", lines[0]), _listed(lines[1:])) if lines else None


def _listed(lines: Sequence[str]) -> Markup | None:
    return tag("ul", *(tag("li", line.strip()) for line in lines)) if lines else None


def _table(caption: str, rows: Sequence[tuple[str, ...]]) -> Markup | None:
    head, *body = rows
    return tables.table(caption, head, body) if body else None


def _values(compared: Comparison) -> Markup | None:
    return _table("What the host reads of each variable", list(comparison.values(compared)))


def _losses(compared: Comparison) -> Markup | None:
    pictures = [
        _picture(by_run) for by_run in comparison.series_by_run(compared)[: comparison.MOST_SERIES]
    ]
    table = _table("Numbers by step", list(comparison.losses(compared)))
    if table is None:
        return None
    return joined(tag("div", *(one for one in pictures if one is not None), class_="cards"), table)


def _picture(by_run: Sequence[Series | None]) -> Markup | None:
    """A line for each run; None where a run has no two points."""
    known = [one for one in by_run if one is not None]
    last = max(one.steps[-1] for one in known)
    shown = [value for one in known for value in one.values if math.isfinite(value)]
    if max(len(one.steps) for one in known) < 2 or not shown:
        return None
    bottom, top = min(shown), max(shown)
    room = (top - bottom) or 1.0
    several = len(by_run) > MOST_LINES - 1
    lines = [
        tag(
            "path",
            d=path([step or 1 for step in one.steps], [v - bottom for v in one.values], room, last),
            class_="line many" if several else f"line r{number}",
        )
        for number, one in enumerate(by_run, 1)
        if one is not None
    ]
    legend = [
        tag("li", tag("i", class_=f"key line r{number}"), f"run {number}")
        for number, one in enumerate(by_run, 1)
        if one is not None
    ]
    title = known[0].title
    return tag(
        "figure",
        tag("figcaption", tag("code", title)),
        tag("span", f"{top:.4g}", class_="top", aria_hidden="true"),
        tag(
            "svg",
            *lines,
            viewBox=f"0 0 {max(last - 1, 1)} {HEIGHT}",
            preserveAspectRatio="none",
            role="img",
            aria_label=f"{title} by step, from {bottom:.4g} to {top:.4g}",
        ),
        tag(
            "div",
            tag("span", "step 1"),
            tag("span", f"step {last}"),
            class_="axis",
            aria_hidden="true",
        ),
        None if several else tag("ul", *legend, class_="legend", aria_hidden="true"),
        class_="chart",
    )
