"""What the stand-in of tensorflow_datasets has, by name."""

from __future__ import annotations

from typing import Any

from varsync_runtime.datasets import builder, catalog, features, read_config, splits


def _nothing() -> None:
    """There is no bar of progress."""


NAMES: dict[str, Any] = {
    "__version__": catalog.version(),
    "as_numpy": builder.as_numpy,
    "builder": builder.builder,
    "core.DatasetBuilder": builder.DatasetBuilder,
    "core.DatasetInfo": builder.DatasetInfo,
    "core.ReadInstruction": splits.ReadInstruction,
    "core.SplitDict": splits.SplitDict,
    "core.SplitInfo": splits.SplitInfo,
    "disable_progress_bar": _nothing,
    "display_progress_bar": lambda enabled: None,
    "enable_progress_bar": _nothing,
    "even_splits": splits.even_splits,
    "features.FeaturesDict": features.FeaturesDict,
    "load": builder.load,
    "ReadConfig": read_config.ReadConfig,
    "Split": splits.Split,
}
