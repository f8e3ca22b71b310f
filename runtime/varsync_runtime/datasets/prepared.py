"""The installed tensorflow_datasets without a network: what is not prepared is made up."""

from __future__ import annotations

import functools
import importlib
from types import ModuleType
from typing import Any

from varsync_runtime.datasets import examples, telling
from varsync_runtime.datasets.catalog import Description, find
from varsync_runtime.datasets.scratch import scratch
from varsync_runtime.datasets.splits import Part
from varsync_runtime.tensors.errors import NotModelled


def install(module: ModuleType) -> None:
    """Replaces a method of the package's `core.dataset_builder`, and one of its downloader.

    Builders make up what they would download and prepare, if it is described. Those that find what
    they need on the disk prepare it themselves.
    """
    builder = module.DatasetBuilder
    original = builder.download_and_prepare

    @functools.wraps(original)
    def download_and_prepare(self: Any, **kwargs: Any) -> None:
        description = None if self.data_path.exists() else find(self.name, self.builder_config_name)
        if description is not None:
            _make_up(self, description)
            return
        # the addresses that it is known to download from
        if not self.data_path.exists() and getattr(self, "url_infos", None):
            raise NotModelled(f"downloads: prepare {self.info.full_name} in {self.data_dir}")
        original(self, **kwargs)

    builder.download_and_prepare = download_and_prepare
    downloader = importlib.import_module("tensorflow_datasets.core.download.downloader")
    downloader._Downloader.download = _download


def _download(self: Any, url: str, *args: Any, **kwargs: Any) -> None:
    raise NotModelled(f"downloads: {url}")


def _make_up(builder: Any, description: Description) -> None:
    """The builder has the splits of the description, and their examples."""
    splits = importlib.import_module("tensorflow_datasets.core.splits")
    telling.tell(
        f"tensorflow_datasets {builder.info.full_name}",
        telling.examples(description.splits),
        f"nothing is in {builder.data_dir}",
    )
    infos = [splits.SplitInfo(name, [size], 0) for name, size in description.splits.items()]
    builder.info.set_splits(splits.SplitDict(infos))

    def as_dataset(
        split: Any, decoders: Any = None, read_config: Any = None, shuffle_files: bool = False
    ) -> Any:
        found = splits._make_absolute_instructions(builder.info.splits.values(), split)
        parts = [
            Part(one.splitname, one.from_ or 0, sizes[one.splitname] if one.to is None else one.to)
            for one in found
        ]
        return examples.read(description, parts, read_config, decoders)

    sizes = description.splits
    builder._as_dataset = as_dataset
    # it looks whether there is a folder, and reads nothing of it
    builder._data_dir = str(scratch.made())
