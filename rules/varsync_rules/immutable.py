"""Classes of values: immutable for type checkers, made as fast as any other object when it runs.

A frozen dataclass sets each of its fields through a call, which takes three times as long. An
evaluation makes millions of values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

AnyClass = TypeVar("AnyClass")

if TYPE_CHECKING:
    from dataclasses import field

    from typing_extensions import dataclass_transform

    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    def immutable(cls: type[AnyClass]) -> type[AnyClass]:
        """A dataclass with slots that is equal and hashed by its fields; nobody sets them."""
        ...
else:

    def immutable(cls):
        own_hash = "__hash__" in vars(cls)
        return dataclass(slots=True, unsafe_hash=not own_hash)(cls)
