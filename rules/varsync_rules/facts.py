"""What one file says by itself, so that a later run need not read it again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from varsync_rules.files import is_candidate
from varsync_rules.findings import Finding, Severity, Span
from varsync_rules.source import Source
from varsync_rules.suppressions import silencers
from varsync_rules.target import named_in

_FROM = re.compile(r"(?:^|[;:])[ \t]*from(?!\w)[ \t\\\n]*(\.*)[ \t]*([\w.]*)[ \t\\\n]+$")
_BARE = re.compile(r"(?:^|[;:])[ \t]*$")
_NAMES = re.compile(r"(?=[\s(*\\])\s*(\((?:[^)#]|#[^\n]*)*|[^\n#;\\]*(?:\\\n[^\n#;\\]*)*)")
_NAME = re.compile(r"([^\W\d][\w.]*)(?:\s+as\s+\w+)?")
_COMMENT = re.compile(r"#[^\n]*")
_LIBRARIES = re.compile(r"(?:^|\.)(?:tensorflow\w*|tf|tf_keras|keras|sonnet|horovod)(?:\.|$)")
_CALLED = re.compile(r"""_module\(\s*["']([\w.]+)["']""")


class Import(NamedTuple):
    """A name of a module as it is imported: `level` dots, `base`, and perhaps `names` of it."""

    level: int
    base: str
    names: tuple[str, ...] = ()

    @property
    def is_of_library(self) -> bool:
        """Whether it is TensorFlow, or of a library upon it, or called so."""
        return any(map(_LIBRARIES.search, (self.base, *self.names)))


class Problem(NamedTuple):
    """Why Python can't parse a file, or a cell of it; `line` and `column` are 1-based."""

    reason: str
    line: int
    column: int
    cell: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a file with these bytes.

    `is_candidate`: it can matter by itself. `silencers` are what its comments call rules, and
    `strategies` those that it names.
    `problems` are None until somebody has looked.
    """

    digest: str
    is_candidate: bool
    silencers: tuple[str, ...]
    imports: tuple[Import, ...]
    strategies: tuple[str, ...] = ()
    problems: tuple[Problem, ...] | None = None


def facts_of(source: Source) -> Facts:
    """The facts of a source; whether it can be parsed is not looked at."""
    return Facts(
        digest_of(source.data),
        is_candidate(source.data),
        tuple(sorted(silencers(source))),
        tuple(dict.fromkeys(_imports(source.text))),
        named_in(source.data),
    )


def digest_of(data: bytes) -> str:
    """What two files have in common only if they have the same bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def finding_of(problem: Problem, path: str) -> Finding:
    """The finding (VS901) that a file can't be parsed."""
    return Finding(
        code="VS901",
        name="syntax-error",
        severity=Severity.ERROR,
        message=f"not checked: {problem.reason}",
        span=Span(
            path,
            problem.line,
            problem.column,
            problem.line,
            problem.column + 1,
            problem.cell,
        ),
    )


def _imports(text: str) -> Iterator[Import]:
    """What a text imports. Words in a string count, too: one more does no harm."""
    at = text.find("import")
    while at >= 0:
        end = at + len("import")
        head = text[_line_of(text, at) : at]
        called = _CALLED.match(text, end)
        come_from = _FROM.search(head)
        names = _NAMES.match(text, end)
        if called is not None:
            yield Import(0, called[1])
        elif come_from is not None and names is not None:
            listed = _NAME.findall(_COMMENT.sub("", names[1]))
            yield Import(len(come_from[1]), come_from[2], tuple(listed))
        elif names is not None and _BARE.search(head):
            yield from (Import(0, name) for name in _NAME.findall(names[1]))
        at = text.find("import", end)


def _line_of(text: str, at: int) -> int:
    """Where the line begins, or the first of those that a backslash joins."""
    start = text.rfind("\n", 0, at) + 1
    while start >= 2 and text[start - 2] == "\\":
        start = text.rfind("\n", 0, start - 1) + 1
    return start
