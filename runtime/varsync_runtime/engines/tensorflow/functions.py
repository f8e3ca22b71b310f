"""What TensorFlow raises when it runs what it has compiled, at the user's line that it names."""

from __future__ import annotations

import re
from typing import Any

from varsync_runtime.engines.tensorflow import places, rejections, variables
from varsync_runtime.engines.tensorflow.wrapping import is_heard, wrap
from varsync_runtime.events import Site
from varsync_runtime.events.sites import is_users

LINE = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')


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
        return original(self, *args, **kwargs)
    except (errors.InvalidArgumentError, errors.FailedPreconditionError) as error:
        made = variables.made_since(known)
        if made:
            variable, site = made[-1]
            rejections.tell(error, variable, "create", site)
        else:
            rejections.tell(error, None, "run", _named(str(error)) or places.here())
        raise


def _named(message: str) -> Site | None:
    """The innermost line of the user in the stack that a message shows."""
    sites = [Site(found["file"], int(found["line"])) for found in LINE.finditer(message)]
    return next((site for site in reversed(sites) if is_users(site.filename)), None)
