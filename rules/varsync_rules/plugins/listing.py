"""The rules that a plugin's folder has, by the names of its files; none of its code is run."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from varsync_rules.plugins.plugin import Plugin
from varsync_rules.plugins.running import PluginRule
from varsync_rules.registry import STEM, code_and_name

_OURS = "VS"
_LIKE_A_CODE = re.compile(r"[a-z]{1,3}\d{0,3}|all")


def rules_of(plugin: Plugin) -> tuple[PluginRule, ...]:
    """The rules in a plugin's folder; raises UnusableRules."""
    try:
        names = [file.name for file in Path(plugin.folder).iterdir()]
        content = _content(plugin.folder)
    except OSError as error:
        plugin.fails((error.strerror or str(error)).lower())
    checks = {name[:-3] for name in names if name.endswith(".py")}
    pages = {name[:-3] for name in names if name.endswith(".md")}
    found = []
    for stem in sorted(checks | pages):
        if STEM.fullmatch(stem) is None and not (stem in checks and stem in pages):
            continue  # what rules share, a README
        problem = problem_of(stem)
        if problem:
            plugin.fails(f"{stem}.py: {problem}")
        if stem not in pages:
            plugin.fails(f"{stem}.py has no page {stem}.md beside it")
        if stem not in checks:
            plugin.fails(f"{stem}.md has no check {stem}.py beside it")
        code, name = code_and_name(stem)
        page = Path(plugin.folder, f"{stem}.md")
        found.append(PluginRule(code, name, page, None, plugin, content))
    if not found:
        plugin.fails(f"there are no rules in {plugin.folder} (abc123_some_name.py and .md)")
    return tuple(found)


def problem_of(stem: str) -> str:
    """Why a rule's files can't be called so, without their suffixes; '' where they can."""
    try:
        code, name = code_and_name(stem)
    except ValueError:
        return "a rule's files are called like abc123_some_name: 1 to 3 letters, 3 digits, a name"
    if code.rstrip("0123456789") == _OURS:
        return f"codes with {_OURS} are varsync's own; take other letters"
    if _LIKE_A_CODE.fullmatch(name):
        return f"the name {name} reads like codes of rules"
    return ""


def _content(folder: str) -> str:
    """A hash of the folder's Python files and pages, and of where it is."""
    digest = hashlib.sha256(folder.encode(errors="surrogateescape"))
    for file in sorted(Path(folder).rglob("*")):
        if file.suffix in (".py", ".md") and file.is_file():
            digest.update(f"\n{file}\n".encode(errors="surrogateescape"))
            digest.update(file.read_bytes())
    return digest.hexdigest()
