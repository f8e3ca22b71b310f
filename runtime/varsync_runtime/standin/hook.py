"""The import hook: `import tensorflow` gives the stand-in, also where TensorFlow is installed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from varsync_runtime.standin import keras, modules, tensorflow_datasets
from varsync_runtime.standin.completing import Completer
from varsync_runtime.standin.names import load

ROOT = "tensorflow"


class Finder(MetaPathFinder, Loader):
    """Finds the stand-in's modules. It is both finder and loader, as in `importlib.abc`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module of `tensorflow`; None for other modules and for unknown names."""
        if fullname != ROOT and not fullname.startswith(f"{ROOT}."):
            return None
        if not modules.is_module("tf" + fullname.removeprefix(ROOT), load()):
            # as Python says it, and not what an installed TensorFlow has
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return ModuleSpec(fullname, self, origin="varsync", is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module itself, which `tf.math` gives too."""
        return modules.module("tf" + spec.name.removeprefix(ROOT))

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is executed: the names are found when they are read. Keras takes its own place."""
        found = modules.of_keras("tf" + module.__name__.removeprefix(ROOT), load())
        if found is not None:
            sys.modules[module.__name__] = found


_finders = (keras.Watcher(), Completer(), tensorflow_datasets.Finder(), Finder())
_hidden: dict[str, ModuleType] = {}


def install() -> None:
    """From now on this process imports the stand-in as `tensorflow`."""
    importlib.import_module("varsync_runtime.standin.library")
    if _finders[0] not in sys.meta_path:
        _hidden.update(_taken_out())
        sys.meta_path[:0] = _finders


def uninstall() -> None:
    """`tensorflow` is again what it was before `install`."""
    if _finders[0] in sys.meta_path:
        sys.meta_path[:] = [one for one in sys.meta_path if one not in _finders]
        _taken_out()
        modules.forget()
        sys.modules.update(_hidden)
        _hidden.clear()


def _taken_out() -> dict[str, ModuleType]:
    """The modules that the stand-in takes the place of, taken out of `sys.modules`."""
    roots = (ROOT, tensorflow_datasets.ROOT)
    names = [name for name in sys.modules if name.partition(".")[0] in roots]
    return {name: sys.modules.pop(name) for name in names}
