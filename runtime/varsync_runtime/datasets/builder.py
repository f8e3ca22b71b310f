"""Builders of made-up datasets, where tensorflow_datasets is not installed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from varsync_runtime.datasets import examples, telling
from varsync_runtime.datasets.catalog import Description, find
from varsync_runtime.datasets.features import FeaturesDict
from varsync_runtime.datasets.read_config import ReadConfig
from varsync_runtime.datasets.splits import SplitDict
from varsync_runtime.datasets.tensorflow import tensorflow
from varsync_runtime.tensors.errors import NotModelled

HOME = Path("~", "tensorflow_datasets")
INSTALL = "pip install tensorflow-datasets"


class DatasetInfo:
    """tensorflow_datasets/core/dataset_info.py, `DatasetInfo`."""

    def __init__(self, description: Description, data_dir: Path) -> None:
        self.name = description.name
        self.full_name = description.full_name
        self.config_name = description.config
        self.version = description.version
        self.description = description.texts["description"]
        self.homepage = description.texts["homepage"]
        self.citation = description.texts["citation"]
        self.supervised_keys = description.supervised_keys
        self.features = FeaturesDict(description.features)
        self.splits = SplitDict(description.splits)
        self.data_dir = str(data_dir)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotModelled(f"tfds.core.DatasetInfo.{name} of a made-up dataset")

    def __repr__(self) -> str:
        splits = [f"    '{name}': {split}," for name, split in sorted(self.splits.items())]
        rows = {
            "name": repr(self.name),
            "full_name": repr(self.full_name),
            "description": f'"""\n{self.description}\n"""',
            "homepage": repr(self.homepage),
            "data_dir": repr(self.data_dir),
            "features": repr(self.features),
            "supervised_keys": self.supervised_keys,
            "splits": "\n".join(["{", *splits, "}"]),
            "citation": f'"""{self.citation}"""',
        }
        lines = [f"{key}={value},".replace("\n", "\n    ") for key, value in rows.items()]
        return "\n".join(["tfds.core.DatasetInfo(", *(f"    {line}" for line in lines), ")"])


class DatasetBuilder:
    """tensorflow_datasets/core/dataset_builder.py, `DatasetBuilder`, of a dataset that is made up."""

    def __init__(self, description: Description, data_dir: Path) -> None:
        self._description = description
        self.name = description.name
        self.version = description.version
        self.data_dir = str(data_dir / description.full_name)
        self.info = DatasetInfo(description, data_dir / description.full_name)
        holds = telling.examples(description.splits)
        telling.tell(f"tensorflow_datasets {description.full_name}", holds, self._why())

    def _why(self) -> str:
        if Path(self.data_dir).exists():
            return f"{self.data_dir} is not read without tensorflow_datasets ({INSTALL})"
        return f"nothing is in {self.data_dir}"

    def download_and_prepare(self, **kwargs: Any) -> None:
        """Nothing is downloaded."""

    def is_prepared(self) -> bool:
        """Whether there is something to read."""
        return True

    def as_dataset(
        self,
        split: Any = None,
        *,
        batch_size: int | None = None,
        shuffle_files: bool = False,
        decoders: Any = None,
        read_config: ReadConfig | None = None,
        as_supervised: bool = False,
    ) -> Any:
        """A dataset of a split, or of each in a structure of splits; by default of all."""
        config = read_config or ReadConfig()

        def one(split: Any) -> Any:
            return self._one(split, batch_size, decoders, config, as_supervised)

        return _mapped(one, {name: name for name in self.info.splits} if split is None else split)

    def _one(
        self,
        split: Any,
        batch_size: int | None,
        decoders: Any,
        config: ReadConfig,
        as_supervised: bool,
    ) -> Any:
        keys = self.info.supervised_keys if as_supervised else None
        if as_supervised and not keys:
            raise ValueError(
                f"as_supervised=True but {self.name} does not support a supervised structure."
            )
        parts = self.info.splits.parts(split)
        dataset = examples.read(self._description, parts, config, decoders, keys)
        if batch_size == -1:
            total = self.info.splits.total_num_examples
            return tensorflow().data.Dataset.get_single_element(dataset.padded_batch(total))
        if batch_size:
            dataset = dataset.padded_batch(batch_size)
        return dataset if config.skip_prefetch else dataset.prefetch(tensorflow().data.AUTOTUNE)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotModelled(f"tfds.core.DatasetBuilder.{name} of a made-up dataset")


def _mapped(function: Callable[[Any], Any], structure: Any) -> Any:
    if isinstance(structure, dict):
        return {key: _mapped(function, one) for key, one in structure.items()}
    if isinstance(structure, (list, tuple)):
        return type(structure)(_mapped(function, one) for one in structure)
    return function(structure)


def builder(
    name: str,
    *,
    try_gcs: bool = False,
    data_dir: Any = None,
    config: Any = None,
    version: Any = None,
    **kwargs: Any,
) -> DatasetBuilder:
    """tensorflow_datasets/core/load.py, `builder`: the builder of `name/config:version`."""
    stem, _, in_name = name.partition(":")[0].partition("/")
    where = Path(data_dir or os.environ.get("TFDS_DATA_DIR") or HOME).expanduser()
    description = find(stem, str(config) if config else in_name or None)
    if description is None:
        raise NotModelled(
            f"the dataset {name!r} of tensorflow_datasets: {INSTALL}, and prepare it in {where}"
        )
    return DatasetBuilder(description, where)


def load(
    name: str,
    *,
    split: Any = None,
    data_dir: Any = None,
    batch_size: int | None = None,
    shuffle_files: bool = False,
    download: bool = True,
    as_supervised: bool = False,
    decoders: Any = None,
    read_config: ReadConfig | None = None,
    with_info: bool = False,
    builder_kwargs: dict[str, Any] | None = None,
    download_and_prepare_kwargs: dict[str, Any] | None = None,
    as_dataset_kwargs: dict[str, Any] | None = None,
    try_gcs: bool = False,
    file_format: Any = None,
) -> Any:
    """tensorflow_datasets/core/load.py, `load`."""
    made = builder(name, data_dir=data_dir, try_gcs=try_gcs, **(builder_kwargs or {}))
    arguments = {
        "split": split,
        "as_supervised": as_supervised,
        "batch_size": batch_size,
        "decoders": decoders,
        "shuffle_files": shuffle_files,
        "read_config": read_config,
        **(as_dataset_kwargs or {}),
    }
    dataset = made.as_dataset(**arguments)
    return (dataset, made.info) if with_info else dataset


class _Arrays:
    """The elements of a dataset as NumPy has them, again and again."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    def __len__(self) -> int:
        return len(self._dataset)

    def __iter__(self) -> Any:
        return iter(self._dataset.as_numpy_iterator())


def as_numpy(dataset: Any) -> Any:
    """tensorflow_datasets/core/dataset_utils.py: tensors and datasets as NumPy has them."""

    def arrays(one: Any) -> Any:
        if isinstance(one, tensorflow().data.Dataset):
            return _Arrays(one)
        return one.numpy()

    return _mapped(arrays, dataset)
