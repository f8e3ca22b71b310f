"""VS104: a variable of integers is created with aggregation MEAN under a strategy."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.semantics import Aggregation, DTypeKind

from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import creation_raises, dtype_kind, has, words
from varsync_rules.program import Program, place, where

# What the table says of it; a creation that raises for another reason is another rule's.
_NO_MEAN = "aggregation=MEAN and a non-floating dtype"


def check(program: Program) -> Iterator[Finding]:
    """Creations with MEAN and a dtype that has no mean, which raise under the strategies."""
    for creation in program.creations:
        variable = creation.variable
        if dtype_kind(variable) is DTypeKind.FLOATING:
            continue
        if not has(variable, aggregation=[Aggregation.MEAN]):
            continue
        raised = creation_raises(creation)
        if raised is None or _NO_MEAN not in raised.message:
            continue
        yield Finding(
            code="VS104",
            name="mean-of-integer",
            severity=Severity.ERROR,
            message=(
                f"{variable.called} has dtype {variable.dtype} and aggregation"
                f" MEAN, which raises {where(creation.context)}"
            ),
            span=place(creation),
            explanation=words(raised),
            remedy=(
                "give it a floating dtype, or use SUM for a count and ONLY_FIRST_REPLICA for a"
                " value that is the same on every replica"
            ),
        )
