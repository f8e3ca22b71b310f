"""Scripts about copies, updates and reductions print what they print on TensorFlow."""

from __future__ import annotations

import contextlib
import io
import os
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.events import Counted, Event, Read
from varsync_runtime.replicas.world import World
from varsync_runtime.semantics import Context
from varsync_runtime.tensors.errors import NotModelled

from tests.runtime.distribute.record_scripts import (
    REPLICAS,
    SCRIPTS,
    on_tensorflow,
    recorded,
    script,
)
from tests.runtime.ranks import account_of, run_ranks
from tests.runtime.referee import standing_in


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize(
    "replicas", [2, *(pytest.param(count, marks=pytest.mark.slow) for count in (1, 3))]
)
def test_a_script_prints_what_it_prints_on_tensorflow(
    name: str, replicas: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VARSYNC_DEVICES", str(replicas))

    def function(world: World) -> list[str]:
        printed = io.StringIO()
        with standing_in(), contextlib.redirect_stdout(printed):
            runpy.run_path(str(script(name)))
        return printed.getvalue().splitlines()

    printed = run_ranks(1, function)
    assert printed == [recorded(name, replicas)] * len(printed)


OBSERVED = """
import tensorflow as tf
wide = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1", "CPU:2"])
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
with strategy.scope():
    mean = tf.Variable(1.0, aggregation=tf.VariableAggregation.MEAN)
    plain = tf.Variable([1.0])
def step():
    context = tf.distribute.get_replica_context()
    mean.assign_add(tf.cast(context.replica_id_in_sync_group, tf.float32))
    context.merge_call(
        lambda strategy, x: strategy.extended.update(mean, lambda v, x: v.assign(x), (x,)),
        args=(mean + tf.cast(context.replica_id_in_sync_group, tf.float32),),
    )
    return context.all_reduce("SUM", mean.read_value())
print(strategy.run(step).values[1].numpy(), [float(v) for v in mean.values])
plain.assign(strategy.experimental_distribute_values_from_function(
    lambda context: tf.constant([float(context.replica_id_in_sync_group)])))
try:
    plain.values[1].assign([1.0, 2.0])
except ValueError as error:
    print(str(error)[:58])
print([v.numpy().tolist() for v in plain.values])
updated = strategy.extended.update(plain, lambda v, x: v.assign(v + x), (plain.values[1] + 2.0,))
print([v.numpy().tolist() for v in strategy.experimental_local_results(updated)])
"""


def test_processes_that_run_host_code_only_stay_with_the_others(tmp_path: Path) -> None:
    (tmp_path / "observed.py").write_text(OBSERVED)
    done = subprocess.run(
        [sys.executable, "-m", "varsync", "simulate", "observed.py", "--exit-zero"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.stdout.splitlines() == [
        "4.0 [1.5, 2.5]",
        "Cannot assign value to variable ' Variable/replica_1:0': S",
        "[[0.0], [1.0]]",
        "[[3.0], [4.0]]",
    ], done.stderr[-2000:]


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_what_one_replica_cannot_send_fails_on_all(failing: int) -> None:
    def function(world: World) -> object:
        crew = Crew(3)
        value = (lambda: None) if world.rank == failing else np.ones(2)
        for send in (lambda: crew.collect(value, "values"), lambda: crew.tell(value, failing)):
            with pytest.raises(NotModelled, match="a value of type function that goes from one"):
                send()
        return [part.tolist() for part in crew.collect(np.array(world.rank), "values")]

    assert run_ranks(3, function) == [[0, 1, 2]] * 3


def test_a_read_of_a_variable_of_one_copy_is_told() -> None:
    def function(_: World) -> None:
        with standing_in() as tf:
            cpu = tf.config.list_physical_devices("CPU")[0]
            tf.config.set_logical_device_configuration(
                cpu, [tf.config.LogicalDeviceConfiguration()] * 2
            )
            strategy = tf.distribute.experimental.CentralStorageStrategy(["CPU:0", "CPU:1"])
            with strategy.scope():
                total = tf.Variable(0.0, aggregation=tf.VariableAggregation.SUM)
            total.numpy()
            strategy.run(lambda: total + 1.0)

    told: list[Event] = []
    account_of(1, function, on_event=lambda seat, event: told.append(event))
    counted = [one.event for one in told if isinstance(one, Counted)]
    contexts = {event.context for event in counted if isinstance(event, Read)}
    assert contexts == {Context.OUTSIDE_SCOPE.value, Context.REPLICA.value}


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("replicas", REPLICAS)
def test_tensorflow_still_prints_it(name: str, replicas: int) -> None:
    pytest.importorskip("tensorflow")
    assert on_tensorflow(name, replicas) == recorded(name, replicas)
