"""A finding with the source it is about, what TensorFlow does, and how to write it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from varsync_rules.findings import Finding, Related

from varsync.console.style import Style
from varsync.console.terminal import escape
from varsync.linting.checking import Report
from varsync.reports.frame import frame
from varsync.reports.places import place

LINES_BEFORE = 2
MOST_LINES = 6
"""Of a finding; of what it is related to, the first line says enough."""


def render(report: Report, style: Style) -> str:
    """The findings, each followed by an empty line."""
    return "".join(
        "\n".join(_finding(finding, report, style)) + "\n\n" for finding in report.findings
    )


def _finding(finding: Finding, report: Report, style: Style) -> Iterator[str]:
    severity = style.severity(f"{finding.severity.value} {finding.code}", finding.severity)
    yield (
        f"{style.bold(place(finding.span))}  {severity} {escape(finding.name)}  "
        f"{style.bold(escape(finding.message))}"
    )
    spans = [finding.span, *(related.span for related in finding.related)]
    gutter = max(len(str(max(span.line, span.end_line))) for span in spans)
    source = report.sources.get(finding.span.path)
    if source is not None:
        yield from frame(
            source.lines(finding.span.cell),
            finding.span,
            style,
            gutter=gutter,
            before=LINES_BEFORE,
            most=MOST_LINES,
            mark="^",
            paint=partial(style.severity, severity=finding.severity),
        )
    for related in finding.related:
        yield from _related(related, report, style, gutter)
    indent = " " * (gutter + 1)
    texts = [("TensorFlow", finding.explanation), ("write", finding.remedy)]
    if finding in report.proofs:
        texts.append(("simulate", report.proofs[finding].text.replace("\n", " ")))
    if finding.fix is not None and finding.fix.is_safe:
        texts.append(("fix", escape(f"{finding.fix.title} (--fix)")))
    elif finding.fix is not None:
        words = f"{finding.fix.title} (--unsafe-fixes): {finding.fix.unsafe}"
        texts.append(("unsafe fix", escape(words)))
    for label, text in texts:
        if text:
            first, *more = text.split("\n")
            yield f"{indent}{style.quiet('=')} {style.bold(label + ':')} {escape(first)}"
            yield from (f"{indent}    {escape(line)}" for line in more)


def _related(related: Related, report: Report, style: Style, gutter: int) -> Iterator[str]:
    arrow = style.quiet(f"{' ' * gutter}-->")
    yield f"{arrow} {place(related.span)}  {escape(related.message)}"
    source = report.sources.get(related.span.path)
    if source is not None:
        yield from frame(
            source.lines(related.span.cell),
            related.span,
            style,
            gutter=gutter,
            before=0,
            most=1,
            mark="-",
            paint=style.related,
        )
