"""The matrix as a whole: its page is current, it leaves out no rule, and its data mean something."""

from __future__ import annotations

from collections import Counter

import pytest
from varsync_rules.registry import rules

from tests.forms import axes, kernels, matrix
from tests.forms.model import Kernel
from tests.forms.pairs import pairs, reason_against

FORMS = axes.load()
KERNELS = kernels.load()
PARTNERS = Counter(form.key for form, _ in pairs())
# These are about files as such
OF_FILES = {"VS901", "VS902", "VS903"}


def test_the_page_is_current() -> None:
    """`python tests/forms/matrix.py` would write what is there."""
    assert matrix.PAGE.read_text(encoding="utf-8") == matrix.page()


def test_every_rule_has_a_kernel() -> None:
    """Each rule with a check is crossed with the forms."""
    written = {rule.code for rule in rules() if rule.module is not None} - OF_FILES
    assert written == {kernel.code for kernel in KERNELS}


def test_names_are_used_once() -> None:
    """A form's key and a kernel's key name one of them."""
    keys = Counter([*(form.key for form in FORMS), *(kernel.key for kernel in KERNELS)])
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("axis", axes.AXES)
def test_an_axis_has_seen_and_hidden_forms(axis: str) -> None:
    """On every axis there are forms to see through, and some that nobody can see through."""
    found = {form.hides for form in FORMS if form.axis == axis}
    assert found == {True, False}


def test_a_form_goes_with_several_rules() -> None:
    """No form is written for one rule alone."""
    assert [form.key for form in FORMS if PARTNERS[form.key] <= 5] == []


def test_what_forms_exclude_is_a_trait_of_some_kernel() -> None:
    """No form excludes something that no kernel has, by a slip of the pen."""
    traits = {trait for kernel in KERNELS for trait in kernel.traits}
    assert {trait for form in FORMS for trait in form.excludes} <= traits


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.key)
def test_what_a_kernel_says_of_forms_names_some(kernel: Kernel) -> None:
    """Reasons, severities and gaps are about forms or axes that exist, and that are not excluded."""
    keys = {form.key for form in FORMS}
    assert {*kernel.not_applicable, *kernel.softer, *kernel.not_seen} <= keys | set(axes.AXES)
    seen = {form.key for form in FORMS if not form.hides and not reason_against(form, kernel)}
    assert set(kernel.not_seen) <= seen
