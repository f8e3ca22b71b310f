"""Replicas that take different ways: TensorFlow's outcome, and every replica's line at once.

What TensorFlow does was seen on 2.21 with two workers over loopback: workers that meet with values
of different shape or dtype both raise, with others they take their values for each other, and who
is left alone waits.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.simulations import MIRRORED, Done, line_of, simulate

WORKERS = """
import time
import tensorflow as tf
strategy = tf.distribute.MultiWorkerMirroredStrategy()
with strategy.scope():
    v = tf.Variable(0.0, name="v", aggregation=tf.VariableAggregation.SUM)
    total = tf.Variable(
        0.0,
        name="total",
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )
checkpoint = tf.train.Checkpoint(total=total)
worker = strategy.cluster_resolver.task_id
one = lambda: tf.constant(1.0)
context = tf.distribute.get_replica_context
"""
AT_ONCE = 8.0  # seconds: within one on a free machine


def rows(done: Done) -> list[int]:
    """The line at which each replica stood, in order."""
    return [place["location"]["row"] for place in done.outcome["replicas"]]


def test_mirrored_replicas_that_meet_a_different_number_of_times(tmp_path: Path) -> None:
    script = f"""{MIRRORED}
def step():
    v.assign_add(one())
    if replica() == 0:
        v.assign_add(one())
try:
    strategy.run(step)
except RuntimeError as error:
    print(error)
"""
    done = simulate(tmp_path, script, "--replicas", "3")
    words = "Some replicas made a different number of replica_context().merge_call() calls."
    assert done.stdout == f"{words}\n"
    assert done.code == 1 and done.codes() == ["VS214"]
    assert words in " ".join(done.stderr.split())


@pytest.mark.slow
def test_mirrored_replicas_that_update_in_another_order(tmp_path: Path) -> None:
    """Values are mixed as TensorFlow mixes them: replica 0's order names the variables."""
    script = f"""{MIRRORED}
with strategy.scope():
    w = tf.Variable(0.0, name="w", aggregation=tf.VariableAggregation.SUM)
def step():
    if replica() == 0:
        v.assign_add(tf.constant(1.0))  # first
        w.assign_add(tf.constant(10.0))
    else:
        w.assign_add(tf.constant(10.0))  # other
        v.assign_add(tf.constant(1.0))
strategy.run(step)
print(v.numpy(), w.numpy())
"""
    done = simulate(tmp_path, script, "--replicas", "2")
    assert done.stdout == "11.0 11.0\n"
    assert done.code == 1 and set(done.codes()) == {"VS217"}
    seen = next(seen for seen in done.report["observations"] if seen["code"] == "VS217")
    places = [seen["location"], *(one["location"] for one in seen["related"])]
    assert {line_of(script, "# first"), line_of(script, "# other")} <= {
        place["row"] for place in places
    }


# what only the chief does, and how the account calls it
CHIEF_ONLY = {
    "read": "total.numpy()",
    "save": "checkpoint.write('saved')",
    "reduce": "strategy.reduce('SUM', one(), axis=None)",
}


@pytest.mark.parametrize("workers", [2, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "operation",
    ["read", *(pytest.param(one, marks=pytest.mark.slow) for one in ("save", "reduce"))],
)
def test_what_only_the_chief_does(tmp_path: Path, operation: str, workers: int) -> None:
    script = f"""{WORKERS}
strategy.run(lambda: v.assign_add(one()))  # all
if worker == 0:
    {CHIEF_ONLY[operation]}  # chief
"""
    done = simulate(
        tmp_path,
        script,
        "--workers",
        str(workers),
        files=("saved.index", "saved.data-00000-of-00001"),
    )
    chief, others = line_of(script, "# chief"), line_of(script, "# all")
    assert done.code == 1 and done.outcome["status"] == "stuck"
    assert rows(done) == [chief, *[others] * (workers - 1)]
    assert done.codes()[0] == "VS501"
    words = " ".join(done.stderr.split())
    assert f"replica 0 waits in {operation}" in words and "for ever" in words
    for other in range(1, workers):
        assert f"replica {other} has ended after assign_add of `v`" in words
    assert f"train.py:{chief}" in words and f"train.py:{others}" in words
    assert done.report["seconds"] < AT_ONCE


@pytest.mark.slow
def test_an_assignment_that_only_the_chief_does(tmp_path: Path) -> None:
    """Of an ON_READ variable: what it returns is read. Of a mirrored one nobody waits for it."""
    script = f"{WORKERS}\nif worker == 0:\n    total.assign(3.0)  # chief\n"
    done = simulate(tmp_path, script, "--workers", "2")
    assert done.code == 1 and done.codes() == ["VS501"]
    assert rows(done)[0] == line_of(script, "# chief")
    script = f"{WORKERS}\nif worker == 0:\n    v.assign(3.0)  # chief\nprint(v.numpy())\n"
    done = simulate(tmp_path, script, "--workers", "2")
    assert sorted(done.stdout.splitlines()) == ["3.0", "[worker 1] 0.0"]
    assert done.code == 1 and done.codes() == ["VS501"]
    assert done.report["observations"][0]["location"]["row"] == line_of(script, "# chief")


@pytest.mark.slow
def test_an_assignment_that_each_worker_does_elsewhere_is_no_misuse(tmp_path: Path) -> None:
    script = f"{WORKERS}\nif worker == 0:\n    v.assign(3.0)\nelse:\n    v.assign(3.0)\n"
    done = simulate(tmp_path, script, "--workers", "2")
    assert done.code == 0 and done.codes() == []


def test_a_skipped_collective(tmp_path: Path) -> None:
    """The next one is taken for it; whoever is left alone in the end waits, and that is told."""
    script = f"""{WORKERS}
def step():
    if worker == 0:
        print("all_reduce", context().all_reduce("SUM", tf.constant(100.0)).numpy())  # skipped
    v.assign_add(one())  # next
strategy.run(step)
print("end", v.numpy())
"""
    done = simulate(tmp_path, script, "--workers", "2")
    skipped, after = line_of(script, "# skipped"), line_of(script, "# next")
    # as on TensorFlow
    assert sorted(done.stdout.splitlines()) == ["[worker 1] end 101.0", "all_reduce 101.0"]
    assert done.code == 1 and done.outcome["status"] == "stuck"
    assert done.codes() == ["VS502", "VS217"]
    waits, mixed = done.report["observations"][:2]
    assert rows(done) == [after, after] and waits["location"]["row"] == after
    assert [one["location"]["row"] for one in mixed["related"]] == [skipped, after]
    words = " ".join(done.stderr.split())
    assert f"replica 0 came to all_reduce float32[] at train.py:{skipped}" in words
    assert f"replica 1 came to assign_add of v float32[] at train.py:{after}" in words
    assert done.report["seconds"] < AT_ONCE


@pytest.mark.slow
def test_the_same_collectives_in_another_order(tmp_path: Path) -> None:
    script = f"""{WORKERS}
def step():
    if worker == 0:
        v.assign_add(one())
        context().all_reduce("SUM", tf.constant(10.0))
    else:
        context().all_reduce("SUM", tf.constant(10.0))
        v.assign_add(one())
for _ in range(5):
    strategy.run(step)
print(v.numpy())
"""
    done = simulate(tmp_path, script, "--workers", "2")
    assert sorted(done.stdout.splitlines()) == ["55.0", "[worker 1] 55.0"]
    assert done.code == 1
    assert done.codes() == ["VS217", "VS217"]  # two places, each told once


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (
            "tf.ones(2 + worker)",
            "InvalidArgumentError",
            "expected shape [2] but another member in the group expected shape [3]",
        ),
        pytest.param(
            "tf.ones(2, tf.float64 if worker else tf.float32)",
            "InternalError",
            "expected type 0 and data_type 1 but got type 0 and data_type 2",
            marks=pytest.mark.slow,
        ),
    ],
)
@pytest.mark.parametrize(
    "replicas", [(), pytest.param(("--replicas", "4"), marks=pytest.mark.slow)]
)
def test_values_of_different_form(
    tmp_path: Path, value: str, error: str, words: str, replicas: tuple[str, ...]
) -> None:
    script = f"""{WORKERS}
def step():
    context().all_reduce("SUM", {value})  # here
strategy.run(step)
"""
    done = simulate(tmp_path, script, "--workers", "2", *replicas)
    here = line_of(script, "# here")
    assert done.code == 3 and done.outcome["status"] == "script failed"
    assert done.outcome["exception"]["class"] == error
    assert words in done.outcome["exception"]["message"]
    seen = done.report["observations"][0]
    assert seen["severity"] == "error" and seen["location"]["row"] == here
    assert {one["location"]["row"] for one in seen["related"]} == {here}
    assert len(seen["related"]) == 2
    # each worker shows its own traceback, in one piece
    assert done.stderr.count("Traceback (most recent call last):") == 2
    assert done.stderr.count(f"line {here}, in step") == 2
    assert "varsync_runtime" not in done.stderr
    assert done.report["seconds"] < AT_ONCE


def test_workers_with_different_numbers_of_steps(tmp_path: Path) -> None:
    script = (
        f"{WORKERS}\nfor _ in range(3 + worker):\n    strategy.run(lambda: v.assign_add(one()))\n"
    )
    done = simulate(tmp_path, script, "--workers", "2")
    assert done.code == 1 and done.codes() == ["VS502"]
    assert [place["state"] for place in done.outcome["replicas"]] == ["has ended", "waits"]
    assert done.report["seconds"] < AT_ONCE


def test_a_worker_that_raises(tmp_path: Path) -> None:
    """What it raised is what went wrong, not that the others wait for it."""
    script = f"""{WORKERS}
def step():
    if worker == 1:
        raise ValueError("mine")
    v.assign_add(one())  # here
strategy.run(step)
"""
    done = simulate(tmp_path, script, "--workers", "2")
    assert done.code == 3 and done.outcome["status"] == "script failed"
    assert done.outcome["exception"]["class"] == "ValueError"
    assert done.outcome["replicas"][0]["state"] == "waits"
    assert done.outcome["replicas"][0]["location"]["row"] == line_of(script, "# here")
    assert done.codes() == []
    assert "[worker 1] ValueError: mine" in done.stderr
