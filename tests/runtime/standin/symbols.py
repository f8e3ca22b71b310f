"""Which symbols of TensorFlow are modelled, ignored or refused: docs/symbols.md is made of it.

python -m tests.runtime.standin.symbols writes the page. `symbols.txt` lists the symbols that
programs with `tf.distribute` use, the most frequent one first.
"""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator
from pathlib import Path

from varsync_runtime.standin import ignored, library, modules, summaries
from varsync_runtime.standin.names import Kind, load
from varsync_runtime.standin.placeholders import Placeholder

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "symbols.md"
LIST = Path(__file__).with_name("symbols.txt")
assert library.PARTS  # everything is exported

# Keras 3 itself has these names in order to say that they are gone
GONE_FROM_KERAS = frozenset(
    ("tf.keras.optimizers.legacy.RMSprop", "tf.keras.optimizers.legacy.SGD")
)
HIDDEN = ("tf.__internal__", "tf.compat", "tf.raw_ops")
"""Modules of which the page does not list the names: private ones, or another version's."""


class Standing(enum.Enum):
    """What becomes of a symbol."""

    MODELLED = "modelled"
    KERAS = "Keras 3's own"
    IGNORED = "ignored"
    REFUSED = "not modelled"


def listed() -> list[str]:
    """The symbols of the list, the most frequent one first."""
    return LIST.read_text(encoding="utf-8").split()


def _counted_in_the_source() -> Iterator[str]:
    """The symbols that functions count: `ignored(symbol)`, `count(Ignored, symbol, site)`."""
    for file in (ROOT / "runtime" / "varsync_runtime").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if "gnored" not in text:
            continue  # parsing takes long
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                words = [_word(one) for one in (node.func, *node.args)]
                if words[:2] == ["count", "Ignored"]:
                    words = words[1:]
                if words[0] in ("ignored", "Ignored") and len(words) > 1:
                    yield words[1]


def _word(node: ast.AST) -> str:
    """A name, the last part of a dotted one, or a literal text."""
    found = getattr(node, "attr", getattr(node, "id", getattr(node, "value", "")))
    return found if isinstance(found, str) else ""


COUNTED = {
    *ignored.WITHOUT_EFFECT,
    *ignored.CONTEXTS,
    *_counted_in_the_source(),
    *(f"tf.summary.{name}" for name in (*summaries.WRITES, *summaries.TRACES)),
}


def is_of_keras(symbol: str) -> bool:
    """Whether a symbol is one of Keras."""
    return modules.is_of_keras(symbol, load())


def standing(symbol: str) -> Standing:
    """What becomes of a public symbol."""
    if symbol in COUNTED:
        return Standing.IGNORED
    if is_of_keras(symbol):
        return Standing.REFUSED if symbol in GONE_FROM_KERAS else Standing.KERAS
    path, *attributes = _split(symbol)
    value = modules.find(path, load())
    for name in attributes:
        value = getattr(value, name)
    return Standing.REFUSED if isinstance(value, Placeholder) else Standing.MODELLED


def _split(symbol: str) -> list[str]:
    """The public name, and the attributes of it: `tf.data.Dataset`, `range`."""
    path, *rest = symbol.split(".")
    while rest and (load().kind(path) is Kind.MODULE):
        path = f"{path}.{rest.pop(0)}"
    return [path, *rest]


# ------------------------------------------------------------------- the page


def page() -> str:
    """The text of docs/symbols.md."""
    return "".join(f"{line}\n" for line in [*_head(), *_of_the_list(), *_of_modules()])


def _head() -> list[str]:
    return [
        "# What of TensorFlow `varsync simulate` has",
        "",
        "This page is made from the code (`python -m tests.runtime.standin.symbols`).",
        "",
        "- **modelled**: it does what it does in TensorFlow 2.21;",
        "- **ignored**: it does nothing to values; each use is counted, and listed in the report;",
        "- **not modelled**: to use it raises an error that names it and the line; to import it, or "
        "to pass it by,",
        "  does not.",
        "",
        "`tf.keras`, `tf.losses`, `tf.metrics`, `tf.optimizers` and `tf.initializers` are the "
        "installed Keras 3, as it is",
        "(`pip install 'varsync[keras]'`).",
        "",
    ]


def _of_the_list() -> list[str]:
    symbols = listed()
    by = {one: [name for name in symbols if standing(name) is one] for one in Standing}
    first = {one: sum(name in by[one] for name in symbols[:250]) for one in Standing}
    lines = [
        "## What programs use",
        "",
        f"The {len(symbols)} symbols that programs with `tf.distribute` use, as far as we saw "
        "some:",
        "",
        "| | all | of the 250 most frequent ones |",
        "|---|---|---|",
        *(f"| {one.value} | {len(by[one])} | {first[one]} |" for one in Standing),
        "",
    ]
    for one in Standing:
        if one is not Standing.MODELLED:
            lines += [f"{one.value[0].upper()}{one.value[1:]}: {_names(sorted(by[one]))}.", ""]
    return [*lines, f"All others are modelled: {_names(sorted(by[Standing.MODELLED]))}.", ""]


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _of_modules() -> list[str]:
    lines = [
        "## Module by module",
        "",
        "All public names, without those of `tf.compat.v1`, `tf.raw_ops` and Keras.",
    ]
    for path in ["tf", *_modules_below("tf")]:
        found: dict[Standing, list[str]] = {one: [] for one in Standing}
        for name, kind in sorted((load().module(path) or {}).items()):
            if kind is Kind.VALUE:
                found[standing(f"{path}.{name}")].append(name)
        if any(found.values()):
            lines += ["", f"### `{path}`", ""]
            lines += [f"- {one.value}: {_names(names)}" for one, names in found.items() if names]
    return lines


def _modules_below(path: str) -> Iterator[str]:
    for name, kind in sorted((load().module(path) or {}).items()):
        below = f"{path}.{name}"
        if kind is Kind.MODULE and below not in HIDDEN:
            yield below
            yield from _modules_below(below)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
