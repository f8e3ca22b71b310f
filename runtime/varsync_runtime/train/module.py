"""`tf.Module`: a named container of variables and of other modules."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

from varsync_runtime.function.scopes import name_scope
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.train.trackable import AutoTrackable

VALID = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
# attributes that a walk leaves out
IGNORED = frozenset(("_self_unconditional_checkpoint_dependencies", "_varsync_waiting"))


def snake_case(name: str) -> str:
    """`CamelCase` as `camel_case`."""
    first = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub("([a-z0-9])([A-Z])", r"\1_\2", first).lower()


class ModuleMetaclass(type):
    """The class of `tf.Module`."""


@export("tf.Module")
class Module(AutoTrackable):
    """tensorflow/python/module/module.py, `Module`."""

    __module__ = "tensorflow.python.module.module"
    _TF_MODULE_IGNORED_PROPERTIES: frozenset[str] = IGNORED

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = snake_case(type(self).__name__)
        elif not VALID.match(name):
            raise ValueError(
                f"{name!r} is not a valid module name. Module names must be valid Python identifiers "
                "(e.g. a valid class name)."
            )
        self._name = name
        self._scope_name = name_scope(name).__enter__()
        name_scope.leave()

    @property
    def name(self) -> str:
        """The name, as it was given."""
        return self._name

    @property
    def name_scope(self) -> Any:
        """The scope of the module's variables."""
        return name_scope(self._scope_name)

    @property
    def variables(self) -> tuple[Any, ...]:
        """The variables of this module and of its submodules."""
        return tuple(self._flatten(predicate=_is_variable, expand_composites=True))

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """The variables that are trained."""
        return tuple(self._flatten(predicate=_is_trainable, expand_composites=True))

    @property
    def non_trainable_variables(self) -> tuple[Any, ...]:
        """The variables that are not trained."""
        return tuple(
            self._flatten(
                predicate=lambda one: _is_variable(one) and not one.trainable,
                expand_composites=True,
            )
        )

    @property
    def submodules(self) -> tuple[Any, ...]:
        """All modules in this one."""
        return tuple(self._flatten(predicate=lambda one: isinstance(one, Module)))

    def _flatten(
        self,
        recursive: bool = True,
        predicate: Callable[[Any], bool] | None = None,
        attribute_traversal_key: Callable[[str], Any] | None = None,
        with_path: bool = False,
        expand_composites: bool = False,
    ) -> Iterator[Any]:
        """The leaves of the attributes, by the attributes' names."""
        del expand_composites
        wanted = predicate or (lambda one: True)
        return _walk(self, recursive, wanted, attribute_traversal_key, with_path, (), {id(self)})

    @classmethod
    def with_name_scope(cls, method: Callable[..., Any]) -> Callable[..., Any]:
        """Makes a method enter the module's scope."""

        @functools.wraps(method)
        def entered(self: Module, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return entered


def _is_variable(value: Any) -> bool:
    return isinstance(value, VariableLike)


def _is_trainable(value: Any) -> bool:
    return _is_variable(value) and bool(value.trainable)


def _walk(
    module: Any,
    recursive: bool,
    predicate: Callable[[Any], bool],
    key: Callable[[str], Any] | None,
    with_path: bool,
    path: tuple[Any, ...],
    seen: set[int],
) -> Iterator[Any]:
    """tensorflow/python/module/module.py, `_flatten_module`."""
    attributes = {
        name: value
        for name, value in vars(module).items()
        if name not in module._TF_MODULE_IGNORED_PROPERTIES
    }
    below: list[tuple[tuple[Any, ...], Any]] = []
    for name in sorted(attributes, key=key):
        for inner, leaf in _leaves(attributes[name], (name,)):
            if id(leaf) in seen or leaf is None:
                continue
            seen.add(id(leaf))
            if predicate(leaf):
                yield ((*path, *inner), leaf) if with_path else leaf
            if recursive and isinstance(leaf, Module):
                below.append((inner, leaf))
    for inner, leaf in below:
        yield from _walk(leaf, recursive, predicate, key, with_path, (*path, *inner), seen)


def _leaves(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        try:
            keys = sorted(value)
        except TypeError:
            return
        for one in keys:
            yield from _leaves(value[one], (*path, one))
    elif isinstance(value, (list, tuple)):
        for number, one in enumerate(value):
            yield from _leaves(one, (*path, number))
    elif nest.is_nested(value) and not isinstance(value, VariableLike):
        for number, one in enumerate(nest.flatten(value)):
            yield (*path, number), one
    else:
        yield path, value
