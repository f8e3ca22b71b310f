"""The installed absl: `tf.compat.v1.flags` shows its flags, `tf.compat.v1.app.run` runs with them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from typing import Any

from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.exports import export

FLAGS = ("tf.compat.v1.flags", "tf.compat.v1.app.flags")
NONE = object()


def installed() -> bool:
    """Whether there is an absl."""
    return importlib.util.find_spec("absl") is not None


def value(path: str) -> Any:
    """What absl has for a name of `tf.compat.v1.flags`; `NONE` for others, or without absl."""
    module, _, name = path.rpartition(".")
    if module not in FLAGS or not installed():
        return NONE
    return getattr(importlib.import_module("absl.flags"), name, NONE)


@export("tf.compat.v1.app.run")
def run(main: Callable[..., Any] | None = None, argv: Sequence[str] | None = None) -> None:
    """Parses the flags, and ends the script with what `main` returns."""
    if not installed():
        raise NotModelled("tf.compat.v1.app.run without absl (pip install absl-py)")
    app, flags = (importlib.import_module(f"absl.{name}") for name in ("app", "flags"))

    def parse(given: Sequence[str] | None) -> Any:
        # flags that nobody defined are left alone
        return flags.FLAGS(sys.argv if given is None else given, known_only=True)

    app.run(main=main or sys.modules["__main__"].main, argv=argv, flags_parser=parse)
