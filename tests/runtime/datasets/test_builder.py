"""`tensorflow_datasets` where it is not installed."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from varsync_runtime import standin
from varsync_runtime.standin import tensorflow_datasets
from varsync_runtime.tensors.errors import NotModelled

from .record import FEATURES


@pytest.fixture
def tf() -> Iterator[Any]:
    standin.install()
    try:
        yield importlib.import_module("tensorflow")
    finally:
        standin.uninstall()


@pytest.fixture
def tfds(tf: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setattr(tensorflow_datasets, "installed", lambda: False)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    return importlib.import_module("tensorflow_datasets")


def test_a_dataset_with_its_info(tf: Any, tfds: Any, tmp_path: Path) -> None:
    splits, info = tfds.load("iris", with_info=True, as_supervised=True)
    train = splits["train"]
    assert train.element_spec == (tf.TensorSpec([4], tf.float32), tf.TensorSpec([], tf.int64))
    assert (len(train), info.splits["train"].num_examples) == (150, 150)
    label = info.features["label"]
    assert (label.num_classes, label.int2str(1), label.str2int("Iris-virginica")) == (
        3,
        "Iris-versicolor",
        2,
    )
    assert (label.shape, label.dtype, info.features.shape["features"]) == ((), tf.int64, (4,))
    assert (info.full_name, info.data_dir) == ("iris/2.1.0", str(tmp_path / "iris/2.1.0"))
    shown = "    'features': Tensor(shape=(4,), dtype=float32),\n"
    assert shown in str(info.features)
    assert "name='iris',\n" in str(info)


def test_parts_and_structures_of_splits(tfds: Any) -> None:
    first, rest = tfds.load("iris", split=["train[:80%]", "train[80%:]"])
    assert (len(first), len(rest)) == (120, 30)
    whole = list(tfds.as_numpy(tfds.load("iris", split="train")))
    parts = [*tfds.as_numpy(first), *tfds.as_numpy(rest)]
    assert [one["features"].tolist() for one in whole] == [
        one["features"].tolist() for one in parts
    ]
    more = tfds.core.ReadInstruction("train", to=5)
    assert len(tfds.load("iris", split=more + tfds.Split.TRAIN)) == 155


def test_batches_and_the_whole_as_tensors(tfds: Any) -> None:
    batched = tfds.load("iris", split="train", batch_size=40, as_supervised=True)
    assert [len(labels) for _, labels in batched] == [40, 40, 40, 30]
    features, labels = tfds.as_numpy(
        tfds.load("iris", split="train", batch_size=-1, as_supervised=True)
    )
    assert (features.shape, labels.shape) == ((150, 4), (150,))
    assert sorted(set(labels)) == [0, 1, 2]


def test_a_builder_and_how_it_is_read(tf: Any, tfds: Any) -> None:
    builder = tfds.builder("iris:2.1.0")
    builder.download_and_prepare()
    context = tf.distribute.InputContext(2, 1, 2)
    config = tfds.ReadConfig(input_context=context, skip_prefetch=True)
    half = builder.as_dataset(split="train", read_config=config)
    whole = list(builder.as_dataset(split="train"))
    assert [one["label"].numpy() for one in half] == [one["label"].numpy() for one in whole[1::2]]


def test_pictures_of_no_fixed_size_are_made_as_they_are_read(tf: Any, tfds: Any) -> None:
    dataset = tfds.load("oxford_iiit_pet", split="train[10:13]")
    assert len(dataset) == 3
    assert dataset.element_spec["image"] == tf.TensorSpec([None, None, 3], tf.uint8)
    for example in dataset:
        image, mask = example["image"].numpy(), example["segmentation_mask"].numpy()
        assert image.shape[:2] == mask.shape[:2]
        assert (mask.min(), mask.max()) == (1, 3)
    again = list(dataset)
    assert (again[2]["image"].numpy() == image).all()


def test_labels_that_nobody_knows(tfds: Any) -> None:
    dataset = tfds.load("glue/sst2", split="test[:3]")
    assert [int(one["label"]) for one in dataset] == [-1, -1, -1]
    assert next(iter(dataset))["sentence"].numpy().startswith(b"word")


def test_features_are_shown_as_there(tfds: Any) -> None:
    recorded = json.loads(FEATURES.read_text(encoding="utf-8"))
    assert {name: str(tfds.builder(name).info.features) for name in recorded} == recorded
    assert len(recorded) > 30


def test_what_is_not_there_is_named_where_it_is_used(tfds: Any) -> None:
    with pytest.raises(NotModelled, match="the dataset 'coco/2017' of tensorflow_datasets: pip"):
        tfds.load("coco/2017")
    cls = tfds.core.GeneratorBasedBuilder
    with pytest.raises(NotModelled, match=r"tfds\.core\.GeneratorBasedBuilder without"):
        cls()
    with pytest.raises(AttributeError, match="'tensorflow_datasets' has no attribute 'nothing'"):
        _ = tfds.nothing
    with pytest.raises(NotModelled, match=r"tfds\.core\.DatasetInfo\.dataset_size"):
        _ = tfds.builder("iris").info.dataset_size
    public = importlib.import_module("tensorflow_datasets.public_api")
    assert public.load is tfds.load
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("tensorflow_datasets.nothing")
    assert "load" in dir(tfds)
