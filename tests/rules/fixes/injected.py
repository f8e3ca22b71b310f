"""Real files with misuses put into them."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable
from pathlib import Path

from varsync_rules.files import is_candidate

from tests.rules.fixes.odd import insert, offset

LARGEST = 30_000
Injection = Callable[[str, random.Random], str]


def candidates(folder: Path) -> list[str]:
    """The texts of the files of a folder that can matter, but for large ones."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        data = path.read_bytes()
        if len(data) < LARGEST and is_candidate(data):
            found.append(path.read_text(encoding="utf-8"))
    return found


def _creations(text: str) -> list[ast.Call]:
    """The calls that make variables."""
    made = {"Variable", "add_weight", "add_variable"}
    return [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in made
        and all(one.arg is not None for one in node.keywords)
        and not any(isinstance(one, ast.Starred) for one in node.args)
    ]


def _imported(text: str) -> str:
    """The text with `tf`, which it may have already."""
    if re.search(r"^import tensorflow as tf$", text, re.M):
        return text
    tree = ast.parse(text)
    at = 0
    for statement in tree.body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if is_text or getattr(statement, "module", "") == "__future__":
            at = statement.end_lineno or 0
    lines = text.split("\n")
    return "\n".join([*lines[:at], "import tensorflow as tf", *lines[at:]])


def _with_keyword(text: str, keyword: str, value: str, rng: random.Random) -> str:
    """A creation with one more keyword argument."""
    free = [call for call in _creations(text) if all(one.arg != keyword for one in call.keywords)]
    if not free:
        return text
    call = rng.choice(free)
    at = offset(text, call.end_lineno or 1, (call.end_col_offset or 1) - 1)
    before = text[:at].rstrip()
    apart = "" if before.endswith(("(", ",")) else ", "
    return _imported(insert(text, [(len(before), f"{apart}{keyword}={value}")]))


def none_mode(text: str, rng: random.Random) -> str:
    """VS101."""
    return _with_keyword(text, "synchronization", "tf.VariableSynchronization.NONE", rng)


def string_mode(text: str, rng: random.Random) -> str:
    """VS105, or none in Keras 3."""
    return _with_keyword(text, "aggregation", rng.choice(['"sum"', "'MEAN'"]), rng)


def member_mode(text: str, rng: random.Random) -> str:
    """VS105 in Keras 3, or another aggregation than the updates need."""
    member = rng.choice(["SUM", "MEAN", "ONLY_FIRST_REPLICA"])
    return _with_keyword(text, "aggregation", f"tf.VariableAggregation.{member}", rng)


def on_read(text: str, rng: random.Random) -> str:
    """VS102."""
    return _with_keyword(text, "synchronization", "tf.VariableSynchronization.ON_READ", rng)


def augmented(text: str, rng: random.Random) -> str:
    """VS208: `v.assign_add(x)` becomes `v += x`."""
    places = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr in ("assign_add", "assign_sub")
        and len(node.value.args) == 1
        and not node.value.keywords
    ]
    if not places:
        return text
    node = rng.choice(places)
    call = node.value
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Attribute)
    sign = "+=" if call.func.attr == "assign_add" else "-="
    start = offset(text, node.lineno, node.col_offset)
    end = offset(text, node.end_lineno or 1, node.end_col_offset or 0)
    target, value = ast.get_source_segment(text, call.func.value), call.args[0]
    given = ast.get_source_segment(text, value)
    return f"{text[:start]}{target} {sign} ({given}){text[end:]}"


def suppression(text: str, rng: random.Random) -> str:
    """VS902."""
    lines = text.split("\n")
    ends = [
        node.end_lineno or 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.stmt) and node.lineno == node.end_lineno
    ]
    if not ends:
        return text
    at = rng.choice(ends) - 1
    comment = rng.choice(["# noqa: VS201", "# varsync: ignore[VS202] é why", "# noqa: E501,VS101"])
    if "#" not in lines[at] and not lines[at].endswith("\\"):
        lines[at] += "  " + comment
    return "\n".join(lines)


INJECTIONS: tuple[Injection, ...] = (
    *(none_mode, string_mode, member_mode, on_read, augmented, suppression),
)


def followed_by(text: str, program: str) -> str:
    """A file with a program behind it, as a script or a notebook has it."""
    return text.rstrip("\n") + "\n\n\n" + program
