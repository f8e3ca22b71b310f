"""Imports go one way: varsync, varsync_rules, varsync_runtime.semantics; never in a ring."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {
    "varsync": ROOT / "varsync_cli" / "varsync",
    "varsync_rules": ROOT / "rules" / "varsync_rules",
    "varsync_runtime": ROOT / "runtime" / "varsync_runtime",
}
ALLOWED = {
    "varsync": ("varsync", "varsync_rules", "varsync_runtime"),
    "varsync_rules": ("varsync_rules", "varsync_runtime.semantics"),
    "varsync_runtime": ("varsync_runtime",),
}
LIBRARIES = {
    # pytest imports its own plugin
    "varsync": {"pytest", "typer", "rich", "pathspec", "tomli", "pygls", "lsprotocol"},
    "varsync_rules": {"libcst"},
    "varsync_runtime": {"numpy", "autograd"},
}
# The parts of the runtime, and which of them each may import
PARTS = {
    "semantics": "",
    "events": "",
    "diagnosis": "semantics events",
    "replicas": "events",
    "tensors": "events",
    "ops": "events tensors",
    "function": "events tensors ops",
    "distribute": "semantics events replicas tensors ops function",
    "data": "semantics events tensors ops function distribute",
    "train": "semantics events tensors ops function distribute",
    "datasets": "events replicas tensors",
    "standin": "semantics events replicas tensors ops function distribute data train datasets",
    "engines": "semantics events diagnosis replicas distribute",
    "elements": "events",
    "course": "events diagnosis replicas",
    "session": "events diagnosis replicas standin engines course",
}
# What runs on TensorFlow, and imports it when it is told to
ENGINE = "varsync_runtime.engines.tensorflow"
# What runs without NumPy: lint, and the process that watches the replicas
LIGHT = ("semantics", "events", "diagnosis")


def modules() -> dict[str, Path]:
    """All modules of the three packages, by name."""
    found = {}
    for package, folder in PACKAGES.items():
        for file in sorted(folder.rglob("*.py")):
            parts = [package, *file.relative_to(folder).with_suffix("").parts]
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


MODULES = modules()


def modules_of(package: str) -> list[str]:
    return sorted(name for name in MODULES if is_of(name, package))


@functools.cache
def tree_of(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def imports(name: str, *, at_start_only: bool = False) -> Iterator[str]:
    """What a module imports: modules of ours as far as the name goes, others by their name.

    `at_start_only` leaves out what is imported in functions and for type checkers.
    """
    for node in _statements(tree_of(name), at_start_only):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(name, node)
            for alias in node.names:
                below = f"{base}.{alias.name}"
                yield below if below in MODULES else base


def _base(name: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    is_package = MODULES[name].name == "__init__.py"
    kept = parts[: len(parts) - node.level + is_package]
    return ".".join([*kept, node.module] if node.module else kept)


def _statements(node: ast.AST, at_start_only: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if at_start_only:
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                continue
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
        yield child
        yield from _statements(child, at_start_only)


def is_of(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def test_the_packages_are_there() -> None:
    assert set(PACKAGES) <= set(MODULES)
    assert len(MODULES) > 40


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_one_way(package: str) -> None:
    astray = [
        f"{name} imports {imported}"
        for name in modules_of(package)
        for imported in imports(name)
        if imported.split(".")[0] in PACKAGES
        and not any(is_of(imported, one) for one in _allowed(name))
    ]
    assert astray == []


def _allowed(name: str) -> tuple[str, ...]:
    package, *rest = name.split(".")
    if rest and package == "varsync_runtime":
        return tuple(f"{package}.{part}" for part in (rest[0], *PARTS[rest[0]].split()))
    return ALLOWED[package]


@pytest.mark.parametrize("package", PACKAGES)
def test_libraries_stay_where_they_belong(package: str) -> None:
    ours = {*PACKAGES, "__future__", *sys.stdlib_module_names}
    astray = [
        f"{name} imports {imported}"
        for name in modules_of(package)
        for imported in imports(name)
        if imported.split(".")[0] not in ours | _libraries(name)
    ]
    assert astray == []


def _libraries(name: str) -> set[str]:
    if any(is_of(name, f"varsync_runtime.{part}") for part in LIGHT):
        return set()
    engine = {"tensorflow"} if is_of(name, ENGINE) else set()
    return LIBRARIES[name.split(".")[0]] | engine


def test_tensorflow_is_imported_only_when_it_is_asked_for() -> None:
    assert [
        name
        for name in MODULES
        for imported in imports(name, at_start_only=True)
        if is_of(imported, "tensorflow")
    ] == []


def test_nothing_is_imported_in_a_ring() -> None:
    graph = {
        name: {
            imported
            for imported in imports(name, at_start_only=True)
            if imported in MODULES and imported != name
        }
        for name in MODULES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"imported in a ring: {' -> '.join(error.args[1])}")


def test_a_rule_asks_the_program_and_walks_no_syntax() -> None:
    """A rule that parses or walks trees itself would see less than the analyser does."""
    rules = {name: file for name, file in MODULES.items() if ".catalog.vs" in name}
    assert rules
    assert [
        f"{name} says {word}"
        for name, file in rules.items()
        for word in ("ast.walk", "ast.parse", "NodeVisitor", "iter_child_nodes")
        if word in file.read_text(encoding="utf-8")
    ] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [name for name in MODULES if not ast.get_docstring(tree_of(name))] == []
