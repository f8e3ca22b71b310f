"""From the paths of a command line to the files to check, and those to read with them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from varsync.configuration.config import Configuration
from varsync.configuration.settings import Settings
from varsync.errors import CannotRun, refusal
from varsync.files.gitignore import GitIgnore, gitignore_of

SUFFIXES = (".py", ".pyi", ".ipynb")


@dataclass(frozen=True, slots=True)
class Found:
    """A file: where it lies, what it is called in findings, and the settings that hold for it."""

    absolute: str
    display: str
    settings: Settings


@dataclass(slots=True)
class Discovery:
    """What there is to read: `files` are checked, `context` is only known to the program.

    `unreadable` are folders that could not be listed, with the reason. `roots` are the folders
    in which absolute imports start, `projects` those whose files are context.
    """

    files: dict[str, Found] = field(default_factory=dict)
    context: dict[str, Found] = field(default_factory=dict)
    unreadable: dict[str, tuple[Found, str]] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)
    projects: set[str] = field(default_factory=set)

    def add_root(self, folder: str) -> None:
        """Adds a folder in which absolute imports start."""
        if folder not in self.roots:
            self.roots.append(folder)


def discover(
    paths: Iterable[str], configuration: Configuration, *, with_context: bool = True
) -> Discovery:
    """The files that paths mean: a file itself, whatever it is called, and what is in a folder.

    A path that is a part of a project brings the rest of it as context. Raises CannotRun for one
    that does not exist.
    """
    found = Discovery()
    folders: dict[str, None] = {}
    for path in paths:
        if not path or not os.path.lexists(path):
            raise CannotRun(f"{path or repr(path)}: no such file or directory")
        if os.path.isdir(path):
            folder = os.path.realpath(path)
            settings = configuration.of(folder)
            if settings.force_exclude and settings.excludes(folder):
                continue
            found.add_root(folder)
            _collect(folder, configuration, found.files, found.unreadable)
            if configuration.project_root(folder) not in (None, folder):
                folders.setdefault(folder)
            continue
        file = _named(path, configuration)
        if file is not None:
            found.files[file.absolute] = file
            folders.setdefault(os.path.dirname(file.absolute))
    for folder in folders:
        add_context(folder, configuration, found, read=with_context)
    return found


def add_context(
    folder: str, configuration: Configuration, found: Discovery, *, read: bool = True
) -> None:
    """Adds the project of a file in this folder: its root, and if `read` the rest of its files.

    Without a project these are the files beside it and in the packages beside it.
    """
    project = configuration.project_root(folder)
    root = project or folder
    is_new = root not in found.projects
    found.projects.add(root)
    found.add_root(root)
    if read and is_new:
        context: dict[str, Found] = {}
        _collect(root, configuration, context, {}, only_packages=project is None)
        for absolute, file in context.items():
            if absolute not in found.files:
                found.context[absolute] = file


def locate(path: str) -> str:
    """The absolute path of a file: its folder's real path, and its own name."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def shown(absolute: str) -> str:
    """What a file is called in findings: its path from the current folder if it is below it."""
    return _shown(absolute, _here())


def _here() -> str:
    return os.getcwd().rstrip(os.sep) + os.sep


def _shown(absolute: str, here: str) -> str:
    name = absolute.removeprefix(here)
    # a line that begins so is a command to a workflow of GitHub
    return os.path.join(os.curdir, name) if name.startswith("::") else name


def _named(path: str, configuration: Configuration) -> Found | None:
    """A file passed by name; None when it is to be left out all the same."""
    absolute = locate(path)
    settings = configuration.of(os.path.dirname(absolute))
    if settings.force_exclude and settings.excludes(absolute):
        return None
    return Found(absolute, shown(absolute), settings)


def _collect(
    folder: str,
    configuration: Configuration,
    files: dict[str, Found],
    unreadable: dict[str, tuple[Found, str]],
    *,
    only_packages: bool = False,
) -> None:
    """Adds the files below a folder, in the order of their names; perhaps of packages alone."""
    current = _here()
    settings = configuration.of(folder)
    ignore = gitignore_of(folder) if settings.respect_gitignore else None
    # a loop and not a recursion: folders may be nested deeper than Python's stack
    pending: list[tuple[str, Settings, GitIgnore | None]] = [(folder, settings, ignore)]
    while pending:
        here, above, ignore = pending.pop()
        try:
            with os.scandir(here) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            unreadable[here] = (Found(here, _shown(here, current), above), refusal(error))
            continue
        names = {entry.name for entry in listed}
        settings = configuration.of(here, strict=False) if "pyproject.toml" in names else above
        if here != folder and ignore is not None and ".gitignore" in names:
            ignore = ignore.below(here, True)
        folders = []
        for path, is_folder in _wanted(listed, folder, settings, ignore):
            if is_folder:
                if not only_packages or os.path.exists(os.path.join(path, "__init__.py")):
                    folders.append((path, settings, ignore))
            elif path not in files:
                files[path] = Found(path, _shown(path, current), settings)
        pending.extend(reversed(folders))


def _wanted(
    entries: Iterable[os.DirEntry[str]],
    root: str,
    settings: Settings,
    ignore: GitIgnore | None,
) -> Iterator[tuple[str, bool]]:
    """The folders to enter and the files to check among the entries of a folder below the root."""
    excluded = settings.excluded
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder and not (entry.name.endswith(SUFFIXES) and _is_file(entry)):
            continue
        path = entry.path
        if entry.is_symlink() and _leads_to_one_of(path, root):
            continue
        if excluded.match(entry.name, settings.relative(path), path.replace(os.sep, "/")):
            continue
        if ignore is not None and ignore.ignores(path, is_folder=is_folder):
            continue
        yield path, is_folder


def _leads_to_one_of(path: str, folder: str) -> bool:
    """Whether a link leads to a file below the folder, which is found itself."""
    target = os.path.realpath(path)
    inside = target.startswith(folder.rstrip(os.sep) + os.sep) and target.endswith(SUFFIXES)
    return inside and os.path.isfile(target)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a file or a link to one; a link to itself counts, as it can't be read."""
    try:
        return entry.is_file()
    except OSError:
        return True
