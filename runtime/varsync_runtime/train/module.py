"""`tf.Module`: finds its variables and submodules in its attributes.

After tensorflow/python/module/module.py.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from varsync_runtime.function.scopes import name_scope
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.train.autotrackable import AutoTrackable

WORD_START = re.compile(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")
IDENTIFIER = re.compile(r"^[a-zA-Z_]([a-zA-Z0-9_])*$")
Path = tuple[Any, ...]


def camel_to_snake(value: str) -> str:
    """`MyLayer` as `my_layer`."""
    return WORD_START.sub(r"_\1", value).lower()


@export("tf.Module")
class Module(AutoTrackable):
    """The base of things that hold variables."""

    __module__ = "tensorflow.python.module.module"
    _TF_MODULE_IGNORED_PROPERTIES: frozenset[str] = frozenset(
        ("_self_unconditional_checkpoint_dependencies", "_self_unconditional_dependency_names")
    )

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = camel_to_snake(type(self).__name__)
        elif not IDENTIFIER.match(name):
            raise ValueError(
                f"{name!r} is not a valid module name. Module names must be valid Python "
                "identifiers (e.g. a valid class name)."
            )
        self._name = name
        with name_scope(name) as scope:
            self._name_scope = name_scope(scope)

    @property
    def name(self) -> str:
        """The name without those of the modules around it."""
        return self._name

    @property
    def name_scope(self) -> name_scope:
        """The `tf.name_scope` of this module."""
        return self._name_scope

    @property
    def variables(self) -> tuple[Any, ...]:
        """The variables, sorted by attribute, then those of the submodules."""
        return tuple(self._flatten(predicate=_is_variable, expand_composites=True))

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """The trainable ones of `variables`."""
        return tuple(self._flatten(predicate=_is_trainable_variable, expand_composites=True))

    @property
    def non_trainable_variables(self) -> tuple[Any, ...]:
        """The others of `variables`."""
        return tuple(self._flatten(predicate=_is_non_trainable_variable, expand_composites=True))

    @property
    def submodules(self) -> tuple[Any, ...]:
        """All modules below this one."""
        return tuple(self._flatten(predicate=_is_module))

    def _flatten(
        self,
        recursive: bool = True,
        predicate: Callable[[Any], bool] | None = None,
        attribute_traversal_key: Callable[[str], Any] | None = None,
        with_path: bool = False,
        expand_composites: bool = False,
    ) -> Iterator[Any]:
        """The leaves of all attributes for which `predicate` holds, with their paths if asked."""
        walk = _Walk(
            predicate or (lambda _: True), attribute_traversal_key, with_path, expand_composites
        )
        return walk.module(self, recursive, self._TF_MODULE_IGNORED_PROPERTIES, ())

    @classmethod
    def with_name_scope(cls, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method runs in the module's name scope."""

        @functools.wraps(method)
        def method_with_name_scope(self: Any, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return method_with_name_scope


def _is_variable(value: Any) -> bool:
    return isinstance(value, VariableLike)


def _is_trainable_variable(value: Any) -> bool:
    return _is_variable(value) and bool(getattr(value, "trainable", False))


def _is_non_trainable_variable(value: Any) -> bool:
    return _is_variable(value) and not getattr(value, "trainable", False)


def _is_module(value: Any) -> bool:
    return isinstance(value, Module)


def _leaves(structure: Any, expand: bool, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The leaves of a structure with their paths, in the order of `tf.nest`."""
    if _is_variable(structure):
        yield path, structure
    elif nest.is_nested(structure):
        for key, child in _items(structure):
            yield from _leaves(child, expand, (*path, key))
    elif expand and hasattr(structure, "_nest_components"):
        for index, child in enumerate(structure._nest_components()):
            yield (*path, index), child
    else:
        yield path, structure


def _items(structure: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(structure, Mapping):
        try:
            keys = sorted(structure)
        except TypeError:
            raise TypeError("nest only supports dicts with sortable keys.") from None
        return iter([(key, structure[key]) for key in keys])
    fields = getattr(structure, "_fields", None)
    children = structure if isinstance(structure, (list, tuple)) else nest._children(structure)
    if fields is not None:
        return zip(fields, children, strict=True)
    return enumerate(children)


class _Walk:
    """One walk through a module and those below."""

    def __init__(
        self,
        predicate: Callable[[Any], bool],
        key: Callable[[str], Any] | None,
        with_path: bool,
        expand: bool,
    ) -> None:
        self.predicate = predicate
        self.key = key
        self.with_path = with_path
        self.expand = expand
        self.seen: set[int] = set()
        self.around: list[int] = []

    def module(
        self, module: Any, recursive: bool, ignored: frozenset[str], path: Path
    ) -> Iterator[Any]:
        if not self.around:
            self.seen.add(id(module))
        if id(module) in self.around:
            recursive = False
        below: list[tuple[Path, Any]] = []
        attributes = vars(module)
        for name in sorted(attributes, key=self.key):
            if name in ignored:
                continue
            value = attributes[name]
            try:
                leaves = list(_leaves(value, self.expand))
            except Exception as cause:
                raise ValueError(f"Error processing property {name!r} of {value!r}") from cause
            for leaf_path, leaf in leaves:
                if not self.with_path:
                    if id(leaf) in self.seen:
                        continue
                    self.seen.add(id(leaf))
                whole = (*path, name, *leaf_path)
                if self.predicate(leaf):
                    yield (whole, leaf) if self.with_path else leaf
                if recursive and _is_module(leaf):
                    below.append((whole, leaf))
        self.around.append(id(module))
        for its_path, one in below:
            yield from self.module(one, recursive, one._TF_MODULE_IGNORED_PROPERTIES, its_path)
        self.around.pop()
