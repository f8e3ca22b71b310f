"""What the user's source calls a variable that TensorFlow calls "Variable"."""

from __future__ import annotations

import ast
import functools
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from varsync_runtime.diagnosis.syntax import File, file, within
from varsync_runtime.events import Created, Site

# The names that TensorFlow gives where the script gives none
GIVEN = re.compile(r"^(.*/)?[vV]ariable(_\d+)?$")


def label(made: Created) -> str:
    """A library's name for it, or its own; where the script gave none, what its line assigns it to."""
    if made.path:
        return made.path
    if not GIVEN.match(made.name):
        return made.name
    return target(made.site) or made.name


def labels(variables: Mapping[int, Created], named: Mapping[int, str]) -> dict[int, str]:
    """The labels of all variables; where several are `w`, what the script calls each.

    If that is not known, the second is `w (2)`.
    """
    texts = {number: label(created) for number, created in variables.items()}
    often = Counter(texts.values())
    made: dict[int, str] = {}
    met: Counter[str] = Counter()
    for number, text in texts.items():
        if often[text] > 1 or GIVEN.match(text):
            text = named.get(number, text)
        met[text] += 1
        made[number] = text if met[text] == 1 else f"{text} ({met[text]})"
    return made


def place(site: Site) -> str:
    """A line as messages name it: by the path from the working directory, if it is below that."""
    try:
        relative = os.path.relpath(site.filename)
    except (OSError, ValueError):
        relative = ".."
    return f"{site.filename if relative.startswith('..') else relative}:{site.line}"


@functools.cache
def target(site: Site) -> str:
    """What the statement at a line assigns to (`self.total`); empty if nothing can be told."""
    found: set[str] = set()
    innermost = 0
    for node in file(site.filename).at(site.line):
        if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) or node.value is None:
            continue
        if node.lineno >= innermost:
            goal = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(goal, (ast.Name, ast.Attribute, ast.Subscript)):
                if node.lineno > innermost:
                    innermost, found = node.lineno, set()
                found.add(ast.unparse(goal))
    return found.pop() if len(found) == 1 else ""


@functools.cache
def first_line(site: Site) -> int:
    """The line on which the statement begins that has this line."""
    starts = [
        node.lineno
        for node in file(site.filename).at(site.line)
        if isinstance(node, ast.stmt) and node.lineno <= site.line
    ]
    return max(starts, default=site.line)


@functools.cache
def mixes_in_call(site: Site) -> bool:
    """Whether a line in a layer's `call` writes a mix of a variable's old value and another one.

    `self.mean.assign(0.9 * self.mean + 0.1 * x)`, or of a local name that holds such a mix.
    """
    for function in file(site.filename).at(site.line):
        if not isinstance(function, ast.FunctionDef) or function.name not in ("call", "__call__"):
            continue
        for node in within(function, site.line):
            if isinstance(node, ast.Call):
                target = node.func
                if isinstance(target, ast.Attribute) and target.attr.startswith("assign"):
                    return any(_mixes(one, target.value, function) for one in node.args)
    return False


def _mixes(value: ast.expr, variable: ast.expr, function: ast.FunctionDef) -> bool:
    """Whether an expression calculates with a variable, also by a local name of the function."""
    text = ast.unparse(variable)
    if isinstance(value, ast.Name):
        return any(
            _mixes(node.value, variable, function)
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            and not isinstance(node.value, ast.Name)
            and any(ast.unparse(one) == value.id for one in node.targets)
        )
    old = {text, *_names_of(text, function)}
    return any(
        ast.unparse(part) in old
        for node in ast.walk(value)
        if isinstance(node, ast.BinOp)
        for part in ast.walk(node)
        if isinstance(part, ast.expr)
    )


def _names_of(text: str, function: ast.FunctionDef) -> Iterator[str]:
    """The local names that hold a variable's value: `mean = cast(self.mean, "float32")`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(
            isinstance(part, ast.expr) and ast.unparse(part) == text
            for part in ast.walk(node.value)
        ):
            yield from (one.id for one in node.targets if isinstance(one, ast.Name))


@functools.cache
def hands_over(site: Site, name: str) -> bool:
    """Whether what a line reads of a variable goes to the other replicas: `all_reduce(SUM, v)`."""
    nodes = list(file(site.filename).at(site.line))
    handed = {
        id(part)
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("all_reduce", "all_gather")
        for part in ast.walk(node)
    }
    reads = [
        id(node)
        for node in nodes
        if isinstance(node, (ast.Name, ast.Attribute)) and ast.unparse(node) == name
    ]
    return bool(reads) and handed.issuperset(reads)


COUNTS = ("shape", "size", "len", "reduce_sum", "count_nonzero")
NO_COUNTS = ("mean", "norm", "max", "min", "gradient", "ones", "zeros")


@functools.cache
def adds_up(site: Site) -> bool:
    """Whether the update at a line adds what a replica counted: `assign_add(tf.shape(x)[0])`.

    A number or a sum of something, by local names too, that nothing scales.
    """
    for function in file(site.filename).at(site.line):
        if not isinstance(function, (ast.FunctionDef, ast.Lambda)):
            continue
        for node in within(function, site.line):
            if isinstance(node, ast.Call):
                method = node.func
                if isinstance(method, ast.Attribute) and method.attr == "assign_add" and node.args:
                    parts = list(_parts(node.args[0], function, frozenset()))
                    called = [text for text in map(_called, parts) if text]
                    scaled = any(
                        isinstance(one, (ast.Div, ast.FloorDiv, ast.Mult)) for one in parts
                    )
                    no_count = any(word in text for text in called for word in NO_COUNTS)
                    return not scaled and not no_count and any(text in COUNTS for text in called)
    return False


def _parts(value: ast.expr, function: ast.AST, looking: frozenset[str]) -> Iterator[ast.AST]:
    """What an expression is made of, the values of a function's local names too."""
    for part in ast.walk(value):
        yield part
        if isinstance(part, ast.Name) and part.id not in looking:
            for node in ast.walk(function):
                if isinstance(node, ast.Assign) and any(
                    isinstance(one, ast.Name) and one.id == part.id for one in node.targets
                ):
                    yield from _parts(node.value, function, looking | {part.id})


def _called(part: ast.AST) -> str:
    """The last name of what an expression calls, or `shape` of the attribute; else empty."""
    if isinstance(part, ast.Attribute) and part.attr == "shape":
        return "shape"
    if not isinstance(part, ast.Call):
        return ""
    function = part.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


@functools.cache
def writes_constant(site: Site) -> bool:
    """Whether the update at a line writes what is made of numbers alone: `assign_add(tf.ones(3))`."""
    whole = file(site.filename)
    values = [
        node.args[0]
        for node in whole.at(site.line)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr.startswith(("assign", "scatter"))
        and node.args
    ]
    return bool(values) and all(_is_constant(one, whole) for one in values)


MAKERS = {"tf", "tensorflow", "np", "numpy", "float", "int"}


def _is_constant(value: ast.AST, whole: File, looking: frozenset[str] = frozenset()) -> bool:
    """Whether a value is made of numbers, and of names that a file only ever gives such values."""
    names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)} - MAKERS
    return not names & looking and all(
        name in whole.given
        and all(_is_constant(one, whole, looking | {name}) for one in whole.given[name])
        for name in names
    )
