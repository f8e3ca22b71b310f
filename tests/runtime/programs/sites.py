"""Where a generated program raises: as recorded on TensorFlow, and as lint reports it.

A site is a step (`s3`), the creation of a variable (`a`), or the host's read of one (`a read`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from varsync_rules.findings import Finding, Severity, Span
from varsync_rules.lint import check
from varsync_rules.registry import rules
from varsync_rules.source import Source

from .generator import HEADER, generate

CODES = rules().codes
_HEADER = HEADER.count("\n")
_RAISES = re.compile(r"^(?:(s\d+)(?:_first)?|([abc])|s\d+ ([abc] read)) raises (.+)$", re.MULTILINE)


def recorded(outputs: Mapping[int, str]) -> dict[str, set[str]]:
    """What was raised at each site with two replicas or more, from what the program printed."""
    found: dict[str, set[str]] = {}
    for devices, text in outputs.items():
        if devices > 1:
            for step, made, read, words in _RAISES.findall(text):
                found.setdefault(step or made or read, set()).add(words)
    return found


def unreached(seed: int, outputs: Mapping[int, str]) -> set[str]:
    """The steps that restore a checkpoint, where every step that saves one had raised before."""
    found: set[str] = set()
    saves: list[str] = []
    for line in generate(seed).splitlines():
        if save := re.match(r'attempt\("(\w+)", lambda: saved\.append', line):
            saves.append(f"\n{save[1]} raises ")
        elif restore := re.match(r' +attempt\("(s\d+)", restore_', line):
            texts = ["\n" + text for devices, text in outputs.items() if devices > 1]
            if all(save in text for text in texts for save in saves):
                found.add(restore[1])
    return found


def lint(seed: int) -> list[Finding]:
    """What lint says of the program of this seed, by all rules."""
    path = Path("/program/main.py")
    source = Source("main.py", path, generate(seed).encode())
    return check([source], codes=CODES, roots=[path.parent]).findings


def reported(seed: int, findings: list[Finding]) -> dict[Finding, set[str]]:
    """The sites at which an error of lint says that TensorFlow raises."""
    lines = _site_of_lines(generate(seed))
    return {
        finding: set(_sites(finding, lines))
        for finding in findings
        if finding.severity is Severity.ERROR
    }


def _site_of_lines(text: str) -> list[str]:
    """The site to which each line belongs; "" in the header, whose functions all steps use."""
    site, found = "", []
    for number, line in enumerate(text.splitlines()):
        if started := re.match(r"# step (\d+)", line):
            site = f"s{started[1]}"
        elif made := re.match(r"(?:    )*([abc]) = tf\.Variable", line):
            site = made[1] if not site.startswith("s") else site
        found.append(site if number >= _HEADER else "")
    return found


def _sites(finding: Finding, lines: list[str]) -> Iterator[str]:
    def site(span: Span) -> str:
        return lines[span.line - 1]

    if site(finding.span):
        yield site(finding.span)
        return
    # a function of the header: what it is called by, or the variable that `show` reads
    for related in finding.related:
        where = site(related.span)
        if where:
            yield where if where.startswith("s") else f"{where} read"
