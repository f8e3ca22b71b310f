"""What TensorFlow does is what the simulation says, but for what differing.toml lists."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from varsync_runtime import events
from varsync_runtime.engines.tensorflow import frames, telling
from varsync_runtime.events import recorder

from tests.runtime.programs.table import programs

from .listed import Listed, listed, surprises

ROOT = Path(__file__).parents[3]
# of the programs, each with several numbers of replicas, so that it takes two minutes
EVERY = 11
# seeds of programs of which none is known to differ
GENERATED = "8002:8006"
SCRIPT = """
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy(["GPU:0", "GPU:1"])
with strategy.scope():
    last = tf.Variable(0.0)


@tf.function
def step(x):
    def replica():
        index = tf.distribute.get_replica_context().replica_id_in_sync_group
        last.assign(x + tf.cast(index, tf.float32))

    strategy.run(replica)


for number in range(3):
    step(tf.constant(float(number)))
    print(strategy.reduce("SUM", strategy.run(last.read_value), axis=None) + 0.5)
try:
    print(float(last))
except TypeError:
    pass
raise SystemExit(len(tf.config.list_logical_devices("CPU")))
"""

needs_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"
)


def run(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(each for each in sys.path if each)
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )


@pytest.mark.tensorflow
@needs_tensorflow
def test_programs_are_seen_alike() -> None:
    """All of them: python -m tests.runtime.engines"""
    done = run("tests.runtime.engines", "--every", str(EVERY))
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


@pytest.mark.tensorflow
@needs_tensorflow
def test_generated_programs_are_seen_alike() -> None:
    """Others: python -m tests.runtime.engines --generated 0:50"""
    done = run("tests.runtime.engines", "--generated", GENERATED, "--replicas", "2", "4")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


@pytest.mark.tensorflow
@needs_tensorflow
def test_a_compiled_step_is_seen_at_the_users_line_with_its_numbers(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    command = ("varsync", "simulate", "train.py", "--engine", "tensorflow", "--quiet")
    files = ("--report-file", "report.json", "--values", "values.npz")
    done = run(*command, *files, folder=tmp_path)
    assert done.returncode == 3, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["engine"] == "tensorflow"
    assert report["outcome"]["exception"]["exit_status"] == 2
    assert report["steps"] == 6
    series = [(one["what"], one["location"]["row"], one["values"]) for one in report["series"]]
    assert series == [("reduce", 20, [1.0, 3.0, 5.0]), ("fetch", 20, [1.5, 3.5, 5.5])]
    assert [value["items"] for value in report["variables"][0]["final"]] == [[2.0], [3.0]]
    with np.load(tmp_path / "values.npz") as arrays:
        held = {name: arrays[name].tolist() for name in arrays.files}
    assert held == {"0/initial/0/1": [0.0], "0/final/0/1": [2.0]}
    refused, seen = report["observations"]
    words = "float() argument must be a string or a real number, not 'MirroredVariable'"
    assert refused["message"] == f"TensorFlow rejects float of `last`: TypeError: {words}"
    assert (refused["code"], refused["location"]["row"], refused["step"]) == ("VS209", 22, 6)
    assert (seen["code"], seen["location"]["row"], seen["step"]) == ("VS201", 13, 1)
    assert [value["items"] for value in seen["values"]] == [[0.0], [1.0]]


@pytest.mark.tensorflow
@needs_tensorflow
def test_other_modes_are_compared_on_both(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT.replace("raise SystemExit", "print"))
    command = ("varsync", "compare", "train.py", "--engine", "both", "-n", "2", "--quiet")
    change = ("--set", "last: synchronization=ON_READ, aggregation=MEAN", "--format", "json")
    done = run(*command, *change, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    written, changed = json.loads(done.stdout)["runs"]
    assert written["agrees"] is changed["agrees"] is True
    assert (changed["changed"], changed["kept"]) == (["last"], [])
    for report in (changed["report"], changed["report"]["tensorflow"]):
        assert report["variables"][0]["class"] == "SyncOnReadVariable"


def test_who_watches_a_run_is_told_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    steps: list[int] = []
    monkeypatch.setattr(recorder, "current", recorder.Recorder(sent.append, steps.append))
    monkeypatch.setattr(telling, "_send", None)
    telling.begin()
    events.next_step()
    telling.tell(events.Began("2.21.0"))
    assert steps == [1]
    assert list(map(frames.read, sent)) == [(0, [events.Began("2.21.0")])]


def test_what_is_listed_names_programs_and_says_why() -> None:
    names = {program.name for program in programs()}
    for name, entry in listed().items():
        assert name in names
        assert entry.why
        assert entry.differs or entry.sometimes


def test_what_is_not_listed_is_a_surprise_and_so_is_what_agrees() -> None:
    known = Listed("a reason", ("outcome ends", "variable w"), ("synchronisation",))
    found = ["outcome ends: stuck | failed", "variable b: 1 | 2", "synchronisation x: 1 | 2"]
    assert surprises(known, found) == ["variable b: 1 | 2", "does not differ: variable w"]
    assert surprises(None, found) == found
    assert surprises(None, []) == []
