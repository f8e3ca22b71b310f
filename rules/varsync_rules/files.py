"""A file of the program as Python sees it: its tree, its module's name, what could matter in it."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate
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
_CLASS = re.compile(rb"\n[ \t]*class +\w+\(([^)]*)\)")
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def is_candidate(data: bytes) -> bool:
    """Whether a file's bytes can matter by themselves; others are read only when imported."""
    return any(mark in data for mark in MARKS) and any(name in data for name in LIBRARIES)


class Module:
    """A file as a module of the program. The tree is parsed when it is first asked for."""

    __slots__ = (
        "_base_names",
        "_code",
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
        self._code: str | None = None
        self._line_starts: list[int] = []
        self._mentions: dict[re.Pattern[str], list[int]] = {}

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

    @property
    def code(self) -> str:
        """The text, its lines of docstrings empty."""
        if self._code is None:
            lines = self.source.text.split("\n")
            for text in _docstrings(self.tree):
                first, last = text.lineno - 1, text.end_lineno or text.lineno
                if not lines[first][: text.col_offset].strip():
                    lines[first:last] = [""] * (last - first)
            self._code = "\n".join(lines)
            self._line_starts = [0, *accumulate(len(line) + 1 for line in lines)]
        return self._code

    def mentions(self, node: ast.AST, pattern: re.Pattern[str]) -> bool:
        """Whether the code of a definition holds a match of a pattern, which is within a line."""
        code = self.code
        places = self._mentions.get(pattern)
        if places is None:
            places = self._mentions[pattern] = [m.start() for m in pattern.finditer(code)]
        start, end = self._extent(node)
        at = bisect_left(places, start)
        return at < len(places) and places[at] < end

    def code_of(self, node: ast.AST) -> str:
        """The lines of a definition's code."""
        code = self.code
        start, end = self._extent(node)
        return code[start:end]

    def _extent(self, node: ast.AST) -> tuple[int, int]:
        """Where the first line of a node begins in the code, and where its last one ends."""
        starts = self._line_starts
        return starts[node.lineno - 1], starts[node.end_lineno] - 1  # type: ignore[attr-defined]

    @property
    def is_test(self) -> bool:
        """Whether the file is a test by its name."""
        stem = PurePath(self.source.path).stem
        return stem.startswith("test_") or stem.endswith("_test") or stem == "conftest"


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    """The docstrings behind which the code goes on in another line, or ends."""
    waiting: list[ast.Module | ast.stmt] = [tree]
    while waiting:
        body = waiting.pop().body  # type: ignore[union-attr]
        waiting.extend(inner for inner in body if isinstance(inner, _DEFINITIONS))
        match body:
            case [ast.Expr(ast.Constant(str()) as text), *rest]:
                if not rest or rest[0].lineno > (text.end_lineno or 0):
                    yield text


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
