"""Variants of a script side by side: as text, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from varsync.comparing import Comparison, Result, final
from varsync.networks import in_words
from varsync.reports.wording import line
from varsync.style import Style

MOST_VARIABLES = 40
MOST_DIFFERENCES = 8
WIDEST = 80
"""Of a cell: something has to give where a name is a novel."""


def render(compared: Comparison, style: Style) -> str:
    """The tables of a comparison, and what follows from them."""
    network = compared.network
    lines = [
        style.bold(f"{line(compared.script)}: {len(compared.results)} runs"),
        "",
        *_table([_HEAD, *(_row(result) for result in compared.results)], style),
        "",
        *_table(list(_values(compared)), style),
        "",
    ]
    for result in compared.results:
        lines += list(_against_one(compared, result))
    if compared.suggestion:
        lines.append(f"{style.bold('choose')} {line(compared.suggestion)}")
    lines.append(
        f"Time: a ring over {network.name}, {network.latency * 1e6:g} us and "
        f"{network.bandwidth / 1e9:g} GB/s; computing is not in it."
    )
    return "\n".join(lines) + "\n"


_HEAD = ("modes", "replicas", "ended", "syncs", "bytes", "time", "errors, warnings")


def _row(result: Result) -> tuple[str, ...]:
    return (
        line(result.variant.title),
        str(result.variant.replicas),
        result.run.status,
        str(result.synchronisations),
        str(result.bytes_of_a_replica),
        in_words(result.seconds),
        line(", ".join(result.problems)) or "-",
    )


def _values(compared: Comparison) -> Iterator[tuple[str, ...]]:
    """What the host reads of each variable at the end, a column for each run."""
    runs = [{(v.label, v.name): v for v in result.run.variables} for result in compared.results]
    keys = list(dict.fromkeys(key for run in runs for key in run))
    yield ("at the end", *(f"run {number}" for number in range(1, len(runs) + 1)))
    for key in keys[:MOST_VARIABLES]:
        cells = []
        for run in runs:
            value = final(run[key]) if key in run else None
            cells.append("-" if value is None else line(str(value)))
        yield (line(key[0]), *cells)
    if len(keys) > MOST_VARIABLES:
        yield (f"{len(keys) - MOST_VARIABLES} more", *("" for _ in runs))


def _against_one(compared: Comparison, result: Result) -> Iterator[str]:
    differences = compared.differences(result)
    if differences is None:
        return
    title = f"{line(result.variant.title)} on {result.variant.replicas} replicas"
    if not differences:
        yield f"{title}: ends as on one"
        return
    yield f"{title}: does not end as on one"
    for each in differences[:MOST_DIFFERENCES]:
        moved = "" if each.moved is None else f", {each.moved:.3g} times as far from its beginning"
        yield f"  {line(each.variable)}: {line(each.many)} in place of {line(each.one)}{moved}"
    if len(differences) > MOST_DIFFERENCES:
        yield f"  and {len(differences) - MOST_DIFFERENCES} variables more"


def _table(rows: Sequence[tuple[str, ...]], style: Style) -> Iterator[str]:
    rows = [tuple(map(_cut, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        written = "  ".join(cells).rstrip()
        yield style.bold(written) if number == 0 else written


def _cut(cell: str) -> str:
    return cell if len(cell) <= WIDEST else f"{cell[: WIDEST - 3]}..."


def as_json(compared: Comparison) -> str:
    """The comparison as one object; docs/compare.md describes it."""
    document = {
        "version": 1,
        "script": compared.script,
        "network": asdict(compared.network),
        "suggestion": compared.suggestion or None,
        "runs": [_run(compared, result) for result in compared.results],
    }
    return json.dumps(document, indent=2) + "\n"


def _run(compared: Comparison, result: Result) -> dict[str, Any]:
    differences = compared.differences(result)
    return {
        "replicas": result.variant.replicas,
        "changes": [asdict(change) for change in result.variant.changes],
        "synchronisations": result.synchronisations,
        "bytes_of_a_replica": result.bytes_of_a_replica,
        "seconds": result.seconds,
        "problems": result.problems,
        "differences": None
        if differences is None
        else [asdict(difference) for difference in differences],
        "output": result.run.output,
        "report": result.run.document,
    }
