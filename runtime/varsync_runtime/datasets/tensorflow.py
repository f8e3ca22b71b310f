"""TensorFlow as the script has it: the stand-in."""

from __future__ import annotations

import importlib
from typing import Any


def tensorflow() -> Any:
    """The module `tensorflow`."""
    return importlib.import_module("tensorflow")
