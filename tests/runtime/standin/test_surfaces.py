"""Which attributes the objects of the stand-in have: TensorFlow's, and no others."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from varsync_runtime import standin
from varsync_runtime.standin import surfaces
from varsync_runtime.tensors.errors import NotModelled

from tests.runtime.standin.record_surfaces import SCRIPT

PAGE = Path(__file__).parents[3] / "docs" / "simulate.md"
HEADING = "### Attributes that are not modelled"


def simulated(script: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "varsync", "simulate", str(script), *options],
        cwd=script.parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        timeout=100,
    )


def documented() -> dict[str, set[str]]:
    """What the page says of each class."""
    section = PAGE.read_text(encoding="utf-8").partition(HEADING)[2].partition("\n#")[0]
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", section, re.M)
    return {name: set(re.findall(r"`(\w+)`", names)) for name, names in rows}


@pytest.fixture(scope="module")
def ours() -> dict[str, set[str]]:
    done = simulated(SCRIPT, "--replicas", "2", "--exit-zero")
    assert done.returncode == 0, done.stderr
    return {place: set(found["names"]) for place, found in json.loads(done.stdout).items()}


def test_every_class_is_where_tensorflow_has_it(ours: dict[str, set[str]]) -> None:
    assert ours.keys() == surfaces.load().keys()


def test_no_object_has_an_attribute_too_many(ours: dict[str, set[str]]) -> None:
    recorded = surfaces.load()
    assert {place: names - recorded[place].names for place, names in ours.items()} == {
        place: set() for place in ours
    }


def test_what_is_missing_is_what_the_page_says(ours: dict[str, set[str]]) -> None:
    missing: dict[str, set[str]] = defaultdict(set)
    for place, surface in surfaces.load().items():
        if surface.names - ours[place]:
            missing[surface.public] |= surface.names - ours[place]
    assert missing == documented()


USES = """
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    mirrored = tf.Variable(1.0)
dataset = tf.data.Dataset.range(2)
objects = {
    "plain": tf.Variable(1.0), "mirrored": mirrored, "tensor": tf.constant(1.0), "dataset": dataset,
    "strategy": strategy, "function": tf.function(lambda: 1), "dtype": tf.float32,
}
for label, one in objects.items():
    print(label, [name for name in ("values", "nonsense", "shape", "numpy") if hasattr(one, name)])
class Module(tf.Module):
    load = 5
print(Module().load, tf.data.Dataset.load)
for use in (
    lambda: hasattr(mirrored, "to_proto"),
    lambda: tf.data.Dataset.load("here"),
    lambda: objects["plain"].to_proto(),
):
    try:
        use()
    except NotImplementedError as error:
        print(error)
dataset.save("there")
"""


def test_an_attribute_that_is_not_modelled_is_told_with_the_line(tmp_path: Path) -> None:
    script = tmp_path / "uses.py"
    script.write_text(USES)
    done = simulated(script)
    assert done.stdout.splitlines() == [
        "plain ['shape', 'numpy']",
        "mirrored ['values', 'shape', 'numpy']",
        "tensor ['shape', 'numpy']",
        "dataset []",
        "strategy []",
        "function []",
        "dtype []",
        "5 <tf.data.Dataset.load, not modelled by varsync>",
        "varsync simulate does not model tf.Variable.to_proto (uses.py:17)",
        "varsync simulate does not model tf.data.Dataset.load (uses.py:18)",
        "varsync simulate does not model tf.Variable.to_proto (uses.py:19)",
    ]
    assert "varsync simulate does not model tf.data.Dataset.save (uses.py:25)" in done.stderr
    assert done.returncode == 2


def test_what_is_there_costs_nothing() -> None:
    """A class that lacks something has no `__getattr__` for it, and what it has is untouched."""
    standin.install()
    try:
        for place, cls in surfaces.classes().items():
            surface = surfaces.load().get(place)
            for name in vars(cls) if surface is not None else ():
                found = vars(cls)[name]
                if isinstance(found, surfaces.NotModelledAttribute):
                    assert surface is not None and name in surface.names
                    assert not hasattr(type(found), "__set__")
                    with pytest.raises(NotModelled, match=re.escape(found.symbol)):
                        found()
    finally:
        standin.uninstall()


@pytest.mark.tensorflow
def test_surfaces_are_those_of_tensorflow() -> None:
    import tensorflow

    from tests.runtime.standin.record_surfaces import lines

    file = Path(standin.__file__).with_name("surfaces-2.21.txt")
    assert file.read_text(encoding="utf-8").splitlines() == list(lines(tensorflow))
