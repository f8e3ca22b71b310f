"""Attributes that TensorFlow's objects have and ours have not: who asks for one is told so.

A class is known by where TensorFlow has it, since ours bear the same module and name. What is
recorded of it and is not there becomes an attribute that raises `NotModelled`, also for `hasattr`:
the answer would be wrong either way. What is there is found as before, at no cost.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple, NoReturn

from varsync_runtime.standin.names import VERSION
from varsync_runtime.standin.placeholders import fail

ROOT = "varsync_runtime."


class Surface(NamedTuple):
    """The public name of a class (or of its first base that has one), and its attributes."""

    public: str
    names: frozenset[str]


class NotModelledAttribute:
    """An attribute of a class that TensorFlow has: to look it up raises.

    Only on instances. Whoever walks through a class (pydoc, inspect) gets this object.
    """

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol

    def __get__(self, instance: object, owner: type) -> NotModelledAttribute:
        if instance is not None:
            fail(self.symbol)
        return self

    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        """A method of the class that needs no instance: `tf.data.Dataset.load(path)`."""
        fail(self.symbol)

    def __repr__(self) -> str:
        return f"<{self.symbol}, not modelled by varsync>"


def load() -> dict[str, Surface]:
    """The recorded surfaces, by where TensorFlow has the class."""
    file = Path(__file__).with_name(f"surfaces-{VERSION}.txt")
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        head, _, names = line.partition(":")
        place, _, public = head.partition(" ")
        if public:
            found[place] = Surface(public, frozenset(names.split()))
    return found


def classes() -> dict[str, type]:
    """Our classes that stand for TensorFlow's, by where it has them."""
    found = {}
    for name, module in list(sys.modules.items()):
        if name.startswith(ROOT):
            for value in list(vars(module).values()):
                if isinstance(value, type) and value.__module__.startswith("tensorflow."):
                    found[f"{value.__module__}.{value.__qualname__}"] = value
    return found


def complete() -> None:
    """Gives the classes what they lack. Call it when all parts of the stand-in are imported."""
    ours = classes()
    known = [(ours[place], surface) for place, surface in load().items() if place in ours]
    # what a base lacks is said of the base
    for cls, surface in sorted(known, key=lambda pair: len(pair[0].__mro__)):
        there = set(dir(cls)) | _set_later(cls)
        for name in surface.names - there:
            if not name.startswith("_"):
                setattr(cls, name, NotModelledAttribute(f"{surface.public}.{name}"))


def _set_later(cls: type) -> set[str]:
    """What instances get when they are made, as far as the class says so."""
    return {name for base in cls.__mro__ for name in vars(base).get("__annotations__", ())}
