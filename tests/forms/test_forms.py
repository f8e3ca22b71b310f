"""Every form with every rule that it applies to: the misuse is seen, its right twin is silent.

Without options a twelfth of them are linted; with `-m slow` the others.
A failure names the pairs; `python tests/forms/show.py VS201 variables/list` shows one of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.forms.linting import problems
from tests.forms.model import Form, Kernel
from tests.forms.pairs import pairs

_GROUPS: dict[str, list[tuple[Form, Kernel]]] = {}
for _form, _kernel in pairs():
    _GROUPS.setdefault(f"{_kernel.key} {_form.axis}", []).append((_form, _kernel))


def _groups() -> Iterator[object]:
    for index, group in enumerate(_GROUPS):
        yield pytest.param(group, marks=() if index % 12 == 0 else pytest.mark.slow)


@pytest.mark.parametrize("group", list(_groups()))
def test_the_misuse_is_found_and_its_twin_is_silent(group: str) -> None:
    """The rule speaks on the marked lines of the misuse, and nothing else is loud.

    Of the twin, and of what nobody can tell, the rule says nothing, and no rule is loud.
    """
    found = [problem for form, kernel in _GROUPS[group] for problem in problems(form, kernel)]
    assert not found, "\n" + "\n".join(found)
