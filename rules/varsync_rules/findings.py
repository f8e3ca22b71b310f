"""What a check says: findings with their places. Plain data; how they look is the reports' business."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from varsync_rules.changes import Fix


class Severity(enum.Enum):
    """How bad: TensorFlow raises or hangs; the values are wrong; it rests on what varsync can't see."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def fails(self) -> bool:
        """Whether a finding of this severity makes the run exit with 1."""
        return self is not Severity.NOTE


class Confidence(enum.Enum):
    """HIGH: holds on every path that varsync sees; MEDIUM: on some of several possible values."""

    HIGH = "high"
    MEDIUM = "medium"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of source: 1-based lines and columns (in characters), the end column exclusive.

    In a notebook the lines count from the first line of `cell` (1-based, code cells and others
    counted as the notebook shows them); `cell` is 0 in an ordinary file.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    cell: int = 0


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that a finding is about: where the variable was created, a call of the chain."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One misuse at one place.

    `message` names the variable and what is wrong in one line. `explanation` says what TensorFlow
    does, `remedy` how to write it; either may be empty. `related` is in reading order. `fix` writes
    the remedy, where varsync can.
    """

    code: str
    name: str
    severity: Severity
    message: str
    span: Span
    related: tuple[Related, ...] = field(default=())
    explanation: str = ""
    remedy: str = ""
    confidence: Confidence = Confidence.HIGH
    fix: Fix | None = None

    @property
    def sort_key(self) -> tuple[Span, str, str]:
        """Findings are reported in this order: by place, then by code."""
        return (self.span, self.code, self.message)
