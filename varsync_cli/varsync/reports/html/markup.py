"""HTML in which everybody's text stays text."""

from __future__ import annotations

import html
import re

from varsync.reports import wording


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | int | None | Markup

VOID = ("input", "link", "meta", "br")
CODE = re.compile(r"`([^`\n]+)`")


def text(own: object) -> Markup:
    """Text as HTML; what controls a terminal, or turns the direction of text, is escaped too."""
    return Markup(html.escape(wording.text(str(own))))


def tag(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Markup:
    """An element. `class_` is the attribute `class`, `aria_label` is `aria-label`; None is left out."""
    written = "".join(
        f" {_name(key)}" if value is True else f' {_name(key)}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*children: Child) -> Markup:
    """One after the other; None is nothing."""
    return Markup("".join(_child(child) for child in children if child is not None))


def sentence(words: str) -> Markup:
    """A message: what it has in backticks is code."""
    parts = CODE.split(words)
    return joined(*(tag("code", part) if at % 2 else part for at, part in enumerate(parts)))


def begun(words: str) -> Markup:
    """A message that begins a paragraph."""
    return sentence(words[:1].upper() + words[1:])


def _child(child: Child) -> str:
    return child if isinstance(child, Markup) else text(child)


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
