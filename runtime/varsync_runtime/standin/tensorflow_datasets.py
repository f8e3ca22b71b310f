"""The module `tensorflow_datasets`, where it is not installed: made-up datasets under its names."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from varsync_runtime.standin.placeholders import Placeholder

ROOT = "tensorflow_datasets"
# a module with the same names
PUBLIC = f"{ROOT}.public_api"


def installed() -> bool:
    """Whether the package itself is there."""
    return PathFinder.find_spec(ROOT) is not None


class StandIn(ModuleType):
    """A module of the stand-in. What is not there and the package has fails where it is used."""

    def __getattr__(self, name: str) -> Any:
        inside = _inside(self.__name__)
        known = importlib.import_module("varsync_runtime.datasets.catalog").names()
        path = f"{inside}.{name}" if inside else name
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        if path in known:
            return importlib.import_module(f"{ROOT}.{path}")
        values = importlib.import_module("varsync_runtime.datasets.library").NAMES
        if path in values:
            return values[path]
        if name not in known[inside]:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return Placeholder(f"tfds.{path}")

    def __dir__(self) -> Iterable[str]:
        catalog = importlib.import_module("varsync_runtime.datasets.catalog")
        return sorted({*catalog.names()[_inside(self.__name__)], *super().__dir__()})


def _inside(module: str) -> str:
    """Where a module is in the package; empty for the package itself."""
    return "" if module == PUBLIC else module.removeprefix(ROOT).lstrip(".")


class Finder(MetaPathFinder, Loader):
    """Finds the stand-in's modules if the package is not installed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module of the stand-in; None for other modules."""
        if fullname.partition(".")[0] != ROOT or installed():
            return None
        known = importlib.import_module("varsync_runtime.datasets.catalog").names()
        if _inside(fullname) not in known:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return ModuleSpec(fullname, self, origin="varsync", is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module, whose names are found when they are read."""
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is executed."""
