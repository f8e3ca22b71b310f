"""`keras.datasets` and `get_file` of the installed Keras, without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LOADS = """
import keras
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy(["GPU:0", "GPU:1"])
for name, options in (
    ("mnist", {}),
    ("fashion_mnist", {}),
    ("cifar10", {}),
    ("cifar100", {"label_mode": "coarse"}),
    ("boston_housing", {"test_split": 0.5}),
    ("california_housing", {"version": "small"}),
):
    (x, y), (x_test, y_test) = getattr(keras.datasets, name).load_data(**options)
    highest = y.dtype.kind in "iu" and int(y.max())
    print(name, x.shape, x.dtype, y.shape, y.dtype.kind, x_test.shape, y_test.shape, highest)
options = {"num_words": 100, "maxlen": 30, "start_char": 7, "oov_char": 8, "index_from": 10}
for name in ("imdb", "reuters"):
    (x, y), _ = getattr(keras.datasets, name).load_data(**options)
    words = {word for text in x for word in text[1:]}
    print(name, x.dtype, {text[0] for text in x}, max(map(len, x)) < 30, max(words), min(words))
    index = getattr(keras.datasets, name).get_word_index()
    print(len(index), len(set(index.values())), max(index.values()))
strategy.run(lambda: print(int(keras.datasets.boston_housing.load_data()[0][0].sum())))
"""
LOADED = """\
mnist (60000, 28, 28) uint8 (60000,) u (10000, 28, 28) (10000,) 9
fashion_mnist (60000, 28, 28) uint8 (60000,) u (10000, 28, 28) (10000,) 9
cifar10 (50000, 32, 32, 3) uint8 (50000, 1) u (10000, 32, 32, 3) (10000, 1) 9
cifar100 (50000, 32, 32, 3) uint8 (50000, 1) i (10000, 32, 32, 3) (10000, 1) 19
boston_housing (253, 13) float64 (253,) f (253, 13) (253,) False
california_housing (480, 8) float32 (480,) f (120, 8) (120,) False
imdb object {7} True 99 8
88584 88584 88584
reuters object {7} True 99 8
30979 30979 30979
"""
LOCAL = """
import keras
from pathlib import Path
print(Path(keras.utils.get_file("mine.txt", "https://example.com/mine.txt")).read_text())
keras.datasets.boston_housing.load_data()
print(Path("keras/datasets/boston_housing.npz").read_text())
keras.utils.get_file("other.txt", origin="https://example.com/other.txt")
"""


def simulate(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-m", "varsync", "simulate", "-q", "--report-file", "report"]
    (folder / "keras" / "datasets").mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [*command, "script.py"],
        cwd=folder,
        env={**os.environ, "KERAS_HOME": str(folder / "keras"), "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def made_up(folder: Path) -> dict[str, str]:
    """What the report says of each dataset."""
    report = json.loads((folder / "report").read_text(encoding="utf-8"))
    return {one["symbol"]: one["why"] for one in report["approximated"]}


@pytest.mark.slow
def test_data_have_the_form_of_the_real_ones(tmp_path: Path) -> None:
    done = simulate(tmp_path, LOADS)
    lines = done.stdout.splitlines(keepends=True)
    assert done.stderr == ""
    assert "".join(lines[:-2]) == LOADED
    assert lines[-2].removeprefix("[replica 0]") == lines[-1].removeprefix("[replica 1]")
    names = {name.removeprefix("keras.datasets.") for name in made_up(tmp_path)} - {"keras"}
    assert len(names) == 8
    assert list(tmp_path.glob("varsync-*")) == []


@pytest.mark.slow
def test_local_files_are_used_and_left_alone(tmp_path: Path) -> None:
    datasets = tmp_path / "keras" / "datasets"
    datasets.mkdir(parents=True)
    (datasets / "mine.txt").write_text("mine", encoding="utf-8")
    (datasets / "boston_housing.npz").write_text("half of it", encoding="utf-8")
    done = simulate(tmp_path, LOCAL)
    assert (done.stdout, done.returncode) == ("mine\nhalf of it\n", 2)
    assert done.stderr == (
        "varsync: varsync simulate does not model downloads: put https://example.com/other.txt at "
        f"{datasets / 'other.txt'} (script.py:7)\n"
    )
    assert set(made_up(tmp_path)) == {"keras", "keras.datasets.boston_housing"}
