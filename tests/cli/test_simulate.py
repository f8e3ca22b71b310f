"""`varsync simulate` as a user starts it: exit codes, output, reports, limits, bad input."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from varsync.app import main

COMMAND = (sys.executable, "-m", "varsync", "simulate")


def simulate(folder: Path, script: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs a script of this text."""
    (folder / "train.py").write_text(script, encoding="utf-8")
    return subprocess.run(
        [*COMMAND, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(folder: Path, script: str, *options: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of a run."""
    done = simulate(folder, script, *options, "--report-file", "report.json")
    return done.returncode, json.loads((folder / "report.json").read_text(encoding="utf-8"))


def test_output_stays_where_it_was(tmp_path: Path) -> None:
    script = "import sys\nprint('out', sys.argv)\nprint('err', file=sys.stderr)\n"
    done = simulate(tmp_path, script, "train.py", "--quiet", "--", "--replicas", "x")
    assert (done.returncode, done.stderr) == (0, "err\n")
    assert done.stdout == "out ['train.py', '--replicas', 'x']\n"


@pytest.mark.parametrize("options", [("-n", "2", "train.py"), ("train.py", "--replicas=2")])
def test_options_stand_before_or_after_the_script(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert simulate(tmp_path, "print('ran')\n", *options, "--quiet").stdout == "ran\n"


def test_the_report_is_on_the_standard_error(tmp_path: Path) -> None:
    done = simulate(tmp_path, "print('out')\n", "train.py")
    assert done.stdout == "out\n"
    assert done.stderr.startswith("train.py: no strategy, 0 steps")
    done = simulate(tmp_path, "print('out')\n", "train.py", "--format", "json")
    assert json.loads(done.stderr)["version"] == 1


@pytest.mark.slow
def test_a_report_goes_through_pipes_and_links(tmp_path: Path) -> None:
    """And does not take their places, which as root would cost the machine its /dev/null."""
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to("target")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        for name in ("pipe", "link"):
            assert not simulate(tmp_path, "", "train.py", "--report-file", name).returncode
        assert json.loads(os.read(reader, 1 << 16))["version"] == 1
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert link.is_symlink()
    assert json.loads((tmp_path / "target").read_text(encoding="utf-8"))["version"] == 1


@pytest.mark.parametrize(
    ("aggregation", "value", "observed"),
    [
        ("SUM", "1.0", ("VS202", "note")),
        ("SUM", "index", None),
        pytest.param("SUM", "(index + turn) % 3", None, marks=pytest.mark.slow),
        pytest.param("ONLY_FIRST_REPLICA", "1.0", ("VS603", "note"), marks=pytest.mark.slow),
        ("ONLY_FIRST_REPLICA", "index", ("VS204", "warning")),
    ],
)
def test_whether_the_replicas_gave_the_same(
    tmp_path: Path, aggregation: str, value: str, observed: tuple[str, str] | None
) -> None:
    script = f"""
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    total = tf.Variable(0.0, trainable=False, aggregation=tf.VariableAggregation.{aggregation})


def step():
    index = float(tf.distribute.get_replica_context().replica_id_in_sync_group)
    total.assign_add(tf.constant({value}))


for turn in range(3):
    strategy.run(step)
    total.numpy()
"""
    # of three replicas one brings their mean, and the first what is kept
    _, report = told(tmp_path, script, "train.py", "-n", "3")
    seen = [(one["code"], one["severity"]) for one in report["observations"]]
    assert seen == ([] if observed is None else [observed])
    assert [(row["times"], row["changed"]) for row in report["ledger"]] == [(3, "index" in value)]


def test_one_replica_exchanges_tensors_alone(tmp_path: Path) -> None:
    script = """
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    total = tf.Variable(0.0, trainable=False, aggregation=tf.VariableAggregation.SUM)
strategy.run(lambda: total.assign_add(1.0))
strategy.run(lambda: total.assign_add(tf.constant(1.0)))
"""
    _, report = told(tmp_path, script, "train.py", "-n", "1")
    assert [(row["location"]["row"], row["times"]) for row in report["ledger"]] == [(8, 1)]


NOTED = """
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
SUM = tf.VariableAggregation.SUM
READ = tf.VariableSynchronization.ON_READ
with strategy.scope():
    seen, sizes, once, ones, same, alone = (
        tf.Variable(0, aggregation=SUM, trainable=False) for _ in range(6))
    part = tf.Variable(1.0, aggregation=SUM, synchronization=READ, trainable=False)
one = tf.constant(1)

def step(x, other=tf.constant(1)):
    seen.assign_add(tf.shape(x)[0])  # batches of one size
    sizes.assign_add(x.shape[0] * one)
    once.assign_add(tf.constant(1))  # VS202
    ones.assign_add(  # VS202
        tf.ones((), tf.int32) + one)
    same.assign_add(other + 0)
    part.assign(tf.zeros_like(part) + tf.ones(tf.shape(part)) * float(tf.rank(part)))
    part.assign(part + tf.ones_like(part))
    tf.debugging.assert_positive(part / 2.0)  # VS301

def without(other=tf.constant(1)):
    alone.assign_add(other + 0)  # VS202

for batch in strategy.experimental_distribute_dataset(tf.data.Dataset.range(8).batch(4)):
    strategy.run(step, args=(batch,))
strategy.run(without)
"""


def test_notes_are_given_where_they_are_right(tmp_path: Path) -> None:
    _, report = told(tmp_path, NOTED, "train.py")
    found = {(one["location"]["row"], one["code"]) for one in report["observations"]}
    lines = enumerate(NOTED.splitlines(), 1)
    marked = {(row, code) for row, line in lines for code in re.findall(r"# (VS\d+)", line)}
    assert {(row, code) for row, code in found if code in ("VS202", "VS301")} == marked


def test_a_script_that_raises(tmp_path: Path) -> None:
    script = "def f():\n    raise KeyError('x')\n\n\nf()\n"
    plain = subprocess.run(
        [sys.executable, "train.py"],
        cwd=simulate_folder(tmp_path, script),
        capture_output=True,
        text=True,
        check=False,
    )
    done = simulate(tmp_path, script, "train.py", "--quiet")
    assert done.returncode == 3
    assert done.stderr == plain.stderr
    code, report = told(tmp_path, script, "train.py")
    assert code == 3
    assert report["outcome"]["status"] == "script failed"
    assert report["outcome"]["exception"]["class"] == "KeyError"
    assert report["outcome"]["exception"]["message"] == "'x'"


def simulate_folder(folder: Path, script: str) -> Path:
    (folder / "train.py").write_text(script, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("ending", "code"), [("sys.exit()", 0), ("sys.exit(0)", 0), ("sys.exit(4)", 3)]
)
def test_a_script_that_exits(tmp_path: Path, ending: str, code: int) -> None:
    assert simulate(tmp_path, f"import sys\n{ending}\n", "train.py").returncode == code


def test_a_script_that_is_not_python(tmp_path: Path) -> None:
    done = simulate(tmp_path, "if:\n", "train.py", "--quiet")
    assert done.returncode == 3
    assert "SyntaxError" in done.stderr
    assert "varsync_runtime" not in done.stderr


def test_a_symbol_that_is_not_modelled(tmp_path: Path) -> None:
    script = "import tensorflow as tf\n\ntf.saved_model.Asset('x')\n"
    words = "varsync simulate does not model tf.saved_model.Asset (train.py:3)"
    done = simulate(tmp_path, script, "train.py", "--quiet")
    assert (done.returncode, done.stderr) == (2, f"varsync: {words}\n")
    done = simulate(tmp_path, script, "train.py")
    assert (done.returncode, done.stderr.count(words)) == (2, 1)
    assert "Traceback" not in done.stderr


REFUSED = """
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
def other_function():
    context = tf.distribute.get_replica_context()
    if context.replica_id_in_sync_group == 0:
        return context.merge_call(lambda strategy, x: x, (tf.ones(()),))
    return context.all_reduce("SUM", tf.ones(()))
"""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("tf.zeros(2, tf.qint8)", "tf.qint8"),
        ("strategy.run(other_function)", "a value of type function that goes from one replica"),
    ],
)
def test_what_replicas_do_and_is_not_modelled(tmp_path: Path, line: str, words: str) -> None:
    done = simulate(tmp_path, REFUSED + line, "train.py", "--quiet")
    assert done.returncode == 2
    assert done.stderr.startswith(f"varsync: varsync simulate does not model {words}")
    assert done.stderr.count("\n") == 1


def test_what_is_not_modelled_is_told_where_the_script_catches_the_error(tmp_path: Path) -> None:
    script = "import tensorflow as tf\ntry:\n    tf.linalg.expm([])\nexcept Exception: pass\n"
    code, report = told(tmp_path, script, "train.py")
    assert code == 0
    (row,) = report["not_modelled"]
    assert (row["symbol"], row["location"]["row"], row["times"]) == ("tf.linalg.expm", 3, 1)


def test_an_unknown_symbol_is_the_scripts_error(tmp_path: Path) -> None:
    done = simulate(tmp_path, "import tensorflow as tf\n\ntf.no_such_thing\n", "train.py")
    assert done.returncode == 3
    assert "AttributeError: module 'tensorflow' has no attribute 'no_such_thing'" in done.stderr


def test_a_limit_of_time(tmp_path: Path) -> None:
    begun = time.monotonic()
    code, report = told(tmp_path, "while True:\n    pass\n", "train.py", "--timeout", "0.5")
    assert code == 3
    assert report["outcome"]["status"] == "out of time"
    assert time.monotonic() - begun < 20


def test_ctrl_c(tmp_path: Path) -> None:
    script = "import time\nprint('ready', flush=True)\ntime.sleep(60)\n"
    (tmp_path / "train.py").write_text(script, encoding="utf-8")
    process = subprocess.Popen(
        [*COMMAND, "train.py"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "interrupted" in stderr
    assert "varsync_runtime" not in stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no_such.py"], "no_such.py: no such file"),
        (["here.py", "--replicas", "0"], "--replicas"),
        (["here.py", "--replicas", "many"], "--replicas"),
        (["here.py", "--replicas", "3", "--workers", "2"], "can't be divided"),
        (["here.py", "--report-file", "."], "is a directory"),
        (["here.py", "--report-file", "none/report.json"], "no such folder"),
        (["here.py", "--timeout", "-1"], "--timeout"),
        (["here.py", "--no-such-option"], "--no-such-option"),
    ],
)
def test_bad_usage(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.py").write_text("print('must not run')\n", encoding="utf-8")
    assert main(["simulate", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.count("\n") == 1


def test_the_script_has_its_own_modules(tmp_path: Path) -> None:
    """A script's `rules` and `runtime` are its own, not ours."""
    for name in ("rules", "runtime"):
        (tmp_path / f"{name}.py").write_text(f"WHOSE = 'my {name}'\n", encoding="utf-8")
    done = simulate(
        tmp_path, "import rules, runtime\nprint(rules.WHOSE, runtime.WHOSE)\n", "train.py"
    )
    assert done.stdout == "my rules my runtime\n"


DRAWING = """
import random
import numpy
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
print(random.random(), numpy.random.random())
print(tf.random.uniform([]).numpy(), tf.random.normal([2], seed=3).numpy())
for drawn in strategy.experimental_local_results(strategy.run(lambda: tf.random.uniform([]))):
    print(drawn.numpy())
"""
SETTING = """
import random
import numpy
import tensorflow as tf

random.seed({0})
numpy.random.seed({0})
tf.random.set_seed({0})
"""


@pytest.mark.slow
def test_the_seed_is_set_before_the_script(tmp_path: Path) -> None:
    drawn = simulate(tmp_path, DRAWING, "train.py", "-q", "--seed", "5").stdout
    assert drawn == simulate(tmp_path, SETTING.format(5) + DRAWING, "train.py", "-q").stdout
    assert drawn != simulate(tmp_path, DRAWING, "train.py", "-q", "--seed", "6").stdout
    # as TensorFlow draws with the global seed 5
    assert drawn.splitlines()[1].startswith("0.6263931 ")


@pytest.mark.slow
def test_a_seed_of_the_script_counts(tmp_path: Path) -> None:
    script = SETTING.format(5) + DRAWING
    drawn = [
        simulate(tmp_path, script, "train.py", "-q", "--seed", seed).stdout for seed in ("6", "7")
    ]
    assert drawn[0] == drawn[1]
    assert len(drawn[0].splitlines()) == 4


COLLECTED = """
import gc
import tensorflow as tf

class Node:
    def __init__(self):
        self.me = self
    def __del__(self):
        seen.append(1)

seen = []
strategy = tf.distribute.MirroredStrategy()
strategy.run(lambda: [Node() for _ in range(2000)] and None)
print(gc.isenabled(), len(seen) > 0)
"""


@pytest.mark.slow
def test_garbage_is_collected(tmp_path: Path) -> None:
    """As by Python: our own process does without."""
    assert simulate(tmp_path, COLLECTED, "train.py", "-q").stdout == "True True\n"


THREADED = """
import os
import re
import tensorflow as tf

before = dict(os.environ)
strategy = tf.distribute.MirroredStrategy()

def step():
    tf.matmul(tf.ones([600, 600]), tf.ones([600, 600]))
    return len(os.listdir("/proc/self/task"))

print(strategy.experimental_local_results(strategy.run(step)), [n for n in before if "THREADS" in n])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_a_replica_computes_in_one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the threads of all replicas wait for the processors."""
    for name in list(os.environ):
        if name.endswith("THREADS"):
            monkeypatch.delenv(name)
    assert simulate(tmp_path, THREADED, "train.py", "-q").stdout == "(1,) []\n"
