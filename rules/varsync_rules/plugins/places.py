"""Where plugins are: folders of a configuration's project, and installed packages."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from varsync_rules.plugins.plugin import Plugin
from varsync_rules.registry import UnusableRules

GROUP = "varsync.rules"
"""The group of entry points whose values are packages with rules."""


def named(name: str, folder: str) -> Plugin:
    """The plugin that a configuration in this folder names: a folder from there, or one installed.

    Raises UnusableRules where there is neither.
    """
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        raise UnusableRules(f"plugin {name!r}: write its folders with dots: ci.my_rules")
    below = Path(folder).joinpath(*parts).resolve()
    if below.is_dir():
        return Plugin(name, str(below))
    found = _installed_folder(parts)
    if found is None:
        raise UnusableRules(
            f"plugin {name}: there is no folder {'/'.join(parts)} in {folder}, and no such package"
        )
    return Plugin(name, found, name)


def installed() -> Iterator[Plugin]:
    """The plugins of installed distributions; raises UnusableRules for one that is not there."""
    if not _is_group_mentioned():
        return
    from importlib.metadata import entry_points

    for name in sorted({point.module for point in entry_points(group=GROUP)}):
        folder = _installed_folder(name.split("."))
        if folder is None:
            raise UnusableRules(f"plugin {name}: it is installed, but there is no such package")
        yield Plugin(name, folder, name)


def _installed_folder(parts: list[str]) -> str | None:
    """The folder of a package that can be imported, found without importing anything."""
    from importlib.util import find_spec

    try:
        spec = find_spec(parts[0])
    except (ImportError, ValueError):
        return None
    for location in (spec.submodule_search_locations if spec else None) or ():
        folder = Path(location, *parts[1:])
        if folder.is_dir():
            return str(folder.resolve())
    return None


def _is_group_mentioned() -> bool:
    """Whether an installed distribution has such an entry point.

    importlib.metadata knows, too, but takes longer than all else that a run has to import.
    """
    wanted = GROUP.encode()
    for place in dict.fromkeys(sys.path):
        try:
            with os.scandir(place or os.curdir) as entries:
                folders = [e.path for e in entries if e.name.endswith((".dist-info", ".egg-info"))]
        except OSError:
            continue
        for folder in folders:
            try:
                # three times as quick as pathlib, which counts where a thousand are installed
                with open(f"{folder}/entry_points.txt", "rb") as file:  # noqa: PTH123
                    if wanted in file.read():
                        return True
            except OSError:
                continue
    return False
