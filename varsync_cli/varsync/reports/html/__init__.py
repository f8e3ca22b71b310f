"""What a simulated run showed, as one page that needs no network.

The page has its style and its script in itself, and tells the browser to take nothing from anywhere
else. Without the script it shows the same, but does not sort.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from varsync.reports import wording
from varsync.reports.html import charts, sections
from varsync.reports.html.markup import Markup, joined, tag
from varsync.reports.wording import Json


def render(document: Json) -> str:
    """The page of a report."""
    document = wording.with_places(document)
    style, script = (_asset(name) for name in ("page.css", "page.js"))
    data = Markup(charts.data(document))
    worst, said = sections.verdict(document)
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
    arguments = " ".join(("varsync simulate", document["script"], *document["arguments"]))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("link", rel="icon", href="data:,"),
        tag("title", f"{document['script']}: {said} (varsync simulate)"),
        Markup(f"<style>{style}</style>"),
    )
    body = tag(
        "body",
        tag("a", "Skip to the observations", href="#observations", class_="skip"),
        tag(
            "header",
            tag("div", tag("p", "varsync simulate", class_="brand"), _themes(), class_="bar"),
            tag("h1", document["script"]),
            tag("p", tag("span", said, class_=f"pill {worst}"), class_="verdict"),
            sections.facts(document),
            tag(
                "nav",
                tag(
                    "ul", *(tag("li", tag("a", title, href=f"#{name}")) for name, title, _ in shown)
                ),
                aria_label="Parts of this report",
            ),
        ),
        tag("main", *(_section(*part) for part in shown)),
        tag("footer", tag("p", f"varsync {document['varsync']}. ", tag("code", arguments))),
        Markup(f'<script type="application/json" id="data">{data}</script>'),
        Markup(f"<script>{script}</script>"),
    )
    return joined(Markup("<!doctype html>\n"), tag("html", head, body, lang="en")) + "\n"


def _section(name: str, title: str, part: Markup) -> Markup:
    heading = f"{name}-title"
    return tag("section", tag("h2", title, id=heading), part, id=name, aria_labelledby=heading)


def _asset(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing is loaded, and no other style or script than the page's own is taken."""
    return (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _themes() -> Markup:
    """The switch; without the page's script it is not there."""
    choices = [
        tag(
            "label",
            tag("input", type="radio", name="theme", value=value, checked=not value),
            tag("span", name),
        )
        for value, name in (("", "System"), ("light", "Light"), ("dark", "Dark"))
    ]
    legend = tag("legend", "Colours", class_="unseen")
    return tag("fieldset", legend, *choices, class_="themes", hidden=True)
