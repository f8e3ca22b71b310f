"""Findings as an editor takes them."""

from __future__ import annotations

from lsprotocol import types
from varsync_rules.findings import Severity
from varsync_rules.registry import Rules, UnknownRuleError

from varsync.console.terminal import escape
from varsync.server.documents import Documents
from varsync.server.jobs import Place, Problem
from varsync.server.uris import uri_of

SOURCE = "varsync"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}
_USELESS = ("VS902",)
"""What is faded, as it can go."""


def location(place: Place, documents: Documents) -> types.Location:
    """A place in the document that is open for it, or in the file."""
    file = documents.files.get(place.path)
    document = file.parts.get(place.cell) if file is not None else None
    if document is not None:
        return types.Location(document.uri, range_of(place))
    if place.cell:
        # a cell of a notebook that is not open has no name
        start = types.Position(0, 0)
        return types.Location(uri_of(place.path), types.Range(start, start))
    return types.Location(uri_of(place.path), range_of(place))


def range_of(place: Place) -> types.Range:
    """The range of a place in its document."""
    return types.Range(types.Position(*place.start), types.Position(*place.end))


def diagnostic(problem: Problem, documents: Documents, known: Rules) -> types.Diagnostic:
    """A finding as a diagnostic: what is wrong, what TensorFlow does, how to write it."""
    finding = problem.finding
    lines = [finding.message]
    if finding.explanation:
        lines.append(f"TensorFlow: {finding.explanation}")
    if finding.remedy:
        lines.append(f"write: {finding.remedy}")
    return types.Diagnostic(
        range=range_of(problem.place),
        message="\n".join(plain(line) for line in lines),
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=_description(finding.code, known),
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if finding.code in _USELESS else None,
        related_information=[
            types.DiagnosticRelatedInformation(location(place, documents), plain(message))
            for place, message in problem.related
        ]
        or None,
    )


def _description(code: str, known: Rules) -> types.CodeDescription | None:
    try:
        return types.CodeDescription(uri_of(str(known.find(code).page)))
    except UnknownRuleError:
        return None


def plain(text: str) -> str:
    """Somebody's text as one line that no editor takes for a link or a control character."""
    return escape(" ".join(text.split())).replace("](", "] (")
