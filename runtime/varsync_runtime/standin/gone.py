"""Names of TensorFlow 1 and Keras 2 that are gone: one line says what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from varsync_runtime.tensors.errors import NotModelled

GUIDE = "see keras.io/guides/migrating_to_keras_3"
INSTEAD = {
    "experimental": "leave out `experimental`",
    "multi_gpu_model": "build the model in the scope of a strategy",
    "estimator": "train the model itself with fit",
    "set_session": "there are no sessions",
    "CuDNNLSTM": "use LSTM",
    "CuDNNGRU": "use GRU",
    "np_utils": "use keras.utils",
}
PACKAGES = {
    "tf_keras": "(Keras 2): import keras, version 3, and unset TF_USE_LEGACY_KERAS",
    "tensorflow_estimator": ": train a Keras model, or write the loop",
    "tensorflow_addons": ": use Keras 3's layers, losses, metrics and optimizers",
}
"""Packages for TensorFlow that would need what is not modelled."""
OF_TENSORFLOW = {
    "estimator": "which TensorFlow 2.21 does not have: train a Keras model, or write the loop",
    "contrib": "which TensorFlow 2 does not have: tf.distribute has the strategies",
    "app": "which TensorFlow 2 does not have: use absl.app",
    "flags": "which TensorFlow 2 does not have: use absl.flags",
}
LEGACY = "tf.keras with TF_USE_LEGACY_KERAS (Keras 2): unset it, and import keras, version 3"


class GoneName(NotModelled, AttributeError):
    """An attribute that is no longer there; `hasattr` and `getattr` with a default go on."""


class GoneModule(NotModelled, ModuleNotFoundError):
    """A module that is no longer there; who catches ImportError goes on."""


def of_keras(path: str) -> str:
    """A name that the installed Keras 3 does not have, and what to do."""
    from importlib.metadata import version

    shown = path.replace("keras._tf_keras.", "tf.")
    advice = INSTEAD.get(path.rpartition(".")[2], GUIDE)
    return f"{shown}, which Keras {version('keras')} does not have: {advice}"


def of_tensorflow(name: str, in_version_1: bool) -> str:
    """A name that TensorFlow 2 does not have, and what to do; empty if TensorFlow 1 had none."""
    if name in OF_TENSORFLOW:
        return f"tf.{name}, {OF_TENSORFLOW[name]}"
    if in_version_1:
        return f"tf.{name}, which TensorFlow 2 does not have: write it without graphs and sessions"
    return ""


def attribute(module: str) -> Callable[[str], NoReturn]:
    """The `__getattr__` of a module of Keras."""

    def missing(name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        raise GoneName(of_keras(f"{module}.{name}"))

    return missing


def package(name: str) -> GoneModule | None:
    """The error of an import of a package that would not run here; None for others."""
    words = PACKAGES.get(name)
    return None if words is None else GoneModule(f"{name} {words}".replace(" :", ":"))


def module(name: str) -> GoneModule:
    """The error of an import of a module that Keras 3 does not have."""
    return GoneModule(of_keras(name))
