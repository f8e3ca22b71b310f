"""Configuration files: the `[tool.varsync]` tables, and which of them holds for which folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from varsync_rules.disk import contents

from varsync.choices import FailOn, OutputFormat
from varsync.errors import CannotRun, refusal
from varsync.settings import Options, Settings, defaults, layered

_SWITCHES = ("force-exclude", "respect-gitignore", "fix", "unsafe-fixes", "show-fixes")
_CHOICES: dict[str, type[OutputFormat] | type[FailOn]] = {
    "output-format": OutputFormat,
    "fail-on": FailOn,
}
_KEYS = {item.name.replace("_", "-"): item.name for item in fields(Options)}


class Configuration:
    """Gives the settings of a folder: those of the nearest `[tool.varsync]` at or above it.

    `config` is one file for every folder, whose patterns are relative to the current folder;
    `isolated` reads none. `command_line` lies over all of them.
    """

    def __init__(
        self, command_line: Options, *, config: Path | None = None, isolated: bool = False
    ) -> None:
        self._command_line = command_line
        self._reads_files = config is None and not isolated
        self._tables: dict[str, tuple[str, Options] | None] = {}
        self._roots: dict[str, str | None] = {}
        self._settings: dict[str, Settings] = {}
        self._only: Settings | None = None
        self.files: list[Path] = []
        if config is not None and not isolated:
            options = read_table(config)
            if options is None:
                raise CannotRun(f"{config}: it has no [tool.varsync]")
            self.files.append(config)
            self._only = self._layered(defaults(os.getcwd()), options, config)

    def of(self, folder: str, *, strict: bool = True) -> Settings:
        """The settings of an absolute folder. Raises CannotRun for a file that makes no sense.

        Where it is not `strict`, a pyproject.toml that never names varsync is not even parsed.
        """
        if self._only is not None:
            return self._only
        table = self._table(folder, strict) if self._reads_files else None
        root = table[0] if table else (self.project_root(folder) or folder)
        settings = self._settings.get(root)
        if settings is None:
            options = table[1] if table else Options()
            settings = self._layered(defaults(root), options, Path(root, "pyproject.toml"))
            self._settings[root] = settings
        return settings

    def project_root(self, folder: str) -> str | None:
        """The nearest folder, at or above, with a pyproject.toml or a .git; or None."""
        if folder not in self._roots:
            parent = os.path.dirname(folder)
            if any(
                os.path.exists(f"{folder}{os.sep}{mark}") for mark in ("pyproject.toml", ".git")
            ):
                self._roots[folder] = folder
            else:
                self._roots[folder] = None if parent == folder else self.project_root(parent)
        return self._roots[folder]

    def _layered(self, settings: Settings, options: Options, file: Path) -> Settings:
        settings = layered(settings, options, f"{_shown(file)}: [tool.varsync] ")
        return layered(settings, self._command_line, "--")

    def _table(self, folder: str, strict: bool) -> tuple[str, Options] | None:
        """The nearest table at or above a folder, with the folder that it stands in."""
        if folder in self._tables:
            return self._tables[folder]
        file = Path(folder, "pyproject.toml")
        parent = os.path.dirname(folder)
        found: tuple[str, Options] | None = None
        is_there = os.path.lexists(file) if strict else file.is_file()
        options = read_table(file, only_if_named=not strict) if is_there else None
        if options is not None:
            self.files.append(file)
            found = (folder, options)
        elif parent != folder:
            found = self._table(parent, strict)
        self._tables[folder] = found
        return found


def read_table(file: Path, *, only_if_named: bool = False) -> Options | None:
    """The options of a TOML file: its `[tool.varsync]`, or None where it has none.

    A file that is not called pyproject.toml may hold the keys at its top. `only_if_named` does
    not parse a file without the word varsync. Raises CannotRun.
    """
    try:
        data = contents(file)
    except OSError as error:
        raise CannotRun(f"{_shown(file)}: {refusal(error)}") from None
    if only_if_named and b"varsync" not in data:
        return None
    document = _parse_toml(data, file)
    tool = document.get("tool")
    if tool is not None and not isinstance(tool, dict):
        raise CannotRun(f"{_shown(file)}: tool must be a table")
    table = tool.get("varsync") if tool is not None else None
    if table is None and (file.name == "pyproject.toml" or tool is not None):
        return None
    if table is None:
        return _options(document, f"{_shown(file)}: ")
    if not isinstance(table, dict):
        raise CannotRun(f"{_shown(file)}: tool.varsync must be a table")
    return _options(table, f"{_shown(file)}: [tool.varsync] ")


def _parse_toml(data: bytes, file: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document: dict[str, Any] = tomllib.loads(data.decode())
        return document
    except UnicodeDecodeError:
        raise CannotRun(f"{_shown(file)}: not TOML: it is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise CannotRun(f"{_shown(file)}: not TOML: {error}") from None
    except RecursionError:
        raise CannotRun(f"{_shown(file)}: not TOML: it is nested too deeply") from None


def _options(table: Mapping[str, Any], origin: str) -> Options:
    """A table's options; raises CannotRun for a key or a value that means nothing."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            raise CannotRun(f"{origin}has no key {key!r}{_hint(key)}")
        values[_KEYS[key]] = _value(key, value, f"{origin}{key}")
    return Options(**values)


def _hint(key: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key.replace("_", "-"), _KEYS, 1)
    return f" (did you mean {near[0]}?)" if near else f" (it has {', '.join(_KEYS)})"


def _value(key: str, value: Any, origin: str) -> Any:
    """A key's value in the form of Options; raises CannotRun."""
    if key in _SWITCHES:
        if not isinstance(value, bool):
            raise CannotRun(f"{origin} must be true or false")
        return value
    if key == "baseline":
        if not isinstance(value, str) or not value:
            raise CannotRun(f"{origin} must be the name of a file")
        return value
    if key in _CHOICES:
        words = [choice.value for choice in _CHOICES[key]]
        if value not in words:
            raise CannotRun(f"{origin} must be one of {', '.join(words)}")
        return value
    if key == "per-file-ignores":
        if not isinstance(value, dict):
            raise CannotRun(f"{origin} must be a table of patterns and lists of rules")
        return tuple(
            (pattern, _strings(words, f"{origin}: {pattern!r}")) for pattern, words in value.items()
        )
    return _strings(value, origin)


def _strings(value: Any, origin: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise CannotRun(f"{origin} must be a list of strings")


def _shown(file: Path) -> str:
    """A path as messages call it: from the current folder where it is below it."""
    try:
        return str(file.relative_to(Path.cwd()))
    except ValueError:
        return str(file)
