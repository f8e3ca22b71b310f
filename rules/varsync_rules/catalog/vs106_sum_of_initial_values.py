"""VS106: every replica's copy starts with a value, and a read adds up the copies."""

from __future__ import annotations

from collections.abc import Iterator

from varsync_runtime import semantics
from varsync_runtime.semantics import Aggregation, Context, Read, Rule, Synchronization, Variable

from varsync_rules.findings import Finding, Severity
from varsync_rules.predict import created, has
from varsync_rules.program import Creation, Program, place, where
from varsync_rules.values import (
    Atom,
    Const,
    LibraryObject,
    Symbol,
    is_nonzero,
)

_ONES = frozenset({"ones", "Ones", "ones_initializer", "eye", "Identity", "IdentityInitializer"})
_CONSTANT = frozenset({"Constant", "constant", "constant_initializer"})


def check(program: Program) -> Iterator[Finding]:
    """Creations of ON_READ variables with SUM whose initial value is not zero."""
    for creation in program.creations:
        variable = creation.variable
        if not has(variable, [Synchronization.ON_READ], [Aggregation.SUM]):
            continue
        if not variable.initial or not all(map(_is_nonzero, variable.initial)):
            continue
        if not _is_summed(creation):
            continue
        yield Finding(
            code="VS106",
            name="sum-of-initial-values",
            severity=Severity.WARNING,
            message=(
                f"{variable.called} starts with a value other than zero on every"
                f" replica: {where(creation.context)} a read gives N times it"
            ),
            span=place(creation),
            explanation=(
                "every copy starts with the initial value, and a read in cross-replica context adds"
                " up the copies"
            ),
            remedy="start from zero and add the start where the total is used",
        )


def _is_summed(creation: Creation) -> bool:
    """Whether the host reads the sum of the copies under every strategy that may be in force."""
    outcomes = [made for _, made in created(creation.variable, creation.context)]
    return bool(outcomes) and all(
        isinstance(made, Variable)
        and isinstance(read := semantics.read(made, Context.CROSS_REPLICA), Read)
        and read.rule is Rule.SUM
        for made in outcomes
    )


def _is_nonzero(atom: Atom) -> bool:
    """Whether an initial value, or what an initializer makes, is not zero."""
    if isinstance(atom, Const) and isinstance(atom.value, str):
        return atom.value in _ONES
    if isinstance(atom, Symbol):
        return atom.name.rsplit(".", 1)[-1] in _ONES
    if isinstance(atom, LibraryObject):
        last = atom.symbol.name.rsplit(".", 1)[-1]
        if last in _CONSTANT:
            value = atom.args.value(0, "value")
            return bool(value) and all(map(_is_nonzero, value))
        return last in _ONES
    return is_nonzero(atom)
