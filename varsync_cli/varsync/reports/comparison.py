"""Variants of a script side by side: as text, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from varsync.comparing.comparison import Comparison, Result
from varsync.comparing.differing import Difference, Parting, final
from varsync.comparing.networks import in_words
from varsync.console.style import Style
from varsync.reports import wording
from varsync.reports.wording import few, line, many
from varsync.simulation import Observation, Series

MOST_VARIABLES = 40
MOST_DIFFERENCES = 8
MOST_OF_TRIALS = 3
"""The same, of runs with other modes: there may be many of them."""
MOST_SERIES = 6
MOST_STEPS = 8
WORTH_A_WORD = 0.1
"""How much farther than one replica a variable has to go."""
NEARLY = 0.05
"""How far from the number of replicas it may be."""
WIDEST = 80
"""Of a cell: something has to give where a name is a novel."""
AGREEMENT = {True: "agrees", False: "differs", None: "not known"}
"""What TensorFlow makes of a run."""
HEAD = ("run", "modes", "replicas", "ended", "steps", "syncs", "bytes", "time", "errors, warnings")


def render(compared: Comparison, style: Style) -> str:
    """The tables of a comparison, and what follows from them."""
    lines = [
        style.bold(f"{line(compared.script)}: {len(compared.results)} runs, {engine(compared)}"),
        "",
        *_table([head(compared), *rows(compared)], style),
        "",
    ]
    for table in (list(values(compared)), list(losses(compared))):
        if len(table) > 1:
            lines += [*_table(table, style), ""]
    said = [
        *problems(compared),
        *otherwise(compared),
        *(line for result in compared.results for line in against(compared, result)),
    ]
    lines += [line(words) for words in said]
    if compared.suggestion:
        lines.append(f"{style.bold('choose')} {line(compared.suggestion)}")
    lines.append(time_in_words(compared))
    return "\n".join(lines) + "\n"


def time_in_words(compared: Comparison) -> str:
    """What the times are of."""
    network = compared.network
    return (
        f"Time: a ring over {network.name}, {network.latency * 1e6:g} us and "
        f"{network.bandwidth / 1e9:g} GB/s; computing is not in it."
    )


def engine(compared: Comparison) -> str:
    """What all of them ran on, in words."""
    return wording.engine(compared.results[0].run.document)


def head(compared: Comparison) -> tuple[str, ...]:
    """The names of the columns of `rows`."""
    return (*HEAD, "TensorFlow") if compared.refereed else HEAD


def rows(compared: Comparison) -> Iterator[tuple[str, ...]]:
    """A row for each run."""
    for number, result in enumerate(compared.results, 1):
        yield (
            str(number),
            line(result.variant.title),
            str(result.variant.replicas),
            result.run.status,
            str(result.run.steps),
            str(result.synchronisations),
            str(result.bytes_of_a_replica),
            in_words(result.seconds),
            line(", ".join(result.problems)) or "-",
            *([AGREEMENT[result.run.agrees]] if compared.refereed else []),
        )


def values(compared: Comparison) -> Iterator[tuple[str, ...]]:
    """What the host reads of each variable at the end, a column for each run; first the head."""
    runs = [{(v.label, v.name): v for v in result.run.variables} for result in compared.results]
    keys = list(dict.fromkeys(key for run in runs for key in run))
    yield ("at the end", *_numbered(compared))
    for key in keys[:MOST_VARIABLES]:
        cells = []
        for run in runs:
            value = final(run[key]) if key in run else None
            cells.append("-" if value is None else line(str(value)))
        yield (line(key[0]), *cells)
    if len(keys) > MOST_VARIABLES:
        yield (f"{len(keys) - MOST_VARIABLES} more", *("" for _ in runs))


def series_by_run(compared: Comparison) -> list[list[Series | None]]:
    """The numbers by step: for each series, what each run has of it."""
    runs = [{one.key: one for one in result.run.series} for result in compared.results]
    keys = list(dict.fromkeys(key for run in runs for key in run))
    return [[run.get(key) for run in runs] for key in keys]


def losses(compared: Comparison) -> Iterator[tuple[str, ...]]:
    """Losses and other numbers by step, a column for each run; first the head."""
    found = series_by_run(compared)
    yield ("by step", "step", *_numbered(compared))
    for by_run in found[:MOST_SERIES]:
        points = [dict(zip(one.steps, one.values, strict=True)) if one else {} for one in by_run]
        title = next(one.title for one in by_run if one)
        for step in _some(sorted({step for own in points for step in own})):
            cells = [f"{own[step]:.7g}" if step in own else "-" for own in points]
            yield (line(title), str(step), *cells)
            title = ""
    if len(found) > MOST_SERIES:
        yield (f"{len(found) - MOST_SERIES} more", "", *("" for _ in compared.results))


def _some(steps: Sequence[int]) -> list[int]:
    """The first, the last, and some between."""
    if len(steps) <= MOST_STEPS:
        return list(steps)
    last = len(steps) - 1
    return [steps[last * at // (MOST_STEPS - 1)] for at in range(MOST_STEPS)]


def _numbered(compared: Comparison) -> list[str]:
    return [f"run {number}" for number in range(1, len(compared.results) + 1)]


def problems(compared: Comparison) -> Iterator[str]:
    """How runs ended that did not finish, and each error and warning with the runs that have it."""
    seen: dict[tuple[str, ...], tuple[Observation, list[int]]] = {}
    ended: dict[str, list[int]] = {}
    for number, result in enumerate(compared.results, 1):
        run = result.run
        if not run.finished:
            last = run.errors.strip().rpartition("\n")[2]
            words = " ".join(str(run.failure or run.message or last).split())
            ended.setdefault(f"{run.status}: {words}", []).append(number)
        if result.kept:
            yield f"run {number}: {few(result.kept, 4)} kept the modes of the script"
        if number > 1 and _restores(result) and not _restores(compared.results[0]):
            yield f"run {number} began from a checkpoint, which a run before it has written"
        for one in run.observations:
            if one.is_bad:
                key = (one.code or "", str(one.location), one.variable or one.message)
                seen.setdefault(key, (one, []))[1].append(number)
    for words, numbers in ended.items():
        yield f"{_runs(numbers)}: {words}"
    for one, numbers in seen.values():
        where = "" if one.location is None else f" {one.location.near}"
        yield f"{_runs(numbers)}: {one.severity} {one.code or ''}{where}: {one.message}"


def otherwise(compared: Comparison) -> Iterator[str]:
    """Whether TensorFlow agrees, and in what it does not."""
    if compared.refereed and all(result.run.agrees for result in compared.results):
        yield f"TensorFlow agrees in {many(len(compared.results), 'run')}"
    for number, result in enumerate(compared.results, 1):
        found = result.run.document.get("agreement", {"differences": []})["differences"]
        for one in found[:MOST_DIFFERENCES]:
            part, subject, simulated, real = wording.difference(one)
            yield f"run {number}: {part} {subject}: {simulated}, on TensorFlow {real}"
        if len(found) > MOST_DIFFERENCES:
            yield f"run {number}: and {len(found) - MOST_DIFFERENCES} more on TensorFlow"


def _restores(result: Result) -> bool:
    return any(row["action"] == "restore" for row in result.run.document.get("checkpoints", ()))


def _runs(numbers: Sequence[int]) -> str:
    return f"{'run' if len(numbers) == 1 else 'runs'} {', '.join(map(str, numbers))}"


def against(compared: Comparison, result: Result) -> Iterator[str]:
    """Whether a run comes to what one replica comes to, and in what it does not."""
    one, found = compared.alone(), compared.against_one(result)
    if one is None or found is None:
        return
    title = f"{result.variant.title} on {many(result.variant.replicas, 'replica')}"
    if found.is_same:
        yield f"{title}: ends as on one"
    else:
        yield f"{title}: does not end as on one"
    most = MOST_OF_TRIALS if result.variant.changes else MOST_DIFFERENCES
    for each in found.series[:most]:
        yield f"  {parting(each)}"
    for difference in found.variables[:most]:
        words = differs(difference)
        if _is_multiplied(difference, result):
            words += (
                f", and there are {result.variant.replicas} replicas: is something summed that "
                "should be averaged?"
            )
        yield f"  {difference.variable}: {words}"
    if len(found.variables) > most:
        yield f"  and {many(len(found.variables) - most, 'variable')} more"
    if result.run.steps != one.run.steps:
        yield (
            f"  it takes {many(result.run.steps, 'step')} in place of {one.run.steps}: "
            "is the global batch the same?"
        )


def _is_multiplied(each: Difference, result: Result) -> bool:
    """Whether it went as many times too far as there are replicas."""
    replicas = result.variant.replicas
    return each.moved is not None and abs(each.moved / replicas - 1) < NEARLY


def parting(each: Parting) -> str:
    """Where numbers by step part."""
    one, many = ("nothing" if n is None else f"{n:.7g}" for n in (each.one, each.many))
    return f"{each.series}: {many} in place of {one} in step {each.step}, the first that differs"


def differs(each: Difference) -> str:
    """How a variable differs."""
    words = f"{each.many} in place of {each.one}"
    if each.compared > 1:
        every = f" (every {each.stride}th was compared)" if each.stride > 1 else ""
        words += f", {each.elements} of {each.compared} elements{every}"
        words += "" if each.largest is None else f" by {each.largest:.3g} at most"
    if each.moved is not None and abs(each.moved - 1) > WORTH_A_WORD:
        words += f", {each.moved:.3g} times as far from its beginning"
    return words


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
        "engine": compared.results[0].run.document["engine"],
        "network": asdict(compared.network),
        "tolerance": compared.tolerance,
        "suggestion": compared.suggestion or None,
        "runs": [_run(compared, result) for result in compared.results],
    }
    return json.dumps(document, indent=2) + "\n"


def _run(compared: Comparison, result: Result) -> dict[str, Any]:
    found = compared.against_one(result)
    return {
        "replicas": result.variant.replicas,
        "changes": [asdict(change) for change in result.variant.changes],
        "changed": list(result.asked),
        "kept": result.kept,
        "synchronisations": result.synchronisations,
        "bytes_of_a_replica": result.bytes_of_a_replica,
        "seconds": result.seconds,
        "problems": result.problems,
        "agrees": result.run.agrees,
        "equals_one": None if found is None else found.is_same,
        "differences": None if found is None else list(map(asdict, found.variables)),
        "losses_part": None if found is None else list(map(asdict, found.series)),
        "output": result.run.output,
        "report": result.run.document,
    }
