"""`tf.__version__` and `tf.version`: those of the TensorFlow whose names are recorded."""

from __future__ import annotations

from varsync_runtime.standin.names import load
from varsync_runtime.tensors.exports import provide

for _name in ("tf.__version__", "tf.version.VERSION", "tf.compat.v1.VERSION"):
    provide(_name, load().version)
for _name, _value in (
    ("GIT_VERSION", "unknown"),
    ("COMPILER_VERSION", "unknown"),
    ("GRAPH_DEF_VERSION", 2474),
    ("GRAPH_DEF_VERSION_MIN_CONSUMER", 0),
    ("GRAPH_DEF_VERSION_MIN_PRODUCER", 0),
):
    provide(f"tf.version.{_name}", _value)
