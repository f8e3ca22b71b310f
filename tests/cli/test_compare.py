"""`varsync compare`: the cases of the textbook come out by themselves."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

import pytest
from varsync.comparing import Change, change_of
from varsync.networks import NETWORKS

from .conftest import Shell

METRIC = """\
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    total = tf.Variable(0.0, trainable=False, aggregation=tf.VariableAggregation.SUM)
    count = tf.Variable(0.0, trainable=False, aggregation=tf.VariableAggregation.SUM)


def step(batch):
    total.assign_add(tf.reduce_sum(batch))
    count.assign_add(tf.cast(tf.size(batch), tf.float32))


batches = tf.data.Dataset.from_tensor_slices(tf.range(16.0)).batch(4)
for batch in strategy.experimental_distribute_dataset(batches):
    strategy.run(step, args=(batch,))
print("mean:", total.numpy() / count.numpy())
"""
GRADIENTS = """\
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    weight = tf.Variable([0.0, 1.0])


def step(batch):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.reduce_sum(batch * weight, axis=-1))
    gradient = tape.gradient(loss, weight)
    context = tf.distribute.get_replica_context()
    weight.assign_sub(0.1 * context.all_reduce(tf.distribute.ReduceOp.SUM, gradient))


batches = tf.data.Dataset.from_tensor_slices(tf.ones([16, 2])).batch(8)
for batch in strategy.experimental_distribute_dataset(batches):
    strategy.run(step, args=(batch,))
"""
STATISTICS = """\
import keras
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    layer = keras.layers.BatchNormalization(name="norm")
    layer.build((None, 1))


def step(batch):
    layer(batch, training=True)


batches = tf.data.Dataset.from_tensor_slices([[1.0], [2.0], [5.0], [9.0]]).batch(4)
for batch in strategy.experimental_distribute_dataset(batches):
    strategy.run(step, args=(batch,))
"""


def compared(shell: Shell, text: str, *words: str) -> dict[str, Any]:
    """The comparison of a script, as JSON."""
    shell.write("train.py", text)
    ran = shell("compare", "train.py", "--format", "json", *words)
    assert ran.code == 0, ran.err
    document: dict[str, Any] = json.loads(ran.out)
    return document


def test_a_metric_of_each_replica_has_the_same_value_and_costs_less(real: Shell) -> None:
    modes = "total: synchronization=ON_READ; count: synchronization=ON_READ"
    _, written, changed = compared(real, METRIC, "--set", modes)["runs"]
    assert written["output"] == changed["output"] == "mean: 7.5\n"
    assert (written["differences"], changed["differences"]) == ([], [])
    assert (written["synchronisations"], changed["synchronisations"]) == (8, 2)
    assert changed["seconds"] < written["seconds"]
    assert changed["changes"][0] == {
        "variable": "total",
        "synchronization": "ON_READ",
        "aggregation": None,
    }


def test_a_variable_of_each_replica_without_aggregation_raises_where_it_is_read(
    real: Shell,
) -> None:
    modes = "total: synchronization=ON_READ, aggregation=NONE"
    *_, changed = compared(real, METRIC, "--set", modes, "-n", "2")["runs"]
    assert changed["problems"] == ["VS102", "ValueError"]
    assert changed["differences"] is None


def test_summed_gradients_of_means_go_n_times_as_far(real: Shell) -> None:
    one, two, four = compared(real, GRADIENTS, "-n", "1,2,4")["runs"]
    assert one["differences"] is None
    for run, times in ((two, 2.0), (four, 4.0)):
        (difference,) = run["differences"]
        assert difference["variable"] == "weight"
        assert difference["moved"] == pytest.approx(times)


@pytest.mark.slow
def test_statistics_of_the_whole_batch(real: Shell) -> None:
    if find_spec("keras") is None:
        pytest.skip("Keras is not installed")
    modes = "norm/moving_mean: aggregation=MEAN"
    _, plain, mean = compared(real, STATISTICS, "--set", modes)["runs"]
    apart = {item["variable"] for item in plain["differences"]}
    assert "norm/moving_mean" in apart
    assert "norm/moving_mean" not in {item["variable"] for item in mean["differences"]}
    assert mean["synchronisations"] == plain["synchronisations"] + 1


@pytest.mark.slow
def test_all_modes_are_tried_and_one_is_chosen(real: Shell) -> None:
    real.write("train.py", METRIC)
    ran = real("compare", "train.py", "--each-mode", "total", "--network", "10gbe")
    lines = ran.out.splitlines()
    assert lines[0] == "train.py: 10 runs"
    assert (
        "choose total: ON_READ SUM: it ends as on one replica; synchronisations: 5 in place of 8"
    ) in lines
    assert any(line.startswith("total: ON_WRITE NONE ") and "VS201" in line for line in lines)
    assert "as written on 2 replicas: ends as on one" in lines
    assert lines[-1].startswith("Time: a ring over 10 Gb Ethernet, 50 us and 1.25 GB/s")


def test_the_text_names_what_differs(real: Shell) -> None:
    real.write("train.py", GRADIENTS)
    out = real("compare", "train.py").out
    assert "as written on 2 replicas: does not end as on one\n" in out
    assert "  weight: [-0.4" in out
    assert ", 2 times as far from its beginning\n" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--set", "nosuch: aggregation=SUM"],
            "the script has no variable 'nosuch' (it has total,",
        ),
        (["--set", "totl: aggregation=SUM"], "(did you mean total?)"),
        (["--each-mode", "nosuch"], "the script has no variable 'nosuch'"),
        (["--set", "total: aggregation=MEEN"], "aggregation is one of NONE, SUM, MEAN"),
        (["--set", "total: aggregate=SUM"], "'total: aggregate=SUM' is not 'VARIABLE:"),
        (["--set", "total"], "'total' is not 'VARIABLE:"),
        (["-n", "0"], "--replicas: '0' is no number from 1 to 64"),
        (["-n", "two"], "--replicas: 'two' is no number"),
        (["-n", "9" * 5000], "is no number from 1 to 64"),
        (["--latency", "nan"], "--latency nan is no number"),
        (["--bandwidth", "inf"], "--bandwidth inf is no number"),
        (["-o", "nosuch/file"], "nosuch/file: no such folder"),
        (["-o", "train.py"], "train.py: is the script, which would be overwritten"),
    ],
)
def test_mistakes(real: Shell, words: list[str], message: str) -> None:
    real.write("train.py", METRIC)
    ran = real("compare", "train.py", *(words if "-n" in words else ["-n", "1", *words]))
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert message in ran.err


def test_a_missing_script(real: Shell) -> None:
    ran = real("compare", "nosuch.py")
    assert (ran.code, ran.out, ran.err) == (2, "", "varsync: nosuch.py: no such file\n")


def test_what_changes_are_asked_for() -> None:
    assert change_of(
        "a.b[0]: synchronization=ON_READ, aggregation=MEAN; c : aggregation = SUM"
    ) == (
        Change("a.b[0]", "ON_READ", "MEAN"),
        Change("c", None, "SUM"),
    )


def test_the_time_of_a_ring() -> None:
    network = NETWORKS["pcie"]
    assert network.seconds(1, 10, 1000) == 0
    # one all-reduce of 8 replicas: 14 messages of an eighth of its bytes
    assert network.seconds(8, 1, 8_000_000) == pytest.approx(14 * (5e-6 + 1e6 / 25e9))
