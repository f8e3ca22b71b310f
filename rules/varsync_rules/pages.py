"""Reads a rule's page: the Markdown file that is its documentation and its test at once.

`load` and `parse` give a `Page`, or raise `PageError`, which names the file, the line and what is
wrong there. Nothing is judged here beyond the form: whether the programs do what the page says is
for the tests to find out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from varsync_rules.findings import Severity

Subject = Literal["example", "use-instead"]
Outcome = Literal["raises", "prints", "hangs"]
FixSafety = Literal["none", "safe", "unsafe", "sometimes"]

HEADINGS = (
    "What it does",
    "Why is this bad?",
    "Example",
    "Use instead",
    "Fix safety",
    "What TensorFlow says",
    "What it does not see",
    "More examples",
    "References",
)
_FIX_SAFETY: dict[str, FixSafety] = {
    "No automatic fix": "none",
    "Safe": "safe",
    "Unsafe": "unsafe",
    "Sometimes safe": "sometimes",
}
_WITH_PROGRAMS = ("Example", "Use instead", "More examples")

_TITLE = re.compile(r"# ([A-Z]{1,3}\d{3}): ([a-z0-9]+(?:-[a-z0-9]+)*)")
_FENCE = re.compile(r"(`{3,})\s*(.*?)\s*")
_PYTHON_INFO = re.compile(r"python(?: workers=([1-9]))?")
_TEXT_INFO = re.compile(r"text (example|use-instead) (raises|prints|hangs)")
_MARKER_COMMENT = re.compile(r"#\s*((?:error|warning|note)\s*:.*)$")
_MARKER = re.compile(r"(error|warning|note): ([A-Z]{1,3}\d{3})")
_RAISED = re.compile(r"([A-Za-z_]\w*)(?::\s*(.*))?", re.DOTALL)


class PageError(ValueError):
    """A page is malformed. `str()` of it is `file:line: what is wrong`."""

    def __init__(self, name: str, line: int, message: str) -> None:
        super().__init__(f"{name}:{line}: {message}")
        self.name = name
        self.line = line
        self.problem = message


@dataclass(frozen=True)
class Marker:
    """A finding which the page expects: `line` counts from 1 within its program."""

    line: int
    severity: Severity
    code: str


@dataclass(frozen=True)
class Program:
    """A python block. `line` is the page's line on which `text` starts."""

    text: str
    info: str
    intro: str
    line: int
    markers: tuple[Marker, ...]

    @property
    def workers(self) -> int:
        """How many workers run it, each in a process of its own; 1 unless the block says more."""
        match = _PYTHON_INFO.fullmatch(self.info)
        return int(match[1]) if match and match[1] else 1


@dataclass(frozen=True)
class Expectation:
    """What TensorFlow was seen to do with a program of the page.

    `text` is the standard output for `prints`, a sentence for `hangs`, and for `raises` the
    exception's class, a colon and a literal part of its message.
    """

    subject: Subject
    outcome: Outcome
    text: str
    line: int

    @property
    def raised(self) -> tuple[str, str]:
        """The exception's class and the part of the message, which may be empty."""
        match = _RAISED.fullmatch(self.text)
        if self.outcome != "raises" or match is None:
            raise ValueError(f"this expectation names no exception: {self.text!r}")
        return match[1], (match[2] or "").strip()


@dataclass(frozen=True)
class Section:
    """What stands under one heading, Markdown as written; `line` is the heading's line."""

    heading: str
    text: str
    line: int


@dataclass(frozen=True)
class Page:
    """A rule's page. `not_run` says why nothing was run; there are no `expectations` then."""

    code: str
    name: str
    sections: tuple[Section, ...]
    example: Program
    use_instead: Program
    more: tuple[Program, ...]
    expectations: tuple[Expectation, ...]
    not_run: str

    @property
    def programs(self) -> tuple[Program, ...]:
        """All python blocks, in the page's order."""
        return (self.example, self.use_instead, *self.more)

    @property
    def file_name(self) -> str:
        """The file name which belongs to this code and name."""
        return f"{self.code.lower()}_{self.name.replace('-', '_')}.md"

    @property
    def summary(self) -> str:
        """What the rule does, in one line."""
        return " ".join(self.section("What it does").text.split("\n\n")[0].split())

    @property
    def fix(self) -> FixSafety:
        """Whether findings have fixes, and safe ones: as the section about it begins.

        "sometimes" are some safe and some unsafe.
        """
        text = self.section("Fix safety").text
        return next(fix for words, fix in _FIX_SAFETY.items() if text.startswith(words))

    def section(self, heading: str) -> Section:
        """The section under `heading`; KeyError if there is no such heading in pages."""
        for section in self.sections:
            if section.heading == heading:
                return section
        raise KeyError(heading)

    def expected(self, subject: Subject) -> tuple[Expectation, ...]:
        """What TensorFlow was seen to do with the Example or with Use instead."""
        return tuple(each for each in self.expectations if each.subject == subject)


def load(path: Path) -> Page:
    """The page in the file `path`, which is UTF-8."""
    return parse(path.read_text(encoding="utf-8"), path.name)


def parse(text: str, name: str) -> Page:
    """The page that `text` holds; `name` is what errors call the file."""
    lines = text.splitlines()
    title = _TITLE.fullmatch(lines[0]) if lines else None
    if title is None:
        raise PageError(name, 1, "the first line must be '# ABC123: rule-name'")
    chunks = _chunks(lines, name)
    sections = tuple(_sections(lines, chunks, name))
    blocks = {section.heading: _blocks_of(section, chunks) for section in sections}
    programs = {
        heading: tuple(_programs(lines, heading, blocks[heading], name)) for heading in blocks
    }
    for section in sections:
        count = len(programs[section.heading])
        if section.heading in ("Example", "Use instead") and count != 1:
            problem = f"'## {section.heading}' must have one python block, not {count}"
            raise PageError(name, section.line, problem)
    expectations, not_run = _expectations(lines, blocks["What TensorFlow says"], name)
    return Page(
        code=title[1],
        name=title[2],
        sections=sections,
        example=programs["Example"][0],
        use_instead=programs["Use instead"][0],
        more=programs["More examples"],
        expectations=expectations,
        not_run=not_run,
    )


# The parts below count lines from 0, as `lines` does; PageError and the dataclasses from 1.


@dataclass(frozen=True)
class _Chunk:
    """A fenced block (`info` is set; `start` and `stop` bound its content) or a heading."""

    start: int
    stop: int
    info: str | None
    heading: str = ""


def _chunks(lines: list[str], name: str) -> list[_Chunk]:
    """The headings of level 2 and the fenced blocks, in order."""
    chunks: list[_Chunk] = []
    fence = ""
    info = ""
    start = 0
    for number, line in enumerate(lines):
        if fence:
            if line.rstrip() == fence:
                chunks.append(_Chunk(start, number, info))
                fence = ""
        elif opened := _FENCE.fullmatch(line):
            fence, info = opened[1], opened[2]
            start = number + 1
        elif line.startswith("## "):
            chunks.append(_Chunk(number, number, None, line[3:].strip()))
        elif number and line.startswith("# "):
            raise PageError(name, number + 1, "a page has one title, on its first line")
    if fence:
        raise PageError(name, start, "this block is never closed")
    return chunks


def _sections(lines: list[str], chunks: list[_Chunk], name: str) -> Iterator[Section]:
    headings = [chunk for chunk in chunks if chunk.info is None]
    for place, wanted in enumerate(HEADINGS):
        if place == len(headings):
            raise PageError(name, len(lines), f"the heading '## {wanted}' is missing")
        found = headings[place]
        if found.heading != wanted:
            problem = f"expected the heading '## {wanted}' here, found '## {found.heading}'"
            raise PageError(name, found.start + 1, problem)
        stop = headings[place + 1].start if place + 1 < len(headings) else len(lines)
        text = "\n".join(lines[found.start + 1 : stop]).strip()
        if not text:
            raise PageError(name, found.start + 1, f"'## {wanted}' has nothing under it")
        if wanted == "Fix safety" and not text.startswith(tuple(_FIX_SAFETY)):
            begins = ", ".join(map(repr, _FIX_SAFETY))
            raise PageError(name, found.start + 1, f"'## {wanted}' begins with one of {begins}")
        yield Section(wanted, text, found.start + 1)
    if len(headings) > len(HEADINGS):
        extra = headings[len(HEADINGS)]
        raise PageError(name, extra.start + 1, f"'## {extra.heading}' is no heading of a page")


def _blocks_of(section: Section, chunks: list[_Chunk]) -> list[_Chunk]:
    """The fenced blocks of a section."""
    after = [chunk for chunk in chunks if chunk.start > section.line - 1]
    blocks: list[_Chunk] = []
    for chunk in after:
        if chunk.info is None:
            break
        blocks.append(chunk)
    return blocks


def _programs(lines: list[str], heading: str, blocks: list[_Chunk], name: str) -> Iterator[Program]:
    for block in blocks:
        info = block.info or ""
        if not info.startswith("python"):
            if heading in _WITH_PROGRAMS:
                raise PageError(name, block.start, f"'## {heading}' takes python blocks only")
            continue
        if heading not in _WITH_PROGRAMS:
            problem = f"a python block under '## {heading}' would go unchecked"
            raise PageError(name, block.start, f"{problem}; move it to '## More examples'")
        if not _PYTHON_INFO.fullmatch(info):
            raise PageError(name, block.start, f"'{info}' is not 'python' or 'python workers=2'")
        intro = _intro(lines, block.start - 2)
        if heading == "More examples" and not intro:
            raise PageError(name, block.start, "say in a line above the block what it shows")
        content = lines[block.start : block.stop]
        yield Program(
            text="\n".join(content) + "\n",
            info=info,
            intro=intro,
            line=block.start + 1,
            markers=tuple(_markers(content, block.start, name)),
        )


def _intro(lines: list[str], last: int) -> str:
    """The paragraph that ends at the line `last` or above blank lines there; '' if none does."""
    while last > 0 and not lines[last].strip():
        last -= 1
    first = last
    while lines[first].strip() and not lines[first].startswith(("#", "```")):
        first -= 1
    return " ".join(line.strip() for line in lines[first + 1 : last + 1])


def _markers(content: list[str], start: int, name: str) -> Iterator[Marker]:
    for number, line in enumerate(content):
        comment = _MARKER_COMMENT.search(line)
        if comment is None:
            continue
        for part in comment[1].split(","):
            marker = _MARKER.fullmatch(part.strip())
            if marker is None:
                problem = f"'{part.strip()}' is not a marker like 'error: VS101'"
                raise PageError(name, start + number + 1, problem)
            yield Marker(number + 1, Severity(marker[1]), marker[2])


def _expectations(
    lines: list[str], blocks: list[_Chunk], name: str
) -> tuple[tuple[Expectation, ...], str]:
    """What the section's blocks expect, and the reason of a 'text not run' block."""
    found: list[Expectation] = []
    not_run = ""
    for block in blocks:
        text = "\n".join(lines[block.start : block.stop]).strip("\n")
        if block.info == "text not run":
            not_run = text.strip()
            if not not_run:
                raise PageError(name, block.start, "say in the block why it is not run")
            continue
        info = _TEXT_INFO.fullmatch(block.info or "")
        if info is None:
            problem = f"'{block.info}' is not 'text example raises', 'text example prints',"
            problem += " 'text example hangs', 'text use-instead prints' or 'text not run'"
            raise PageError(name, block.start, problem)
        subject, outcome = cast(Subject, info[1]), cast(Outcome, info[2])
        if outcome == "raises" and not _RAISED.fullmatch(text):
            raise PageError(name, block.start, "write 'ExceptionClass: part of the message'")
        if any((each.subject, each.outcome) == (subject, outcome) for each in found):
            raise PageError(name, block.start, f"a second block '{block.info}'")
        found.append(Expectation(subject, outcome, text, block.start))
    if found and not_run:
        raise PageError(name, found[0].line, "the page also says that nothing was run")
    outcomes = [each.outcome for each in found if each.subject == "example"]
    if "raises" in outcomes and "hangs" in outcomes:
        raise PageError(name, found[0].line, "the example cannot both raise and hang")
    return tuple(found), not_run
