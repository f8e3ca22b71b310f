"""Modules of other packages in which something is replaced when they are imported."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

# a module, and ours whose `install` gets it
COMPLETED = {
    "keras.src.utils.file_utils": "varsync_runtime.datasets.fetching",
    "tensorflow_datasets.core.dataset_builder": "varsync_runtime.datasets.prepared",
}


class Completer(MetaPathFinder):
    """Finds those modules where they are, and has them completed after they were run."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Python's own spec of the module; None for all others."""
        ours = COMPLETED.get(fullname)
        spec = PathFinder.find_spec(fullname, path, target) if ours else None
        if ours is None or spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            importlib.import_module(ours).install(module)

        vars(spec.loader)["exec_module"] = exec_module
        return spec
