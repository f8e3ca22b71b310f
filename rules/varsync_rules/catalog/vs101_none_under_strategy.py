"""VS101: a variable that no replica can synchronize is created under a strategy."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.semantics import Aggregation, Synchronization

from varsync_rules.changes import Fix
from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import creation_raises, has, words
from varsync_rules.program import Program, place, where
from varsync_rules.repairs import drop_mode
from varsync_rules.values import Variable, Varies


def check(program: Program) -> Iterator[Finding]:
    """Creations with synchronization NONE that raise under the strategies in force."""
    for creation in program.creations:
        variable = creation.variable
        raised = creation_raises(creation)
        if raised is None or not has(variable, synchronization=[Synchronization.NONE]):
            continue
        yield Finding(
            code="VS101",
            name="none-under-strategy",
            severity=Severity.ERROR,
            message=(
                f"{variable.called} is created with synchronization NONE, which"
                f" raises {where(creation.context)}"
            ),
            span=place(creation),
            explanation=words(raised),
            remedy=(
                "leave synchronization out for equal copies, or use"
                " tf.VariableSynchronization.ON_READ for a copy of each replica's own"
            ),
            fix=_fix(program, variable),
        )


def _fix(program: Program, variable: Variable) -> Fix | None:
    change = drop_mode(variable, "synchronization")
    if change is None:
        return None
    diverges = has(variable, aggregation=[Aggregation.NONE]) and any(
        update.variable.node is variable.node
        and update.context.in_replica
        and update.data.varies is not Varies.SAME
        for update in program.updates
    )
    unsafe = "its copies diverge where each replica writes its own value, which raises nothing"
    return Fix("leave synchronization out", change, unsafe if diverges else "")
