"""ABC123: what it finds, in a few words."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_rules.findings import Finding, Severity
from varsync_rules.program import Program, place


def check(program: Program) -> Iterator[Finding]:
    """The variables that are called example."""
    for creation in program.creations:
        if creation.variable.name == "example":
            yield Finding(
                code="ABC123",
                name="my-name",
                severity=Severity.WARNING,
                message=f"{creation.variable.called} is only an example",
                span=place(creation),
                explanation="what TensorFlow does then",
                remedy="how to write it",
            )
