"""Comments that silence findings: `# varsync: ignore[VS201] reason`, `# noqa: VS201` and others.

A comment on the first or the last line of a statement, or on the finding's own line, covers it;
`# varsync: ignore-file[...]` covers the file. Comments are found with the tokenizer, so words in a
string are only words, and a file is tokenised only where such words stand in it.
"""

from __future__ import annotations

import io
import re
import token as kinds
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from varsync_rules.changes import DropSuppression, Fix
from varsync_rules.findings import Finding, Severity, Span
from varsync_rules.registry import Rules, UnknownRuleError
from varsync_rules.source import Block, Source

if TYPE_CHECKING:
    from tokenize import TokenInfo

UNUSED = "VS902"
_UNUSED_NAME = "unused-suppression"
_NOT_CHECKED = ("VS901", "VS903")
"""With one of these a part of the file was not checked, so nobody knows what is unused."""

_OURS = re.compile(
    r"#[ \t]*varsync[ \t]*:[ \t]*ignore(?P<file>-file)?(?![\w-])[ \t]*"
    r"(?:\[(?P<codes>[^\]#]*)(?P<end>\])?)?",
    re.IGNORECASE,
)
_NOQA = re.compile(
    r"#[ \t]*noqa(?![\w-])"
    r"(?:[ \t]*:[ \t]*(?P<codes>[A-Z]+[0-9]+(?:[ \t]*[, \t][ \t]*[A-Z]+[0-9]+)*))?",
    re.IGNORECASE,
)
_NAMED_NOQA = re.compile(r"[ \t]*:[ \t]*(?P<names>[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)")
_CODE = re.compile(r"[A-Z]{1,3}[0-9]{1,3}", re.IGNORECASE)
_MAYBE = re.compile(r"#[ \t]*(?:noqa|varsync[ \t]*:)", re.IGNORECASE)
_MAYBE_OURS = re.compile(r"#[ \t]*varsync[ \t]*:", re.IGNORECASE)
_MAYBE_CODES = re.compile(r"#[ \t]*noqa[ \t]*:([^\n#]*)", re.IGNORECASE)
_LETTERS = re.compile(r"\b([A-Z]{1,3})[0-9]", re.IGNORECASE)


@dataclass(slots=True)
class Suppression:
    """One comment: what it covers (`codes`; None is every rule), and what came of it.

    `unknown` are the rules that it names and nobody has. `explicit` is false where the comment
    may be meant for another tool (a bare `# noqa`), so that it is never called unused. What is not
    `closed` has a bracket without an end, and covers nothing.
    """

    span: Span
    selectors: tuple[str, ...]
    codes: frozenset[str] | None
    whole_file: bool
    explicit: bool
    unknown: tuple[str, ...] = ()
    closed: bool = True
    used: set[str] = field(default_factory=set)

    def covers(self, code: str) -> bool:
        """Whether it silences this rule; a comment without codes does not silence VS902."""
        return code != UNUSED if self.codes is None else code in self.codes


@dataclass(frozen=True, slots=True)
class Statement:
    """The first and the last line of a logical line."""

    first: int
    last: int


@dataclass(slots=True)
class FileSuppressions:
    """The suppressions of one file, by cell (0 in an ordinary file) and line."""

    whole_file: list[Suppression] = field(default_factory=list)
    by_line: dict[tuple[int, int], list[Suppression]] = field(default_factory=dict)
    statements: dict[int, list[Statement]] = field(default_factory=dict)

    @property
    def all(self) -> Iterator[Suppression]:
        """Every comment, in the order of the file."""
        comments = [*self.whole_file]
        for entries in self.by_line.values():
            comments.extend(entries)
        return iter(sorted(comments, key=lambda entry: (entry.span.cell, entry.span)))

    def covering(self, finding: Finding) -> Iterator[Suppression]:
        """The comments that silence a finding."""
        span = finding.span
        lines = {span.line, span.end_line}
        statement = self.statement(span.cell, span.line)
        if statement is not None:
            lines |= {statement.first, statement.last}
        for line in sorted(lines):
            for entry in self.by_line.get((span.cell, line), ()):
                if entry.covers(finding.code):
                    yield entry
        yield from (entry for entry in self.whole_file if entry.covers(finding.code))

    def statement(self, cell: int, line: int) -> Statement | None:
        """The statement that a line of a cell is part of."""
        statements = self.statements.get(cell, [])
        index = bisect_right(statements, line, key=lambda statement: statement.first) - 1
        if index >= 0 and statements[index].last >= line:
            return statements[index]
        return None


def apply(
    findings: Iterable[Finding],
    sources: Mapping[str, Source],
    ran: Callable[[str], frozenset[str]],
    known: Callable[[str], Rules],
) -> tuple[list[Finding], list[Finding]]:
    """What is left of the findings, with the unused suppressions, and what went; both sorted.

    `sources` are the files to report, by the path that findings call them; `ran` gives the codes
    of the rules that were run on one, `known` all that its comments may name. Comments that
    silenced nothing are reported as VS902 where that rule was run.
    """
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        by_path.setdefault(finding.span.path, []).append(finding)
    kept: list[Finding] = []
    silenced: list[Finding] = []
    for path in [*by_path, *(path for path in sources if path not in by_path)]:
        source = sources.get(path)
        own = by_path.get(path, [])
        codes = ran(path) if source is not None else frozenset[str]()
        if source is None or not _worth_reading(source, bool(own), UNUSED in codes, known(path)):
            kept.extend(own)
            continue
        left, gone = _apply_to_file(own, read(source, known(path)), codes, known(path))
        kept.extend(left)
        silenced.extend(gone)
    return _sorted(kept), _sorted(silenced)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: finding.sort_key)


def _worth_reading(source: Source, has_findings: bool, wants_unused: bool, known: Rules) -> bool:
    """Whether a comment of a file could matter."""
    if has_findings:
        return _MAYBE.search(source.text) is not None
    return wants_unused and known.are_meant_by(silencers(source))


def silencers(source: Source) -> frozenset[str]:
    """What comments of a file call the rules that they may silence: `varsync`, or a code's letters."""
    found = set()
    # bytes are tested first, that is quick
    if b"varsync" in source.data and _MAYBE_OURS.search(source.text):
        found.add("varsync")
    if b"noqa" in source.data:
        for listed in _MAYBE_CODES.findall(source.text):
            found.update(letters.upper() for letters in _LETTERS.findall(listed))
    return frozenset(found)


def _apply_to_file(
    findings: list[Finding], suppressions: FileSuppressions, ran: frozenset[str], known: Rules
) -> tuple[list[Finding], list[Finding]]:
    kept: list[Finding] = []
    gone: list[Finding] = []
    for finding in findings:
        covering = list(suppressions.covering(finding))
        for entry in covering:
            entry.used.add(finding.code)
        (gone if covering else kept).append(finding)
    whole = not any(finding.code in _NOT_CHECKED for finding in findings)
    if UNUSED in ran and whole:
        for finding in _unused(suppressions, ran, known):
            covered = any(suppressions.covering(finding))
            (gone if covered else kept).append(finding)
    return kept, gone


def _unused(suppressions: FileSuppressions, ran: frozenset[str], known: Rules) -> Iterator[Finding]:
    """A VS902 for each comment of ours that silenced nothing, or names a rule that nobody has."""
    for entry in suppressions.all:
        if not entry.explicit:
            continue
        where = " in this file" if entry.whole_file else " here"
        idle = []
        for selector, codes in _selected(entry, known):
            if not entry.used & codes and codes - {UNUSED} and codes - {UNUSED} <= ran:
                idle.append(selector)
        if entry.codes is not None and not entry.selectors:
            message = "this suppression names no rule" + (
                "" if entry.closed else ": its bracket is not closed"
            )
        elif entry.unknown:
            names = ", ".join(entry.unknown)
            message = f"this suppression names a rule that does not exist: {names}"
        elif idle == [""]:
            message = f"unused suppression: varsync finds nothing{where}"
        elif idle:
            message = f"unused suppression: {', '.join(idle)} finds nothing{where}"
        else:
            continue
        absent = tuple(name for name in entry.unknown if _is_of_others(name, known))
        useless = (*(name for name in entry.unknown if name not in absent), *filter(None, idle))
        remedy = "remove the comment" if len(useless) == len(entry.selectors) else "remove the code"
        if absent and not useless:
            remedy += ", or install the plugin that has the rule"
        yield Finding(
            UNUSED,
            _UNUSED_NAME,
            Severity.NOTE,
            message,
            entry.span,
            remedy=remedy,
            fix=None
            if absent and not useless
            else Fix(remedy, DropSuppression(entry.span, useless)),
        )


def _is_of_others(name: str, known: Rules) -> bool:
    """Whether a rule that nobody has may be that of a plugin which is elsewhere, but not here."""
    return _CODE.fullmatch(name) is not None and not known.is_prefix(name)


def _selected(entry: Suppression, known: Rules) -> Iterator[tuple[str, frozenset[str]]]:
    """What each selector of a comment stands for; a comment without any has the selector ''."""
    if entry.codes is None:
        yield "", known.codes
    for selector in entry.selectors:
        if selector not in entry.unknown:
            yield selector, known.matching(selector)


def read(source: Source, known: Rules) -> FileSuppressions:
    """The suppressions of a file, of rules that are `known`.

    What follows an error of the tokenizer has none.
    """
    found = FileSuppressions()
    for block in source.blocks:
        statements = found.statements.setdefault(block.cell, [])
        first: int | None = None
        for token in _tokens(block):
            line = token.start[0]
            if token.type == kinds.COMMENT:
                for entry in _suppressions(token, source, block, known):
                    if entry.whole_file:
                        found.whole_file.append(entry)
                    else:
                        found.by_line.setdefault((block.cell, line), []).append(entry)
            elif token.type == kinds.NEWLINE:
                if first is not None:
                    statements.append(Statement(first, line))
                first = None
            elif first is None and token.type not in _BETWEEN:
                first = line
    return found


_BETWEEN = frozenset((kinds.NL, kinds.INDENT, kinds.DEDENT, kinds.ENDMARKER))


def _tokens(block: Block) -> Iterator[TokenInfo]:
    import tokenize

    try:
        yield from tokenize.generate_tokens(io.StringIO(block.text).readline)
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return


def _suppressions(
    token: TokenInfo, source: Source, block: Block, known: Rules
) -> Iterator[Suppression]:
    """The suppressions in one comment: there may be several, `# noqa: E501  # varsync: ignore`."""
    comment = token.string
    matches = [(match, True) for match in _OURS.finditer(comment)]
    matches += [(match, False) for match in _NOQA.finditer(comment)]
    for match, ours in matches:
        line = token.start[0]
        column = token.start[1] + match.start() + 1
        end = token.start[1] + len(match[0].rstrip()) + match.start() + 1
        span = Span(source.path, line, column, line, end, block.cell)
        listed = match["codes"]
        if ours:
            closed = listed is None or match["end"] is not None
            yield _of_ours(span, listed if closed else "", closed, match["file"] is not None, known)
        else:
            yield _of_noqa(span, listed, comment[match.end() :], known)


def _of_ours(
    span: Span, listed: str | None, closed: bool, whole_file: bool, known: Rules
) -> Suppression:
    if listed is None:
        return Suppression(span, (), None, whole_file, explicit=True)
    selectors = tuple(_split(listed))
    codes, unknown = _resolve(selectors, known)
    return Suppression(span, selectors, codes, whole_file, True, unknown, closed)


def _of_noqa(span: Span, listed: str | None, rest: str, known: Rules) -> Suppression:
    if listed is None:
        names = _NAMED_NOQA.match(rest)
        selectors = tuple(_split(names["names"])) if names else ()
        codes, unknown = _resolve(selectors, known)
        selectors = tuple(name for name in selectors if name not in unknown)
        if selectors:
            return Suppression(span, selectors, codes, False, explicit=True)
        return Suppression(span, (), None, False, explicit=False)
    selectors = tuple(code for code in _split(listed) if known.is_prefix(code))
    codes, unknown = _resolve(selectors, known)
    explicit = bool(selectors)
    return Suppression(span, selectors, codes, False, explicit=explicit, unknown=unknown)


def _split(listed: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", listed) if word]


def _resolve(selectors: Iterable[str], known: Rules) -> tuple[frozenset[str], tuple[str, ...]]:
    """The codes that selectors stand for, and the selectors that stand for none."""
    codes: set[str] = set()
    unknown: list[str] = []
    for selector in selectors:
        try:
            codes |= known.matching(selector)
        except UnknownRuleError:
            unknown.append(selector)
    return frozenset(codes), tuple(unknown)
