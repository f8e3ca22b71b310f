"""The recorded cases give the same on the runtime as on TensorFlow: values, classes, words.

VARSYNC_SEED chooses another sample. The slow tests play a quarter of the cases; the command
`python -m tests.runtime.distribute.player` plays all of them, and shows what differs.
"""

from __future__ import annotations

import functools
import os
from collections import Counter, defaultdict
from collections.abc import Iterable

import pytest

from tests.conformance.recorder import all_cases, axes
from tests.conformance.recorder.cases import Case
from tests.runtime.distribute.player import (
    NO_KERAS,
    keras_installed,
    left_out,
    play_all,
    random_cases,
    shown,
    spread,
    table,
)

SEED = int(os.environ.get("VARSYNC_SEED", "221"))
KERAS_CASES = 4391
SAMPLE = 350
RANDOM = 75
SHOWN = 10


@functools.cache
def by_strategy() -> dict[str, list[Case]]:
    """All declared cases."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in all_cases():
        groups[case.strategy].append(case)
    return groups


def require_equal(cases: Iterable[Case], capsys: pytest.CaptureFixture[str], head: str) -> None:
    """Plays the cases, prints what became of them, and fails if any differs."""
    scores, differences = play_all(cases)
    with capsys.disabled():
        print("\n" + "\n".join([head, *table(scores, strategies=False)]))
    assert not differences, "\n".join(shown(differences, SHOWN))


def test_a_sample_of_each_area_under_each_strategy(capsys: pytest.CaptureFixture[str]) -> None:
    cases = spread((case for group in by_strategy().values() for case in group), SAMPLE, SEED)
    areas = {(case.area, case.strategy) for case in cases}
    assert areas == {
        (case.area, case.strategy) for group in by_strategy().values() for case in group
    }
    require_equal(cases, capsys, f"VARSYNC_SEED={SEED}")


def test_sequences_of_operations_that_nobody_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    """They are compared with the table, which tests/conformance compares with TensorFlow."""
    require_equal(random_cases(RANDOM, SEED), capsys, f"VARSYNC_SEED={SEED}")


def test_what_is_left_out() -> None:
    reasons = Counter(left_out(case) for group in by_strategy().values() for case in group)
    without_keras = {NO_KERAS: KERAS_CASES} if not keras_installed() else {}
    assert reasons.pop("") > 140_000
    assert reasons == without_keras


@pytest.mark.slow
@pytest.mark.parametrize("strategy", axes.STRATEGIES)
def test_a_quarter_of_the_cases(strategy: str, capsys: pytest.CaptureFixture[str]) -> None:
    cases = by_strategy()[strategy]
    require_equal(spread(cases, len(cases) // 4, SEED), capsys, f"{strategy} VARSYNC_SEED={SEED}")
