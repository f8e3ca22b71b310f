"""Whole programs, fixed: what is fixed is gone, nothing worse comes, and a second time changes nothing.

Without options some of the misuses of the forms are fixed; with `-m slow` all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from varsync.discovery import Discovery, Found
from varsync.fixing import Fixed, fix, wanted
from varsync.settings import defaults
from varsync_rules.findings import Severity
from varsync_rules.lint import check
from varsync_rules.pages import load
from varsync_rules.registry import rules
from varsync_rules.source import Source

from tests.forms.model import Form, Kernel
from tests.forms.pairs import pairs
from tests.forms.render import program

ROOT = Path("/program")
# Every so many-th group of programs is fixed in the quick tests
QUICK = 24


def fixed(files: dict[str, bytes]) -> Fixed:
    """A program in memory with all its fixes, the unsafe ones too."""
    settings = defaults(str(ROOT))
    found = Discovery(roots=[str(ROOT)])
    contents = {}
    for name, data in files.items():
        absolute = str(ROOT / name)
        found.files[absolute] = Found(absolute, name, settings)
        contents[absolute] = data
    return fix(found, wanted(found, unsafe=True), contents)


def problems(files: dict[str, bytes]) -> Iterator[str]:
    """What is wrong with how a program is fixed, in words."""
    done = fixed(files)
    yield from (f"{one.code} is refused: {reason}" for one, reason in done.refused.items())
    if not done.applied:
        return
    after = {
        name: done.after[str(ROOT / name)].data if str(ROOT / name) in done.after else data
        for name, data in files.items()
    }
    for finding in done.report.findings:
        if finding.fix is not None:
            yield f"{finding.code} can still be fixed"
    # what VS208 makes an update may raise as updates do: its page says so
    errors = [one for one in done.report.findings if one.severity is Severity.ERROR]
    if len(errors) > errors_of(files) and all(one.code != "VS208" for one in done.applied):
        yield f"{', '.join(one.code for one in errors)} came with the fixes"
    for name, data in files.items():
        # a fix changes lines, and adds some to a call that has a line for each argument
        old, new = data.splitlines(), after[name].splitlines()
        kept = [line for line in old if line in new]
        if len(old) - len(kept) > len(done.applied):
            yield f"{name}: more lines changed than findings were fixed"
    if fixed(after).applied:
        yield "a second time changes something"


def errors_of(files: dict[str, bytes]) -> int:
    """How many errors are found before anything is fixed."""
    sources = [Source(name, ROOT / name, data) for name, data in files.items()]
    codes = rules().codes
    found = check(sources, codes=codes, roots=[ROOT]).findings
    return sum(one.severity is Severity.ERROR for one in found)


_GROUPS: dict[str, list[tuple[Form, Kernel]]] = {}
for _form, _kernel in pairs():
    _GROUPS.setdefault(f"{_kernel.key} {_form.axis}", []).append((_form, _kernel))


def _groups() -> Iterator[object]:
    for index, group in enumerate(_GROUPS):
        yield pytest.param(group, marks=() if index % QUICK == 0 else pytest.mark.slow)


@pytest.mark.parametrize("group", list(_groups()))
def test_misuses_are_fixed(group: str) -> None:
    found = []
    for form, kernel in _GROUPS[group]:
        made = program(form, kernel, kernel.wrong)
        files = {name: text.encode() for name, text in made.files.items()}
        found += [f"{form.key}: {problem}" for problem in problems(files)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("code", [rule.code for rule in rules()])
def test_the_programs_of_the_pages_are_fixed(code: str) -> None:
    (rule,) = (rule for rule in rules() if rule.code == code)
    found = []
    for page in load(rule.page).programs:
        found += list(problems({"train.py": page.text.encode()}))
    assert not found, "\n".join(found)
