"""Writes into the package which attributes the objects of the installed TensorFlow have.

    python -m tests.runtime.standin.record_surfaces

The file has one line a class: where TensorFlow has the class, the public name of it or of its first
base that has one (a variable is a tf.Variable first), and the attributes: the public ones, and those
through which Python itself uses an object (`__len__`, …).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import varsync_runtime

from tests.runtime.recording import on_tensorflow
from tests.runtime.standin.record_names import names_of, walk

VARIABLE = "tf.Variable"  # a distributed one is a tf.distribute.DistributedValues too
SCRIPT = Path(__file__).with_name("surface_script.py")


def surfaces() -> dict[str, dict[str, list[str]]]:
    """What the script prints on TensorFlow."""
    result: dict[str, dict[str, list[str]]] = json.loads(on_tensorflow(SCRIPT, devices=2))
    return result


def public_classes(tensorflow: Any) -> dict[str, str]:
    """The shortest public name of each class."""
    found: dict[str, str] = {}
    for path, _ in walk(tensorflow, "tf"):
        if "compat" in path or "__" in path:
            continue
        module = tensorflow
        for part in path.split(".")[1:]:
            module = getattr(module, part)
        for name, value in names_of(module):
            if isinstance(value, type):
                key, public = f"{value.__module__}.{value.__qualname__}", f"{path}.{name}"
                if key not in found or len(public) < len(found[key]):
                    found[key] = public
    return found


def lines(tensorflow: Any) -> Iterator[str]:
    """The lines of the file."""
    public = public_classes(tensorflow)
    yield f"version: {tensorflow.__version__}"
    for key, found in sorted(surfaces().items()):
        names = [public[base] for base in found["bases"] if base in public]
        name = VARIABLE if VARIABLE in names else names[0]
        yield " ".join([f"{key} {name}:", *found["names"]])


def record() -> None:
    """Writes the file of the installed version."""
    import tensorflow

    version = ".".join(tensorflow.__version__.split(".")[:2])
    data = Path(varsync_runtime.__file__).parent / "standin" / f"surfaces-{version}.txt"
    data.write_text("\n".join(lines(tensorflow)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
