"""Real packages, whole: nothing breaks, spelled modes resolve, and every loud finding was judged."""

from __future__ import annotations

import pytest
from varsync_rules.findings import Severity

from tests.field.packages import PACKAGES
from tests.field.report import VERDICTS, Linted, judgements, key_of, lint

pytestmark = pytest.mark.field


@pytest.fixture(scope="module", params=PACKAGES, ids=lambda package: package.name)
def linted(request: pytest.FixtureRequest) -> Linted:
    return lint(request.param)


def test_nothing_is_given_up(linted: Linted) -> None:
    assert not linted.outcome.program.abandoned
    assert not linted.unreadable


def test_nine_in_ten_spelled_modes_resolve(linted: Linted) -> None:
    counts = linted.outcome.statistics
    assert counts.spelled_resolved >= 0.9 * counts.spelled


def test_every_error_and_warning_is_judged(linted: Linted) -> None:
    judged = judgements()
    new = [key_of(linted.package, finding) for finding in linted.loud]
    assert [key for key in new if key not in judged] == []
    here = linted.package.name
    assert [key for key in judged if key[0] == here and key not in new] == [], "not found any more"


def test_no_error_is_wrong(linted: Linted) -> None:
    judged = judgements()
    errors = [f for f in linted.loud if f.severity is Severity.ERROR]
    verdicts = [judged[key_of(linted.package, finding)].verdict for finding in errors]
    assert "wrong" not in verdicts


def test_one_warning_in_ten_is_wrong_at_most() -> None:
    warnings = [j for j in judgements().values() if j.severity == "warning"]
    wrong = [j for j in warnings if j.verdict == "wrong"]
    assert len(wrong) <= len(warnings) / 10


def test_verdicts_are_known_and_reasoned() -> None:
    for judgement in judgements().values():
        assert judgement.verdict in VERDICTS
        assert judgement.reason
