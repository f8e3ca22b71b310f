"""`--max-steps`: loops end as if the data had ended, and the script goes on."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.cli.simulations import Done, simulate

# what each way to loop over ten rows in five batches prints
LOOPS = """
import tensorflow as tf
strategy = {strategy}
with strategy.scope():
    total = tf.Variable(0.0, aggregation=tf.VariableAggregation.SUM)
rows = tf.data.Dataset.range(10).map(lambda x: tf.cast(x, tf.float32)).batch(2)
data = strategy.experimental_distribute_dataset(rows)

def step(x):
    total.assign_add(tf.reduce_sum(x))

@tf.function
def compiled():
    count = 0
    for x in data:
        strategy.run(step, args=(x,))
        count += 1
    return count

for epoch in range(3):
    count = 0
    for x in data:
        strategy.run(step, args=(x,))
        count += 1
    print("epoch", epoch, count, total.numpy())
print("compiled", int(compiled()), int(compiled()))
iterator = iter(data)
count = 0
try:
    while True:
        x = iterator.get_next()
        strategy.run(step, args=(x,))
        count += 1
except tf.errors.OutOfRangeError:
    print("caught", count)
iterator = iter(data)
for count in range(5):
    x = next(iterator)
    strategy.run(step, args=(x,))
    print("iterator", count)
print("whole")
"""
CUT = {
    3: "epoch 0 3 15.0\nepoch 1 1 16.0\nepoch 2 1 17.0\ncompiled 1 1\ncaught 1\niterator 0\n",
    17: "epoch 0 5 45.0\nepoch 1 5 90.0\nepoch 2 5 135.0\ncompiled 2 1\ncaught 1\niterator 0\n",
    28: "epoch 0 5 45.0\nepoch 1 5 90.0\nepoch 2 5 135.0\ncompiled 5 5\ncaught 3\niterator 0\n",
    30: "epoch 0 5 45.0\nepoch 1 5 90.0\nepoch 2 5 135.0\ncompiled 5 5\ncaught 5\niterator 0\n",
    35: "epoch 0 5 45.0\nepoch 1 5 90.0\nepoch 2 5 135.0\ncompiled 5 5\ncaught 5\n"
    + "".join(f"iterator {count}\n" for count in range(5))
    + "whole\n",
}
STRATEGIES = {
    "mirrored": 'tf.distribute.MirroredStrategy(["GPU:0", "GPU:1"])',
    "one device": 'tf.distribute.OneDeviceStrategy("/cpu:0")',
    "default": "tf.distribute.get_strategy()",
    "workers": "tf.distribute.MultiWorkerMirroredStrategy()",
}


def cut(done: Done) -> int | None:
    """After which step the run was cut; the report says so in all places, or in none."""
    after: int | None = done.outcome["cut_after_step"]
    assert (done.outcome["status"] == "limit of steps") == (after is not None)
    words = f"the run was cut after step {after} (--max-steps)"
    assert done.outcome["message"] == ("" if after is None else words)
    assert (words in done.stderr) == (after is not None)
    return after


@pytest.mark.parametrize(
    ("name", "most"),
    [
        pytest.param(name, most, marks=() if (name, most) == ("mirrored", 3) else pytest.mark.slow)
        for name in STRATEGIES
        for most in CUT
    ],
)
def test_loops_end_and_the_script_goes_on(tmp_path: Path, name: str, most: int) -> None:
    script = LOOPS.format(strategy=STRATEGIES[name])
    done = simulate(tmp_path, script, "--max-steps", str(most), "--color", "never")
    lines = done.stdout.splitlines(keepends=True)
    first = "".join(line for line in lines if not line.startswith("[worker 1] "))
    assert (done.code, first) == (0, CUT[most]), done.stderr
    if name == "workers":
        second = [line for line in lines if line.startswith("[worker 1] ")]
        assert "".join(second).replace("[worker 1] ", "") == CUT[most]
    # the one step of a pass that begins later is taken as well
    assert cut(done) == {30: 31, 35: None}.get(most, most)


@pytest.mark.slow
def test_workers_that_step_on_their_own_end_together(tmp_path: Path) -> None:
    """The first worker takes steps under another strategy, too: its budget is spent sooner."""
    script = """
    import tensorflow as tf
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    chief = strategy.cluster_resolver.task_id == 0
    rows = tf.data.Dataset.range(10).map(lambda x: tf.cast(x, tf.float32)).batch(2)
    data = strategy.experimental_distribute_dataset(rows)
    with strategy.scope():
        total = tf.Variable(0.0, aggregation=tf.VariableAggregation.SUM)
    for x in data:
        strategy.run(lambda x: total.assign_add(tf.reduce_sum(x)), args=(x,))
        if chief:
            tf.distribute.get_strategy().run(lambda: 1)
    print("total", total.numpy())
    """
    done = simulate(tmp_path, script, "--max-steps", "4")
    assert done.code == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == ["[worker 1] total 6.0", "total 6.0"]


@pytest.mark.slow
def test_a_script_that_fails_since_it_was_cut(tmp_path: Path) -> None:
    script = """
    import tensorflow as tf
    strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
    data = strategy.experimental_distribute_dataset(tf.data.Dataset.range(4))
    seen = [int(strategy.run(lambda x: x, args=(x,))) for x in data]
    assert seen == [0, 1, 2, 3]
    """
    done = simulate(tmp_path, script, "--max-steps", "2")
    assert (done.code, done.outcome["status"]) == (3, "script failed")
    assert "the run was cut after step 2 (--max-steps)" in done.stderr


@pytest.mark.slow
def test_closures_on_parameter_servers(tmp_path: Path) -> None:
    script = """
    import tensorflow as tf
    cluster = tf.train.ClusterSpec({"worker": ["a:1", "b:1"], "ps": ["c:1"]})
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(cluster)
    strategy = tf.distribute.ParameterServerStrategy(resolver)
    coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy)
    data = coordinator.create_per_worker_dataset(lambda: tf.data.Dataset.range(100))

    @tf.function
    def step(iterator):
        return strategy.run(lambda x: x + 1, args=(next(iterator),))

    iterator = iter(data)
    for epoch in range(3):
        for _ in range(2):
            value = coordinator.schedule(step, args=(iterator,))
        coordinator.join()
        print("epoch", epoch, int(value.fetch()))
    """
    done = simulate(tmp_path, script, "--max-steps", "4")
    assert (done.code, done.stdout) == (0, "epoch 0 1\nepoch 1 2\n"), done.stderr
    assert cut(done) == 4


FIT = """
import numpy as np
import tensorflow as tf
strategy = {strategy}
with strategy.scope():
    model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse", steps_per_execution={several})
x = np.ones((40, 1), np.float32)
steps = lambda: int(model.optimizer.iterations.numpy())
history = model.fit(x, x, batch_size=4, epochs=2, validation_data=(x, x), verbose=0).history
print("arrays", len(history["loss"]), len(history["val_loss"]), steps())
data = tf.data.Dataset.from_tensor_slices((x, x)).batch(4).repeat()
history = model.fit(data, epochs=3, steps_per_epoch=5, verbose=0).history
print("steps_per_epoch", len(history["loss"]), steps())
print("evaluate", model.evaluate(data, steps=4, verbose=0) >= 0)
print("predict", model.predict(x, batch_size=4, verbose=0).shape)
model.save("model.keras")
print("end")
"""


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is not installed")
@pytest.mark.parametrize(
    ("name", "several", "most", "steps"),
    [
        ("mirrored", 1, 6, (7, 10)),
        ("default", 1, 6, (7, 10)),
        ("default", 1, 24, (14, 17)),
        ("default", 1, 1000, (20, 35)),
        ("workers", 1, 6, (7, 10)),
    ],
)
def test_keras_ends_its_epochs(
    tmp_path: Path, name: str, several: int, most: int, steps: tuple[int, int]
) -> None:
    script = FIT.format(strategy=STRATEGIES[name], several=several)
    options = ("--workers", "1") if name == "workers" else ()
    done = simulate(tmp_path, script, "--max-steps", str(most), *options, files=("model",))
    rows = 4 if most < 1000 else 40
    assert done.stdout.splitlines() == [
        f"arrays 2 2 {steps[0]}",
        f"steps_per_epoch 3 {steps[1]}",
        "evaluate True",
        f"predict ({rows}, 1)",
        "end",
    ], done.stderr
    assert cut(done) == (most if most < 1000 else None)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is not installed")
def test_several_steps_in_an_execution(tmp_path: Path) -> None:
    """The execution in which the budget is spent comes to its end."""
    script = FIT.format(strategy=STRATEGIES["default"], several=3)
    done = simulate(tmp_path, script, "--max-steps", "7", files=("model",))
    assert done.stdout.splitlines()[-1] == "end"
    assert cut(done) is not None
