"""`tf.function`: one Python function, traced once for each signature.

The Python code runs at every call; what TensorFlow's tracing makes observable is kept: the first
call with a signature is the trace (`graphs`), a rejected trace has written nothing (`undo`), Python
effects happen in the trace alone (`effects`), control flow on tensors is known (`control`, `flow`).
"""

from __future__ import annotations

import contextlib
import copy
import functools
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from varsync_runtime import events
from varsync_runtime.events import Ignored, count, here, recorder
from varsync_runtime.events.sites import calling
from varsync_runtime.function import (
    control,
    dry,
    effects,
    flow,
    graphs,
    signatures,
    undo,
    user_code,
)
from varsync_runtime.function.crossing import entering, leaving
from varsync_runtime.function.graphs import FuncGraph, building
from varsync_runtime.ops.random import graphs as random_graphs
from varsync_runtime.tensors.errors import OpError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.state import state

control.install()


class Trace:
    """One signature of a function that was traced."""

    def __init__(self, key: Any) -> None:
        self.key = key
        self.effects = effects.Effects()
        self.used: graphs.Used = {}
        """The variables that it uses, and whether it writes them."""


class _Eagerly:
    """Whether `tf.config.run_functions_eagerly(True)` was called."""

    on = False


@export("tf.config.run_functions_eagerly", "tf.config.experimental_run_functions_eagerly")
def run_functions_eagerly(run_eagerly: bool) -> None:
    """With True, `tf.function`s run as the Python functions that they were made of."""
    _Eagerly.on = run_eagerly


@export("tf.config.functions_run_eagerly", "tf.config.experimental_functions_run_eagerly")
def functions_run_eagerly() -> bool:
    """Whether functions run eagerly."""
    return _Eagerly.on


@export("tf.__internal__.function.Function")
class Function:
    """tensorflow/python/eager/polymorphic_function/polymorphic_function.py, `Function`."""

    __module__ = "tensorflow.python.eager.polymorphic_function.polymorphic_function"

    def __init__(
        self,
        python_function: Callable[..., Any],
        name: str,
        input_signature: Any = None,
        *,
        autograph: bool = True,
        jit_compile: bool | None = None,
        reduce_retracing: bool = False,
    ) -> None:
        self._python_function = python_function
        self._name = name
        self._input_signature = None if input_signature is None else tuple(input_signature)
        self._autograph = autograph and not getattr(python_function, "autograph_do_not_convert", 0)
        self._jit_compile = jit_compile
        self._reduce_retracing = reduce_retracing
        self._binding: signatures.Binding | None = None
        self._traces: list[Trace] = []
        self._by_key: dict[Any, Trace] = {}
        self._tracings = 0
        # no variable may be made any more: the first call is over
        self._settled = False
        # the graph of the first call
        self._first: FuncGraph
        self._of_instance: weakref.WeakKeyDictionary[Any, Function] = weakref.WeakKeyDictionary()
        for attribute in ("__name__", "__qualname__", "__doc__"):
            with contextlib.suppress(AttributeError):
                setattr(self, attribute, getattr(python_function, attribute))
        self.__wrapped__ = python_function

    # ------------------------------------------------------------ attributes

    @property
    def python_function(self) -> Callable[..., Any]:
        """The Python function that was given to `tf.function`."""
        return self._python_function

    @property
    def name(self) -> str:
        return self._name

    @property
    def input_signature(self) -> Any:
        return self._input_signature

    def _signature(self) -> signatures.Binding:
        if self._binding is None:
            self._binding = signatures.Binding(self._python_function, self._input_signature)
        return self._binding

    def experimental_get_tracing_count(self) -> int:
        """How often the function was traced."""
        return self._tracings

    def _clone(self, python_function: Callable[..., Any]) -> Function:
        """A function with the same options, not traced yet, around another Python function."""
        return Function(
            python_function,
            self._name,
            self._input_signature,
            autograph=self._autograph,
            jit_compile=self._jit_compile,
            reduce_retracing=self._reduce_retracing,
        )

    def __get__(self, instance: Any, owner: Any) -> Function:
        """The function of an instance: each instance has its own traces."""
        if instance is None:
            return self
        try:
            found = self._of_instance.get(instance)
        except TypeError:
            return self._bound(instance)
        if found is None:
            found = self._bound(instance)
            self._of_instance[instance] = found
        return found

    def _bound(self, instance: Any) -> Function:
        function = self._python_function
        if not hasattr(function, "__get__"):
            return self._clone(functools.partial(function, instance))
        reference = weakref.ref(instance)
        bound = _Method(function, reference)
        functools.update_wrapper(bound, function)
        return self._clone(bound)

    def __getstate__(self) -> Any:
        raise NotImplementedError("pickling of a tf.function")

    # ------------------------------------------------------------ calls

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if _Eagerly.on:
            return self._python_function(*args, **kwargs)
        if self._jit_compile:
            count(Ignored, "tf.function(jit_compile=True)", here())
        bound = self._signature().bind(args, kwargs)
        key = self._key(bound.arguments)
        trace = self._find(key)
        if trace is not None:
            return self._execute(trace, bound, tracing=False)
        return self._trace(key, bound)

    def _key(self, arguments: Mapping[str, Any]) -> Any:
        variables: dict[int, int] = {}
        parts = tuple(signatures.type_of(one, variables) for one in arguments.values())
        if self._input_signature is not None:
            specs = self._signature().specs_by_name()
            parts = tuple(
                signatures.type_of(specs[name], variables) if name in specs else part
                for name, part in zip(arguments, parts, strict=True)
            )
        return signatures.OfContainer(dict, tuple(arguments), parts)

    def _find(self, key: Any) -> Trace | None:
        found = self._by_key.get(key)
        if found is None:
            for trace in self._traces:
                if signatures.takes(trace.key, key):
                    self._by_key[key] = trace
                    return trace
        return found

    def _relaxed(self, key: Any) -> Any:
        """The key under which a new trace is kept: with unknown sizes if retracing is reduced."""
        if self._reduce_retracing:
            for trace in reversed(self._traces):
                wider = signatures.relaxed(trace.key, key)
                if wider is not None:
                    return wider
        return key

    def _trace(self, key: Any, bound: Any) -> Any:
        """The first call with a signature."""
        trace = Trace(self._relaxed(key))
        if not self._settled:
            made = self._try_out(trace, bound)
            if made is not None:
                return made[0]
            self._initialize(trace, bound)
        result = self._execute(trace, bound, tracing=True)
        self._keep(trace)
        return result

    def _try_out(self, trace: Trace, bound: Any) -> tuple[Any] | None:
        """The very first call: variables may be made. The result, in a tuple, unless some were.

        TensorFlow traces a function that made variables a second time, and runs the second trace.
        """
        graph = self._graph(tracing=True)
        graph.may_create = True
        budget = events.budget()
        before = copy.copy(budget)
        told = recorder.current
        with undo.Transaction() as writes, told.held():
            result = self._run(graph, trace, bound, writes)
            if graph.created:
                writes.rollback()
                graph.steps = budget.steps - before.steps
                budget.go_back(before)
                told.forget()
        self._settled = True
        self._first = graph
        if graph.created:
            return None
        self._keep(trace)
        return (result,)

    def _initialize(self, trace: Trace, bound: Any) -> None:
        """Raises where TensorFlow cannot compute the initial values of the variables.

        Those that it cannot lift out of the function are computed in a `tf.cond`, around a second
        trace; XLA takes no such condition, and one with a collective op fails when it is run.
        """
        compiled = bool(self._jit_compile)
        if not (self._first.collective or compiled):
            return
        failing = [
            (variable, site)
            for variable, site in self._first.created
            if hasattr(variable, "_initializer_fails") and variable._initializer_fails(compiled)
        ]
        if not failing:
            return
        if not compiled:
            told = recorder.current
            with undo.Transaction() as writes, told.held():
                self._execute(trace, bound, tracing=True)
                writes.rollback()
                told.forget()
            self._keep(trace)
        else:
            for _ in range(self._first.steps):  # they were compiled, and there is no other trace
                events.next_step()
        for variable, _ in failing:
            variable._leave_uninitialized(compiled)
        # TensorFlow names none of them; an optimizer's come after those of a model made here, too
        variable, site = failing[-1]
        raise variable._uninitialized(compiled, site)

    def _keep(self, trace: Trace) -> None:
        self._traces.append(trace)
        self._by_key[trace.key] = trace

    def _graph(self, *, tracing: bool) -> FuncGraph:
        converted = self._autograph
        outer = graphs.current()
        if outer is not None and not outer.converted:
            converted = converted and self._autograph
        return FuncGraph(self._name, tracing=tracing, converted=converted)

    def _execute(self, trace: Trace, bound: Any, *, tracing: bool) -> Any:
        graph = self._graph(tracing=tracing)
        if not tracing:
            with trace.effects.replayed():
                return self._call(graph, trace, bound)
        with undo.Transaction() as writes:
            return self._run(graph, trace, bound, writes)

    def _run(self, graph: FuncGraph, trace: Trace, bound: Any, writes: undo.Transaction) -> Any:
        """A trace: what it wrote is taken back if it is rejected, and was not told."""
        self._tracings += 1
        trace.effects = effects.watch(self._python_function)
        told = recorder.current
        with told.held():
            try:
                return self._call(graph, trace, bound)
            except OpError:
                # the graph was built, and what ran before the op that failed was written
                raise
            except BaseException as error:
                writes.rollback()
                if isinstance(error, Exception):
                    told.forget()
                raise

    def _call(self, graph: FuncGraph, trace: Trace, bound: Any) -> Any:
        graph.trace = trace
        arguments = bound.arguments
        specs = dict(zip(arguments, trace.key.parts, strict=True))
        with calling, flow.function(), building(graph):
            for name, value in arguments.items():
                if name == "args" and isinstance(value, tuple):
                    parts = zip(value, specs[name].parts, strict=True)
                    arguments[name] = tuple(
                        entering(one, part, f"args_{at}") for at, (one, part) in enumerate(parts)
                    )
                else:
                    arguments[name] = entering(value, specs[name], name)
            try:
                result = self._python_function(*bound.args, **bound.kwargs)
            except Exception as error:
                if graph.tracing and graph.converted and graph.outer_graph is None:
                    user_code.reraise(error)
                raise
            finally:
                trace.used.update(graph.used)
                random_graphs.forget(graph)
        return leaving(result, graph, self._python_function)

    # ------------------------------------------------------------ concrete functions

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> Any:
        """The trace for these arguments or specs; they are traced, and nothing is run."""
        from varsync_runtime.function.concrete import ConcreteFunction

        if self._input_signature is not None and not args and not kwargs:
            args = self._input_signature
        bound = self._signature().bind(args, kwargs)
        key = self._key(bound.arguments)
        return ConcreteFunction(self, key, dict(bound.arguments))

    def _dry(self, key: Any, arguments: Mapping[str, Any]) -> tuple[Any, bool]:
        """What the function gives for such arguments, without an effect on tensors.

        The second value is False if an op rejected the values that stand for the arguments.
        """
        trace = self._find(key)
        is_new = trace is None
        trace = trace or Trace(key)
        bound = self._signature().signature.bind_partial()
        bound.arguments.update(arguments)
        graph = self._graph(tracing=is_new)
        graph.may_create = is_new and not self._settled
        result = None
        if is_new:
            self._tracings += 1
            trace.effects = effects.watch(self._python_function)
        with dry.running() as outcome:
            if is_new:
                result = self._call(graph, trace, bound)
            else:
                with trace.effects.replayed():
                    result = self._call(graph, trace, bound)
        if is_new:
            self._keep(trace)
            self._settled = True
        return result, not outcome.failed

    def pretty_printed_concrete_signatures(self, verbose: bool = True) -> str:
        """The signatures that were traced, one a line."""
        del verbose
        return "\n\n".join(f"{self._name}{trace.key.parts}" for trace in self._traces)


class _Method:
    """A function bound to an instance that it does not keep alive."""

    def __init__(self, function: Callable[..., Any], reference: Callable[[], Any]) -> None:
        self._function = function
        self._reference = reference

    @property
    def __self__(self) -> Any:
        return self._reference()

    @property
    def __func__(self) -> Callable[..., Any]:
        return self._function

    @property
    def __signature__(self) -> Any:
        import inspect

        signature = inspect.signature(self._function)
        return signature.replace(parameters=list(signature.parameters.values())[1:])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(self._reference(), *args, **kwargs)


@export("tf.function")
def function(
    func: Callable[..., Any] | None = None,
    input_signature: Any = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: Any = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: Any = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Any:
    """tensorflow/python/eager/polymorphic_function/polymorphic_function.py, `function`."""
    del experimental_implements, experimental_autograph_options, experimental_attributes
    del experimental_follow_type_hints

    def decorated(inner: Callable[..., Any]) -> Function:
        return Function(
            inner,
            _name_of(inner),
            input_signature,
            autograph=autograph,
            jit_compile=jit_compile if experimental_compile is None else experimental_compile,
            reduce_retracing=reduce_retracing or bool(experimental_relax_shapes),
        )

    return decorated if func is None else decorated(func)


def _name_of(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


@contextlib.contextmanager
def _eager() -> Iterator[None]:
    with building(None):
        yield


@export("tf.init_scope")
def init_scope() -> Any:
    """Ops run eagerly in this context; variables that are made here are made for good."""
    return _eager()


@export("tf.executing_eagerly", "tf.compat.v1.executing_eagerly")
def executing_eagerly() -> bool:
    """Whether ops run at once: not in a `tf.function`."""
    return state.graph is None


@export("tf.compat.v1.executing_eagerly_outside_functions")
def executing_eagerly_outside_functions() -> bool:
    """Always True: TensorFlow 2."""
    return True


@export("tf.inside_function")
def inside_function() -> bool:
    """Whether a `tf.function` is running, in an `init_scope` too."""
    return flow.depth() > 0
