"""The files of `keras.datasets` that are made up: format, shapes, dtypes, ranges and labels."""

from __future__ import annotations

import gzip
import json
import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from varsync_runtime.datasets import madeup
from varsync_runtime.datasets.files import FILES, ORIGIN, TORONTO, known


def written(url: str, folder: Path) -> Path:
    file = known(url)
    assert file is not None
    path = folder / "file"
    file.write(path)
    return path


def arrays(url: str, folder: Path) -> dict[str, np.ndarray]:
    with np.load(written(url, folder), allow_pickle=True) as found:
        return dict(found)


def learnt(x: np.ndarray, y: np.ndarray, x_test: np.ndarray, y_test: np.ndarray) -> float:
    """How many labels are right if each is the one of the nearest mean."""
    means = np.stack([x[y == label].mean(0).ravel() for label in range(y.max() + 1)])
    distances = ((x_test.reshape(len(x_test), 1, -1) - means) ** 2).sum(-1)
    return float((distances.argmin(1) == y_test).mean())


def test_pictures_show_their_labels() -> None:
    maker = madeup.Pictures("some", 10, 3)
    labels = madeup.labels("some", "train", 600, 10)
    pictures = maker.all("train", labels, 12, 8)
    assert (pictures.shape, pictures.dtype.name) == ((600, 12, 8, 3), "uint8")
    assert pictures.min() < 20
    assert pictures.max() > 235
    assert set(labels) == set(range(10))
    assert learnt(pictures[:500], labels[:500], pictures[500:], labels[500:]) > 0.9
    assert len(np.unique(pictures.reshape(600, -1), axis=0)) == 600
    one = maker.one(3, 20, 30, 5)
    assert (one.shape, one.dtype.name) == ((20, 30, 3), "uint8")


def test_texts_tell_their_labels() -> None:
    labels = madeup.labels("some", "train", 300, 2)
    texts = madeup.texts("some", "train", labels, 1000, 40)
    sizes = [len(text) for text in texts]
    assert min(sizes) >= 11
    assert 35 < np.mean(sizes) < 45
    assert 1 <= min(map(min, texts)) <= max(map(max, texts)) <= 1000
    early = [sum(word <= 50 for word in text) / len(text) for text in texts]
    assert np.mean(np.array(early)[labels == 0]) > np.mean(np.array(early)[labels == 1]) + 0.1


def test_what_is_made_up_is_the_same_each_time_and_leaves_the_script_alone() -> None:
    np.random.seed(1)
    first = np.random.random()
    np.random.seed(1)
    first_labels = madeup.labels("some", "train", 100, 10)
    assert np.array_equal(first_labels, madeup.labels("some", "train", 100, 10))
    assert not np.array_equal(first_labels, madeup.labels("some", "test", 100, 10))
    assert np.random.random() == first


@pytest.mark.parametrize(
    ("name", "shape", "dtype", "prices"),
    [
        ("boston_housing", (506, 13), np.float64, (5, 50)),
        ("california_housing", (20640, 8), np.float32, (14999, 500001)),
    ],
)
def test_houses(
    tmp_path: Path, name: str, shape: tuple[int, int], dtype: Any, prices: tuple[int, int]
) -> None:
    found = arrays(f"{ORIGIN}{name}.npz", tmp_path)
    x, y = found["x"], found["y"]
    assert (x.shape, x.dtype, y.shape, y.dtype) == (shape, dtype, shape[:1], dtype)
    assert prices[0] <= y.min() < y.max() <= prices[1]
    columns = np.column_stack([x, np.ones(len(x))]).astype(np.float64)
    left = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
    assert left.var() < 0.2 * y.var()


def test_words(tmp_path: Path) -> None:
    words = json.loads(written(f"{ORIGIN}reuters_word_index.json", tmp_path).read_text())
    assert sorted(words.values()) == list(range(1, 30980))


def test_labels_of_fashion(tmp_path: Path) -> None:
    data = gzip.decompress(written(f"{ORIGIN}t10k-labels-idx1-ubyte.gz", tmp_path).read_bytes())
    assert data[:8] == bytes([0, 0, 8, 1, 0, 0, 0x27, 0x10])
    assert sorted(set(data[8:])) == list(range(10))
    assert len(data) == 8 + 10000


@pytest.mark.slow
def test_pictures_of_fashion(tmp_path: Path) -> None:
    data = gzip.decompress(written(f"{ORIGIN}t10k-images-idx3-ubyte.gz", tmp_path).read_bytes())
    assert data[:16] == bytes([0, 0, 8, 3, 0, 0, 0x27, 0x10, 0, 0, 0, 28, 0, 0, 0, 28])
    assert len(data) == 16 + 10000 * 28 * 28


@pytest.mark.slow
def test_mnist(tmp_path: Path) -> None:
    found = arrays(f"{ORIGIN}mnist.npz", tmp_path)
    shapes = {name: (array.shape, array.dtype.name) for name, array in found.items()}
    assert shapes == {
        "x_train": ((60000, 28, 28), "uint8"),
        "y_train": ((60000,), "uint8"),
        "x_test": ((10000, 28, 28), "uint8"),
        "y_test": ((10000,), "uint8"),
    }
    x, y = found["x_train"][:2000], found["y_train"][:2000]
    assert learnt(x, y, found["x_test"][:500], found["y_test"][:500]) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize(("name", "parts"), [("cifar-10", 6), ("cifar-100", 2)])
def test_cifar(tmp_path: Path, name: str, parts: int) -> None:
    with tarfile.open(written(f"{TORONTO}{name}-python.tar.gz", tmp_path)) as archive:
        members = {member.name: archive.extractfile(member) for member in archive}
        assert len(members) == parts
        for file in members.values():
            assert file is not None
            rows = pickle.load(file, encoding="bytes")
            data = rows.pop(b"data")
            assert (data.shape[1:], data.dtype) == ((3072,), np.uint8)
            assert {len(labels) for labels in rows.values()} == {len(data)}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "labels"), [("imdb", 2), ("reuters", 46)])
def test_lists_of_words(tmp_path: Path, name: str, labels: int) -> None:
    for array in arrays(f"{ORIGIN}{name}.npz", tmp_path).values():
        if array.dtype == object:
            assert isinstance(array[0], list)
            assert isinstance(array[0][0], int)
        else:
            assert (array.dtype.name, array.max()) == ("int64", labels - 1)


def test_each_dataset_of_keras_is_known() -> None:
    assert {file.dataset for file in FILES.values()} == {
        "boston_housing", "california_housing", "cifar10", "cifar100", "fashion_mnist", "imdb",
        "mnist", "reuters",
    }  # fmt: skip
