"""A file of the program as Python sees it: its tree, its module's name, what could matter in it."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import PurePath

from varsync_rules.naming import Names, absolute, is_package
from varsync_rules.parsing import SyntaxProblem, parse
from varsync_rules.source import Source
from varsync_rules.target import UNKNOWN, Target

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
# What a script does with a strategy that another file of the program makes.
CALLS = (b"trategy.run(", b"trategy.scope(", b"trategy.experimental_")
LIBRARIES = re.compile(rb"(?<!\w)tf(?!\w)|tensorflow|keras|sonnet")

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
    return any(mark in data for mark in MARKS) and (
        LIBRARIES.search(data) is not None or any(call in data for call in CALLS)
    )


class Module:
    """A file as a module of the program. The tree is parsed when it is first asked for."""

    __slots__ = (
        "_base_names",
        "_code",
        "_imported",
        "_is_candidate",
        "_line_starts",
        "_mentions",
        "_tree",
        "is_package",
        "name",
        "names",
        "source",
        "target",
    )

    def __init__(
        self, source: Source, names: tuple[str, ...], is_package: bool, target: Target = UNKNOWN
    ) -> None:
        self.source = source
        self.target = target
        self.names = names
        self.name = names[0]
        self.is_package = is_package
        self._tree: ast.Module | SyntaxProblem | None = None
        self._base_names: frozenset[bytes] | None = None
        self._imported: frozenset[tuple[str, str]] | None = None
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
            try:
                self._tree = parse(self.source.text)
            except SyntaxProblem as problem:
                self._tree = problem
        if isinstance(self._tree, SyntaxProblem):
            raise self._tree.with_traceback(None)
        return self._tree

    @property
    def is_parsed(self) -> bool:
        """Whether there is a tree: it was asked for, and could be made."""
        return isinstance(self._tree, ast.Module)

    @property
    def was_tried(self) -> bool:
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
    def imported(self) -> frozenset[tuple[str, str]]:
        """The names that imports anywhere in the file bind, and what each stands for."""
        if self._imported is None:
            self._imported = frozenset(imported(ast.walk(self.tree)))
        return self._imported

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


def imported(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """The names that imports among some nodes bind, and what each stands for."""
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname is not None:
                    yield alias.asname, alias.name
                else:
                    root = alias.name.partition(".")[0]
                    yield root, root
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{'.' * node.level}{node.module}.{alias.name}"


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


NO_TARGETS: Mapping[str, Target] = {}


class Modules:
    """The modules of the program by their importable names; `targets` are by absolute paths."""

    def __init__(
        self, sources: Iterable[Source], names: Names, targets: Mapping[str, Target] = NO_TARGETS
    ) -> None:
        self._names = names
        self._by_file: dict[str, Module] = {}
        for source in sorted(sources, key=lambda source: str(source.absolute)):
            file = str(source.absolute)
            self._by_file[file] = Module(
                source, names.of(file), is_package(file), targets.get(file, UNKNOWN)
            )
        self.all = list(self._by_file.values())

    def find(self, name: str) -> Module | None:
        """The module with an absolute name, or None when it is not of the program."""
        file = self._names.find(name)
        return self._by_file.get(file) if file is not None else None

    def relative(self, module: Module, level: int, name: str) -> str:
        """The absolute name that a relative import in a module means."""
        return absolute(module.name, module.is_package, level, name)
