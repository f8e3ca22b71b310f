"""What TensorFlow raises when it runs what it has compiled, at the user's line that it names."""

from __future__ import annotations

from typing import Any

from varsync_runtime.engines.tensorflow import hangs, numbering, places, rejections, variables
from varsync_runtime.engines.tensorflow.wrapping import is_heard, wrap


def install() -> None:
    """Wraps calls of what `tf.function` made."""
    from tensorflow.python.eager.polymorphic_function import polymorphic_function

    wrap(polymorphic_function.Function, "__call__", _call)


def _call(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    from tensorflow.python.framework import errors

    if not is_heard():
        return original(self, *args, **kwargs)
    known = variables.count()
    try:
        with numbering.calling(), hangs.running():
            return original(self, *args, **kwargs)
    except (
        errors.InvalidArgumentError,
        errors.FailedPreconditionError,
        errors.UnimplementedError,
    ) as error:
        made = variables.made_since(known)
        if made:
            variable, site = made[-1]
            rejections.tell(error, variable, "create", site)
        else:
            rejections.tell(error, None, "run", places.named(str(error)) or places.here())
        raise
