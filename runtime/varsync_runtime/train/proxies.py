"""An object that stands for another one: its class, its attributes, its operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OPERATORS = """
len iter contains getitem reversed bool lt le gt ge ne add radd mul rmul or ror format str
"""


class ObjectProxy:
    """Stands for `__wrapped__`: `isinstance` and every read go there.

    As `wrapt.ObjectProxy`, whose subclasses TensorFlow makes. Attributes of the proxy itself begin
    with `_self_`.
    """

    _varsync_proxy = True

    def __init__(self, wrapped: Any) -> None:
        object.__setattr__(self, "__wrapped__", wrapped)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return object.__getattribute__(self, "__wrapped__").__class__

    def __getattr__(self, name: str) -> Any:
        if name == "__wrapped__" or name.startswith("_self_"):
            raise AttributeError(name)
        return getattr(self.__wrapped__, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_self_") or hasattr(type(self), name):
            object.__setattr__(self, name, value)
        else:
            setattr(self.__wrapped__, name, value)


def _operator(name: str) -> Callable[..., Any]:
    def operator(self: Any, *operands: Any) -> Any:
        try:
            function = getattr(self.__wrapped__, name)
        except AttributeError:
            if name == "__bool__":
                return len(self.__wrapped__) > 0
            return NotImplemented
        return function(*operands)

    operator.__name__ = name
    return operator


for _name in OPERATORS.split():
    setattr(ObjectProxy, f"__{_name}__", _operator(f"__{_name}__"))
