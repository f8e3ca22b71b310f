"""`value_class` and `replace`: frozen dataclasses for type checkers, as fast as any other when run.

A frozen dataclass sets each of its fields through a call, and dataclasses.replace() asks for each
one by its name. Both take three times as long as need be, and an evaluation makes millions of values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
    from dataclasses import replace
else:
    from dataclasses import dataclass
    from operator import attrgetter

    _FIELDS = {}

    def value_class(*, frozen, slots):
        """Like dataclass(); equal and hashed by its fields, which nothing keeps from being set."""

        def decorate(cls):
            own_hash = "__hash__" in vars(cls)
            made = dataclass(slots=slots, repr=False, unsafe_hash=frozen and not own_hash)(cls)
            _FIELDS[made] = attrgetter(*made.__slots__)
            made.__repr__ = _text
            return made

        return decorate

    def _text(value):
        fields = ", ".join(f"{name}={getattr(value, name)!r}" for name in value.__slots__)
        return f"{type(value).__name__}({fields})"

    def replace(value, **changes):
        """A copy of an object of a value class with several fields, some of them changed."""
        cls = type(value)
        made = cls(*_FIELDS[cls](value))
        for name, new in changes.items():
            setattr(made, name, new)
        return made


__all__ = ["replace", "value_class"]
