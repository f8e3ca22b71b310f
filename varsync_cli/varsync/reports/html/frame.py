"""The frame of a page: its head and header, and its parts with their titles.

The page has its style and its script in itself, and tells the browser to take nothing from anywhere
else. Without the script it shows the same, but does not sort.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from varsync.reports.html.markup import Markup, joined, tag


@dataclass(frozen=True)
class Page:
    """What a page has: `command` is the one that it is of, `said` its outcome in few words.

    `worst` is "good" or a severity, `parts` are identifier, title and content of each, the first
    one being what most readers look for; `data` is JSON for the page's script.
    """

    command: str
    subject: str
    worst: str
    said: str
    facts: Markup
    parts: Sequence[tuple[str, str, Markup]]
    footer: Markup
    main: str
    data: Markup = Markup("{}")  # noqa: RUF009 - text does not change


def render(page: Page) -> str:
    """The page as HTML."""
    style, script = (_asset(name) for name in ("page.css", "page.js"))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("link", rel="icon", href="data:,"),
        tag("title", f"{page.subject}: {page.said} ({page.command})"),
        Markup(f"<style>{style}</style>"),
    )
    links = [tag("li", tag("a", title, href=f"#{name}")) for name, title, _ in page.parts]
    body = tag(
        "body",
        tag("a", f"Skip to the {page.main}", href=f"#{page.main}", class_="skip"),
        tag(
            "header",
            tag("div", tag("p", page.command, class_="brand"), _themes(), class_="bar"),
            tag("h1", page.subject),
            tag("p", tag("span", page.said, class_=f"pill {page.worst}"), class_="verdict"),
            page.facts,
            tag("nav", tag("ul", *links), aria_label="Parts of this report"),
        ),
        tag("main", *(_section(*part) for part in page.parts)),
        tag("footer", page.footer),
        Markup(f'<script type="application/json" id="data">{page.data}</script>'),
        Markup(f"<script>{script}</script>"),
    )
    return joined(Markup("<!doctype html>\n"), tag("html", head, body, lang="en")) + "\n"


def _section(name: str, title: str, part: Markup) -> Markup:
    heading = f"{name}-title"
    return tag("section", tag("h2", title, id=heading), part, id=name, aria_labelledby=heading)


def _asset(name: str) -> str:
    return files(__package__ or "").joinpath(name).read_text(encoding="utf-8")


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
