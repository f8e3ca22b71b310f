"""Functions that are given to datasets: traced once, when the dataset is made."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterator
from typing import Any

from varsync_runtime.data.dataset import DatasetSpec, DatasetV2, kind
from varsync_runtime.data.iterations import depth, given, instance
from varsync_runtime.data.iterators import placeholder
from varsync_runtime.data.rows import Row, flatten, normalised, pack, spec_of
from varsync_runtime.function.polymorphic import Function
from varsync_runtime.ops.random import graphs as random_graphs
from varsync_runtime.tensors import nest

ANY_ARGUMENTS = inspect.Signature([inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL)])


class Mapped:
    """A function of elements. `several`: the parts of a tuple are its arguments."""

    def __init__(self, function: Callable[..., Any], *specs: Any, several: bool = True) -> None:
        self._specs = specs
        self._place = _place() or self
        self._depth = depth()
        self._several = several and len(specs) == 1 and type(specs[0]) is tuple

        def called(*args: Any) -> Any:
            result = function(*args)
            return normalised(tuple(result) if isinstance(result, list) else result)

        called.__signature__ = ANY_ARGUMENTS  # type: ignore[attr-defined]
        called.__wrapped__ = function  # type: ignore[attr-defined]
        self._function = Function(called, getattr(function, "__name__", "map_fn"))
        arguments = [_sample(one) for one in (specs[0] if self._several else specs)]
        self._concrete = self._function.get_concrete_function(*arguments)

    @property
    def spec(self) -> Any:
        """The spec of the results."""
        return spec_of(self._concrete.structured_outputs)

    def marked(self, made: DatasetV2) -> DatasetV2:
        """A dataset of what is in the datasets that the function gives: it may read files, too."""
        made._reads_files = made._reads_files or any(
            getattr(one, "_reads_files", False)
            for one in nest.flatten(self._concrete.structured_outputs)
        )
        return made

    def __call__(self, *rows: Row) -> Any:
        """The result for rows."""
        elements = [pack(spec, row) for spec, row in zip(self._specs, rows, strict=True)]
        arguments = elements[0] if self._several else elements
        key = self._concrete._key
        trace = self._function._find(key)
        bound = self._function._signature().bind(arguments, {})
        assert trace is not None
        return self._function._execute(
            instance(trace, self._place, self._depth), bound, tracing=False
        )

    def rows(self, *rows: Row) -> Iterator[Row]:
        """The rows of the dataset that is the result for rows."""
        return given(self(*rows)._rows(), self._depth)

    def row(self, *rows: Row) -> Row:
        """The result for rows, as a row."""
        return flatten(self(*rows))


def _place() -> Hashable:
    """Where in a function the dataset is made, None if it is not made in a function."""
    place = random_graphs.place()
    return None if place is None else (random_graphs.base().memory, place)


def _sample(spec: Any) -> Any:
    """What stands for an argument when the function is traced: a spec, or a dataset of a spec."""

    def leaf(one: Any) -> Any:
        if not isinstance(one, DatasetSpec):
            return one
        inner = one.element_spec
        row = flatten(nest.map_structure(placeholder, inner))
        return kind("_VariantDataset")(inner, lambda: iter([row]), 1)

    return nest.map_structure(leaf, spec)
