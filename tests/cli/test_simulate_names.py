"""What the report of `varsync simulate` calls variables, lines and those who exchange values.

The library here is one that is installed as far as anybody can tell; Keras is in
tests/runtime/keras/test_reports.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LIBRARY = '''
import tensorflow as tf


class Variable(tf.__internal__.types.Tensor, tf.__internal__.tracking.Trackable):
    """Stands for a variable under a longer name."""

    def __init__(self, path):
        self.path = path
        self._value = None

    def make(self):
        self._value = tf.Variable(1.0, name="value")


class Layer(tf.Module):
    path = "net/scale"

    def __init__(self):
        super().__init__(name="scale")
        self.factor = None

    def __call__(self, x):
        if self.factor is None:
            self.factor = Variable("net/scale/factor")
            self.factor.make()
            self.offset = tf.Variable(0.0, name="offset")
        return x * self.factor._value + self.offset


class Optimizer(tf.Module):
    def step(self, tensors):
        return tf.distribute.get_replica_context().all_reduce("SUM", tensors)


class Counter(tf.Module):
    """Keeps a number of its own on every replica."""

    def __init__(self, name):
        super().__init__(name=name)
        kinds = dict(
            trainable=False,
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.SUM,
        )
        self.total = tf.Variable(0.0, name="total", **kinds)
        self.count = tf.Variable(0.0, name="count", **kinds)

    def add(self, x):
        self.total.assign(self.total + x)
        self.count.assign(self.count + 1.0)

    def result(self):
        return self.total / self.count


def fit(strategy, counter, steps):
    def step():
        counter.add(1.0)
        counter.result()

    for _ in range(steps):
        strategy.run(step)
        counter.result(), counter.result()
'''

SCRIPT = """
import tensorflow as tf
import layers

class Pair:
    def __init__(self):
        self.w = tf.Variable(2.0)

def make():
    return tf.Variable(3.0)

strategy = tf.distribute.MirroredStrategy(["GPU:0", "GPU:1"])
with strategy.scope():
    layer = layers.Layer()  # layer
    held = {"other": layers.Layer()}  # other
    optimizer = layers.Optimizer(name="descent")
    counter = layers.Counter("mean")  # counter
    pairs = [Pair(), Pair()]
    late = [layers.Layer() for _ in range(2)]
    several = [tf.Variable(float(index), trainable=False) for index in range(2)]
    only = make()
    one, two = tf.Variable(0.0), tf.Variable(0.0)
    alone = tf.Variable(4.0)
    layer(1.0)  # built
    held["other"](1.0)  # built

def step():
    with tf.GradientTape() as tape:
        loss = layer(2.0) * pairs[1].w
    sources = [layer.factor._value, layer.offset, pairs[1].w]
    gradients = [tf.clip_by_norm(one, 1.0) for one in tape.gradient(loss, sources)]
    optimizer.step(gradients)  # reduced
    tf.distribute.get_replica_context().all_reduce("MEAN", [loss, loss])  # own
    counter.add(loss)
    counter.result()  # partial

for each in several:
    pass

def anew():
    layers.Layer()(1.0)  # anew

def main():
    local = [Pair() for _ in range(2)]
    for _ in range(3):
        strategy.run(step)
    layers.fit(strategy, counter, 9)  # fitted
    for one in late:
        strategy.run(lambda: one(1.0))
        strategy.run(anew)
    print(counter.result())  # read

main()
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of the script."""
    folder = tmp_path_factory.mktemp("names")
    installed = folder / "site-packages"
    installed.mkdir()
    (installed / "layers.py").write_text(LIBRARY, encoding="utf-8")
    lines = f"import sys\nsys.path.append({str(installed)!r})\n{SCRIPT.lstrip()}"
    (folder / "train.py").write_text(lines, encoding="utf-8")
    command = [sys.executable, "-m", "varsync", "simulate", "train.py", "--format", "json"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=100
    )
    document: dict[str, Any] = json.loads(done.stderr)
    assert document["outcome"]["status"] == "finished"
    return document


def at(location: dict[str, Any] | None) -> str:
    """The comment on a line of the script, or what is on it."""
    if location is None:
        return ""
    assert Path(location["filename"]).name == "train.py"
    line: str = SCRIPT.lstrip().splitlines()[location["row"] - 3]
    return line.partition("# ")[2] or line.strip()


def test_variables_have_the_names_that_the_script_knows(report: dict[str, Any]) -> None:
    assert [row["label"] for row in report["variables"]] == [
        "total",
        "count",
        "pairs[0].w",
        "pairs[1].w",
        "several[0]",
        "several[1]",
        "only",
        "one",
        "two",
        "alone",
        "net/scale/factor (layer)",
        "layer.offset",
        "net/scale/factor (held['other'])",
        "held['other'].offset",
        "local[0].w",
        "local[1].w",
        "net/scale/factor (late[0])",
        "late[0].offset",
        # nobody holds those that are made anew
        "net/scale/factor",
        "offset",
        "net/scale/factor (late[1])",
        "late[1].offset",
        "net/scale/factor (2)",
        "offset (2)",
    ]


def test_a_librarys_variable_was_made_where_its_owner_was(report: dict[str, Any]) -> None:
    made = {row["label"]: (at(row["location"]), at(row["built"])) for row in report["variables"]}
    assert made["net/scale/factor (layer)"] == made["layer.offset"] == ("layer", "built")
    assert made["net/scale/factor (held['other'])"] == ("other", "built")
    assert made["total"] == ("counter", "")
    assert made["alone"] == ("alone = tf.Variable(4.0)", "")


def test_the_ledger_says_who_exchanges_what(report: dict[str, Any]) -> None:
    rows = {(at(row["location"]), row["cause"]): row for row in report["ledger"]}
    told = {
        key: (row["by"], row["tensors"], row["times"], row["bytes_of_a_replica"])
        for key, row in rows.items()
    }
    assert told == {
        ("reduced", "all_reduce"): ("descent", 3, 3, 36),
        ("own", "all_reduce"): (None, 2, 3, 24),
        ("fitted", "read"): ("mean", 2, 18, 144),
        ("read", "read"): ("mean", 2, 1, 8),
    }
    reduced, own = rows["reduced", "all_reduce"], rows["own", "all_reduce"]
    assert reduced["gradients"]
    assert reduced["variables"] == ["pairs[1].w", "net/scale/factor (layer)", "layer.offset"]
    assert (own["gradients"], own["variables"]) == (False, [])
    assert rows["read", "read"]["variables"] == ["total", "count"]


def test_what_a_library_reads_in_steps_of_its_own_is_its_matter(report: dict[str, Any]) -> None:
    seen = [(one["code"], at(one["location"]), one["variable"]) for one in report["observations"]]
    assert [one for one in seen if one[0] in ("VS301", "VS602")] == [
        ("VS301", "partial", "total"),
        ("VS301", "partial", "count"),
    ]


def test_what_is_built_in_a_step_and_was_made_before_is_not_made_in_it(
    report: dict[str, Any],
) -> None:
    seen = [one for one in report["observations"] if one["code"] == "VS402"]
    assert [(at(one["location"]), one["times"]) for one in seen] == [("anew", 4)]
