"""`value_class`: a frozen dataclass for type checkers that is made as fast as any other when it runs.

A frozen dataclass sets each of its fields through a call, which takes three times as long, and an
evaluation makes millions of values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
else:
    from dataclasses import dataclass

    def value_class(*, frozen, slots):
        """Like dataclass(); equal and hashed by its fields, which nothing keeps from being set."""

        def decorate(cls):
            own_hash = "__hash__" in vars(cls)
            return dataclass(slots=slots, unsafe_hash=frozen and not own_hash)(cls)

        return decorate


__all__ = ["value_class"]
