"""Names below `tensorflow.python` that belong to no other part, and that Keras imports."""

from __future__ import annotations

from varsync_runtime.tensors.exports import export


@export("tf.python.eager.context.async_wait")
def async_wait() -> None:
    """Waits for ops that run asynchronously: here none does."""


@export("tf.compat.v1.reset_default_graph")
def reset_default_graph() -> None:
    """Empties the default graph: eager programs put nothing in it."""


@export("tf.python.framework.config.is_op_determinism_enabled")
def is_op_determinism_enabled() -> bool:
    """Whether ops were asked to give the same each time: here they do without."""
    return False


class _Context:
    """What libraries ask of TensorFlow's eager context."""

    def clear_kernel_cache(self) -> None:
        """Forgets compiled kernels: here there are none."""


_context = _Context()


@export("tf.python.eager.context.context")
def context() -> _Context:
    """The eager context."""
    return _context
