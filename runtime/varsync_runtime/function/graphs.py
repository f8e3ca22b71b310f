"""The graph that stands for TensorFlow's FuncGraph while a `tf.function` runs."""

from __future__ import annotations

import weakref
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from varsync_runtime.events import Site, here
from varsync_runtime.tensors.state import state

Used = dict[int, tuple["weakref.ref[Any]", bool]]
"""Variables by their ids, and whether they were written."""


class FuncGraph:
    """One call of a `tf.function`: `tracing` is the first one with its signature.

    `converted` says whether AutoGraph would convert the function's Python control flow.
    `may_create` says whether variables may be made; those that were are in `created`, with the
    lines of the user that made them. `collective` says whether a collective op belongs to it.
    `steps` counts those that were begun in it, if it made variables.
    `sized` is False if a batch came in whose size is not known while it is traced. `runs` is False
    of a graph that is built to be looked at: what is done in it happens to no variable.
    """

    __module__ = "tensorflow.python.framework.func_graph"
    look_again: Callable[..., None] | None = None
    runs = True

    def __init__(
        self, name: str, *, tracing: bool, converted: bool = True, may_create: bool = False
    ) -> None:
        self.name = name
        self.tracing = tracing
        self.converted = converted
        self.may_create = may_create
        self.created: list[tuple[Any, Site]] = []
        self.collective = False
        self.steps = 0
        self.sized = True
        self.outer_graph: FuncGraph | None = None
        self.trace: Any = None
        # the variables that were used, and whether they were written
        self.used: Used = {}
        # the statements whose untaken part was looked at already
        self.visited: set[object] = set()
        self._names: defaultdict[str, int] = defaultdict(int)

    def unique_name(self, name: str) -> str:
        """`name`, with `_1`, `_2`… after it if it was given out before."""
        number = self._names[name]
        self._names[name] += 1
        return f"{name}_{number}" if number else name

    def as_default(self) -> building:
        """A context in which ops belong to this graph."""
        return building(self)

    def __repr__(self) -> str:
        return f"FuncGraph(name={self.name}, id={id(self)})"


class building:
    """A context in which this graph is built; with None, ops run eagerly."""

    def __init__(self, graph: FuncGraph | None) -> None:
        self._graph = graph
        self._outer: list[Any] = []

    def __enter__(self) -> FuncGraph | None:
        outer = state.graph
        self._outer.append(outer)
        if self._graph is not None and self._graph.outer_graph is None:
            self._graph.outer_graph = outer  # type: ignore[assignment]
            if outer is not None and self._graph.look_again is None:
                self._graph.look_again = outer.look_again
            if outer is not None and not outer.runs:
                self._graph.runs = False
        state.graph = self._graph
        return self._graph

    def __exit__(self, *exception: object) -> None:
        state.graph = self._outer.pop()


def current() -> FuncGraph | None:
    """The graph that is being built, None if ops run eagerly."""
    return state.graph  # type: ignore[return-value]


def used(variable: Any, written: bool) -> None:
    """Tells the graphs that are being built that a variable is read or written."""
    graph = current()
    if graph is not None and variable._stands_for is not None:
        variable = variable._stands_for
    while graph is not None:
        if graph.tracing:
            before = id(variable) in graph.used and graph.used[id(variable)][1]
            graph.used[id(variable)] = (weakref.ref(variable), before or written)
        graph = graph.outer_graph


def created(variable: Any) -> None:
    """Tells that a variable is made; raises where TensorFlow forbids it.

    tensorflow/python/eager/polymorphic_function/polymorphic_function.py, `Function._create...`
    """
    graph = current()
    if graph is None:
        return
    if not graph.may_create:
        raise ValueError(
            "tf.function only supports singleton tf.Variables created on the first call. Make sure "
            "the tf.Variable is only created once or created outside tf.function. See "
            "https://www.tensorflow.org/guide/function#creating_tfvariables for more information."
        )
    graph.created.append((variable, here()))


def collective() -> None:
    """Tells that a collective op runs, which belongs to the graph that is being built."""
    graph = current()
    if graph is not None:
        graph.collective = True
