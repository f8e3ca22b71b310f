"""The parts of the page that are words and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from varsync.reports import wording
from varsync.reports.html import tables
from varsync.reports.html.markup import Markup, begun, joined, sentence, tag
from varsync.reports.html.tables import Number

Json = dict[str, Any]

SEVERITIES = ("error", "warning", "note")
AROUND = 2
"""Lines shown before and after the one that an observation is about."""
MOST_ALIKE = 8


def verdict(document: Json) -> tuple[str, str]:
    """One word for how it looks, and a sentence."""
    found = Counter(seen["severity"] for seen in document["observations"])
    parts = [wording.many(found[one], one) for one in SEVERITIES if found[one]]
    status = document["outcome"]["status"]
    whole = status in wording.WHOLE
    worst = next((one for one in SEVERITIES if found[one]), "good")
    agreed = document.get("agreement", {"agrees": True})["agrees"] is not False
    if not whole or not agreed:
        worst = "error"
    parts += [] if agreed else ["TensorFlow differs"]
    seen = ", ".join(parts) or "nothing wrong was seen"
    return worst, seen if whole else f"{status}; {seen}"


def facts(document: Json) -> Markup:
    """What was run, and how much there was of everything."""
    made = max(document["strategies"], key=lambda one: int(one["replicas"]), default=None)
    totals = document["totals"]
    rows: list[tuple[str, str | Number]] = [
        ("Strategy", made["class"] if made else "none"),
        ("Replicas", Number(made["replicas"] if made else 1)),
        ("Workers", Number(made["workers"] if made else 1)),
        ("Steps", Number(document["steps"])),
        ("Synchronisations", Number(totals["synchronisations"])),
        ("Unneeded of these", Number(totals["unneeded"])),
        ("Bytes a replica", Number(totals["bytes_of_a_replica"])),
        ("Engine", begun(wording.engine(document))),
        ("Seconds", Number(document["seconds"], f"{document['seconds']:.1f}")),
    ]
    cells = [
        tag("div", tag("dt", name), tag("dd", str(value), data_fact=name)) for name, value in rows
    ]
    return tag("dl", *cells, class_="facts")


def ending(document: Json) -> Markup | None:
    """How the run ended; None where there is nothing to say."""
    outcome = document["outcome"]
    raised, failure = outcome["exception"], wording.failure(outcome)
    parts: list[Markup] = []
    if outcome["message"]:
        parts.append(tag("p", begun(outcome["message"])))
    if failure:
        parts.append(tag("p", "The script failed: ", tag("code", failure)))
    if failure and raised["traceback"]:
        parts.append(tag("pre", raised["traceback"].rstrip(), tabindex=0))
    if wording.shows_places(outcome):
        parts.append(_places(outcome["replicas"]))
    parts += [tag("p", one["message"]) for one in document.get("modes", ()) if one["message"]]
    return joined(*parts) if parts else None


def _places(replicas: Sequence[Json]) -> Markup:
    rows = [
        [
            Number(one["replica"]),
            one["state"],
            sentence(one["doing"]),
            wording.place(one["location"]),
            wording.place(one["now"]),
            sentence(one["detail"]),
        ]
        for one in replicas
    ]
    columns = ("#replica", "state", "in, or last in", "at", "now at", "more")
    return tables.table("Where each replica stood at the end", columns, rows)


def agreement(document: Json) -> Markup | None:
    """Where the simulation and TensorFlow differ; None where only one of them ran."""
    found = document.get("agreement")
    if found is None:
        return None
    if found["agrees"] is not False:
        return tag("p", wording.agrees(document))
    rows = [wording.difference(one) for one in found["differences"]]
    return tables.table(wording.DIFFER, ("in", "of", "simulation", "TensorFlow"), rows)


def observations(document: Json) -> Markup:
    """Each observation with its lines and values."""
    found = [
        _observation(seen, others, document)
        for seen, others in wording.alike(document["observations"])
    ]
    if found:
        return joined(*found)
    whole = document["outcome"]["status"] in wording.WHOLE
    return tag(
        "p", "Nothing wrong was seen." if whole else "Nothing else wrong was seen until then."
    )


def _observation(seen: Json, others: Sequence[Json], document: Json) -> Markup:
    severity, code = seen["severity"], seen["code"]
    head = tag(
        "h3",
        tag("span", severity, class_=f"pill {severity}"),
        tag("span", code, class_="code") if code else None,
        tag("span", wording.rule_name(code)),
    )
    facts = [wording.place(seen["location"])]
    facts += [f"step {seen['step']}"] if seen["step"] else []
    facts += [f"{seen['times']:,} times"] if seen["times"] > 1 else []
    same = wording.same(others, MOST_ALIKE)
    spared = wording.savings(seen, document, others)
    shown = [seen["location"]]  # each line once
    related = []
    for one in seen["related"]:
        where = tag("span", wording.place(one["location"]), class_="place")
        source = None if one["location"] in shown else _source(one["location"], 0)
        related.append(tag("li", where, sentence(one["message"]), source))
        shown.append(one["location"])
    return tag(
        "article",
        head,
        tag("p", begun(seen["message"])),
        tag("p", sentence(f"{same}.")) if same else None,
        tag("p", begun(spared)) if spared else None,
        tag("p", " · ".join(filter(None, facts)), class_="place"),
        _source(seen["location"], AROUND),
        _values(seen),
        tag("ul", *related, class_="related") if related else None,
        class_=f"observation {severity}",
    )


def _source(location: Json | None, around: int) -> Markup | None:
    lines = wording.source(location, around)
    if location is None or not lines:
        return None
    return tag(
        "pre",
        *(
            tag(
                "mark" if number == location["row"] and around else "span",
                tag("span", number, class_="row", aria_hidden="true"),
                line or " ",
            )
            for number, line in lines
        ),
        class_="source",
        tabindex=0,
        role="region",
        aria_label=f"Source at {wording.place(location)}",
    )


def _values(seen: Json) -> Markup | None:
    if not seen["values"]:
        return None
    rows: list[list[tables.Cell]] = [
        [Number(replica), tag("code", wording.value(value))]
        for replica, value in enumerate(seen["values"])
    ]
    return tables.table("Values by replica", ("#replica", "value"), rows, sorts=False)


def ledger(document: Json) -> Markup | None:
    """The synchronisations, the costliest first."""
    shows_by = any(row["by"] for row in document["ledger"])
    rows = [
        [
            wording.exchange(row),
            wording.exchanged(row),
            *([row["by"] or ""] if shows_by else []),
            wording.place(row["location"]),
            Number(row["times"]),
            Number(row["bytes_of_a_replica"] // row["times"]),
            Number(row["bytes_of_a_replica"]),
            Number(row["first_step"]),
            Number(row["last_step"]),
            "" if row["changed"] else "the same from all",
        ]
        for row in document["ledger"]
    ]
    by = ("by",) if shows_by else ()
    columns = ("what", "of", *by, "at", "#times", "#bytes each", "#bytes a replica")
    columns += ("#first step", "#last step", "needed")
    return tables.table("Synchronisations", columns, rows) if rows else None


def variables(document: Json) -> Markup | None:
    """The variables, in the order of their creation."""
    rows = [
        [
            tag("code", made["label"]),
            made["class"],
            made["synchronization"],
            made["aggregation"],
            f"{made['dtype']}{made['shape']}",
            wording.place(made["location"]),
            wording.state_of_copies(made),
            Number(made["synchronisations"]),
            Number(made["bytes_of_a_replica"]),
        ]
        for made in document["variables"]
    ]
    columns = (
        "variable", "class", "synchronization", "aggregation", "dtype", "made at", "copies",
        "#synchronised", "#bytes a replica",
    )  # fmt: skip
    return tables.table("Variables", columns, rows) if rows else None


def checkpoints(document: Json) -> Markup | None:
    """What was saved and restored."""
    rows = [
        [
            row["action"],
            tag("code", row["variable"]),
            wording.copies(row["copies"], row["saved"]),
            wording.value(row["saved"]),
            wording.place(row["location"]),
            Number(times),
        ]
        for times, row in wording.last_checkpoints(document["checkpoints"])
    ]
    columns = ("action", "variable", "copies", "in the file", "at", "#times")
    return tables.table("Checkpoints", columns, rows) if rows else None


LISTS = {
    "not_modelled": "Not modelled: an error was raised",
    "approximated": "Done in another way than TensorFlow does it",
    "ignored": "Ignored: it did nothing",
}


def left_out(document: Json) -> Markup | None:
    """What was ignored, not modelled, or approximated."""
    lists = [joined(*_list(title, document[key])) for key, title in LISTS.items()]
    return joined(*lists) if any(lists) else None


def _list(title: str, rows: Sequence[Json]) -> Iterator[Markup]:
    if rows:
        with_why = "why" in rows[0]
        columns = ("symbol", *(("why",) if with_why else ()), "at", "#times")
        cells = [
            [
                tag("code", row["symbol"]),
                *((row["why"],) if with_why else ()),
                wording.place(row["location"]),
                Number(row["times"]),
            ]
            for row in rows
        ]
        yield tag("h3", title)
        yield tables.table(title, columns, cells)
