"""`varsync.simulate`, and the fixture that pytest users get."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import varsync
from varsync.errors import CannotRun
from varsync.reports.wording import savings
from varsync.simulation import Simulation

from .simulations import MIRRORED

DRIFTING = (
    MIRRORED
    + """
with strategy.scope():
    apart = tf.Variable(0.0, name="apart")

@tf.function
def step():
    v.assign_add(one())
    apart.assign(tf.cast(replica(), tf.float32))

for _ in range(3):
    strategy.run(step)
print("total", v.numpy())
print("done", file=sys.stderr)
"""
)


@pytest.fixture(scope="module")
def drifting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    """A run in which the copies of one variable differ."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "train.py").write_text(DRIFTING)
    yield varsync.simulate("train.py", replicas=3, folder=folder, seed=1)


def test_what_a_run_came_to(drifting: Simulation) -> None:
    assert (drifting.status, drifting.steps, drifting.exit_code) == ("finished", 3, 1)
    assert drifting.finished
    assert (drifting.output, drifting.errors) == ("total 9.0\n", "done\n")
    seen, *_ = drifting.observations
    assert (seen.code, seen.severity, seen.variable, seen.step) == ("VS201", "warning", "apart", 1)
    assert [value.items for value in seen.values] == [(0.0,), (1.0,), (2.0,)]
    assert "train.py:17: warning VS201: `apart`" in str(seen)
    total, apart = drifting.variables
    assert (total.label, total.aggregation, total.diverged) == ("v", "SUM", None)
    assert total.synchronisations == 3
    assert (apart.dtype, apart.shape) == ("float32", ())
    assert apart.diverged is not None
    (row,) = drifting.ledger
    assert (row.cause, row.operation, row.variables, row.times) == ("update", "SUM", ("v",), 3)
    assert drifting.document["version"] == 1


def test_assertions_say_what_is_wrong(drifting: Simulation) -> None:
    with pytest.raises(AssertionError) as parted:
        drifting.assert_in_sync()
    assert str(parted.value).endswith(
        "train.py:12: the copies of `apart` differ since step 1: "
        "replica 0 0.0, replica 1 1.0, replica 2 2.0"
    )
    with pytest.raises(AssertionError, match=r"train\.py:17: warning VS201"):
        drifting.assert_clean()


def test_a_script_that_fails_and_one_that_cannot_begin(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text("print('é')\nraise SystemExit('no data')\n")
    run = varsync.simulate(script)
    assert (run.status, run.exit_code, run.output) == ("script failed", 3, "é\n")
    for check in (run.assert_clean, run.assert_in_sync):
        with pytest.raises(AssertionError, match="it did not finish: script failed"):
            check()
    with pytest.raises(CannotRun, match=r"nosuch\.py: no such file"):
        varsync.simulate("nosuch.py")
    with pytest.raises(CannotRun, match="replicas"):
        varsync.simulate(script, replicas=0)


IN_MAIN = (
    MIRRORED
    + """
def main():
    with strategy.scope():
        local = tf.Variable(0.0, synchronization=tf.VariableSynchronization.ON_READ)
    strategy.run(lambda: v.assign_add(one()))
    strategy.run(lambda: local.assign_add(tf.cast(replica(), tf.float32)))
    print(sys.argv[1:])

main()
"""
)


def test_a_clean_run(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(IN_MAIN)
    words = ["--epochs", "2"]
    run = varsync.simulate("train.py", words, replicas=2, folder=tmp_path, elements=True)
    run.assert_clean()
    run.assert_in_sync()
    assert run.output == "['--epochs', '2']\n"
    # the variable of a function that has returned has its last values, too
    _, local = run.variables
    assert [value.items for value in local.final] == [(0.0,), (1.0,)]
    held = [run.elements[local.id, "final", each].array.tolist() for each in (0, 1)]
    assert held == [[0.0], [1.0]]


COSTLY = """
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    total = tf.Variable(0.0, trainable=False, aggregation=tf.VariableAggregation.SUM)
    own = tf.Variable(
        [0.0, 0.0],
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
    )
    same = tf.Variable(tf.zeros([3]), trainable=False, aggregation=tf.VariableAggregation.MEAN)
    first = tf.Variable(
        tf.zeros([2], tf.int64),
        trainable=False,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )
def step(x):
    total.assign_add(tf.reduce_sum(x))
    own.assign_add([1.0, 1.0])
    same.assign_add(tf.constant([1.0, 1.0, 1.0]))
    first.assign_add(tf.constant([1, 1], tf.int64))
for x in strategy.experimental_distribute_dataset(
    tf.data.Dataset.from_tensor_slices(tf.range(20.0)).batch(2)
):
    strategy.run(step, args=(x,))
    own.numpy()
total.numpy()
"""


def test_what_a_remedy_would_spare(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(COSTLY)
    words = ["simulate", "train.py", "-n", "2", "--report-file", "report.json"]
    ran = subprocess.run(
        [sys.executable, "-m", "varsync", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    document = json.loads((tmp_path / "report.json").read_text())
    saves = {(seen["code"], seen["variable"]): seen["saves"] for seen in document["observations"]}
    # ten steps: what is read once at the end is needed once, what nobody reads not at all
    assert saves == {
        ("VS601", "total"): {"synchronisations": 9, "bytes_of_a_replica": 9 * 4},
        ("VS601", "same"): {"synchronisations": 10, "bytes_of_a_replica": 10 * 12},
        ("VS602", "own"): {"synchronisations": 9, "bytes_of_a_replica": 9 * 8},
        ("VS603", "first"): {"synchronisations": 10, "bytes_of_a_replica": 10 * 16},
    }
    # 2 (2 - 1) messages of half of the bytes: 2 (9 x 5 us + 36 / 25e9 s)
    line = "it would spare 9 synchronisations, 72 bytes of each replica: about 90 us over PCIe"
    assert line in ran.stderr
    assert "10 synchronisations, 160 bytes of each replica: about 100 us over PCIe" in ran.stderr


def test_what_is_spared_together() -> None:
    """A metric's two variables are read in one synchronisation, and so they are spared."""
    place = {"filename": "train.py", "cell": None, "row": 3}
    seen = [
        {
            "variable": name,
            "location": place,
            "saves": {"synchronisations": 19, "bytes_of_a_replica": 76},
        }
        for name in ("total", "count")
    ]
    together: dict[str, Any] = {
        "strategies": [{"replicas": 4}],
        "ledger": [{"location": place, "variables": ["total", "count"]}],
    }
    spared = "it would spare 19 synchronisations, 152 bytes of each replica: about 570 us over PCIe"
    assert savings(seen[0], together, seen[1:]).startswith(spared)
    apart = {
        **together,
        "ledger": [{"location": place, "variables": [n]} for n in ("total", "count")],
    }
    assert savings(seen[0], apart, seen[1:]).startswith("it would spare 38 synchronisations, 152 ")
