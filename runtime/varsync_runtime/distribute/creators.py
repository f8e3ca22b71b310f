"""The stack of functions that may have a say when a variable is made.

After `variable_creator_scope` in tensorflow/python/ops/variable_scope.py.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

from varsync_runtime.tensors.exports import export

Creator = Callable[..., Any]


class _Stack(threading.local):
    def __init__(self) -> None:
        self.creators: list[Creator] = []


_stack = _Stack()


@export("tf.variable_creator_scope", "tf.compat.v1.variable_creator_scope")
@contextlib.contextmanager
def variable_creator_scope(variable_creator: Creator) -> Iterator[None]:
    """In it, `variable_creator(next_creator, **kwargs)` makes the variables."""
    before = _stack.creators
    _stack.creators = [*before, variable_creator]
    try:
        yield
    finally:
        if _stack.creators[: len(before)] != before:
            raise RuntimeError(
                "Exiting variable_creator_scope without proper nesting with other "
                "variable creator scopes."
            )
        _stack.creators = before


def call(last: Creator, **kwargs: Any) -> Any:
    """Makes a variable: the innermost creator is asked first, `last` at the end."""
    creator = last
    for outer in _stack.creators:
        creator = functools.partial(outer, creator)
    return creator(**kwargs)
