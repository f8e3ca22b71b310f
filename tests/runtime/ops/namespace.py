"""A `tf` made of the export registry alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import varsync_runtime.ops.library  # noqa: F401  (exports)
from varsync_runtime.tensors.exports import registry


def stand_in() -> Any:
    """`tf`, as far as tensors and ops go."""
    root = SimpleNamespace()
    for name, value in registry().items():
        *path, last = name.split(".")[1:]
        place = root
        for part in path:
            if not hasattr(place, part):
                setattr(place, part, SimpleNamespace())
            place = getattr(place, part)
        setattr(place, last, value)
    return root
