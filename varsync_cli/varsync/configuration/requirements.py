"""The versions of TensorFlow and Keras that a project says it needs.

Read are the dependencies of its pyproject.toml, the optional ones, its dependency groups, Poetry's,
and requirements*.txt. Where several say something, a version counts that any of them allows.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from varsync_rules.disk import contents
from varsync_rules.target import ANY, Version, Versions

_TENSORFLOW = frozenset(
    ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-macos", "intel-tensorflow")
)
PROJECT = "pyproject.toml"
_LEGACY = "tf-keras"
# as text: most runs need none of them, and to compile them takes as long as the rest
_REQUIREMENT = r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*\(?([^;()@]*)"
_CLAUSE = r"(===|==|~=|!=|<=|>=|<|>|\^|~|=)?\s*v?(\d+)(?:\.(\d+|\*))?(\.\d+)?[\w.*+-]*"
# what a file has to name before it is looked at more closely
_NAMES = (b"tensorflow", b"keras")


class Stated(NamedTuple):
    """What a project says, and in which files it does."""

    tensorflow: Versions = ANY
    keras: Versions = ANY
    files: tuple[str, ...] = ()


def stated(root: str) -> Stated:
    """What the project in a folder says; nothing where its files can't be read."""
    found: dict[str, list[Versions]] = {}
    files = []
    for name, requirements in _files(root):
        before = sum(map(len, found.values()))
        for requirement in requirements:
            match = re.match(_REQUIREMENT, requirement)
            package = re.sub(r"[-_.]+", "-", match[1]).lower() if match else ""
            if match and package in (*_TENSORFLOW, "keras", _LEGACY):
                key = "tensorflow" if package in _TENSORFLOW else package
                found.setdefault(key, []).append(parse(match[2]) or ANY)
        if sum(map(len, found.values())) > before:
            files.append(name)
    tensorflow, keras = (_any_of(found.get(key, [ANY])) for key in ("tensorflow", "keras"))
    if _LEGACY in found:
        # which of the two Keras then tf.keras is, the environment decides
        keras = ANY
        tensorflow = tensorflow if tensorflow.are_before((2, 16)) else ANY
    return Stated(tensorflow, keras, tuple(files))


def parse(text: str) -> Versions | None:
    """The versions that `2.21`, `>=2.16,<2.20` or `any` means; None where it means nothing."""
    if text.strip() == "any":
        return ANY
    least: list[Version] = []
    below: list[Version] = []
    for clause in text.split(",") if text.strip() else ():
        match = re.fullmatch(_CLAUSE, clause.strip())
        if match is None:
            return None
        sign, major, minor, patch = match[1] or "==", int(match[2]), match[3], match[4]
        has_minor = minor not in (None, "*")
        version = (major, int(minor) if has_minor else 0)
        following = (major, version[1] + 1) if has_minor else (major + 1, 0)
        if sign in ("==", "===", "=", ">=", ">", "~=", "~", "^"):
            least.append(version)
        if sign in ("==", "===", "=", "<=", "~") or (sign == "~=" and patch):
            below.append(following)
        elif sign in ("~=", "^"):
            below.append((major + 1, 0))
        elif sign == "<":
            below.append(following if patch and patch.strip(".0") else version)
    return Versions(max(least, default=None), min(below, default=None))


def _any_of(found: list[Versions]) -> Versions:
    """The versions from the earliest to the latest that one of several allows."""
    least = [one.least for one in found if one.least is not None]
    below = [one.below for one in found if one.below is not None]
    return Versions(
        min(least) if len(least) == len(found) else None,
        max(below) if len(below) == len(found) else None,
    )


def candidates(root: str) -> list[str]:
    """The files of a project that may state requirements, by their names in its folder."""
    names = []
    for folder in ("", "requirements"):
        try:
            listed = sorted(os.listdir(os.path.join(root, folder)))
        except OSError:
            continue
        names += [
            os.path.join(folder, name)
            for name in listed
            if (name.endswith((".txt", ".in")) and (folder or name.startswith("requirements")))
            or (name == PROJECT and not folder)
        ]
    return names


def _files(root: str) -> Iterator[tuple[str, list[str]]]:
    """The files of a project that name these packages, with their requirements."""
    for name in candidates(root):
        try:
            data = contents(Path(root, name))
        except OSError:
            continue
        if any(word in data.lower() for word in _NAMES):
            text = data.decode(errors="replace")
            is_project = name == PROJECT
            yield name, list(_of_project(text) if is_project else _of_lines(text))


def _of_lines(text: str) -> Iterator[str]:
    """The requirements of a requirements.txt: other options and comments are none."""
    for line in text.replace("\\\n", " ").splitlines():
        clean = re.sub(r"(^|\s)#.*|\s--.*", "", line).strip()
        if clean and not clean.startswith("-"):
            yield clean


def _of_project(text: str) -> Iterator[str]:
    """The requirements of a pyproject.toml."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    project = _table(document.get("project"))
    poetry = _table(_table(document.get("tool")).get("poetry"))
    yield from _strings(project.get("dependencies"))
    for group in (
        *_table(project.get("optional-dependencies")).values(),
        *_table(document.get("dependency-groups")).values(),
    ):
        yield from _strings(group)
    groups = [_table(group) for group in _table(poetry.get("group")).values()]
    for table in (poetry, *groups):
        for name, value in _table(table.get("dependencies")).items():
            version = _table(value).get("version", "") if isinstance(value, dict) else value
            if isinstance(version, str):
                yield f"{name} {version.strip('*')}"


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(value: Any) -> Iterable[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
