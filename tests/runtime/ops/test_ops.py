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
# sums in another order than TensorFlow's, or its approximations of a function
LOOSE = 4.0


def test_every_case_is_recorded() -> None:
    assert [case.name for case in CASES] == list(RECORDED)
    assert len(CASES) >= 400
    assert sum(case.gradient for case in CASES) >= 150


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    expected = RECORDED[case.name]
    got = play(stand_in(), case)
    if "error" in expected:
        assert got.get("error") == expected["error"], got
        assert starts_like(got["words"], expected["words"])
    else:
        assert "error" not in got, got
        assert differences(expected, got, LOOSE) == []


def starts_like(got: str, expected: str) -> bool:
    """Whether a message starts with TensorFlow's words."""
    assert got[:60] == expected[:60]
    return True
