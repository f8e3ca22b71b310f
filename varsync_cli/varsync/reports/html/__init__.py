"""What a simulated run showed, as one page that needs no network."""

from __future__ import annotations

from pathlib import PurePath

from varsync.reports import wording
from varsync.reports.html import charts, frame, sections
from varsync.reports.html.markup import Markup, joined, tag
from varsync.reports.wording import Json


def render(document: Json) -> str:
    """The page of a report."""
    document = wording.with_places(document)
    worst, said = sections.verdict(document)
    path = PurePath(document["script"])
    parts = [
        ("ending", "How the run ended", sections.ending(document)),
        ("agreement", "TensorFlow beside it", sections.agreement(document)),
        ("observations", "Observations", sections.observations(document)),
        ("timeline", "Time line", charts.time_line(document)),
        ("divergence", "Copies that differ", charts.divergence(document)),
        ("ledger", "Synchronisations", sections.ledger(document)),
        ("variables", "Variables", sections.variables(document)),
        ("checkpoints", "Checkpoints", sections.checkpoints(document)),
        ("left-out", "Ignored, not modelled, approximated", sections.left_out(document)),
    ]
    shown = [(name, title, part) for name, title, part in parts if part is not None]
    engine = [] if document["engine"] == "numpy" else ["--engine", document["engine"]]
    words = ("varsync simulate", *engine, document["script"], *document["arguments"])
    return frame.render(
        frame.Page(
            command="varsync simulate",
            # the foot has it whole
            subject=path.name if path.is_absolute() else document["script"],
            worst=worst,
            said=said,
            facts=sections.facts(document),
            parts=shown,
            footer=tag(
                "p", joined(f"varsync {document['varsync']}. ", tag("code", " ".join(words)))
            ),
            main="observations",
            data=Markup(charts.data(document)),
        )
    )
