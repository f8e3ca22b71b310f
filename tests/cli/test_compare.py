"""`varsync compare`: the cases of the textbook come out by themselves."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

import pytest
from varsync.comparing.changes import Change, changes_of
from varsync.comparing.networks import NETWORKS

from .conftest import Shell
from .record_variants import MODES, RECORDED, SCRIPTS

END = """
import json
print(json.dumps({name: float(v.numpy().sum()) for name, v in held.items()}))
"""

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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_variable_of_each_replica_without_aggregation_raises_where_it_is_read(
    real: Shell,
) -> None:
    modes = "total: synchronization=ON_READ, aggregation=NONE"
    *_, changed = compared(real, METRIC, "--set", modes, "-n", "2")["runs"]
    assert changed["problems"] == ["VS102", "ValueError"]
    assert changed["differences"] is None


@pytest.mark.slow
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
    assert lines[0] == "train.py: 10 runs, simulated as on TensorFlow 2.21.0"
    assert (
        "choose total: ON_READ SUM: it ends as on one replica; synchronisations: 5 in place of 8. "
        "The program computes the same as it does now. A replica that reads an ON_READ variable "
        "gets its own share, and host code can no longer add to it."
    ) in lines
    assert any("total: ON_WRITE NONE " in line and "VS201" in line for line in lines)
    assert any(line.startswith("run 7: script failed: ValueError: ") for line in lines)
    assert "as written on 2 replicas: ends as on one" in lines
    assert lines[-1].startswith("Time: a ring over 10 Gb Ethernet, 50 us and 1.25 GB/s")


@pytest.mark.slow
def test_the_text_names_what_differs(real: Shell) -> None:
    real.write("train.py", GRADIENTS)
    out = real("compare", "train.py").out
    assert "as written on 2 replicas: does not end as on one\n" in out
    assert (
        "  weight: [-0.4, 0.6] in place of [-0.2, 0.8], 2 of 2 elements by 0.2 at most, "
        "2 times as far from its beginning, and there are 2 replicas: is something summed that should "
        "be averaged?\n"
    ) in out


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
        (["--set", "totl*: aggregation=SUM"], "the script has no variable 'totl*'"),
        (["-o", "same.html", "--html", "same.html"], "need a file each"),
        (["-o", "nosuch/file"], "nosuch/file: no such folder"),
        (["-o", "train.py"], "train.py: is the script, which would be overwritten"),
        (["--html", "./train.py"], "train.py: is the script, which would be overwritten"),
    ],
)
def test_mistakes(real: Shell, words: list[str], message: str) -> None:
    real.write("train.py", METRIC)
    ran = real("compare", "train.py", *(words if "-n" in words else ["-n", "1", *words]))
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert message in ran.err


def test_the_page_does_not_take_the_place_of_the_module(real: Shell) -> None:
    file = real.write("train.py", METRIC)
    ran = real("compare", "-m", "train", "--html", "train.py")
    assert (ran.code, ran.err.count("\n")) == (2, 1) and "is the script" in ran.err
    assert file.read_text() == METRIC


def test_a_missing_script(real: Shell) -> None:
    ran = real("compare", "nosuch.py")
    assert (ran.code, ran.out, ran.err) == (2, "", "varsync: nosuch.py: no such file\n")


def test_what_changes_are_asked_for() -> None:
    assert changes_of(
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


SUGGESTED = {
    "metric": "choose total: ON_READ SUM: it ends as on one replica; synchronisations: 1 in place of 0",
    "statistics": "choose norm/moving_mean: ON_READ MEAN: ",
    "mean": "choose seen/total: as it is written: it ends as on one replica",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_each_mode_comes_to_what_tensorflow_comes_to(real: Shell, name: str) -> None:
    script, variable = SCRIPTS[name]
    if "keras" in script and find_spec("keras") is None:
        pytest.skip("Keras is not installed")
    recorded = json.loads(RECORDED.read_text())
    document = compared(real, script + END, "--each-mode", variable)
    runs = {
        f"{name} {change['synchronization']} {change['aggregation']}": run
        for run in document["runs"]
        for change in run["changes"]
    }
    assert len(runs) == len(MODES)
    for modes, run in runs.items():
        wanted = recorded[modes]
        if isinstance(wanted, str):
            assert wanted in run["problems"], modes
            continue
        assert run["report"]["outcome"]["status"] == "finished", modes
        *printed, held = run["output"].splitlines()
        assert "\n".join(printed) == wanted["printed"].strip(), modes
        assert json.loads(held) == pytest.approx(wanted["held"], rel=1e-6), modes
    assert f"choose {document['suggestion']}".startswith(SUGGESTED[name])


LOSSES = """\
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    weight = tf.Variable(tf.ones([200]), name="weight")
rows = 2 * strategy.num_replicas_in_sync if {grows} else 4


def step(batch):
    context = tf.distribute.get_replica_context()
    gradient = context.all_reduce("{operation}", tf.reduce_mean(batch))
    weight.assign_sub(tf.fill([200], gradient))
    return tf.reduce_sum(weight) / {divisor}


batches = tf.data.Dataset.from_tensor_slices(tf.range(8.0)).batch(rows)
for batch in strategy.experimental_distribute_dataset(batches):
    loss = strategy.reduce("SUM", strategy.run(step, args=(batch,)), axis=None)
    print("loss", float(loss))
"""
PER_REPLICA = "strategy.num_replicas_in_sync"


@pytest.mark.slow
def test_losses_part_in_a_step_and_elements_are_compared(real: Shell) -> None:
    text = LOSSES.format(operation="SUM", divisor=PER_REPLICA, grows=False)
    one, two = compared(real, text)["runs"]
    assert (one["equals_one"], two["equals_one"]) == (None, False)
    (loss,) = two["losses_part"]
    assert (loss["step"], loss["one"], loss["many"]) == (1, -100.0, -400.0)
    assert loss["series"] == "reduce, train.py:18"
    (difference,) = two["differences"]
    assert (difference["elements"], difference["compared"], difference["stride"]) == (200, 200, 1)
    assert (difference["largest"], difference["moved"]) == (7.0, 2.0)
    lines = real("compare", "train.py", "--html", "page.html").out.splitlines()
    assert "reduce, train.py:18  1     -100   -400" in lines
    assert (
        "  reduce, train.py:18: -400 in place of -100 in step 1, the first that differs"
    ) in lines
    page = (real.folder / "page.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "<h3>as written on 2 replicas: does not end as on one</h3>" in page
    assert "-400 in place of -100 in step 1" in page
    assert 'class="line r2"' in page


@pytest.mark.slow
def test_right_gradients_end_as_on_one_replica(real: Shell) -> None:
    text = LOSSES.format(operation="MEAN", divisor=PER_REPLICA, grows=False)
    for run in compared(real, text, "-n", "1,2,4")["runs"][1:]:
        assert (run["equals_one"], run["differences"], run["losses_part"]) == (True, [], [])


@pytest.mark.slow
def test_another_global_batch_is_seen(real: Shell) -> None:
    real.write("train.py", LOSSES.format(operation="MEAN", divisor=PER_REPLICA, grows=True))
    out = real("compare", "train.py").out
    assert "  it takes 2 steps in place of 4: is the global batch the same?\n" in out


@pytest.mark.slow
def test_several_variables_by_a_pattern_and_a_mode_that_changes_the_program(real: Shell) -> None:
    real.write("train.py", METRIC.replace(", aggregation=tf.VariableAggregation.SUM", ""))
    out = real("compare", "train.py", "--set", "?o*: aggregation=SUM").out
    assert "choose ?o*: SUM: it ends as on one replica; synchronisations: 8 in place of 0. " in out
    assert "This changes what the program computes on 2 replicas: " in out


@pytest.mark.slow
def test_a_mode_that_tensorflow_refuses(real: Shell) -> None:
    real.write("train.py", GRADIENTS)
    out = real("compare", "train.py", "--set", "weight: synchronization=NONE").out
    assert "run 3: script failed: ValueError: `NONE` variable synchronization mode is not " in out
    assert "choose weight: as it is written" not in out  # SUM of means is not right either
    assert "choose weight: none of the modes gives what one replica has" in out


RESTORING = """\
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    weight = tf.Variable(1.0, name="weight")
checkpoint = tf.train.Checkpoint(weight=weight)
last = tf.train.latest_checkpoint("saved")
if last:
    checkpoint.restore(last)
weight.assign_add(1.0)
checkpoint.save("saved/now")
"""


@pytest.mark.slow
def test_a_run_that_goes_on_from_the_one_before(real: Shell) -> None:
    real.write("train.py", RESTORING)
    out = real("compare", "train.py").out
    assert "run 2 began from a checkpoint, which a run before it has written\n" in out
    assert "weight: 3.0 in place of 2.0" in out
