"""Names of Keras 2 and TensorFlow 1: one line names it and the user's line, and says what to do."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

if importlib.util.find_spec("keras") is None:
    pytest.skip("Keras is not installed", allow_module_level=True)

K3 = f"which Keras {importlib.metadata.version('keras')} does not have"
WRITE = f"{K3}: see keras.io/guides/migrating_to_keras_3"
TF = "import tensorflow as tf\n"
GONE = {
    "import tf_keras": "tf_keras (Keras 2): import keras, version 3, and unset TF_USE_LEGACY_KERAS",
    "import tensorflow_estimator": "tensorflow_estimator: train a Keras model, or write the loop",
    "tf.keras.experimental.CosineDecay": f"tf.keras.experimental, {K3}: leave out `experimental`",
    "from tensorflow.keras.mixed_precision import experimental": (
        f"tf.keras.mixed_precision.experimental, {K3}: leave out `experimental`"
    ),
    "keras.preprocessing.text.Tokenizer()": f"keras.preprocessing.text, {WRITE}",
    "from keras.preprocessing.text import Tokenizer": f"keras.preprocessing.text, {WRITE}",
    "tf.keras.estimator": f"tf.keras.estimator, {K3}: train the model itself with fit",
    "import keras.wrappers.scikit_learn": f"keras.wrappers.scikit_learn, {WRITE}",
    "from keras.utils import multi_gpu_model": (
        f"keras.utils.multi_gpu_model, {K3}: build the model in the scope of a strategy"
    ),
    "from keras.engine.topology import Layer": f"keras.engine, {WRITE}",
    "tf.keras.layers.CuDNNLSTM(2)": f"tf.keras.layers.CuDNNLSTM, {K3}: use LSTM",
    "tf.keras.backend.set_session(1)": f"tf.keras.backend.set_session, {K3}: there are no sessions",
    "tf.estimator.Estimator()": (
        "tf.estimator, which TensorFlow 2.21 does not have: train a Keras model, or write the loop"
    ),
    "tf.contrib.distribute": (
        "tf.contrib, which TensorFlow 2 does not have: tf.distribute has the strategies"
    ),
    "tf.Session()": (
        "tf.Session, which TensorFlow 2 does not have: write it without graphs and sessions"
    ),
    "tf.compat.v1.Session()": "tf.compat.v1.Session",
    "tf.compat.v1.disable_eager_execution()": "tf.compat.v1.disable_eager_execution",
    "tf.compat.v1.keras.layers.Dense(1)": "tf.compat.v1.keras.layers.Dense, which Keras 3 does not have",
}
# one process for all: each is tried by itself, and what it raises is printed
SCRIPT = """
import sys
import keras
import tensorflow as tf

for line in open(sys.argv[1]).read().splitlines():
    try:
        exec(compile(line, "script.py", "exec"))
    except NotImplementedError as error:
        print(type(error).__mro__[2].__name__, error, sep="|")
"""


def simulate(folder: Path, script: str, **environment: str) -> tuple[int, str, str]:
    (folder / "script.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-m", "varsync", "simulate", "-q", "script.py", "--", "lines.txt"]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout, done.stderr


def test_each_name_that_is_gone_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("\n".join(GONE), encoding="utf-8")
    status, out, _ = simulate(tmp_path, SCRIPT)
    said = [line.partition("|")[2] for line in out.splitlines()]
    assert status == 0  # it catches the errors
    assert said == [f"varsync simulate does not model {one} (script.py:1)" for one in GONE.values()]


def test_it_ends_with_one_line_and_status_2(tmp_path: Path) -> None:
    status, out, err = simulate(tmp_path, f"{TF}tf.keras.layers.CuDNNLSTM(2)\n")
    words = f"tf.keras.layers.CuDNNLSTM, {K3}: use LSTM (script.py:2)"
    assert (status, out, err) == (2, "", f"varsync: varsync simulate does not model {words}\n")


@pytest.mark.parametrize(
    "script",
    [
        "try:\n    from keras.utils import multi_gpu_model\nexcept ImportError:\n    print('none')\n",
        "import keras\nif not hasattr(keras.utils, 'multi_gpu_model'):\n    print('none')\n",
    ],
)
@pytest.mark.slow
def test_a_script_that_asks_first_goes_on(tmp_path: Path, script: str) -> None:
    assert simulate(tmp_path, script)[:2] == (0, "none\n")


@pytest.mark.slow
def test_legacy_keras_is_refused_and_another_backend_is_not_used(tmp_path: Path) -> None:
    use = f"{TF}import keras\nprint(keras.backend.backend())\ntf.keras.layers.Dense(1)\n"
    assert simulate(tmp_path, use, KERAS_BACKEND="jax") == (0, "tensorflow\n", "")
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text('{"backend": "torch"}', encoding="utf-8")
    assert simulate(tmp_path, use, HOME=str(tmp_path)) == (0, "tensorflow\n", "")
    legacy = simulate(tmp_path, f"{TF}tf.keras.layers.Dense(1)\n", TF_USE_LEGACY_KERAS="1")
    words = "tf.keras with TF_USE_LEGACY_KERAS (Keras 2): unset it, and import keras, version 3"
    line = f"varsync: varsync simulate does not model {words} (script.py:2)\n"
    assert legacy == (2, "", line)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["2.15.0", ""])
def test_keras_2_and_no_keras_are_told(tmp_path: Path, version: str) -> None:
    # a folder in front of all others says that there is an old Keras, and hides the new one
    hiding = tmp_path / "hiding"
    hiding.mkdir()
    if version:
        (hiding / "keras.py").write_text("", encoding="utf-8")
        about = hiding / f"keras-{version}.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: keras\nVersion: {version}\n", encoding="utf-8"
        )
        words = f"Keras {version}, which is installed: pip install 'varsync[keras]'"
        script = f"import sys\nsys.path.insert(0, {str(hiding)!r})\nimport keras\n"
    else:
        words = "keras without Keras: pip install 'varsync[keras]'"
        script = (
            "import sys\nfrom pathlib import Path\n"
            "sys.path[:] = [p for p in sys.path if not Path(p, 'keras').is_dir()]\nimport keras\n"
        )
    status, _, err = simulate(tmp_path, script)
    line = script.count("\n")
    assert (status, err) == (
        2,
        f"varsync: varsync simulate does not model {words} (script.py:{line})\n",
    )
