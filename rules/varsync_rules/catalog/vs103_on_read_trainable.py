"""VS103: a weight that is trained although every replica has a copy of its own."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime.semantics import Aggregation, Synchronization

from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.predict import differs, generation, has, has_own_copies, is_trainable
from varsync_rules.program import Creation, Program, place, where

_RAISES = (
    "ValueError: Synchronization value can be set to VariableSynchronization.ON_READ only for"
    " non-trainable variables. You have specified trainable=True and"
    " synchronization=VariableSynchronization.ON_READ."
)


def check(program: Program) -> Iterator[Finding]:
    """Creations of ON_READ variables that are trainable."""
    for creation in program.creations:
        variable = creation.variable
        if not has(variable, [Synchronization.ON_READ]) or not is_trainable(variable):
            continue
        if variable.api.endswith("add_weight"):
            if generation(variable) == 2:
                yield _finding(
                    creation,
                    Severity.ERROR,
                    f"{_name(creation)} is ON_READ and trainable, which add_weight of Keras 2"
                    " refuses",
                    _RAISES,
                )
            continue
        if has_own_copies(variable, creation.context):
            yield _drifting(program, creation)


def _drifting(program: Program, creation: Creation) -> Finding:
    """The finding of a weight that TensorFlow accepts."""
    variable = creation.variable
    place_of_update = next(
        (u for u in program.updates_of(variable) if u.context.in_replica and differs(u.data)), None
    )
    start = f"{_name(creation)} is trainable and ON_READ: {where(creation.context)}"
    if place_of_update is not None:
        return _finding(
            creation,
            Severity.WARNING,
            f"{start} each replica trains a copy of its own",
            "an update in replica context reaches the replica's own copy alone; the host reads"
            " the copies reduced, which is a value that no replica has used",
            (Related(place(place_of_update), "each replica updates its own copy here"),),
        )
    if has(variable, aggregation=[Aggregation.SUM]):
        return _finding(
            creation,
            Severity.WARNING,
            f"{start} the host reads N times the weight, the sum of the copies",
            "an optimizer gives every copy the same update, so the copies are equal, and a read in"
            " cross-replica context adds them up",
        )
    return _finding(
        creation,
        Severity.NOTE,
        f"{start} each replica has a copy of its own, which an optimizer alone keeps equal",
        "each read in cross-replica context costs a reduction that a mirrored variable does not"
        " need",
    )


def _name(creation: Creation) -> str:
    variable = creation.variable
    return variable.called if variable.name else "the weight"


def _finding(
    creation: Creation,
    severity: Severity,
    message: str,
    explanation: str,
    related: tuple[Related, ...] = (),
) -> Finding:
    return Finding(
        code="VS103",
        name="on-read-trainable",
        severity=severity,
        message=message,
        span=place(creation),
        related=related,
        explanation=explanation,
        remedy=(
            "leave synchronization out for a weight that is trained; give trainable=False for"
            " state that is not"
        ),
    )
