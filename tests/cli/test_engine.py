"""`varsync simulate --engine`, without TensorFlow; with it: tests/runtime/engines."""

from __future__ import annotations

import copy
import importlib.util
from pathlib import Path
from typing import Any

import pytest
from varsync.choices import Engine
from varsync.errors import CannotRun
from varsync.referee import disagree, require, together
from varsync.reports.simulation import render
from varsync_runtime.diagnosis.report import report
from varsync_runtime.session import simulate

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
    return {"script": str(script), "seconds": 0.1, **data}


@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is not None, reason="TensorFlow is installed"
)
@pytest.mark.parametrize("engine", [Engine.TENSORFLOW, Engine.BOTH])
def test_without_tensorflow_one_line_says_what_to_install(engine: Engine) -> None:
    with pytest.raises(CannotRun, match=r"needs TensorFlow: pip install 'varsync\[tensorflow\]'"):
        require(engine, ())
    require(Engine.NUMPY, ["--max-steps"])


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The versions of TensorFlow that are found, by default one that will do."""
    versions = ["2.21.0"]
    monkeypatch.setattr("varsync.referee.find_spec", lambda _: object())
    monkeypatch.setattr("varsync.referee.packages_distributions", lambda: {"tensorflow": ["tf"]})
    monkeypatch.setattr("varsync.referee.version", lambda _: versions[-1])
    return versions


def test_what_tensorflow_can_not_be_asked(installed: list[str]) -> None:
    for engine in (Engine.TENSORFLOW, Engine.BOTH):
        require(engine, ())
        for option in ("--max-steps", "--mode"):
            with pytest.raises(
                CannotRun, match=f"{option} is not there with --engine {engine.value}"
            ):
                require(engine, [option])
    for option in ("--trace", "--values", "--line", "--lint"):
        require(Engine.BOTH, [option])
        with pytest.raises(CannotRun, match=f"{option} is not there with --engine tensorflow"):
            require(Engine.TENSORFLOW, [option])


def test_another_tensorflow_is_none(installed: list[str]) -> None:
    installed.append("1.15.5")
    with pytest.raises(CannotRun, match=r"both needs TensorFlow 2, not 1\.15\.5: pip install"):
        require(Engine.BOTH, ())


def test_two_runs_that_agree(document: dict[str, Any]) -> None:
    both = together(document, document)
    assert both["agreement"] == {"agrees": True, "differences": []}
    assert not disagree(both)
    assert "TensorFlow agrees" in render(both, color=False, width=120)


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
