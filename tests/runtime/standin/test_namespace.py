"""The module `tensorflow` of the stand-in: which names it has and what they do."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from varsync_runtime import standin
from varsync_runtime.standin import keras
from varsync_runtime.standin.names import Kind, load


@pytest.fixture
def tf() -> Iterator[Any]:
    standin.install()
    try:
        yield importlib.import_module("tensorflow")
    finally:
        standin.uninstall()


def test_it_is_imported_only_while_installed() -> None:
    before = sys.modules.get("tensorflow")
    standin.install()
    spec = importlib.import_module("tensorflow").__spec__
    assert spec is not None and spec.origin == "varsync"
    standin.uninstall()
    assert sys.modules.get("tensorflow") is before


def test_versions(tf: Any) -> None:
    assert tf.__version__ == tf.version.VERSION == "2.21.0"


@pytest.mark.parametrize(
    "path", ["math.add", "add", "compat.v1.add", "compat.v2.add", "compat.v1.math.add"]
)
def test_one_thing_has_all_its_names(tf: Any, path: str) -> None:
    value = tf
    for part in path.split("."):
        value = getattr(value, part)
    assert value is tf.math.add


def test_what_differs_in_version_1_is_not_taken_from_version_2(tf: Any) -> None:
    with pytest.raises(standin.NotModelled, match=r"tf\.compat\.v1\.boolean_mask"):
        tf.compat.v1.boolean_mask([1], [True])


def test_a_placeholder_fails_when_it_is_called(tf: Any) -> None:
    expm = tf.linalg.expm
    with pytest.raises(standin.NotModelled) as caught:
        expm([1])
    assert str(caught.value).startswith("varsync simulate does not model tf.linalg.expm (")
    assert str(caught.value).endswith(f"test_namespace.py:{caught.traceback[0].lineno + 1})")


def test_a_placeholder_fails_however_it_is_used(tf: Any) -> None:
    graph = tf.Graph
    with pytest.raises(standin.NotModelled, match=r"tf\.Graph"):
        graph[0]
    with pytest.raises(standin.NotModelled, match=r"tf\.Graph\.as_default"):
        graph.as_default()
    with pytest.raises(standin.NotModelled, match=r"tf\.Graph"):
        type("Mine", (object,), {})  # nothing is wrong with that
        exec("class Mine(graph): pass", {"graph": graph})
    with pytest.raises(standin.NotModelled, match=r"tf\.Graph"):
        graph + 1
    with pytest.raises(standin.NotModelled, match=r"tf\.Graph"):
        iter(graph)


def test_a_placeholder_is_no_class_of_anything(tf: Any) -> None:
    assert not isinstance(1, tf.Graph)
    assert isinstance(1, (int, tf.Operation))
    assert tf.Tensor | tf.Graph is not None


def test_without_keras_its_names_say_what_to_do(tf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras, "installed", lambda: False)
    layers = importlib.import_module("tensorflow.keras.layers")
    words = r"tf\.keras\.layers\.Dense without Keras: pip install 'varsync\[keras\]' \("
    with pytest.raises(standin.NotModelled, match=words):
        layers.Dense(1)
    with pytest.raises(standin.NotModelled, match=r"tf\.optimizers\.SGD without Keras"):
        tf.optimizers.SGD(0.1)


def test_to_look_for_keras_is_not_to_import_it(tf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    imports: list[None] = []
    monkeypatch.setattr(keras, "imported", lambda: imports.append(None))
    keras.installed.cache_clear()
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    found = keras.installed()
    assert imports == []
    assert found == (importlib.util.find_spec("keras") is not None)
    assert imports == [None]  # whoever imports it asks like this


def test_unknown_names_are_told_in_tensorflows_words(tf: Any) -> None:
    with pytest.raises(AttributeError, match=r"^module 'tensorflow' has no attribute 'nosuch'$"):
        tf.nosuch  # noqa: B018
    words = r"^module 'tensorflow._api.v2.math' has no attribute 'nosuch'$"
    with pytest.raises(AttributeError, match=words):
        tf.math.nosuch  # noqa: B018
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'tensorflow.nosuch'$"):
        importlib.import_module("tensorflow.nosuch")
    with pytest.raises(ImportError):
        exec("from tensorflow.math import nosuch")


def test_submodules_are_imported_and_are_the_same(tf: Any) -> None:
    assert importlib.import_module("tensorflow.math") is tf.math
    assert importlib.import_module("tensorflow.compat.v1").add is tf.add
    private = importlib.import_module("tensorflow.python.framework.ops")
    with pytest.raises(standin.NotModelled, match=r"tf\.python\.framework\.ops\.whatever"):
        private.whatever()


def test_every_recorded_name_can_be_read(tf: Any) -> None:
    """Each gives a value, a module or a placeholder; none raises."""
    read = 0
    for path in list(load()._modules):
        module = tf
        for part in path.split(".")[1:]:
            module = getattr(module, part)
        for name in load().module(path) or ():
            assert getattr(module, name) is not None or load().kind(f"{path}.{name}") is Kind.VALUE
            read += 1
    assert read > 6000


@pytest.mark.tensorflow
def test_names_are_those_of_tensorflow() -> None:
    from pathlib import Path

    import tensorflow

    from tests.runtime.standin.record_names import lines

    file = Path(standin.__file__).with_name("names-2.21.txt")
    assert file.read_text(encoding="utf-8").splitlines() == list(lines(tensorflow))
