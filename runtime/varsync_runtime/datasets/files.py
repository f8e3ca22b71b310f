"""The files that `keras.datasets` downloads, made up in the same format."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from varsync_runtime.datasets import madeup

ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
TORONTO = "https://www.cs.toronto.edu/~kriz/"
TEN = 10
# Real reviews and newswires are two to four times as long
LENGTH_OF_TEXTS = 60
# Pickles that Keras takes are of arrays in the old way
PROTOCOL = 4


@dataclass(frozen=True)
class File:
    """A file to be made up: of which dataset, what is in it, and what writes it."""

    dataset: str
    holds: str
    write: Callable[[Path], None]


def known(url: str) -> File | None:
    """The file at this address; None if it is none of `keras.datasets`."""
    return FILES.get(url)


def _npz(path: Path, **arrays: np.ndarray) -> None:
    # by name, NumPy would add a suffix
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def _pictures(dataset: str, split: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    labels = madeup.labels(dataset, split, count, TEN)
    pictures = madeup.Pictures(dataset, TEN, 1).all(split, labels, 28, 28)
    return pictures[..., 0], labels.astype(np.uint8)


def _mnist(path: Path) -> None:
    (x, y), (x_test, y_test) = (
        _pictures("mnist", "train", 60000),
        _pictures("mnist", "test", TEN**4),
    )
    _npz(path, x_train=x, y_train=y, x_test=x_test, y_test=y_test)


def _fashion_mnist(split: str, count: int, part: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        array = _pictures("fashion_mnist", split, count)[part]
        header = np.array([0x801 + 2 * (1 - part), *array.shape], ">i4").tobytes()
        with gzip.open(path, "wb", compresslevel=0) as file:
            file.write(header)
            file.write(array.tobytes())

    return write


def _archive(path: Path, pickles: dict[str, dict[bytes, Any]]) -> None:
    with tarfile.open(path, "w") as archive:
        for name, contents in pickles.items():
            data = pickle.dumps(contents, protocol=PROTOCOL)
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def _rows(dataset: str, split: str, labels: np.ndarray, classes: int) -> np.ndarray:
    """Pictures as the files of CIFAR have them: a row for each, channel by channel."""
    pictures = madeup.Pictures(dataset, classes, 3).all(split, labels, 32, 32)
    rows: np.ndarray = pictures.transpose(0, 3, 1, 2).reshape(len(labels), -1)
    return rows


def _cifar10(path: Path) -> None:
    batches = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
    pickles = {}
    for batch in batches:
        labels = madeup.labels("cifar10", batch, TEN**4, TEN)
        rows = _rows("cifar10", batch, labels, TEN)
        pickles[f"cifar-10-batches-py/{batch}"] = {b"data": rows, b"labels": labels.tolist()}
    _archive(path, pickles)


def _cifar100(path: Path) -> None:
    pickles = {}
    for split, count in (("train", 50000), ("test", 10000)):
        fine = madeup.labels("cifar100", split, count, 100)
        pickles[f"cifar-100-python/{split}"] = {
            b"data": _rows("cifar100", split, fine, 100),
            b"fine_labels": fine.tolist(),
            b"coarse_labels": (fine // 5).tolist(),
        }
    _archive(path, pickles)


def _lists(dataset: str, split: str, labels: np.ndarray, vocabulary: int) -> np.ndarray:
    texts = madeup.texts(dataset, split, labels, vocabulary, LENGTH_OF_TEXTS)
    array: np.ndarray = np.empty(len(texts), object)
    array[:] = texts
    return array


WORDS_OF_IMDB = 88584
WORDS_OF_REUTERS = 30979


def _imdb(path: Path) -> None:
    arrays = {}
    for split in ("train", "test"):
        labels = madeup.labels("imdb", split, 25000, 2)
        arrays[f"x_{split}"] = _lists("imdb", split, labels, WORDS_OF_IMDB)
        arrays[f"y_{split}"] = labels
    _npz(path, **arrays)


def _reuters(path: Path) -> None:
    labels = madeup.labels("reuters", "all", 11228, 46)
    _npz(path, x=_lists("reuters", "all", labels, WORDS_OF_REUTERS), y=labels)


def _words(count: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(json.dumps({f"word{n}": n for n in range(1, count + 1)}), encoding="utf-8")

    return write


def _housing(
    dataset: str, count: int, low: list[float], high: list[float], prices: list[float], dtype: type
) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        x, y = madeup.table(dataset, count, low, high)
        y = prices[0] + y * (prices[1] - prices[0])
        _npz(path, x=x.astype(dtype), y=y.astype(dtype))

    return write


# the limits of each column
BOSTON = (
    [0.006, 0, 0.46, 0, 0.385, 3.56, 2.9, 1.13, 1, 187, 12.6, 0.32, 1.73],
    [89.0, 100, 27.7, 1, 0.871, 8.78, 100, 12.1, 24, 711, 22, 396.9, 38.0],
    [5.0, 50.0],
)
CALIFORNIA = (
    [-124.35, 32.54, 1, 2, 1, 3, 1, 0.5],
    [-114.31, 41.95, 52, 39320, 6445, 35682, 6082, 15.0],
    [14999.0, 500001.0],
)
TRAIN_AND_TEST = "60,000 and 10,000 pictures of 28 x 28"
COLOURED = "50,000 and 10,000 pictures of 32 x 32"

FILES = {
    f"{ORIGIN}mnist.npz": File("mnist", TRAIN_AND_TEST, _mnist),
    **{
        f"{ORIGIN}{stem}-{name}": File(
            "fashion_mnist", TRAIN_AND_TEST, _fashion_mnist(split, count, part)
        )
        for stem, split, count in (("train", "train", 60000), ("t10k", "test", 10000))
        for part, name in enumerate(("images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"))
    },
    f"{TORONTO}cifar-10-python.tar.gz": File("cifar10", COLOURED, _cifar10),
    f"{TORONTO}cifar-100-python.tar.gz": File("cifar100", COLOURED, _cifar100),
    f"{ORIGIN}imdb.npz": File("imdb", "25,000 and 25,000 short texts", _imdb),
    f"{ORIGIN}imdb_word_index.json": File("imdb", "88,584 words", _words(WORDS_OF_IMDB)),
    f"{ORIGIN}reuters.npz": File("reuters", "11,228 short texts", _reuters),
    f"{ORIGIN}reuters_word_index.json": File("reuters", "30,979 words", _words(WORDS_OF_REUTERS)),
    f"{ORIGIN}boston_housing.npz": File(
        "boston_housing", "506 rows", _housing("boston_housing", 506, *BOSTON, np.float64)
    ),
    f"{ORIGIN}california_housing.npz": File(
        "california_housing",
        "20,640 rows",
        _housing("california_housing", 20640, *CALIFORNIA, np.float32),
    ),
}
