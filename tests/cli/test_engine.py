"""`varsync simulate --engine`, without TensorFlow; with it: tests/runtime/engines."""

from __future__ import annotations

import copy
import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from varsync import modes
from varsync.choices import Engine
from varsync.errors import CannotRun
from varsync.referee import disagree, require, together
from varsync.reports.simulation import render
from varsync_runtime.diagnosis.endings import Status
from varsync_runtime.diagnosis.report import report
from varsync_runtime.session import Wishes, simulate

from .simulations import simulate as run

SCRIPT = """
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    last = tf.Variable(0, name="[red]last")
strategy.run(lambda: last.assign(tf.distribute.get_replica_context().replica_id_in_sync_group))
"""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    script = tmp_path_factory.mktemp("engine") / "train.py"
    script.write_text(SCRIPT)
    session = simulate(str(script))
    data = report(session.told, session.ending)
    return {"script": str(script), "engine": "numpy", "seconds": 0.1, **data}


@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is not None, reason="TensorFlow is installed"
)
@pytest.mark.parametrize("engine", [Engine.TENSORFLOW, Engine.BOTH])
def test_without_tensorflow_one_line_says_what_to_install(engine: Engine) -> None:
    with pytest.raises(
        CannotRun, match=r"is not installed for .*: pip install 'varsync\[tensorflow\]'"
    ):
        require(engine, ())
    require(Engine.NUMPY, ["--max-steps"])


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The versions of TensorFlow that are found, by default one that will do."""
    versions = ["2.21.0"]
    monkeypatch.setattr("varsync.referee.find_spec", lambda _: object())
    monkeypatch.setattr("importlib.metadata.packages_distributions", lambda: {"tensorflow": ["tf"]})
    monkeypatch.setattr("importlib.metadata.version", lambda _: versions[-1])
    return versions


def test_what_tensorflow_can_not_be_asked(installed: list[str]) -> None:
    for engine in (Engine.TENSORFLOW, Engine.BOTH):
        require(engine, ())
        require(engine, ["--mode", "--values"])
        with pytest.raises(
            CannotRun, match=f"--max-steps is not there with --engine {engine.value}"
        ):
            require(engine, ["--max-steps"])
    for option in ("--trace", "--line", "--lint"):
        require(Engine.BOTH, [option])
        with pytest.raises(CannotRun, match=f"{option} is not there with --engine tensorflow"):
            require(Engine.TENSORFLOW, [option])


def test_another_tensorflow_is_none(installed: list[str]) -> None:
    installed.append("1.15.5")
    with pytest.raises(
        CannotRun, match=r"both needs TensorFlow 2, and .* has 1\.15\.5: pip install"
    ):
        require(Engine.BOTH, ())


def test_a_tensorflow_that_can_not_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: dict[str, Any]
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    (tmp_path / "train.py").write_text(SCRIPT)
    session = simulate(str(tmp_path / "train.py"), wishes=Wishes(tensorflow=True))
    assert session.ending.status is Status.NO_TENSORFLOW
    words = session.ending.message
    assert words.startswith(f"TensorFlow could not be imported by {sys.executable} (Module")
    assert words.endswith("): pip install 'varsync[tensorflow]'")
    both = together(document, report(session.told, session.ending))
    assert both["agreement"] == {"agrees": None, "differences": []}
    assert words in render(both, color=False, width=1000)


@pytest.mark.parametrize(
    ("asked", "labels", "end"),
    [
        ("train.py:5:[red]last=,SUM", ["[red]last"], None),
        ("train.py:5:last=,SUM", [], "; did you mean train.py:5:[red]last?"),
        ("train.py:4:[red]last=ON_READ,", [], "; did you mean train.py:5:[red]last?"),
        ("x:777:weights=ON_READ,", [], "; there are train.py:5:[red]last"),
    ],
)
def test_which_variables_a_mode_means(
    document: dict[str, Any], asked: str, labels: list[str], end: str | None
) -> None:
    folder = Path(document["script"]).parent
    (row,) = modes.met([modes.asked(f"{folder}/{asked}")], document)
    assert row["variables"] == labels
    if end is None:
        assert row["message"] is None
    else:
        assert row["message"].startswith("--mode: no variable ") and row["message"].endswith(end)
        assert row["message"] in render({**document, "modes": [row]}, color=False, width=1000)
    failed = {**document, "outcome": {**document["outcome"], "status": "script failed"}}
    assert modes.met([modes.asked(f"{folder}/{asked}")], failed)[0]["message"] is None


def test_a_mode_of_no_variable_is_bad_usage(tmp_path: Path) -> None:
    option = ("--exit-zero", "--mode", "train.py:6:w=,SUM")
    done = run(tmp_path, SCRIPT, *option)
    assert done.code == 2
    assert "--mode: no variable 'w' is made at train.py:6" in done.stderr


def test_two_runs_that_agree(document: dict[str, Any]) -> None:
    both = together(document, document)
    assert both["agreement"] == {"agrees": True, "differences": []}
    assert not disagree(both)
    assert "TensorFlow 2.21.0 agrees" in render(both, color=False, width=120)


def test_two_runs_that_differ_are_shown_side_by_side(document: dict[str, Any]) -> None:
    other = copy.deepcopy(document)
    other["observations"][0]["step"] = 7
    both = together(document, other)
    assert disagree(both)
    assert both["tensorflow"] is other
    (found,) = both["agreement"]["differences"]
    assert found["subject"] == f"VS201 [red]last at {Path(document['script']).name}:6"
    assert found["numpy"].startswith("warning, 1, ")
    assert found["tensorflow"].startswith("warning, 7, ")
    text = render(both, color=False, width=200)
    (row,) = [line for line in text.splitlines() if line.startswith("observation ")]
    assert "VS201 [red]last at train.py:6" in row
    assert row.index("warning, 1") < row.index("warning, 7")


@pytest.mark.parametrize("status", ["out of time", "interrupted"])
def test_a_run_that_was_ended_is_not_held_against_the_other(
    document: dict[str, Any], status: str
) -> None:
    """How far it came says nothing of what it would have come to."""
    other = copy.deepcopy(document)
    other["outcome"]["status"] = status
    other["steps"] = 7
    for both in (together(document, other), together(other, document)):
        assert both["agreement"] == {"agrees": None, "differences": []}
        assert not disagree(both)
        assert "Whether TensorFlow agrees can't be told" in render(both, color=False, width=120)
