"""What a base class has and a class of TensorFlow's has not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class NoAttribute:
    """An attribute that is not there, although a base class has it."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> NoReturn:
        if instance is None:
            raise AttributeError(f"type object '{owner.__name__}' has no attribute '{self._name}'")
        raise AttributeError(f"'{owner.__name__}' object has no attribute '{self._name}'")


def delegated(function: Function) -> Function:
    """Marks a method that TensorFlow's class does not have: it comes to the same in another way."""
    function.__dict__["_delegated"] = True
    return function
