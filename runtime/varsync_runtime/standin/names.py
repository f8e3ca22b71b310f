"""The public names of TensorFlow 2.21, read from a file that was recorded from it."""

from __future__ import annotations

import enum
import functools
from pathlib import Path

VERSION = "2.21"
PRIVATE = ("python", "core", "compiler")
"""The packages of `tensorflow` that are not its public API, and are imported all the same."""
PACKAGES = tuple(f"tf.{name}" for name in PRIVATE)


class Kind(enum.Enum):
    """What a public name stands for."""

    MODULE = "module"
    KERAS = "module of Keras"
    VALUE = "function, class or constant"


class Names:
    """The tree of public names. A path is written as `tf.math.add` or `tf.python.eager`."""

    def __init__(self, text: str) -> None:
        self.version = ""
        self._modules: dict[str, dict[str, Kind]] = {}
        # names of tf.compat.v1 that stand for what TensorFlow 2 has under the same name
        self._unchanged: set[str] = set()
        self._aliases: dict[str, tuple[str, ...]] = {}
        self._private: dict[str, set[str]] = {}
        for line in text.splitlines():
            path, _, rest = line.partition(":")
            words = rest.split()
            if path == "version":
                self.version = words[0]
            elif path == "alias":
                self._aliases.update(dict.fromkeys(words, tuple(words)))
            elif path.split(".")[0] in PRIVATE:
                self._private[f"tf.{path}"] = set(words)
            elif words and words[0] == "=":
                self._modules[path] = self._differing(path, words[1:])
            else:
                self._modules[path] = dict(map(_kind_of, words))

    def _differing(self, path: str, words: list[str]) -> dict[str, Kind]:
        """A module of `tf.compat.v1` from its difference to the one of TensorFlow 2."""
        names = dict(self._modules[newer(path)])
        changed = set()
        for word in words:
            sign, (name, kind) = word[0], _kind_of(word[1:])
            changed.add(name)
            if sign == "+":
                names[name] = kind
            elif sign == "-":
                del names[name]
        self._unchanged |= {f"{path}.{name}" for name in names if name not in changed}
        return names

    def module(self, path: str) -> dict[str, Kind] | None:
        """The names of a public module, None if there is no such module."""
        return self._modules.get(newest(path))

    def kind(self, path: str) -> Kind | None:
        """What a public name stands for, None if TensorFlow does not have it."""
        if path == "tf":
            return Kind.MODULE
        above, _, name = path.rpartition(".")
        return (self.module(above) or {}).get(name)

    def spellings(self, path: str) -> tuple[str, ...]:
        """All public names of what this public name stands for, itself first."""
        spelled = newest(path)
        if spelled in self._unchanged:
            spelled = newer(spelled)
        return (path, spelled, *self._aliases.get(spelled, ()))

    def is_private_module(self, path: str) -> bool:
        """Whether this is a private module or package, such as `tf.python.framework.ops`."""
        above, _, name = path.rpartition(".")
        return path in PACKAGES or path in self._private or name in self._private.get(above, ())


def newer(path: str) -> str:
    """Where TensorFlow 2 has what is at this path of `tf.compat.v1`."""
    return path.replace("tf.compat.v1", "tf", 1)


def newest(path: str) -> str:
    """The path without the prefixes that change nothing: `tf.compat.v2`, `tf.compat.v1.compat`."""
    for prefix, other in (
        ("tf.compat.v1.compat.", "tf.compat."),
        ("tf.compat.v2.compat.", "tf.compat."),
    ):
        while path.startswith(prefix):
            path = other + path[len(prefix) :]
    return path.replace("tf.compat.v2.", "tf.", 1) if path != "tf.compat.v2" else path


def _kind_of(word: str) -> tuple[str, Kind]:
    if word.endswith("/"):
        return word[:-1], Kind.MODULE
    if word.endswith("!"):
        return word[:-1], Kind.KERAS
    return word, Kind.VALUE


@functools.cache
def load() -> Names:
    """The recorded names."""
    file = Path(__file__).with_name(f"names-{VERSION}.txt")
    return Names(file.read_text(encoding="utf-8"))
