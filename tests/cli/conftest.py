"""A command that runs in this process, and an analyser whose findings the test's files spell.

`error_vs101`, `warning_vs201` and `note_vs202` in a file are findings of these rules, and
`created_here` in any file of the program is a place that all of them are related to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import pytest
import varsync_rules.facts
import varsync_rules.lint
from varsync.app import main
from varsync_rules.facts import Problem
from varsync_rules.files import Modules
from varsync_rules.findings import Finding, Related, Severity, Span
from varsync_rules.imports import Imports
from varsync_rules.lint import Outcome
from varsync_rules.registry import Rules
from varsync_rules.source import Source
from varsync_rules.statistics import Statistics

WORD = re.compile(r"\b(error|warning|note)_(vs\d{3})\b")


def fake_evaluate(
    modules: Modules,
    entries: Collection[str],
    codes: frozenset[str],
    known: Rules,
    told: Callable[[float], None],
) -> Outcome:
    """Findings as the files spell them."""
    sources = [module.source for module in modules.all]
    related = tuple(
        Related(_span(source, number, match), "created here")
        for source in sources
        for number, line in enumerate(source.text.split("\n"), start=1)
        for match in re.finditer(r"created_here", line)
    )
    findings = [
        Finding(
            match[2].upper(),
            known.find(match[2]).name,
            Severity(match[1]),
            f"{match[0]} is misused",
            _span(source, number, match),
            related,
            "TensorFlow does this\nand that",
            "write it so",
        )
        for source in sources
        for number, line in enumerate(source.text.split("\n"), start=1)
        for match in WORD.finditer(line)
        if match[2].upper() in codes
    ]
    problems: dict[str, tuple[Problem, ...]] = {source.path: () for source in sources}
    return Outcome(findings, Statistics(), problems=problems)


def _span(source: Source, line: int, match: re.Match[str]) -> Span:
    start = len(match.string[: match.start()].encode())
    return source.span(line, start, line, start + len(match[0]))


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str


@dataclass
class Shell:
    """Runs `varsync` in a folder of its own; `write` makes files there."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Ran:
        code = main(words)
        out, err = self.capture.readouterr()
        return Ran(code, out, err)

    def write(self, name: str, text: str | bytes = "warning_vs201\n") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def found(self, *words: str) -> list[str]:
        """The files and lines with findings: `a.py:1 VS201`."""
        ran = self("lint", "--output-format", "concise", "--quiet", *words)
        assert ran.code in (0, 1), ran.err
        lines = [re.match(r"(.*?:\d+):\d+: \w+ (VS\d+) ", line) for line in ran.out.splitlines()]
        return [f"{match[1]} {match[2]}" for match in lines if match]


@pytest.fixture
def real(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    """The command in an empty project, without colours, 120 columns wide."""
    folder = (tmp_path / "project").resolve()
    folder.mkdir()
    (folder / ".git").mkdir()
    monkeypatch.chdir(folder)
    for name in ("NO_COLOR", "FORCE_COLOR", "VARSYNC_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")  # pytest-xdist has set another
    return Shell(folder, capsys)


@pytest.fixture
def shell(real: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The same with the fake analyser."""
    monkeypatch.setattr(varsync_rules.lint, "evaluate", fake_evaluate)
    # every file is of interest, and has to do with all others
    monkeypatch.setattr(varsync_rules.facts, "is_candidate", lambda data: True)
    monkeypatch.setattr(Imports, "groups", lambda imports: [list(imports.of)])
    monkeypatch.setattr(Imports, "any_of_library", lambda imports, files: True)
    return real
