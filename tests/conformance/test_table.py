"""The table of semantics answers every recorded case as TensorFlow did."""

from __future__ import annotations

import functools
import json
import os
from collections import defaultdict
from typing import Any

import pytest

from tests.conformance.recorder import (
    Theatre,
    UpdateCase,
    load,
    parse,
    random_case,
    versions,
)
from tests.semantics.prediction import agrees, predicted

Json = Any
SHOWN = 10


@functools.cache
def recorded_groups(version: str) -> dict[str, dict[str, Json]]:
    """The recorded outcomes by case id, grouped by area and strategy."""
    groups: dict[str, dict[str, Json]] = defaultdict(dict)
    for case_id, outcome in load(version).items():
        groups["/".join(case_id.split("/")[:2])][case_id] = outcome
    return groups


GROUPS = [(version, group) for version in versions() for group in recorded_groups(version)]


def answer(case_id: str) -> Json:
    """The table's answer, or why it has none."""
    try:
        return predicted(parse(case_id))
    except Exception as error:  # an unanswered case is a failure like a wrong answer
        return f"no answer: {type(error).__name__}: {error}"


@pytest.mark.parametrize(("version", "group"), GROUPS, ids=lambda value: str(value))
def test_the_table_agrees_with_what_was_recorded(
    version: str, group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = recorded_groups(version)[group]
    wrong = []
    for case_id, outcome in cases.items():
        expected = answer(case_id)
        if not agrees(expected, outcome):
            wrong.append(f"{case_id}\n  table:    {expected}\n  recorded: {json.dumps(outcome)}")
    with capsys.disabled():
        print(f"\n{group}: {len(cases) - len(wrong)} of {len(cases)} cases", end="")
    assert not wrong, f"{len(wrong)} cases differ:\n" + "\n".join(wrong[:SHOWN])


@pytest.mark.tensorflow
def test_the_table_predicts_cases_that_were_never_recorded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """VARSYNC_SEED repeats a run; VARSYNC_CASES says how many."""
    seed = int(os.environ.get("VARSYNC_SEED", "1"))
    count = int(os.environ.get("VARSYNC_CASES", "300"))
    with capsys.disabled():
        print(f"\n{count} random cases from VARSYNC_SEED={seed}", end="", flush=True)
    wrong = []
    cases = map(random_case, range(seed, seed + count))
    with Theatre() as theatre:
        for case, outcome in theatre.run_all(cases):
            assert isinstance(case, UpdateCase)
            expected = predicted(case)
            if not agrees(expected, json.loads(json.dumps(outcome))):
                steps = "\n  ".join(map(str, case.steps))
                wrong.append(f"{case.id}\n  {steps}\n  table: {expected}\n  now:   {outcome}")
    assert not wrong, f"seed {seed}: {len(wrong)} cases differ:\n" + "\n".join(wrong[:SHOWN])


def test_something_is_recorded() -> None:
    assert sum(len(recorded_groups(version)) for version in versions()) > 0
