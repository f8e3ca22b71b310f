"""Names below `tensorflow.python` that belong to no other part, and that Keras imports."""

from __future__ import annotations

from varsync_runtime.tensors.exports import export


@export("tf.python.eager.context.async_wait")
def async_wait() -> None:
    """Waits for ops that run asynchronously: here none does."""
