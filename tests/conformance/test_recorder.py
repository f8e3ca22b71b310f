"""The recorded data is whole, and is what TensorFlow does."""

from __future__ import annotations

import collections
import itertools
import os
import random
from typing import Any

import pytest

from tests.conformance.recorder import all_cases, axes, load, packing, parse, random_case, versions
from tests.conformance.recorder.studio import differences, installed, major_minor, record, sample
from tests.conformance.recorder.theatre import joined

MODES = {
    "-".join(fields)
    for fields in itertools.product(axes.SYNCHRONIZATIONS, axes.AGGREGATIONS, axes.DTYPES)
}
SAMPLE = 300


@pytest.fixture(scope="module", params=versions())
def recorded(request: pytest.FixtureRequest) -> dict[str, Any]:
    return load(request.param)


@pytest.mark.slow
def test_ids_tell_the_cases_apart() -> None:
    cases = list(all_cases())
    assert len({case.id for case in cases}) == len(cases)
    assert [case.id for case in all_cases()] == [case.id for case in cases]
    assert all(parse(case.id) == case for case in cases[::97])


def test_every_case_is_recorded_and_no_other(recorded: dict[str, Any]) -> None:
    declared = {case.id for case in all_cases()}
    assert declared - recorded.keys() == set()
    assert recorded.keys() - declared == set()


def test_the_products_are_whole(recorded: dict[str, Any]) -> None:
    modes: dict[tuple[str, str, str], set[str]] = collections.defaultdict(set)
    for name in recorded:
        area, strategy, variable, what = name.split("/", 3)
        modes[area, strategy, what].add(variable)
    for area in ("update", "read", "checkpoint"):
        of_area = {key: found for key, found in modes.items() if key[0] == area}
        assert {strategy for _, strategy, _ in of_area} == set(axes.STRATEGIES)
        assert all(found == MODES for found in of_area.values())
    for strategy in axes.STRATEGIES:
        trainable = {f"{mode}-{value}" for mode in MODES for value in axes.TRAINABLES}
        assert modes["create", strategy, "scope"] == trainable
    contexts = {what.split("/")[1] for area, _, what in modes if area == "update"}
    assert contexts == {
        *axes.REPLICA_CONTEXTS,
        *axes.CROSS_CONTEXTS,
        *axes.MERGE_CONTEXTS,
        *axes.UPDATE_CONTEXTS,
        axes.UPDATE_REPLICA,
    }
    operations = {what.split("/")[0] for area, _, what in modes if area == "update"}
    assert operations == {*axes.ASSIGNS, *axes.SCATTERS}


def test_outcomes_have_the_documented_fields(recorded: dict[str, Any]) -> None:
    state = {"components", "hosts", "replicas"}
    error = {"raises", "message"}
    for name, outcome in recorded.items():
        if name.startswith(("update/", "outside/")) and "workers" not in outcome:
            forms = ({"returned", *state}, {*error, *state}, {*error, "at"})
            assert outcome.keys() in forms, name
        if name.startswith("read/") and "workers" not in outcome:
            assert outcome.keys() in ({"values"}, error, {*error, "at"}), name


def test_copies_are_counted(recorded: dict[str, Any]) -> None:
    for strategy in axes.STRATEGIES:
        outcome = recorded[f"update/{strategy}/AUTO-SUM-float32/assign_add/replica_fn_outer/tensor"]
        single = strategy.startswith(("central", "ps"))
        assert len(outcome["components"]) == (1 if single else axes.REPLICAS[strategy])
        assert len(outcome["replicas"]) == axes.REPLICAS[strategy]


# Told by TensorFlow's own documentation or source, so a recorder that sees wrongly is noticed.
KNOWN = {
    "update/mirrored2/AUTO-SUM-float32/assign_add/replica_eager/tensor": [31.0, 31.0],
    "update/mirrored2/AUTO-MEAN-float32/assign/replica_eager/tensor": [15.0, 15.0],
    "update/mirrored3/ON_WRITE-ONLY_FIRST_REPLICA-float32/assign/replica_fn_outer/tensor": [10.0]
    * 3,
    "update/mirrored4/ON_READ-SUM-int32/assign/cross_scope/tensor": [1, 1, 1, 1],
    "update/central2/AUTO-SUM-float32/assign_add/replica_eager/tensor": [31.0],
    "update/mwms_2w/AUTO-SUM-float32/assign_add/replica_eager/tensor": [31.0, 31.0],
    "checkpoint/mirrored2/ON_READ-SUM-float32/restore/mirrored2": [15.5, 15.5],
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_outcomes(recorded: dict[str, Any], name: str) -> None:
    assert recorded[name]["components"] == KNOWN[name]


def test_packing_loses_nothing() -> None:
    dice = random.Random(5)
    error = {"raises": "ValueError", "message": "it says {no} to 'float32'"}
    possible: list[Any] = [
        {"components": [1.0, 2.5], "hosts": [error]},
        {**error, "at": "create"},
        {"aggregation": "SUM", "synchronization": "AUTO", "dtype": "float32", "trainable": True},
        {"workers": [error, {"hangs": True}]},
        {"value": None},
        {"a": [[], ["text"]]},
    ]
    outcomes = {
        f"area/{strategy}/{mode}/{what}": dice.choice(possible)
        for strategy in ("default", "mirrored2", "mirrored3")
        for mode in sorted(MODES)
        for what in ("one", "two/three", 'tf.Variable(1.0, x="a/b, c")')
    }
    lines = list(packing.packed(outcomes))
    unpacked = dict(packing.unpacked("area", lines))
    assert {key: repr(value) for key, value in unpacked.items()} == {
        key: repr(value) for key, value in outcomes.items()
    }


def test_boxes_hold_just_the_points() -> None:
    dice = random.Random(5)
    for _ in range(50):
        points = [tuple(mode.split("-")) for mode in dice.sample(sorted(MODES), 11)]
        sets = " ".join(packing.product(box) for box in packing.boxes(points))
        assert sorted(packing.points(sets)) == sorted(points)


def test_workers_are_joined() -> None:
    one = {"returned": [1.0], "components": [1.0]}
    two = {"returned": [2.0], "components": [1.0]}
    assert joined([one, two]) == {"returned": [1.0, 2.0], "components": [1.0, 1.0]}
    error = {"raises": "ValueError", "message": "m", "components": [1.0]}
    assert joined([error, error]) == {**error, "components": [1.0, 1.0]}
    assert joined([one, error]) == {"workers": [one, error]}
    assert joined([one, {"hangs": True}]) == {"workers": [one, {"hangs": True}]}
    assert joined([{"steps": [one]}, {"steps": [two]}]) == {"steps": [joined([one, two])]}


def test_random_cases_are_the_same_for_the_same_seed() -> None:
    assert all(random_case(seed) == random_case(seed) for seed in range(200))
    assert parse(random_case(3).id) == random_case(3)
    assert {random_case(seed).strategy for seed in range(200)} == set(axes.STRATEGIES)
    assert {len(random_case(seed).steps) for seed in range(200)} == {1, 2, 3}


def test_a_difference_is_reported() -> None:
    stored = {"a/b/c/d": {"components": [1.0]}, "a/b/c/e": {"components": [1.0]}}
    now = {"a/b/c/d": {"components": [2.0]}, "a/b/c/e": {"components": [1.0]}}
    (difference,) = differences(stored, now)
    assert difference.startswith("a/b/c/d\n")


@pytest.mark.tensorflow
def test_tensorflow_still_does_what_is_recorded() -> None:
    """Records a sample again; VARSYNC_SEED chooses another."""
    seed = int(os.environ.get("VARSYNC_SEED") or random.randrange(10**6))
    print(f"VARSYNC_SEED={seed}")
    stored = load(major_minor(installed()["tensorflow"]))
    found = list(differences(stored, record(sample(all_cases(), SAMPLE, seed))))
    assert found == [], f"VARSYNC_SEED={seed}\n" + "\n".join(found)


@pytest.mark.tensorflow
def test_a_random_case_has_one_outcome() -> None:
    cases = [random_case(seed) for seed in range(20)]
    cases.sort(key=lambda case: case.strategy)
    once, again = record(cases), record(cases)
    assert list(differences(once, again)) == []
    assert all(once[case.id].keys() & {"steps", "at", "workers"} for case in cases)
