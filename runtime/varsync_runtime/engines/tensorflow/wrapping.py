"""How functions of TensorFlow are wrapped."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Wrapper = Callable[..., Any]
OURS = str(Path(__file__).parent)


def wrap(owner: Any, name: str, around: Wrapper) -> None:
    """From now on `owner.name(*args)` is `around(original, *args)`; an owner without it is left."""
    original = vars(owner).get(name)
    if original is None:
        return
    plain = original.__func__ if isinstance(original, (staticmethod, classmethod)) else original

    @functools.wraps(plain)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return around(plain, *args, **kwargs)

    kind = type(original)
    setattr(owner, name, kind(wrapped) if kind in (staticmethod, classmethod) else wrapped)


def install() -> None:
    """From now on messages of TensorFlow's name no line of ours, as they name none of its own."""
    from tensorflow.python.util import traceback_utils

    traceback_utils._EXCLUDED_PATHS = (*traceback_utils._EXCLUDED_PATHS, OURS)


def is_ours(filename: str) -> bool:
    """Whether code of this file wraps TensorFlow's."""
    return filename.startswith(OURS)


class _Depth(threading.local):
    within = 0


_depth = _Depth()


@contextmanager
def unheard() -> Iterator[None]:
    """What TensorFlow does in here it does for something that is told as a whole."""
    _depth.within += 1
    try:
        yield
    finally:
        _depth.within -= 1


@contextmanager
def heard() -> Iterator[None]:
    """The user's code, called from within what is told as a whole."""
    before, _depth.within = _depth.within, 0
    try:
        yield
    finally:
        _depth.within = before


def is_heard() -> bool:
    """Whether what is done now is to be told."""
    return not _depth.within
