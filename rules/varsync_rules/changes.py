"""What a fix changes, as rules ask for it: plain data. `varsync_rules.fixes` writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from varsync_rules.immutable import value_class

if TYPE_CHECKING:
    from varsync_rules.findings import Span


@value_class(frozen=True, slots=True)
class SetKeyword:
    """The call at `span` gets `keyword=value`, or this value where it has the keyword."""

    span: Span
    keyword: str
    value: str


@value_class(frozen=True, slots=True)
class DropKeyword:
    """The call at `span` loses a keyword argument."""

    span: Span
    keyword: str


@value_class(frozen=True, slots=True)
class AugmentedToMethod:
    """`v += x` at `span` becomes `v.assign_add(x)`, `v *= x` becomes `v.assign(v * x)`."""

    span: Span


@value_class(frozen=True, slots=True)
class AssignToIncrement:
    """`v.assign(v + x)` at `span` becomes `v.assign_add(x)`; a difference becomes assign_sub."""

    span: Span


@value_class(frozen=True, slots=True)
class IncrementToAssign:
    """`v.assign_add(x)` at `span` becomes `v.assign(v + x)`."""

    span: Span


@value_class(frozen=True, slots=True)
class CallToArgument:
    """The call at `span` becomes the argument that it is given at `position`, or as `keyword`.

    The place counts from 0 among the arguments without a name.
    """

    span: Span
    position: int
    keyword: str


@value_class(frozen=True, slots=True)
class DropStatement:
    """The statement at `span`, which has its lines to itself, goes."""

    span: Span


@value_class(frozen=True, slots=True)
class Respell:
    """The expression at `span` becomes `value`."""

    span: Span
    value: str


@value_class(frozen=True, slots=True)
class EnterScope:
    """The statement at `span` moves into `with strategy.scope():`; `strategy` is how it is called.

    `before` are the statements of such a scope that ends in front of it, `behind` those of one that
    begins behind it: it joins them. Without, a scope is written around it. `made_at` is the statement
    that makes the strategy, where that stands behind it: it comes first then.
    """

    span: Span
    strategy: str
    before: Span | None = None
    behind: Span | None = None
    made_at: Span | None = None


@value_class(frozen=True, slots=True)
class DropSuppression:
    """The comment at `span` goes, or only these of the rules that it names."""

    span: Span
    rules: tuple[str, ...] = ()


Change: TypeAlias = (
    SetKeyword
    | DropKeyword
    | AugmentedToMethod
    | AssignToIncrement
    | IncrementToAssign
    | CallToArgument
    | DropStatement
    | Respell
    | EnterScope
    | DropSuppression
)


@value_class(frozen=True, slots=True)
class Fix:
    """How a finding can be mended.

    `title` says what is done, in one line. `unsafe` says why the result may not be what its author
    means; it is empty for a safe fix: nothing changes but what TensorFlow rejects.
    """

    title: str
    change: Change
    unsafe: str = ""

    @property
    def is_safe(self) -> bool:
        """Whether `--fix` alone applies it."""
        return not self.unsafe
