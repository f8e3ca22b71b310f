"""Writes the public names of the installed TensorFlow into the package, for the stand-in.

    python -m tests.runtime.standin.record_names

The file has one line a module, `module: name name submodule/ …`. `name!` is a module of Keras. A
module of `tf.compat.v1` that TensorFlow 2 has too is written as the difference to it (`= +more
-less ~other`, where `~` is a name that stands for something else than there). `alias:` names what is
one object. The lines that start with `python`, `core` or `compiler` name the private modules below
them, one line a folder.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import varsync_runtime
from varsync_runtime.standin.names import PRIVATE

UNDERSCORED = ("__internal__", "__operators__", "__version__")
KERAS = ("keras", "losses", "metrics", "optimizers", "initializers", "layers", "rnn_cell")


def names_of(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """The public names of a module with what they stand for, sorted."""
    for name in sorted(dir(module)):
        if not name.startswith("_") or name in UNDERSCORED:
            try:
                yield name, getattr(module, name)
            except (AttributeError, ImportError):
                # a lazy module of Keras 2, which Keras 3 does not have
                continue


def is_public(module: types.ModuleType) -> bool:
    """Whether a module belongs to the public tree, so that its names are recorded."""
    home = str(module.__dict__.get("__name__", ""))
    return "_api" in home or home == "tensorflow.experimental"


def walk(module: types.ModuleType, path: str) -> Iterator[tuple[str, list[str]]]:
    """The modules from here downwards: path and names."""
    names: list[str] = []
    below: list[tuple[types.ModuleType, str]] = []
    for name, value in names_of(module):
        if name in KERAS and (path == "tf" or path.startswith("tf.compat.v")):
            names.append(f"{name}!")
        elif not isinstance(value, types.ModuleType):
            names.append(name)
        elif name == "compat" and path != "tf":
            # the same two modules again
            continue
        else:
            names.append(f"{name}/")
            if is_public(value) and path != "tf.compat.v2":
                below.append((value, f"{path}.{name}"))
    yield path, names
    # what TensorFlow 1 has is told by what TensorFlow 2 has
    for value, path_below in sorted(below, key=lambda pair: pair[1] == "tf.compat"):
        yield from walk(value, path_below)


def is_same(old: Any, new: Any) -> bool:
    """Whether two names stand for one object, below what decorators have made of it."""
    return bool(inspect.unwrap(old) is inspect.unwrap(new))


def difference(names: list[str], model: list[str], same: Callable[[str], bool]) -> list[str]:
    """A module of `tf.compat.v1` as the difference to the one of TensorFlow 2."""
    more = [f"+{name}" for name in names if name not in model]
    less = [f"-{name}" for name in model if name not in names]
    shared = [name for name in names if name in model and name[-1] not in "/!"]
    return ["=", *more, *less, *(f"~{name}" for name in shared if not same(name))]


def aliases(tensorflow: Any, known: dict[str, list[str]]) -> Iterator[list[str]]:
    """The names of TensorFlow 2 that stand for one function, class or dtype, in groups."""
    groups: dict[int, list[str]] = {}
    for path, names in known.items():
        if path.startswith(("tf.compat", "tf.raw_ops")):
            continue
        module = resolve(tensorflow, path)
        for name in names:
            if name[-1] not in "/!":
                value = getattr(module, name)
                if callable(value) or isinstance(value, tensorflow.DType):
                    groups.setdefault(id(value), []).append(f"{path}.{name}")
    yield from (group for group in groups.values() if len(group) > 1)


def resolve(tensorflow: Any, path: str) -> Any:
    """The module of a path such as `tf.math`."""
    value = tensorflow
    for part in path.split(".")[1:]:
        value = getattr(value, part)
    return value


def lines(tensorflow: Any) -> Iterator[str]:
    """The lines of the file."""
    yield f"version: {tensorflow.__version__}"
    known: dict[str, list[str]] = {}
    for path, names in walk(tensorflow, "tf"):
        known[path] = names
        newer = path.replace("tf.compat.v1", "tf", 1)
        if newer != path and newer in known:
            old, new = resolve(tensorflow, path), resolve(tensorflow, newer)
            names = difference(
                names,
                known[newer],
                lambda name, old=old, new=new: is_same(getattr(old, name), getattr(new, name)),  # type: ignore[misc]
            )
        yield " ".join([f"{path}:", *names])
    for group in aliases(tensorflow, known):
        yield " ".join(["alias:", *group])
    root = Path(tensorflow.__file__).parent
    folders = (path for name in PRIVATE for path in (root / name).rglob("*") if path.is_dir())
    for folder in sorted(folders):
        modules = sorted(file.stem for file in folder.glob("*.py") if file.stem != "__init__")
        if folder.name != "__pycache__" and (modules or (folder / "__init__.py").exists()):
            package = ".".join(folder.relative_to(root).parts)
            yield " ".join([f"{package}:", *modules])


def record() -> None:
    """Writes the file of the installed version."""
    import tensorflow

    version = ".".join(tensorflow.__version__.split(".")[:2])
    data = Path(varsync_runtime.__file__).parent / "standin" / f"names-{version}.txt"
    data.write_text("\n".join(lines(tensorflow)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
