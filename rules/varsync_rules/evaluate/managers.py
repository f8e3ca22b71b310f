"""Context managers that are known to enter no strategy's scope."""

from __future__ import annotations

import ast
import re

from varsync_rules.evaluate.frames import Frame, Machine
from varsync_rules.values import Atom, Class, Instance, LibraryObject, Method, Symbol

_FILES = "io|os|pathlib|tempfile|gzip|bz2|lzma|zipfile|tarfile|codecs|mmap|h5py|PIL"
_PYTHON = (
    "contextlib|warnings|time|timeit|cProfile|tracemalloc|threading|multiprocessing|concurrent"
)
_OTHERS = "unittest|logging|socket|subprocess|sqlite3|urllib|decimal|numpy|tqdm|absl|requests"
_KNOWN = re.compile(rf"(?:builtins\.open$)|(?:{_FILES}|{_PYTHON}|{_OTHERS})\.")
_TENSORFLOW = ("tf.", "keras.", "tf_keras.")
# Ancestors of a class that add nothing to what it enters
_PLAIN = frozenset(
    {
        *("builtins.object", "typing.Generic", "abc.ABC"),
        *("contextlib.ContextDecorator", "contextlib.AbstractContextManager"),
    }
)
# What a class says that may enter another context manager; `def __enter__(` does not
_ENTERS = re.compile(r"\.__enter__|enter_context|[sS]cope|[sS]trategy|super\(")


def enters_no_scope(machine: Machine, frame: Frame, node: ast.expr) -> bool:
    """Whether the call of a `with` statement is of something that is known to enter no scope."""
    if not isinstance(node, ast.Call) or not _is_dotted(node.func):
        return False
    callee = machine.evaluate(frame, node.func)
    return bool(callee) and all(_is_known(atom) for atom in callee)


def _is_dotted(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _is_known(atom: Atom) -> bool:
    if isinstance(atom, Method) and isinstance(atom.receiver, LibraryObject):
        # the method `open` of a path
        return _KNOWN.match(atom.receiver.symbol.name) is not None
    return isinstance(atom, Symbol) and _KNOWN.match(atom.name) is not None


def may_enter(atom: Instance | LibraryObject) -> bool:
    """Whether entering an object may enter a scope, as far as can be seen."""
    if isinstance(atom, LibraryObject):
        name = atom.symbol.name
        return not (name.startswith(_TENSORFLOW) or _KNOWN.match(name))
    for ancestor in atom.cls.ancestry():
        if isinstance(ancestor, Class):
            if ancestor.module.mentions(ancestor.node, _ENTERS):
                return True
        elif ancestor.name not in _PLAIN:
            return True
    return False
