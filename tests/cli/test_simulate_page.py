"""docs/simulate.md: its programs print what it shows, its options and exit codes are the command's.

python -m tests.cli.test_simulate_page      writes what the programs print into the page
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "simulate.md"
TEXT = PAGE.read_text(encoding="utf-8")
COMMAND = (sys.executable, "-m", "varsync", "simulate")
SHOWN = re.compile(
    r"<!-- run (\S+) ?([^\n]*?) ?-->\n```python\n(.*?)^```\n\n```text\n(.*?)^```$", re.M | re.S
)


def run(folder: Path, name: str, options: str, program: str) -> str:
    """What the page shows of a program: both streams as a terminal does, and without the time."""
    (folder / name).write_text(program, encoding="utf-8")
    words = [name, *options.split()]
    # one pipe for both, and Python's order within it
    ran = subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    output = re.sub(r"(?<=, )\d+\.\d s$", "0.6 s", ran.stdout, flags=re.M)
    output = output.replace(f"{folder}/", "")
    # what replicas print between two lines of the host comes in any order
    output = re.sub(r"(\[replica \d+\] .*\n)+", lambda lines: ordered(lines[0]), output, flags=re.M)
    return f"$ varsync simulate {' '.join(words)}; echo $?\n{output}{ran.returncode}\n"


def ordered(lines: str) -> str:
    """Lines of replicas in the order of the replicas."""
    return "".join(sorted(lines.splitlines(True), key=lambda line: int(line.split("]")[0][9:])))


def programs() -> Iterator[object]:
    """What the page shows; every third is quick to check, but one with Keras takes its time."""
    for index, match in enumerate(SHOWN.finditer(TEXT)):
        marks = pytest.mark.slow if index % 3 or "import keras" in match[3] else ()
        yield pytest.param(match, id=match[1], marks=marks)


@pytest.mark.parametrize("match", list(programs()))
def test_a_program_prints_what_is_shown(tmp_path: Path, match: re.Match[str]) -> None:
    """`python -m tests.cli.test_simulate_page` writes it anew."""
    if "import keras" in match[3] and importlib.util.find_spec("keras") is None:
        pytest.skip("Keras is not installed")
    assert run(tmp_path, match[1], match[2], match[3]) == match[4]


def test_every_program_of_the_page_is_run() -> None:
    assert len(SHOWN.findall(TEXT)) == TEXT.count("```python\n") >= 3


def rows(section: str) -> list[list[str]]:
    """The cells of a section's table."""
    text = TEXT.split(f"## {section}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines[2:]]


def test_the_options_are_those_of_the_command() -> None:
    helped = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True).stdout
    listed = re.findall(r"^  (-[a-z], )?(--[a-z-]+)", helped.split("\nExamples:")[0], re.M)
    known = {option.rstrip(", ") for options in listed for option in options if option}
    shown = {
        option for row in rows("Options") for option in re.findall(r"(?<![\w-])--?[a-z-]+", row[0])
    }
    assert shown == known - {"-h", "--help"}


FINE = "import tensorflow as tf\n"
WRONG = """
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    last = tf.Variable(0)
strategy.run(lambda: last.assign(tf.distribute.get_replica_context().replica_id_in_sync_group))
"""
NOTED = """
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    total = tf.Variable(0, aggregation=tf.VariableAggregation.SUM)
for _ in range(10):
    strategy.run(lambda: total.assign_add(tf.constant(1)))
print(total.numpy())
"""
DIES = """
import os, signal
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
strategy.run(lambda: os.kill(os.getpid(), signal.SIGKILL))
"""
CASES = [
    (FINE, "", 0),
    (NOTED, "", 0),
    (WRONG, "", 1),
    (WRONG, "--exit-zero", 0),
    (FINE, "--no-such-option", 2),
    (f"{FINE}tf.linalg.expm(1)", "", 2),
    (f"{FINE}tf.linalg.expm(1)", "--exit-zero", 2),
    ("raise ValueError('x')", "", 3),
    ("raise ValueError('x')", "--exit-zero", 3),
    ("import sys; sys.exit(1)", "", 3),
    (DIES, "", 3),
    ("while True: pass", "--timeout 0.3", 3),
    ("import os, signal; os.kill(os.getppid(), signal.SIGINT)\nwhile True: pass", "", 130),
]


def _cases() -> Iterator[object]:
    """All of them; the first with each exit code is in the quick tests."""
    codes: set[int] = set()
    for case in CASES:
        yield pytest.param(*case, marks=pytest.mark.slow if case[-1] in codes else ())
        codes.add(case[-1])


@pytest.mark.parametrize(("program", "options", "code"), list(_cases()))
def test_an_exit_code(tmp_path: Path, program: str, options: str, code: int) -> None:
    assert run(tmp_path, "train.py", options, program).splitlines()[-1] == str(code)
    assert str(code) in [row[0].strip() for row in rows("Exit codes")]


def test_every_exit_code_is_tried() -> None:
    assert {row[0].strip() for row in rows("Exit codes")} == {str(code) for *_, code in CASES}


def test_a_limit_of_steps(tmp_path: Path) -> None:
    shown = run(tmp_path, "train.py", "--max-steps 3", NOTED.replace("print", "print('never'),"))
    assert ", 3 steps, " in shown
    assert "never" not in shown
    assert shown.splitlines()[-1] == "0"


SEEDED = """
import random, numpy
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
print(random.random(), numpy.random.rand(), float(tf.random.uniform([])))
"""


@pytest.mark.slow
def test_a_seed(tmp_path: Path) -> None:
    first, second, other = (
        run(tmp_path, "train.py", f"-q --seed {seed}", SEEDED).splitlines()[1].split()
        for seed in (7, 7, 8)
    )
    assert first == second
    assert all(one != another for one, another in zip(first, other, strict=True))


COUNTED = """
import tensorflow as tf
gpus = tf.config.list_physical_devices("GPU")
print(len(gpus), tf.distribute.MirroredStrategy({devices}).num_replicas_in_sync)
"""


@pytest.mark.parametrize(
    ("devices", "options", "printed"),
    [
        ("", "", "0 2"),
        ("", "-n 3", "3 3"),
        pytest.param("['GPU:0', 'GPU:1', 'GPU:2']", "", "0 3", marks=pytest.mark.slow),
        pytest.param("['GPU:0', 'GPU:1', 'GPU:2']", "-n 2", "2 2", marks=pytest.mark.slow),
    ],
)
def test_how_many_replicas(tmp_path: Path, devices: str, options: str, printed: str) -> None:
    program = COUNTED.format(devices=devices)
    assert run(tmp_path, "train.py", f"-q {options}", program).splitlines()[1] == printed


WORKERS = """
import json, os
import tensorflow as tf
strategy = tf.distribute.MultiWorkerMirroredStrategy()
task = json.loads(os.environ["TF_CONFIG"])["task"]
print(task["index"], strategy.num_replicas_in_sync)
"""


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ("", {"0 2", "[worker 1] 1 2"}),
        pytest.param("-n 3", {"0 3", "[worker 1] 1 3", "[worker 2] 2 3"}, marks=pytest.mark.slow),
        pytest.param("-n 4 --workers 2", {"0 4", "[worker 1] 1 4"}, marks=pytest.mark.slow),
    ],
)
def test_workers(tmp_path: Path, options: str, lines: set[str]) -> None:
    assert set(run(tmp_path, "train.py", f"-q {options}", WORKERS).splitlines()[1:-1]) == lines


TURNS = """
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
for step in range(100):
    print("host", step, end=";")
    strategy.run(lambda: print("replica", step))
"""


def test_replicas_print_after_what_the_host_printed(tmp_path: Path) -> None:
    shown = run(tmp_path, "train.py", "-q -n 3", TURNS)
    expected = "".join(
        f"host {step};" + "".join(f"[replica {replica}] replica {step}\n" for replica in range(3))
        for step in range(100)
    )
    assert shown == f"$ varsync simulate train.py -q -n 3; echo $?\n{expected}0\n"


LOGS = """
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()

def log(name):
    with open(name, "a") as file:
        file.write("line\\n")

log("host.txt")
strategy.run(log, args=("replica.txt",))
"""


def test_files(tmp_path: Path) -> None:
    run(tmp_path, "train.py", "-n 3", LOGS)
    assert (tmp_path / "host.txt").read_text() == "line\n"
    assert (tmp_path / "replica.txt").read_text() == "line\n" * 3


IGNORED = """
import tensorflow as tf
with tf.summary.create_file_writer("logs").as_default(), tf.device("/GPU:1"):
    tf.summary.scalar("loss", 1.0, step=1)
tf.config.threading.set_intra_op_parallelism_threads(1)
"""


def test_what_is_ignored_is_listed(tmp_path: Path) -> None:
    run(tmp_path, "train.py", "--report-file report.json", IGNORED)
    report = json.loads((tmp_path / "report.json").read_text())
    assert {entry["symbol"] for entry in report["ignored"]} == {
        "tf.summary.create_file_writer",
        "tf.device",
        "tf.summary.scalar",
        "tf.config.threading.set_intra_op_parallelism_threads",
    }
    assert not (tmp_path / "logs").exists()


def test_keras_runs_and_the_report_says_how_far_it_was_compared(tmp_path: Path) -> None:
    shown = run(tmp_path, "train.py", "", f"{FINE}tf.keras.optimizers.SGD(0.1)")
    assert "its results agree with those on TensorFlow to 5e-6" in shown
    assert shown.splitlines()[-1] == "0"


def write_page() -> None:
    """Puts what the programs print now into the page."""
    with tempfile.TemporaryDirectory() as folder:

        def anew(match: re.Match[str]) -> str:
            shown = run(Path(folder).resolve(), match[1], match[2], match[3])
            return match[0].removesuffix(f"{match[4]}```") + f"{shown}```"

        PAGE.write_text(SHOWN.sub(anew, TEXT), encoding="utf-8")


if __name__ == "__main__":
    write_page()
