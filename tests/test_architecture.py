"""Imports go one way: varsync, varsync_rules, varsync_runtime.semantics; never in a ring."""

from __future__ import annotations

import ast
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


def imports(name: str, *, at_start_only: bool = False) -> Iterator[str]:
    """What a module imports: modules of ours as far as the name goes, others by their name.

    `at_start_only` leaves out what is imported in functions and for type checkers.
    """
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    for node in _statements(tree, at_start_only):
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


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_go_one_way(name: str) -> None:
    package = name.split(".")[0]
    allowed = ALLOWED[package]
    if name.count(".") and package == "varsync_runtime":
        part = name.split(".")[1]
        allowed = tuple(f"varsync_runtime.{other}" for other in (part, *PARTS[part].split()))
    for imported in imports(name):
        if imported.split(".")[0] in PACKAGES:
            assert any(is_of(imported, one) for one in allowed), f"{name} imports {imported}"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_libraries_stay_where_they_belong(name: str) -> None:
    import sys

    package = name.split(".")[0]
    for imported in imports(name):
        top = imported.split(".")[0]
        light = any(is_of(name, f"varsync_runtime.{part}") for part in LIGHT)
        assert not (light and top in ("numpy", "autograd")), f"{name} imports {imported}"
        known = LIBRARIES[package] | ({"tensorflow"} if is_of(name, ENGINE) else set())
        if top not in PACKAGES and top != "__future__" and top not in sys.stdlib_module_names:
            assert top in known, f"{name} imports {imported}"
        if top == "tensorflow":
            assert imported not in imports(name, at_start_only=True), f"{name} needs {imported}"


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


@pytest.mark.parametrize("name", sorted(name for name in MODULES if ".catalog.vs" in name))
def test_a_rule_asks_the_program_and_walks_no_syntax(name: str) -> None:
    """A rule that parses or walks trees itself would see less than the analyser does."""
    source = MODULES[name].read_text(encoding="utf-8")
    for word in ("ast.walk", "ast.parse", "NodeVisitor", "iter_child_nodes"):
        assert word not in source


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name
        for name, file in MODULES.items()
        if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert silent == []
