"""The examples of a dataset of tensorflow_datasets, made up, and the `tf.data.Dataset` of them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from varsync_runtime.datasets import madeup
from varsync_runtime.datasets.catalog import Description
from varsync_runtime.datasets.read_config import applied
from varsync_runtime.datasets.splits import Part
from varsync_runtime.datasets.tensorflow import tensorflow
from varsync_runtime.tensors.errors import NotModelled

# More bytes of pictures than that are made one by one while they are read
AT_ONCE = 1 << 28
# Heights and widths of pictures that have no fixed size
SIZES = (100, 300)
# As many texts are made; larger datasets repeat them
TEXTS = 20000
VOCABULARY = 20000
LENGTH = 60

Column = np.ndarray | Callable[[int], np.ndarray]
"""All values of a part of the examples, or what makes one of them."""


def read(
    description: Description, parts: Iterable[Part], config: Any, decoders: Any, keys: Any = None
) -> Any:
    """The examples of parts of splits, one after the other, as `config` has them read."""
    if decoders is not None:
        raise NotModelled("decoders of tensorflow_datasets")
    datasets = [dataset(description, part, keys) for part in parts]
    return applied(config, functools.reduce(lambda one, more: one.concatenate(more), datasets))


def dataset(description: Description, part: Part, keys: Any = None) -> Any:
    """The examples of a part of a split: dictionaries of tensors, or `keys` with the tensors."""
    data = tensorflow().data
    maker = _Maker(description, part.split)
    columns = _chosen(functools.partial(_columns, maker), description.features, keys)
    if not any(callable(column) for column in _leaves(columns)):
        return data.Dataset.from_tensor_slices(_map(functools.partial(_rows, part), columns))

    def generate() -> Iterator[Any]:
        for index in range(part.first, part.end):
            yield _map(functools.partial(_at, index), columns)

    signature = _chosen(lambda one, _: spec(one), description.features, keys)
    made = data.Dataset.from_generator(generate, output_signature=signature)
    return made.apply(data.experimental.assert_cardinality(part.end - part.first))


def _chosen(of: Callable[[dict[str, Any], str], Any], features: dict[str, Any], keys: Any) -> Any:
    """What a function gives of all features, or in the place of each key of its feature."""
    if keys is None:
        return of(features, "")
    if isinstance(keys, tuple):
        return tuple(_chosen(of, features, key) for key in keys)
    if isinstance(keys, dict):
        return {key: _chosen(of, features, one) for key, one in keys.items()}
    return of(features["features"][keys], keys)


def spec(features: dict[str, Any]) -> Any:
    """The spec of an example."""
    tf = tensorflow()
    if "features" in features:
        return {key: spec(one) for key, one in features["features"].items()}
    return tf.TensorSpec(features["shape"], tf.as_dtype(features["dtype"]))


def _map(function: Callable[[Column], Any], columns: Any) -> Any:
    if isinstance(columns, dict):
        return {key: _map(function, one) for key, one in columns.items()}
    if isinstance(columns, tuple):
        return tuple(_map(function, one) for one in columns)
    return function(columns)


def _rows(part: Part, column: Any) -> Any:
    return column[part.first : part.end]


def _at(index: int, column: Column) -> np.ndarray:
    value: np.ndarray = column(index) if callable(column) else column[index]
    return value


def _leaves(columns: Any) -> list[Column]:
    found: list[Column] = []
    _map(found.append, columns)
    return found


@functools.cache
def _made(name: str) -> dict[str, Column]:
    """What was made for a split, which is made once in a process."""
    return {}


def _columns(maker: _Maker, features: dict[str, Any], path: str = "") -> Any:
    if "features" in features:
        return {
            key: _columns(maker, one, f"{path}/{key}" if path else key)
            for key, one in features["features"].items()
        }
    made = _made(f"{maker.dataset} {maker.split}")
    if path not in made:
        made[path] = maker.column(path, features)
    return made[path]


class _Maker:
    """Makes the columns of a split."""

    def __init__(self, description: Description, split: str) -> None:
        self.dataset, self.split = description.full_name, split
        self._count = description.splits[split]
        self._unlabelled = split in description.unlabelled
        features = description.features["features"]
        keys = description.supervised_keys or (None, "label")
        self._input, target = keys[0], keys[1]
        is_label = isinstance(target, str) and "names" in features.get(target, {})
        self._target = target if is_label else None
        self._classes = len(features[target]["names"]) if is_label else 1

    def _numbers(self, path: str) -> np.random.RandomState:
        return madeup.source(self.dataset, self.split, path)

    @functools.cached_property
    def _labels(self) -> np.ndarray:
        """What the inputs show, also where nobody may know it."""
        return madeup.labels(self.dataset, self.split, self._count, self._classes)

    def column(self, path: str, feature: dict[str, Any]) -> Column:
        """All values of a part of the examples."""
        if path == self._target:
            return np.full(self._count, -1) if self._unlabelled else self._labels
        if feature["kind"] == "Image":
            return self._pictures(path, feature)
        if feature["dtype"] == "string":
            is_text = feature["kind"] == "Text" and self._input in (None, path)
            return self._texts() if is_text else self._names(path)
        return self._values(path, feature)

    def _pictures(self, path: str, feature: dict[str, Any]) -> Column:
        height, width, channels = feature["shape"]
        low, high = feature.get("values", (0, 255))

        def within(picture: np.ndarray) -> np.ndarray:
            return picture if (low, high) == (0, 255) else low + picture % np.uint8(high - low + 1)

        pictures = madeup.Pictures(f"{self.dataset} {path}", self._classes, channels)
        if height and width and self._count * math.prod(feature["shape"]) <= AT_ONCE:
            return within(pictures.all(self.split, self._labels, height, width))
        # all pictures of an example have the same size
        sizes = self._numbers("sizes").randint(*SIZES, size=(self._count, 2))
        starts = self._numbers(path).randint(madeup.PIECE, size=self._count)

        def one(index: int) -> np.ndarray:
            size = (height or int(sizes[index, 0]), width or int(sizes[index, 1]))
            return within(pictures.one(int(self._labels[index]), *size, int(starts[index])))

        return one

    def _texts(self) -> np.ndarray:
        labels = self._labels[:TEXTS]
        numbers = madeup.texts(self.dataset, self.split, labels, VOCABULARY, LENGTH)
        words = [b"word%d" % number for number in range(VOCABULARY + 1)]
        texts: np.ndarray = np.empty(len(labels), object)
        texts[:] = [b" ".join([words[number] for number in text]) for text in numbers]
        made: np.ndarray = np.empty(self._count, object)
        for label in range(self._classes):
            # a label's texts, again and again
            at = np.flatnonzero(self._labels == label)
            of_label = np.flatnonzero(labels == label)
            if len(of_label):
                made[at] = texts[np.resize(of_label, len(at))]
        return made

    def _names(self, path: str) -> np.ndarray:
        stem = path.rpartition("/")[2]
        names: np.ndarray = np.empty(self._count, object)
        names[:] = [f"{self.split}_{stem}_{index}".encode() for index in range(self._count)]
        return names

    def _values(self, path: str, feature: dict[str, Any]) -> np.ndarray:
        dtype = np.dtype(feature["dtype"])
        numbers, shape = self._numbers(path), (self._count, *feature["shape"])
        values: np.ndarray
        if "names" in feature:
            values = numbers.randint(len(feature["names"]), size=shape)
        elif dtype.kind in "iu":
            values = numbers.randint(10, size=shape)
        elif dtype.kind == "b":
            values = numbers.random_sample(shape) < 0.5
        elif feature["kind"] == "BBoxFeature":
            values = numbers.random_sample(shape) / 2 + [0, 0, 0.5, 0.5]
        else:
            # a label's numbers are greater than those of the one before
            labels = self._labels.reshape(-1, *[1] * len(feature["shape"]))
            values = (numbers.random_sample(shape) + labels) / self._classes
        return values.astype(dtype)
