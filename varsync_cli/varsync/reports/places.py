"""How reports write a place."""

from __future__ import annotations

from varsync_rules.findings import Span

from varsync.console.terminal import escape


def place(span: Span) -> str:
    """`train.py:3:5`, or `train.ipynb:cell 2:3:5`."""
    return f"{escape(span.path)}:{within(span)}"


def within(span: Span) -> str:
    """The place in its file: `3:5`, or `cell 2:3:5`."""
    cell = f"cell {span.cell}:" if span.cell else ""
    return f"{cell}{span.line}:{span.column}"
