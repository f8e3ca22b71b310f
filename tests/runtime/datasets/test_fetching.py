"""`get_file` without a network. The module here is as Keras's, but for what does not matter."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from varsync_runtime.datasets import fetching
from varsync_runtime.datasets.files import ORIGIN
from varsync_runtime.datasets.scratch import scratch
from varsync_runtime.events import Approximated, Counted, read_frame, recorder
from varsync_runtime.tensors.errors import NotModelled

BOSTON = f"{ORIGIN}boston_housing.npz"
SOURCE = """
import hashlib, os
from urllib.request import urlretrieve

def get_file(fname=None, origin=None, md5_hash=None, file_hash=None, cache_subdir="datasets",
             cache_dir=None, force_download=False):
    folder = os.path.join(cache_dir or HOME, cache_subdir)
    os.makedirs(folder, exist_ok=True)
    target = os.path.join(folder, fname or os.path.basename(origin))
    def good():
        return hashlib.sha256(open(target, "rb").read()).hexdigest() == (file_hash or md5_hash)
    wanted = file_hash or md5_hash
    if force_download or not os.path.exists(target) or wanted and not good():
        print("Downloading data from", origin)
        try:
            urlretrieve(origin, target, lambda *progress: None)
        except (Exception, KeyboardInterrupt):
            if os.path.exists(target):
                os.remove(target)
            raise
        if wanted and not good():
            raise ValueError("Incomplete or corrupted file detected.")
    return target
"""


@pytest.fixture
def keras(tmp_path: Path) -> Iterator[Any]:
    module = ModuleType("file_utils")
    vars(module)["HOME"] = str(tmp_path / "keras")
    exec(SOURCE, vars(module))
    before, scratch.folder = scratch.folder, tmp_path / "scratch"
    fetching.install(module)
    yield module
    scratch.folder = before


@pytest.fixture
def told() -> Iterator[list[Approximated]]:
    found: list[Approximated] = []

    def send(frame: bytes) -> None:
        events = [event.event for event in read_frame(frame) if isinstance(event, Counted)]
        found.extend(event for event in events if isinstance(event, Approximated))

    recorder.start(send)
    yield found
    recorder.start(None)


def local(tmp_path: Path, name: str, text: str) -> Path:
    file = tmp_path / "keras" / "datasets" / name
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return file


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_local_file_is_used_as_it_is(
    keras: Any, tmp_path: Path, told: list[Approximated], capsys: pytest.CaptureFixture[str]
) -> None:
    file = local(tmp_path, "boston_housing.npz", "mine")
    assert keras.get_file("boston_housing.npz", BOSTON) == str(file)
    assert keras.get_file("boston_housing.npz", BOSTON, file_hash=sha256("mine")) == str(file)
    assert keras.get_file("boston_housing.npz", BOSTON, force_download=True) == str(file)
    recorder.flush()
    assert told == []
    assert capsys.readouterr().out == ""


def test_without_one_it_is_made_up_and_said(
    keras: Any, tmp_path: Path, told: list[Approximated], capsys: pytest.CaptureFixture[str]
) -> None:
    path = keras.get_file("mine.npz", BOSTON, file_hash=sha256("what the server has"))
    assert Path(path).is_relative_to(tmp_path / "scratch")
    with np.load(path) as arrays:
        assert arrays["x"].shape == (506, 13)
        assert (arrays["y"].shape, arrays["y"].dtype) == ((506,), np.float64)
    assert os.listdir(tmp_path / "keras" / "datasets") == []  # noqa: PTH208
    recorder.flush()
    (event,) = told
    assert event.symbol == "keras.datasets.boston_housing"
    assert event.why == f"made-up data: 506 rows; {tmp_path / 'keras' / 'datasets'} has none"
    assert Path(event.site.filename) == Path(__file__)
    assert capsys.readouterr().out == ""


def test_a_local_file_that_keras_does_not_take_is_left_where_it_is(
    keras: Any, tmp_path: Path, told: list[Approximated]
) -> None:
    file = local(tmp_path, "boston_housing.npz", "half of it")
    path = keras.get_file("boston_housing.npz", BOSTON, file_hash=sha256("all of it"))
    assert path != str(file)
    assert file.read_text(encoding="utf-8") == "half of it"
    recorder.flush()
    assert told[0].why.endswith(f"{file} is not what Keras takes")


def test_of_other_files_it_says_where_to_put_them(keras: Any, tmp_path: Path) -> None:
    url = "https://example.com/flowers.tgz"
    target = tmp_path / "keras" / "datasets" / "flowers.tgz"
    with pytest.raises(NotModelled) as raised:
        keras.get_file(origin=url)
    words = f"varsync simulate does not model downloads: put {url} at {target} ("
    assert str(raised.value).startswith(words)
    target.write_text("half of it", encoding="utf-8")
    with pytest.raises(NotModelled, match="where another file is"):
        keras.get_file(origin=url, file_hash=sha256("all of it"))
    assert target.exists()
