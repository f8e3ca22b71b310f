"""Replacing functions of the standard library, so that whoever holds them in the usual ways sees it."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Any

# sets of os whose members say what a function can do; shutil and others look them up
_ABILITIES = (
    "supports_dir_fd",
    "supports_fd",
    "supports_follow_symlinks",
    "supports_effective_ids",
)


def replace(module: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Puts `make(original)` in the place of a module's function, where there is one."""
    original = getattr(module, name, None)
    if original is None:
        return
    new = make(original)
    functools.update_wrapper(new, original)
    setattr(module, name, new)
    if module is os:
        for ability in _ABILITIES:
            members = getattr(os, ability, None)
            if members and original in members:
                members.add(new)
        _replace_copies(original, new)


def _replace_copies(original: Any, new: Any) -> None:
    """Where modules that are loaded keep the original by itself."""
    accessor = getattr(sys.modules.get("pathlib"), "_NormalAccessor", None)  # Python 3.10
    if accessor is not None:
        for name, value in list(vars(accessor).items()):
            if getattr(value, "__func__", value) is original:
                setattr(accessor, name, staticmethod(new))
    tempfile = sys.modules.get("tempfile")
    for thing in vars(tempfile).values() if tempfile else ():
        for function in vars(thing).values() if isinstance(thing, type) else ():
            defaults = getattr(function, "__defaults__", None)
            if defaults and original in defaults:
                function.__defaults__ = tuple(
                    new if default is original else default for default in defaults
                )
