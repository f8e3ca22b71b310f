"""The datasets of tensorflow_datasets that can be made up, as that package describes them."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("tensorflow_datasets.json")


@dataclass(frozen=True)
class Description:
    """A dataset in one configuration, which may have no name.

    `features` is a tree: a "FeaturesDict" has "features", all others "shape" and "dtype". `splits`
    has the numbers of examples; the labels of those that are `unlabelled` are -1.
    """

    name: str
    config: str
    version: str
    features: dict[str, Any]
    supervised_keys: Any
    splits: dict[str, int]
    unlabelled: tuple[str, ...]
    texts: dict[str, str]

    @property
    def full_name(self) -> str:
        """With configuration and version, as its folder is called."""
        return "/".join(filter(None, (self.name, self.config, self.version)))


def version() -> str:
    """The version of the package that was asked."""
    return str(_load()["version"])


def names() -> dict[str, list[str]]:
    """The public names of the package and, by their names, of its modules that have some."""
    found: dict[str, list[str]] = _load()["names"]
    return found


def find(name: str, config: str | None = None) -> Description | None:
    """The dataset of this name, and the configuration or the default one; None if none is known."""
    for full, about in _load()["datasets"].items():
        its_name, _, its_config = full.partition("/")
        if its_name == name and (about["default"] if config is None else its_config == config):
            return _description(its_name, its_config, about)
    return None


def _description(name: str, config: str, about: dict[str, Any]) -> Description:
    return Description(
        name,
        config,
        about["version"],
        about["features"],
        _tuples(about["supervised_keys"]),
        about["splits"],
        tuple(about["unlabelled"]),
        {key: about[key] for key in ("description", "homepage", "citation")},
    )


def _tuples(keys: Any) -> Any:
    return tuple(map(_tuples, keys)) if isinstance(keys, list) else keys


@functools.cache
def _load() -> Any:
    return json.loads(FILE.read_text(encoding="utf-8"))
