"""The installed tensorflow_datasets: it reads what is prepared, the rest is made up."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from varsync_runtime import standin
from varsync_runtime.datasets import prepared
from varsync_runtime.datasets.read_config import ReadConfig
from varsync_runtime.datasets.scratch import scratch
from varsync_runtime.datasets.splits import AbstractSplit
from varsync_runtime.tensors.errors import NotModelled


class SplitInfo:
    """As the package's."""

    def __init__(self, name: str, shard_lengths: list[int], num_bytes: int) -> None:
        self.name, self.num_examples = name, sum(shard_lengths)


def instructions(infos: Any, split: str) -> list[SimpleNamespace]:
    """As the package's: no limit is None."""
    sizes = {info.name: info.num_examples for info in infos}
    return [
        SimpleNamespace(
            splitname=part.split,
            from_=part.first or None,
            to=None if part.end == sizes[part.split] else part.end,
        )
        for part in AbstractSplit.from_spec(split).parts(sizes)
    ]


class DatasetBuilder:
    """As the package's, as far as it matters."""

    builder_config_name = None
    url_infos: dict[str, str] | None = None

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._data_dir = str(folder)
        self.info = SimpleNamespace(full_name=f"{name}/1.0.0", splits={})
        self.info.set_splits = lambda splits: self.info.splits.update(splits)
        self.calls: list[str] = []

    @property
    def data_dir(self) -> str:
        return self._data_dir

    @property
    def data_path(self) -> Path:
        return Path(self._data_dir)

    def download_and_prepare(self, **kwargs: Any) -> None:
        self.calls.append("prepared")

    def _as_dataset(self, split: Any, **kwargs: Any) -> Any:
        raise AssertionError("nothing is there to be read")


class Downloader:
    """As the package's."""

    def download(self, url: str, path: str) -> None:
        raise AssertionError("there is no network")


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    standin.install()
    parts: dict[str, dict[str, Any]] = {
        "": {},
        ".core": {},
        ".core.splits": {
            "SplitInfo": SplitInfo,
            "SplitDict": lambda infos: {info.name: info for info in infos},
            "_make_absolute_instructions": instructions,
        },
        ".core.download": {},
        ".core.download.downloader": {"_Downloader": type("_Downloader", (Downloader,), {})},
        ".core.dataset_builder": {"DatasetBuilder": type("DatasetBuilder", (DatasetBuilder,), {})},
    }
    for name, contents in parts.items():
        module = ModuleType(f"tensorflow_datasets{name}")
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    prepared.install(sys.modules["tensorflow_datasets.core.dataset_builder"])
    before, scratch.folder = scratch.folder, tmp_path / "scratch"
    yield sys.modules["tensorflow_datasets.core.dataset_builder"]
    scratch.folder = before
    standin.uninstall()


def test_what_is_prepared_is_left_to_the_package(package: Any, tmp_path: Path) -> None:
    builder = package.DatasetBuilder("iris", tmp_path)
    builder.download_and_prepare()
    assert (builder.calls, builder.info.splits) == (["prepared"], {})


def test_what_is_not_prepared_is_made_up(package: Any, tmp_path: Path) -> None:
    builder = package.DatasetBuilder("iris", tmp_path / "nothing")
    builder.download_and_prepare()
    assert builder.calls == []
    assert builder.info.splits["train"].num_examples == 150
    assert builder.data_path.exists()
    config = ReadConfig()
    dataset = builder._as_dataset(split="train[:10%]", read_config=config, shuffle_files=False)
    assert len(dataset) == 15
    assert set(dataset.element_spec) == {"features", "label"}
    assert len(builder._as_dataset(split="train[140:]+train", read_config=config)) == 160
    with pytest.raises(NotModelled, match="decoders"):
        builder._as_dataset(split="train", read_config=config, decoders={})


def test_others_prepare_what_they_can_and_download_nothing(package: Any, tmp_path: Path) -> None:
    builder = package.DatasetBuilder("mine", tmp_path / "nothing")
    builder.download_and_prepare()
    assert builder.calls == ["prepared"]
    builder.url_infos = {"https://example.com/x.zip": "its hash"}
    with pytest.raises(NotModelled, match=r"downloads: prepare mine/1\.0\.0 in .*nothing \("):
        builder.download_and_prepare()
    downloader = importlib.import_module("tensorflow_datasets.core.download.downloader")
    with pytest.raises(NotModelled, match=r"downloads: https://example\.com/x\.zip \("):
        downloader._Downloader().download("https://example.com/x.zip", "x")


PREPARE = """
import sys
import numpy as np, tensorflow as tf, tensorflow_datasets as tfds
numbers = np.random.RandomState(0)
def examples(count):
    return tf.data.Dataset.from_tensor_slices({
        "image": numbers.randint(0, 255, (count, 8, 8, 1)).astype("uint8"),
        "label": numbers.randint(0, 3, count),
        "name": np.array([f"example {index}" for index in range(count)], object),
        "x": numbers.rand(count, 4).astype("float32"),
    })
tfds.dataset_builders.store_as_tfds_dataset(
    name="mini", version="1.0.0", data_dir=sys.argv[1],
    features=tfds.features.FeaturesDict({
        "image": tfds.features.Image(shape=(8, 8, 1)),
        "label": tfds.features.ClassLabel(names=["a", "b", "c"]),
        "name": tfds.features.Text(),
        "x": tfds.features.Tensor(shape=(4,), dtype=tf.float32),
    }),
    split_datasets={"train": examples(30), "test": examples(7)},
)
"""
READ = """
import sys
import tensorflow as tf, tensorflow_datasets as tfds
datasets, info = tfds.load(
    "mini", split=["train[:50%]", "test"], data_dir=sys.argv[1], with_info=True
)
print(info.splits, info.features)
for dataset in datasets:
    print(dataset.element_spec, len(dataset))
    for one in dataset.take(3):
        print(one["label"].numpy(), one["name"].numpy(), one["image"].numpy().sum(), one["x"].numpy())
whole = tfds.load("mini", split="train", data_dir=sys.argv[1], batch_size=-1)
print(whole["label"].numpy())
"""


@pytest.mark.tensorflow
@pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("tensorflow", "tensorflow_datasets"))),
    reason="TensorFlow and tensorflow_datasets are not installed",
)
def test_the_package_reads_what_it_reads_on_tensorflow(tmp_path: Path) -> None:
    for name, script in (("prepare.py", PREPARE), ("read.py", READ)):
        (tmp_path / name).write_text(script, encoding="utf-8")

    def run(*command: str) -> str:
        return subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        ).stdout

    run("prepare.py", "data")
    on_tensorflow = run("read.py", "data")
    assert run("-m", "varsync", "simulate", "-q", "read.py", "--", "data") == on_tensorflow
    assert "num_examples=30" in on_tensorflow
