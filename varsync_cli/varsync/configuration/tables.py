"""The keys that `[tool.varsync]` may have, and how such a table is read."""

from __future__ import annotations

import enum
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from varsync_rules.disk import contents
from varsync_rules.target import NO_STRATEGY, STRATEGIES

from varsync.choices import FailOn, OutputFormat
from varsync.configuration.settings import Options, PluginName, require_patterns
from varsync.errors import CannotRun, refusal


class Kind(enum.Enum):
    """What a key's value is."""

    SWITCH = "true or false"
    WORD = "one of some words"
    FILE = "the name of a file"
    RULES = "a list of rules"
    PATTERNS = "a list of patterns of files"
    PLUGINS = "a list of packages with rules"
    RULES_OF_FILES = "a table of patterns of files and lists of rules"
    VERSIONS = "a version, or bounds of versions"
    STRATEGIES = "a list of strategies"
    TABLE = "a table"


class Key(NamedTuple):
    """A key: what its value is, what it does in a sentence, and the words where it takes those."""

    kind: Kind
    does: str
    words: tuple[str, ...] = ()


TARGET_KEYS = {
    "tensorflow": Key(
        Kind.VERSIONS,
        "The version of TensorFlow: '2.21', '>=2.16', or 'any'. By default what the project requires.",
    ),
    "keras": Key(
        Kind.VERSIONS,
        "The version of Keras: '3', '<3', or 'any'. By default what the project requires.",
    ),
    "strategies": Key(
        Kind.STRATEGIES,
        "The strategies that it runs under, as tf.distribute calls them, or 'default' for none."
        " 'used' stands for those that the program names, 'any', the default, for all.",
        (*STRATEGIES, NO_STRATEGY),
    ),
}
KEYS = {
    "extend": Key(
        Kind.FILE,
        "A configuration file to start from, relative to this one; what is set here comes over it."
        " ~ and environment variables are expanded.",
    ),
    "select": Key(
        Kind.RULES, "The rules to run, by code, prefix, name or ALL. An empty list is none."
    ),
    "ignore": Key(Kind.RULES, "Rules not to run."),
    "extend-select": Key(Kind.RULES, "Rules to run besides those selected."),
    "per-file-ignores": Key(
        Kind.RULES_OF_FILES,
        "Rules not to run on the files that a pattern matches, or, after '!', does not match.",
    ),
    "exclude": Key(Kind.PATTERNS, "What to leave out, in place of the default list."),
    "extend-exclude": Key(Kind.PATTERNS, "What to leave out besides."),
    "force-exclude": Key(Kind.SWITCH, "Leave out excluded files also when passed by name."),
    "respect-gitignore": Key(Kind.SWITCH, "Leave out what Git ignores."),
    "output-format": Key(
        Kind.WORD, "How findings are shown.", tuple(word.value for word in OutputFormat)
    ),
    "fail-on": Key(
        Kind.WORD,
        "The least severity of a finding with which the run exits with 1.",
        tuple(word.value for word in FailOn),
    ),
    "fix": Key(Kind.SWITCH, "Mend what can be mended safely."),
    "unsafe-fixes": Key(Kind.SWITCH, "Mend also where the result may not be what is meant."),
    "show-fixes": Key(Kind.SWITCH, "List what was mended, by file."),
    "fixable": Key(Kind.RULES, "Rules whose findings may be mended."),
    "unfixable": Key(Kind.RULES, "Rules whose findings may not be mended."),
    "baseline": Key(Kind.FILE, "A file of old findings, which are not shown."),
    "plugins": Key(
        Kind.PLUGINS,
        "Rules of your own: folders, with dots between their names, relative to this file's, or"
        " installed packages. Their code is run.",
    ),
    "target": Key(
        Kind.TABLE,
        "What the program runs on. What can't happen there is not reported.",
        tuple(TARGET_KEYS),
    ),
}


def read_table(file: Path, *, only_if_named: bool = False) -> Options | None:
    """The options of a TOML file: its `[tool.varsync]`, or None where it has none.

    A file that is not called pyproject.toml may hold the keys at its top. `only_if_named` does
    not parse a file without the word varsync. Raises CannotRun.
    """
    try:
        data = contents(file)
    except OSError as error:
        raise CannotRun(f"{shown(file)}: {refusal(error)}") from None
    if only_if_named and b"varsync" not in data:
        return None
    document = _parse_toml(data, shown(file))
    tool = document.get("tool")
    if tool is not None and not isinstance(tool, dict):
        raise CannotRun(f"{shown(file)}: tool must be a table")
    table = tool.get("varsync") if tool is not None else None
    if table is None and (file.name == "pyproject.toml" or tool is not None):
        return None
    if table is None:
        return _options(document, f"{shown(file)}: ", file.absolute().parent)
    if not isinstance(table, dict):
        raise CannotRun(f"{shown(file)}: tool.varsync must be a table")
    return _options(table, origin_of(file), file.absolute().parent)


def read_inline(text: str) -> Options:
    """The options of `key = value` on a command line. Raises CannotRun."""
    document = _parse_toml(text.encode(errors="replace"), INLINE.strip(": "))
    if "extend" in document:
        raise CannotRun(f"{INLINE}extend stands in a file: name that file with --config FILE")
    return _options(document, INLINE, Path.cwd())


INLINE = "--config: "


def origin_of(file: Path) -> str:
    """How messages about a file's table begin."""
    return f"{shown(file)}: [tool.varsync] "


def _parse_toml(data: bytes, name: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document: dict[str, Any] = tomllib.loads(data.decode())
        return document
    except UnicodeDecodeError:
        raise CannotRun(f"{name}: not TOML: it is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise CannotRun(f"{name}: not TOML: {error}") from None
    except RecursionError:
        raise CannotRun(f"{name}: not TOML: it is nested too deeply") from None


def _options(table: Mapping[str, Any], origin: str, folder: Path) -> Options:
    """The options of a table that stands in a folder.

    Raises CannotRun for a key or a value that means nothing.
    """
    values: dict[str, Any] = {}
    for name, value in table.items():
        key = KEYS.get(name)
        if key is None:
            raise CannotRun(f"{origin}has no key {name!r}{_hint(name, KEYS)}")
        if key.kind is Kind.TABLE:
            values.update(_target(value, f"{origin}{name}", folder))
        else:
            values[name.replace("-", "_")] = _value(key, value, f"{origin}{name}", folder)
    options = Options(**values)
    require_patterns(options, origin)
    return options


def _target(table: Any, origin: str, folder: Path) -> dict[str, Any]:
    """The options of `target`, by their names."""
    if not isinstance(table, dict):
        raise CannotRun(f"{origin} must be a table")
    for name in table:
        if name not in TARGET_KEYS:
            raise CannotRun(f"{origin} has no key {name!r}{_hint(name, TARGET_KEYS)}")
    return {
        f"target_{name}": _value(TARGET_KEYS[name], value, f"{origin}.{name}", folder)
        for name, value in table.items()
    }


def _hint(key: str, keys: Mapping[str, Key]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key.replace("_", "-"), keys, 1)
    return f" (did you mean {near[0]}?)" if near else f" (it has {', '.join(keys)})"


def _value(key: Key, value: Any, origin: str, folder: Path) -> Any:
    """A key's value in the form of Options; raises CannotRun."""
    if key.kind is Kind.SWITCH:
        if not isinstance(value, bool):
            raise CannotRun(f"{origin} must be true or false")
        return value
    if key.kind is Kind.FILE:
        if not isinstance(value, str) or not value:
            raise CannotRun(f"{origin} must be the name of a file")
        return value
    if key.kind is Kind.WORD:
        if value not in key.words:
            raise CannotRun(f"{origin} must be one of {', '.join(key.words)}")
        return value
    if key.kind is Kind.RULES_OF_FILES:
        if not isinstance(value, dict):
            raise CannotRun(f"{origin} must be a table of patterns and lists of rules")
        return tuple(
            (pattern, _strings(words, f"{origin}: {pattern!r}")) for pattern, words in value.items()
        )
    if key.kind is Kind.VERSIONS:
        from varsync.configuration.requirements import parse

        if not isinstance(value, str) or not value.strip() or parse(value) is None:
            raise CannotRun(f"{origin} must be a version as text, like '2.21' or '>=2.16'")
        return value
    if key.kind is Kind.STRATEGIES:
        return _strategies(value, key.words, origin)
    words = _strings(value, origin)
    if key.kind is Kind.PLUGINS:
        return tuple(PluginName(word, str(folder)) for word in words)
    return words


def _strategies(value: Any, known: tuple[str, ...], origin: str) -> tuple[str, ...]:
    """The names of strategies, or the one word "used" or "any"."""
    if value in ("used", "any"):
        return (value,)
    names = [name.removeprefix("tf.distribute.") for name in _strings(value, origin)]
    for name in names:
        if name not in known:
            raise CannotRun(f"{origin}: {name!r} is none of {', '.join(known)}")
    if not names:
        raise CannotRun(f"{origin} names no strategy: give 'default' for none, or 'any'")
    return tuple(names)


def _strings(value: Any, origin: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise CannotRun(f"{origin} must be a list of strings")


def shown(file: Path) -> str:
    """A path as messages call it: from the current folder where it is below it."""
    try:
        return str(file.relative_to(Path.cwd()))
    except ValueError:
        return str(file)
