"""`lint --prove`: findings held to a simulated run."""

from __future__ import annotations

import json
import os
import pty
import random
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from varsync.choices import OutputFormat
from varsync.console.progress import ERASE
from varsync.console.style import Style
from varsync.proof import trial
from varsync.proof.trial import lines_of, program, prove
from varsync.proof.verdicts import Verdict
from varsync.reports import render
from varsync.simulation import Simulation, simulate
from varsync_rules.registry import Rule

from . import proved
from .conftest import Shell
from .proved_on_tensorflow import FILE, SUBJECTS, differing, runnable

ROOT = Path(__file__).parents[2]

HEAD = """\
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    total = tf.Variable(0.0, trainable=False)
    never = tf.Variable(0.0, trainable=False)


def step(batch):
    total.assign_add(tf.reduce_sum(batch))


def other(batch):
    never.assign_add(tf.reduce_sum(batch))


batches = tf.data.Dataset.from_tensor_slices([1.0, 2.0, 3.0, 4.0]).batch(2)
for batch in strategy.experimental_distribute_dataset(batches):
    strategy.run(step, args=(batch,))
"""
GUARD = """

if __name__ == "__main__":
    if tf.constant(0) > 1:
        strategy.run(other, args=(batch,))
"""


@pytest.fixture
def script(real: Shell) -> Shell:
    """A script with two findings, one of which its run comes to."""
    real.write("train.py", HEAD + GUARD)
    return real


def test_confirmed_and_not_reached(script: Shell) -> None:
    ran = script("lint", "--prove", "--output-format", "json", "train.py")
    assert ran.code == 1
    found = {item["location"]["row"]: item["proof"] for item in json.loads(ran.out)}
    assert found[10]["verdict"] == "confirmed"
    assert [value["items"] for value in found[10]["values"]] == [[1.0], [2.0]]
    assert (found[10]["step"], found[10]["script"]) == (1, "train.py")
    assert found[14]["verdict"] == "not reached"
    assert found[14]["values"] is None


def test_in_words(script: Shell) -> None:
    out = script("lint", "--prove", "train.py").out
    assert "= simulate: confirmed by train.py in step 1: replica 0: 1.0, replica 1: 2.0\n" in out
    assert "= simulate: train.py did not run its line\n" in out
    out = script("lint", "--prove", "--output-format", "concise", "train.py").out
    assert [line.rpartition(" [")[2] for line in out.splitlines()[:2]] == [
        "confirmed]",
        "not reached]",
    ]
    assert "simulate:" not in script("lint", "train.py").out


@pytest.mark.slow
def test_each_format_has_the_verdict(real: Shell) -> None:
    report = program(str(real.write("train.py", HEAD)))
    first = report.findings[0]
    run = simulate("train.py", replicas=2, lines=lines_of(report), folder=real.folder)
    shown = {
        "concise": " [confirmed]\n",
        "grouped": " [confirmed]\n",
        "pylint": " [confirmed]\n",
        "gitlab": ' [confirmed]",\n',
        "full": "= simulate: confirmed by train.py in step 1: replica 0: 1.0, replica 1: 2.0\n",
        "github": "%0Asimulate: confirmed by train.py in step 1: replica 0: 1.0, replica 1: 2.0\n",
        "junit": "\nsimulate: confirmed by train.py in step 1: replica 0: 1.0, replica 1: 2.0<",
        "sarif": '"verdict": "confirmed"',
        "json": '"verdict": "confirmed"',
        "json-lines": '"verdict": "confirmed"',
    }
    assert shown.keys() == {shape.value for shape in OutputFormat}
    for proofs in ({}, prove(report, ["train.py"], lambda *_: run)):
        report.proofs = proofs
        for shape, text in shown.items():
            rendered = render(shape, report, Style(False))
            assert (text in rendered) is (first in proofs), shape


@pytest.mark.slow
def test_scripts_get_their_arguments(real: Shell) -> None:
    text = "import sys\nassert sys.argv[1:] == ['--epochs', '1', '--prove'], sys.argv\n"
    real.write("train.py", text + HEAD)
    ran = real("lint", "train.py", "--prove", "--", "--epochs", "1", "--prove")
    assert "= simulate: confirmed by train.py" in ran.out
    assert ran.err == ""
    # without --prove, names of files come after it
    assert real("lint", "--", "train.py").code == 1


@pytest.mark.slow
def test_scripts_are_found_by_their_guard(script: Shell) -> None:
    script.write("lib.py", "x = 1\n")
    assert "confirmed by train.py" in script("lint", "--prove").out
    script.write("train.py", HEAD)
    ran = script("lint", "--prove", ".")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "name the script to run" in ran.err


def test_nothing_is_run_where_nothing_is_found(real: Shell) -> None:
    real.write("train.py", "open('ran', 'w')\n")
    assert real("lint", "--prove").code == 0
    assert not (real.folder / "ran").exists()


def test_a_run_that_fails(real: Shell) -> None:
    real.write(
        "train.py",
        "import tensorflow as tf\n"
        "strategy = tf.distribute.MirroredStrategy()\n"
        "with strategy.scope():\n"
        "    v = tf.Variable(0.0, synchronization=tf.VariableSynchronization.NONE)\n",
    )
    ran = real("lint", "--prove", "train.py")
    assert "train.py: script failed: ValueError: `NONE` variable synchronization" in ran.err
    assert "= simulate: confirmed by train.py" in ran.out


def test_a_finding_is_confirmed_by_its_own_variable(real: Shell) -> None:
    real.write("train.py", HEAD + "print(float(total), int(never))\n")
    out = real("lint", "--prove", "--output-format", "concise", "train.py").out
    marks = {
        line.split("`")[1]: line.rpartition(" [")[2] for line in out.splitlines() if "VS209" in line
    }
    assert marks == {"total": "confirmed]", "never": "not shown]"}


@pytest.mark.slow
def test_a_finding_at_a_layer_is_confirmed_by_what_the_layer_writes(real: Shell) -> None:
    pytest.importorskip("keras")
    fit = (
        (ROOT / "docs" / "simulate.md").read_text(encoding="utf-8").split("<!-- run fit.py -->")[1]
    )
    real.write("fit.py", fit.split("```")[1].removeprefix("python\n"))
    out = real("lint", "--prove", "--output-format", "concise", "fit.py").out
    assert " VS213 " in out.splitlines()[0]
    assert out.splitlines()[0].endswith(" [confirmed]")


def test_data_that_happen_to_be_the_same_refute_nothing(real: Shell) -> None:
    program = HEAD.replace("[1.0, 2.0, 3.0, 4.0]", "[1.0, 1.0, 1.0, 1.0]")
    real.write("train.py", program)
    out = real("lint", "--prove", "train.py").out
    assert "= simulate: train.py ran its line; what it leads to did not show in the run\n" in out


@pytest.mark.slow
def test_the_script_that_a_finding_is_in_is_named(script: Shell) -> None:
    script.write("also.py", HEAD + GUARD)
    out = script("lint", "--prove", "train.py", "also.py").out
    for name in ("train.py", "also.py"):
        assert f"= simulate: {name} did not run its line\n" in out


def test_the_script_that_is_run_is_told(script: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, and nothing of it stays there; what went wrong comes behind it."""
    ended = Simulation("out of time", "120 s", None, 0, 1, (), (), (), (), (), "", "", {})
    script.write("odd\x1b.py", HEAD)
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as stream:
        monkeypatch.setattr("sys.stderr", stream)
        monkeypatch.delenv("CI", raising=False)
        monkeypatch.setattr(trial, "simulate", lambda script, *_, **__: ended)
        script("lint", "--prove", "train.py", "odd\x1b.py")
        stream.flush()
        written = os.read(master, 10_000).decode()
    os.close(master)
    shown = written.split(ERASE)
    assert re.fullmatch(r"running train\.py \[\.+\] 0/2", shown[1])
    assert shown[-1].splitlines()[:2] == [
        "varsync: train.py: out of time: 120 s",
        "varsync: odd\\x1b.py: out of time: 120 s",
    ]


@pytest.mark.slow
def test_the_write_that_parted_the_copies_is_blamed(real: Shell) -> None:
    program = HEAD.replace(
        "    total.assign_add(tf.reduce_sum(batch))\n",
        "    total.assign_add(tf.reduce_sum(batch))\n    total.assign_sub(1.0)\n",
    )
    real.write("train.py", program)
    assert "train.py:10:5: warning VS201" in real(
        "lint", "--prove", "--output-format", "concise", "train.py"
    ).out.replace("\n", " ")
    assert "= simulate: confirmed by train.py in step 1" in real("lint", "--prove", "train.py").out


def test_the_standard_input_is_not_run(
    real: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "in").write_text(HEAD)
    with (tmp_path / "in").open() as source:
        monkeypatch.setattr("sys.stdin", source)
        ran = real("lint", "--prove", "-")
    assert (ran.code, ran.err) == (
        2,
        "varsync: --prove runs files, not the standard input\n",
    )


@pytest.mark.parametrize("other", ["--fix", "--fix-only", "--diff", "--watch", "--add-noqa"])
def test_it_changes_nothing(real: Shell, other: str) -> None:
    ran = real("lint", "--prove", other)
    assert (ran.code, ran.err) == (2, f"varsync: --prove does not go with {other}\n")


@pytest.mark.slow
@pytest.mark.parametrize("rule", list(runnable()), ids=lambda rule: rule.code)
def test_the_table(rule: Rule, tmp_path: Path) -> None:
    if find_spec("keras") is None:
        pytest.skip("Keras is not installed")
    text = proved.TABLE.read_text(encoding="utf-8")
    (example, of_example), (other, of_other) = proved.rows(rule, tmp_path)
    assert of_example
    assert "\n".join(of_example) in text
    assert of_other[0] in text
    for one in (example, other):
        assert one.surprises() == []
    verdicts = example.proofs(example.simulated)
    for finding, proof in verdicts.items():
        assert proof.verdict is not Verdict.REFUTED
        if proof.verdict is not Verdict.CONFIRMED:
            assert (rule.code, finding.code, finding.span.line) in proved.NOT_SHOWN
        elif proof.seen is not None and proof.seen.variable is not None:
            assert proved.names(finding, proof.seen.variable), (finding.message, proof.seen)
    assert not [one for one in other.report.findings if one.severity.fails]
    assert not [
        seen
        for run in (other.simulated, other.real)
        for seen in run.observations
        if seen.severity != "note"
    ]


def test_what_is_recorded_is_of_the_programs_that_there_are() -> None:
    names = {f"{rule.code}/{subject}" for rule in runnable() for subject in SUBJECTS}
    assert json.loads(FILE.read_text(encoding="utf-8")).keys() == names
    assert differing().keys() <= names
    text = proved.TABLE.read_text(encoding="utf-8")
    assert proved.notes() in text


@pytest.mark.tensorflow
@pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed")
def test_tensorflow_still_shows_what_was_recorded() -> None:
    """Of a few: python -m tests.cli.proved_on_tensorflow --sample 84"""
    seed = os.environ.get("VARSYNC_SEED") or str(random.randrange(1000))
    words = ["tests.cli.proved_on_tensorflow", "--sample", "8", "--seed", seed]
    ran = subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert ran.returncode == 0, f"VARSYNC_SEED={seed}\n{ran.stdout}{ran.stderr[-2000:]}"


class TestSimulateWithLint:
    """`simulate --lint`: what was said of the script, held to the run that is reported."""

    def test_findings_have_a_verdict(self, real: Shell) -> None:
        real.write("lib/__init__.py", "")
        real.write("lib/made.py", "import tensorflow as tf\nmade = lambda: tf.Variable(0.0)\n")
        real.write("unused.py", HEAD)
        text = HEAD.replace("tf.Variable(0.0, trainable=False)", "made()", 1)
        real.write("train.py", "from lib.made import made\n" + text)
        words = ["simulate", "train.py", "--lint", "-n", "2", "--report-file", "report.json"]
        ran = subprocess.run(
            [sys.executable, "-m", "varsync", *words],
            cwd=real.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 1, ran.stderr
        document = json.loads((real.folder / "report.json").read_text())
        found = {(one["code"], one["location"]["row"]): one["verdict"] for one in document["lint"]}
        assert found[("VS201", 11)] == "confirmed"
        assert {Path(one["location"]["filename"]).name for one in document["lint"]} == {"train.py"}
        seen = {one["code"]: one["foreseen"] for one in document["observations"]}
        assert seen["VS201"] is True
        assert "Lint\n" in ran.stderr
        assert re.search(
            r"VS201 replica-update-without-aggregation +train.py:11 +confirmed", ran.stderr
        )
