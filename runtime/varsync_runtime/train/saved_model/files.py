"""The file `saved_model.pb` of a SavedModel, and its folders.

It bears TensorFlow's name and has a magic line and JSON: the objects, by which names they hold
each other, and what the variables are. Their values are a checkpoint in `variables/`.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from varsync_runtime.tensors import errors
from varsync_runtime.tensors.exports import export, provide
from varsync_runtime.tensors.oserrors import translated

MAGIC = b"varsync simulate: SavedModel, format 1\n"
MODEL = "saved_model.pb"
FINGERPRINT = "fingerprint.pb"
ASSETS = "assets"
VARIABLES = "variables"

for _name, _value in {
    "ASSETS_DIRECTORY": ASSETS,
    "ASSETS_KEY": "saved_model_assets",
    "CLASSIFY_INPUTS": "inputs",
    "CLASSIFY_METHOD_NAME": "tensorflow/serving/classify",
    "CLASSIFY_OUTPUT_CLASSES": "classes",
    "CLASSIFY_OUTPUT_SCORES": "scores",
    "DEBUG_DIRECTORY": "debug",
    "DEBUG_INFO_FILENAME_PB": "saved_model_debug_info.pb",
    "DEFAULT_SERVING_SIGNATURE_DEF_KEY": "serving_default",
    "GPU": "gpu",
    "PREDICT_INPUTS": "inputs",
    "PREDICT_METHOD_NAME": "tensorflow/serving/predict",
    "PREDICT_OUTPUTS": "outputs",
    "REGRESS_INPUTS": "inputs",
    "REGRESS_METHOD_NAME": "tensorflow/serving/regress",
    "REGRESS_OUTPUTS": "outputs",
    "SAVED_MODEL_FILENAME_PB": MODEL,
    "SAVED_MODEL_FILENAME_PBTXT": "saved_model.pbtxt",
    "SAVED_MODEL_SCHEMA_VERSION": 1,
    "SERVING": "serve",
    "TPU": "tpu",
    "TRAINING": "train",
    "VARIABLES_DIRECTORY": VARIABLES,
    "VARIABLES_FILENAME": "variables",
}.items():
    provide(f"tf.saved_model.{_name}", _value)


@dataclass
class Node:
    """An object: what it is, and what it holds. Of a variable, what it was made with."""

    kind: str
    children: list[tuple[str, int]] = field(default_factory=list)
    variable: dict[str, Any] = field(default_factory=dict)


@dataclass
class Model:
    """What the file says; `token` names the functions, which the process that saved it has."""

    token: str
    nodes: list[Node]
    signatures: list[str]


def variables_of(folder: str) -> str:
    """The prefix of the checkpoint that is in a SavedModel."""
    return os.path.join(folder, VARIABLES, "variables")  # noqa: PTH118 - as scripts wrote it


def make_folders(folder: str) -> None:
    """Makes the folders of a SavedModel, those that are not there."""
    for name in (ASSETS, VARIABLES):
        path = os.path.join(folder, name)  # noqa: PTH118
        with translated(path):
            os.makedirs(path, exist_ok=True)  # noqa: PTH103 - what replicas agree on


def write(folder: str, model: Model) -> None:
    """Writes the file; the folders have to be there."""
    contents = {MODEL: json.dumps(asdict(model)).encode(), FINGERPRINT: b""}
    for name, content in contents.items():
        path = os.path.join(folder, name)  # noqa: PTH118
        with translated(path), open(path, "wb") as file:  # noqa: PTH123 - as above
            file.write(MAGIC + content)


def read(folder: str) -> Model:
    """Reads the file of a SavedModel that was written here."""
    path = os.path.join(folder, MODEL)  # noqa: PTH118
    if not contains_saved_model(folder):
        raise OSError(
            f"SavedModel file does not exist at: {folder}/{{saved_model.pbtxt|saved_model.pb}}"
        )
    content = Path(path).read_bytes() if Path(path).exists() else b""
    if not content.startswith(MAGIC):
        raise errors.NotModelled(
            f"SavedModels that TensorFlow or another program wrote: {folder} is in another format"
        )
    try:
        found = json.loads(content[len(MAGIC) :])
    except ValueError:
        words = f"{path} is damaged: it was cut off or changed after it was written"
        raise errors.DataLossError(None, None, words) from None
    return Model(found["token"], [Node(**node) for node in found["nodes"]], found["signatures"])


@export("tf.saved_model.contains_saved_model")
def contains_saved_model(export_dir: Any) -> bool:
    """Whether there is a SavedModel in the folder."""
    folder = Path(os.fspath(export_dir))
    return any((folder / name).is_file() for name in (MODEL, "saved_model.pbtxt"))
