"""Which configuration holds for which folder: files, what they extend, and the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from varsync_rules.registry import Rules, rules

from varsync.configuration.settings import (
    Options,
    Settings,
    defaults,
    layered,
    rebased,
    require_patterns,
)
from varsync.configuration.tables import INLINE, origin_of, read_inline, read_table, shown
from varsync.errors import CannotRun, rules_in_use

if TYPE_CHECKING:
    from varsync_rules.plugins.plugin import Plugin


@dataclass(frozen=True)
class Layer:
    """Options, with how messages about them begin and what `--show-settings` calls them."""

    options: Options
    origin: str
    name: str


class Configuration:
    """Gives the settings of a folder: those of the nearest `[tool.varsync]` at or above it.

    `config` are the words of `--config`: at most one file, which holds for every folder in place of
    those found and whose patterns are relative to the current folder; and `key = value` in TOML,
    which lie over a file, the later over the earlier. `isolated` reads no file, and knows no
    installed plugins. `command_line` lies over all of them.
    """

    def __init__(
        self, command_line: Options, *, config: Sequence[str] = (), isolated: bool = False
    ) -> None:
        require_patterns(command_line, "--")
        files = [word for word in config if not _is_inline(word)]
        self._over = [
            Layer(rebased(read_inline(word), os.getcwd()), INLINE, "--config")
            for word in config
            if _is_inline(word)
        ]
        self._over.append(Layer(command_line, "--", "the command line"))
        self._isolated = isolated
        self._reads_files = not files and not isolated
        self._tables: dict[str, tuple[str, list[Layer]] | None] = {}
        self._roots: dict[str, str | None] = {}
        self._settings: dict[str, Settings] = {}
        self._only: Settings | None = None
        self.files: list[Path] = []
        if files and isolated:
            raise CannotRun(
                f"--isolated reads no configuration file, and --config names one: {files[0]}"
            )
        if len(files) > 1:
            raise CannotRun(f"--config: there are two files, {files[0]} and {files[1]}")
        if files:
            file = Path(_expanded(files[0]))
            options = read_table(file)
            if options is None:
                raise CannotRun(f"{shown(file)}: it has no [tool.varsync]")
            layers = self._chain(file, options, root=None)
            self._only = self._layered(os.getcwd(), layers)

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
            settings = self._layered(root, table[1] if table else [])
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

    def _layered(self, root: str, layers: list[Layer]) -> Settings:
        # a layer may name rules of a plugin that another one brings
        known = self._rules
        for layer in [*layers, *self._over]:
            known = _with_plugins(known, layer)
        settings = defaults(root, known)
        if self._isolated:
            # nor are a project's requirements read
            settings = replace(settings, target_tensorflow="any", target_keras="any")
        for layer in [*layers, *self._over]:
            settings = layered(settings, layer.options, layer.origin, layer.name)
        return settings

    @cached_property
    def _rules(self) -> Rules:
        """Our rules, and those of installed plugins."""
        if self._isolated:
            return rules()
        from varsync_rules.plugins.places import installed

        with rules_in_use():
            return _joined(rules(), installed())

    def _table(self, folder: str, strict: bool) -> tuple[str, list[Layer]] | None:
        """The nearest table at or above a folder, with the folder that it stands in."""
        if folder in self._tables:
            return self._tables[folder]
        file = Path(folder, "pyproject.toml")
        parent = os.path.dirname(folder)
        found: tuple[str, list[Layer]] | None = None
        is_there = os.path.lexists(file) if strict else file.is_file()
        options = read_table(file, only_if_named=not strict) if is_there else None
        if options is not None:
            found = (folder, self._chain(file, options, root=folder))
        elif parent != folder:
            found = self._table(parent, strict)
        self._tables[folder] = found
        return found

    def _chain(self, file: Path, options: Options, root: str | None) -> list[Layer]:
        """A file's layer on top of those of the files that it extends.

        Paths and patterns are relative to the file that has them; to the current folder where there
        is no `root`.
        """
        layers: list[Layer] = []
        seen = {os.path.realpath(file): shown(file)}
        while True:
            self.files.append(file)
            folder = os.path.dirname(os.path.abspath(file))
            own = options if root in (None, folder) else rebased(options, folder)
            layers.insert(0, Layer(own, origin_of(file), shown(file)))
            if options.extend is None:
                return layers
            extended = Path(os.path.normpath(os.path.join(folder, _expanded(options.extend))))
            where = f"{origin_of(file)}extend: "
            real = os.path.realpath(extended)
            if real in seen:
                names = list(seen.values())[list(seen).index(real) :]
                circle = " extends ".join([*names, shown(extended)])
                raise CannotRun(f"{where}it goes in a circle: {circle}")
            seen[real] = shown(extended)
            try:
                found = read_table(extended)
            except CannotRun as error:
                raise CannotRun(f"{where}{error}") from None
            if found is None:
                raise CannotRun(f"{where}{shown(extended)}: it has no [tool.varsync]")
            file, options = extended, found


def _with_plugins(known: Rules, layer: Layer) -> Rules:
    """Rules with those of a layer's plugins; raises CannotRun."""
    if not layer.options.plugins:
        return known
    from varsync_rules.plugins.places import named

    with rules_in_use(f"{layer.origin}plugins: "):
        return _joined(known, (named(one.name, one.folder) for one in layer.options.plugins))


def _joined(known: Rules, plugins: Iterable[Plugin]) -> Rules:
    """Rules with those of plugins; raises UnusableRules."""
    for plugin in plugins:
        # here, since most runs have no plugins
        from varsync_rules.plugins.listing import rules_of

        known = known.joined(rules_of(plugin))
    return known


def _is_inline(word: str) -> bool:
    """Whether a word of --config is `key = value`: a file's name may have a '=', too."""
    return "=" in word and not os.path.lexists(_expanded(word))


def _expanded(path: str) -> str:
    return os.path.expandvars(os.path.expanduser(path))
