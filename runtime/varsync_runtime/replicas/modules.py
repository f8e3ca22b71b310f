"""Modules that are run as scripts, as `python -m package.train` does."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Module:
    """A module to be run: its whole name (a package's ends with `.__main__`), and its file."""

    name: str
    path: str

    def attributes(self) -> dict[str, Any]:
        """What its namespace has before its first line; imports the packages that it lies in."""
        spec = importlib.util.find_spec(self.name)
        assert spec is not None
        return {
            "__spec__": spec,
            "__package__": spec.parent,
            "__loader__": spec.loader,
            "__file__": spec.origin,
            "__cached__": spec.cached,
        }


def find(name: str) -> Module | None:
    """The module that `python -m name` would run in this folder; nothing is imported."""
    path: Sequence[str] | None = [str(Path.cwd()), *sys.path]
    spec: ModuleSpec | None = None
    begun = ""
    parts = name.split(".")
    while parts and path is not None:
        begun = f"{begun}.{parts[0]}" if begun else parts[0]
        spec = PathFinder.find_spec(begun, path)
        if spec is None:
            return None
        path = spec.submodule_search_locations
        parts = parts[1:]
        if not parts and path is not None:
            parts = ["__main__"]
    if spec is None or parts or not spec.origin or not spec.origin.endswith(".py"):
        return None
    return Module(begun, spec.origin)
