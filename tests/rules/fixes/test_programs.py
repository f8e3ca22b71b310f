"""Whole programs, fixed: what is fixed is gone, nothing worse comes, and a second time changes nothing.

Without options some of the misuses of the forms are fixed; with `-m slow` all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from varsync.authoring.proving import FixedProgram, errors, fix_program, of_fix_safety, of_fixes
from varsync_rules.registry import Rule, rules

from tests.forms.model import Form, Kernel
from tests.forms.pairs import pairs
from tests.forms.render import program

# Every so many-th group of programs is fixed in the quick tests
QUICK = 24


def fixed(files: dict[str, bytes]) -> FixedProgram:
    """A program with all its fixes."""
    return fix_program(files, rules(), rules().codes)


def problems(done: FixedProgram) -> Iterator[str]:
    """What is wrong with how a program is fixed, in words."""
    yield from of_fixes(done, rules())
    applied = done.fixed.applied
    # what VS208 makes an update may raise as updates do: its page says so
    came = errors(done.fixed.report.findings)
    if len(came) > len(errors(done.first.findings)) and all(one.code != "VS208" for one in applied):
        yield f"{', '.join(came)} came with the fixes"
    after = done.after()
    for name, data in done.files.items():
        # a fix changes lines, and adds some to a call that has a line for each argument
        old, new = data.splitlines(), after[name].splitlines()
        kept = [line for line in old if line in new]
        if len(old) - len(kept) > len(applied):
            yield f"{name}: more lines changed than findings were fixed"


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
        found += [f"{form.key}: {problem}" for problem in problems(fixed(files))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", list(rules()), ids=lambda rule: rule.code)
def test_the_programs_of_the_pages_are_fixed(rule: Rule) -> None:
    """And their fixes are as safe as the page says."""
    page = rule.read()
    found = []
    fixes = []
    for each in page.programs:
        done = fixed({"train.py": each.text.encode()})
        found += list(problems(done))
        fixes += [one for one in done.first.findings if one.code == rule.code]
    assert not found, "\n".join(found)
    assert list(of_fix_safety(page, fixes)) == []
