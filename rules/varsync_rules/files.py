"""A file of the program as Python sees it: its tree, its module's name, what could matter in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from varsync_rules.parsing import parse
from varsync_rules.source import Source

MARKS = (
    b"Variable(",
    b"Variable,",
    b"Variable\n",
    b"VariableS",
    b"VariableA",
    b"import Variable",
    b"get_variable",
    b"trategy",
    b".assign",
    b"add_weight",
    b"apply_gradients",
    b".distribute",
    b"BatchNorm",
    b"horovod",
)
LIBRARIES = (b"tf", b"tensorflow", b"keras", b"sonnet")

INTERESTING = re.compile(
    r"Variable\b|add_weight|add_variable|get_variable|add_slot|add_metric_var|\.assign|scatter_|\.scope\("
    r"|experimental_run|call_for_each_replica|merge_call|all_reduce|apply_gradients|minimize\("
    r"|strategy|Strategy|\.fit\(|Checkpoint|saved_model|tf\.distribute|\.schedule\(|\.variable\("
    r"|BatchNormalization|horovod|hvd|GradientTape|\.result\(\)|reset_state"
)
_LINE_END = re.compile("\n")
_CLASS = re.compile(rb"\n[ \t]*class +\w+\(([^)]*)\)")


def is_candidate(data: bytes) -> bool:
    """Whether a file's bytes can matter by themselves; others are read only when imported."""
    return any(mark in data for mark in MARKS) and any(name in data for name in LIBRARIES)


class Module:
    """A file as a module of the program. The tree is parsed when it is first asked for."""

    __slots__ = (
        "_base_names",
        "_is_candidate",
        "_line_starts",
        "_mentions",
        "_tree",
        "is_package",
        "name",
        "names",
        "source",
    )

    def __init__(self, source: Source, names: tuple[str, ...], is_package: bool) -> None:
        self.source = source
        self.names = names
        self.name = names[0]
        self.is_package = is_package
        self._tree: ast.Module | None = None
        self._base_names: frozenset[bytes] | None = None
        self._is_candidate: bool | None = None
        self._line_starts: list[int] | None = None
        self._mentions: dict[tuple[ast.AST, re.Pattern[str]], bool] = {}

    def __repr__(self) -> str:
        return f"Module({self.name})"

    @property
    def tree(self) -> ast.Module:
        """The module's tree; raises SyntaxProblem."""
        if self._tree is None:
            self._tree = parse(self.source.text)
        return self._tree

    @property
    def is_parsed(self) -> bool:
        """Whether the tree was asked for."""
        return self._tree is not None

    @property
    def is_candidate(self) -> bool:
        """Whether the file can matter by itself: see is_candidate()."""
        if self._is_candidate is None:
            self._is_candidate = is_candidate(self.source.data)
        return self._is_candidate

    @property
    def base_names(self) -> frozenset[bytes]:
        """The last part of the name of each class that the file's text derives one from."""
        if self._base_names is None:
            self._base_names = frozenset(
                base.strip().rsplit(b".", 1)[-1]
                for found in _CLASS.findall(b"\n" + self.source.data)
                for base in found.split(b",")
            )
        return self._base_names

    def mentions(self, node: ast.AST, pattern: re.Pattern[str]) -> bool:
        """Whether the text of a definition holds a match of a pattern, which is within a line."""
        key = (node, pattern)
        known = self._mentions.get(key)
        if known is None:
            known = pattern.search(self.source.text, *self._extent(node)) is not None
            self._mentions[key] = known
        return known

    def text_of(self, node: ast.AST) -> str:
        """The text of the lines of a definition."""
        start, end = self._extent(node)
        return self.source.text[start:end]

    def _extent(self, node: ast.AST) -> tuple[int, int]:
        """Where the first line of a node begins in the text, and where its last one ends."""
        starts = self._line_starts
        if starts is None:
            starts = [0, *(found.end() for found in _LINE_END.finditer(self.source.text))]
            starts.append(len(self.source.text) + 1)
            self._line_starts = starts
        return starts[node.lineno - 1], starts[node.end_lineno] - 1  # type: ignore[attr-defined]

    @property
    def is_test(self) -> bool:
        """Whether the file is a test by its name."""
        stem = PurePath(self.source.path).stem
        return stem.startswith("test_") or stem.endswith("_test") or stem == "conftest"


class Modules:
    """The modules of the program by their importable names."""

    def __init__(self, sources: Iterable[Source], roots: Iterable[Path] = ()) -> None:
        self._by_name: dict[str, Module] = {}
        self.all: list[Module] = []
        root_paths = [root.resolve() for root in roots]
        packages: dict[Path, bool] = {}
        folders = {
            source.absolute.parent for source in sources if source.absolute.name == "__init__.py"
        }
        for source in sorted(sources, key=lambda source: str(source.absolute)):
            names = tuple(_names(source.absolute, root_paths, folders, packages))
            module = Module(source, names, source.absolute.name == "__init__.py")
            self.all.append(module)
            for name in names:
                self._by_name.setdefault(name, module)

    def find(self, name: str) -> Module | None:
        """The module with an absolute name, or None when it is not of the program."""
        return self._by_name.get(name)

    def relative(self, module: Module, level: int, name: str) -> str:
        """The absolute name that a relative import in a module means."""
        parts = module.name.split(".")
        drop = level - 1 if module.is_package else level
        base = parts[: len(parts) - drop] if drop else parts
        return ".".join([*base, name] if name else base)

    def has_below(self, name: str) -> bool:
        """Whether there are modules in a package without __init__.py of this name."""
        prefix = name + "."
        return any(other.startswith(prefix) for other in self._by_name)


def _names(
    path: Path, roots: list[Path], folders: set[Path], packages: dict[Path, bool]
) -> Iterator[str]:
    """The dotted names under which a file can be imported, the most likely first."""

    def is_package(folder: Path) -> bool:
        known = packages.get(folder)
        if known is None:
            known = folder in folders or (folder / "__init__.py").exists()
            packages[folder] = known
        return known

    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while is_package(folder) and folder.name and folder != folder.parent:
        parts.insert(0, folder.name)
        folder = folder.parent
    yield ".".join(parts) or path.parent.name
    for root in roots:
        try:
            relative = path.relative_to(root)
        except ValueError:
            continue
        own = list(relative.with_suffix("").parts)
        if own and own[-1] == "__init__":
            own.pop()
        while own:
            dotted = ".".join(own)
            if dotted != ".".join(parts):
                yield dotted
            if own[0] not in ("src", "lib", "python"):
                break
            own.pop(0)
