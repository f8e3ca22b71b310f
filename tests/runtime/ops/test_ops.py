"""Every case of the table gives on the stand-in what TensorFlow gave when it was recorded."""

from __future__ import annotations

import pytest

from tests.runtime.ops.compare import differences
from tests.runtime.ops.namespace import stand_in
from tests.runtime.ops.play import play
from tests.runtime.ops.record import load
from tests.runtime.ops.table import Case, all_cases

RECORDED = load()
CASES = all_cases()
TOGETHER = 25  # cases in a test: a test for each takes longer than they do
# sums in another order than TensorFlow's, or its approximations of a function
LOOSE = 4.0


def test_every_case_is_recorded() -> None:
    assert [case.name for case in CASES] == list(RECORDED)
    assert len(CASES) >= 400
    assert sum(case.gradient for case in CASES) >= 150


@pytest.mark.parametrize("begin", range(0, len(CASES), TOGETHER))
def test_cases(begin: int) -> None:
    wrong = {case.name: what_is_wrong(case) for case in CASES[begin : begin + TOGETHER]}
    assert {name: found for name, found in wrong.items() if found} == {}


def what_is_wrong(case: Case) -> object:
    """What a case gives in place of what was recorded, or in what it differs; nothing if it does not."""
    expected, got = RECORDED[case.name], play(stand_in(), case)
    if "error" in expected:
        is_same = got.get("error") == expected["error"]
        return None if is_same and got["words"][:60] == expected["words"][:60] else got
    return got if "error" in got else differences(expected, got, LOOSE)
