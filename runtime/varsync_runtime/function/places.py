"""Which files are ours."""

from __future__ import annotations

import functools
from pathlib import Path

PACKAGE = str(Path(__file__).parents[1]) + "/"


@functools.cache
def is_ours(filename: str) -> bool:
    """Whether a code object of this file belongs to the runtime."""
    return filename.startswith(PACKAGE)
