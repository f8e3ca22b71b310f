"""Python's `if`, `while` and `for` on a tensor inside a `tf.function`, as AutoGraph sees them.

The code runs as it is. When it asks a symbolic tensor for its truth or for its elements, the frame
that asks tells which statement it is; what AutoGraph would make a branch of `tf.cond` or a body of
`tf.while_loop` is noted (`flow`), and what is not executed is run dry once, because TensorFlow traces
it too. Where AutoGraph does not convert, the tensor refuses as in TensorFlow.
"""

from __future__ import annotations

import ast
import dis
import functools
import sys
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

from varsync_runtime.events.sites import is_users
from varsync_runtime.function import dry, flow, graphs, subgraphs
from varsync_runtime.function.places import is_ours
from varsync_runtime.function.sources import (
    Source,
    Span,
    blocks,
    position,
    read,
    span,
    within,
)
from varsync_runtime.ops.random.graphs import ELEMENTS, ROUNDS, Frame
from varsync_runtime.ops.random.graphs import within as within_graph
from varsync_runtime.tensors.absent import delegated
from varsync_runtime.tensors.dtypes import blank
from varsync_runtime.tensors.state import hooks
from varsync_runtime.tensors.tensor import SymbolicTensor, disallow, make

_LIMITATIONS = (
    "\nSee https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/"
    "reference/limitations.md#consistency-of-control-flow-types for more info."
)
NO_BREAK_IN_PYTHON_FOR = (
    "break and return statements which depend on a TF condition are not supported in Python for "
    "loops. Did you intend to make it a TF loop?" + _LIMITATIONS
)
WHILE_BECAME_TENSOR = (
    "The condition of while loop started as non-Tensor, then changed to Tensor. This may happen "
    "either because variables changed type, or when a break or return statement inside the loop "
    "depends on a Tensor condition. In both cases, changing to a TF loop should remove the error."
    + _LIMITATIONS
)
LOGIC = (ast.BoolOp, ast.UnaryOp, ast.Compare)


def symbolic_bool(tensor: Any) -> bool:
    """The truth of a symbolic tensor where AutoGraph would convert; else raises."""
    frame = asking_frame()
    found = _statement(frame, "test")
    if found is None:
        return disallow("Using a symbolic `tf.Tensor` as a Python `bool`")
    source, node = found
    truth = bool(tensor._array)
    if isinstance(node, ast.If):
        _if(frame, source, node, truth)
    elif isinstance(node, ast.While):
        return _while(frame, source, node, truth)
    elif isinstance(node, ast.IfExp):
        parts = (span(node.body), span(node.orelse))
        flow.conditional(frame, parts)
        branches = subgraphs.branches(frame, parts[:1], parts[1:])
        if _first_time(frame, node):
            with within_graph(branches[truth]):
                dry.evaluate(frame, node.orelse if truth else node.body)
    return truth


def symbolic_iter(tensor: Any) -> Iterator[Any]:
    """The elements of a symbolic tensor for a `for` statement; else raises."""
    frame = asking_frame()
    found = _statement(frame, "iter")
    if found is None or not isinstance(found[1], ast.For):
        return disallow("Iterating over a symbolic `tf.Tensor`")
    array = tensor._array
    if not array.ndim:
        raise ValueError("Cannot iterate over a scalar tensor.")
    first = blank(array.shape[1:], tensor.dtype)
    elements = (tensor[index] for index in range(len(array)))
    return _for(frame, found, elements, make(first, tensor.dtype))


def symbolic_index(tensor: Any) -> int:
    """A symbolic tensor as a Python integer: in `for i in range(n)` alone, as AutoGraph does."""
    frame = asking_frame()
    found = _called(frame, "range")
    if found is not None:
        source, call = found
        loop = source.parents.get(call)
        if isinstance(loop, ast.For) and loop.iter is call:
            graphs.current().visited.add(("loop", span(loop)))  # type: ignore[union-attr]
            flow.conditional(frame, _spans([loop.body]), loop=loop.lineno)
            body = subgraphs.counting_loop(frame, _spans([loop.body]), _counter(loop))
            number: int = tensor._array.__index__()
            if number <= 0 and _first_time(frame, loop):
                with within_graph(body):
                    dry.run(frame, loop.body, target=(loop.target, tensor))
            return number
    raise TypeError(f"'{type(tensor).__name__}' object cannot be interpreted as an integer")


def _counter(loop: ast.For) -> str | None:
    """The variable of a loop, if it is one and the body leaves it alone."""
    if not isinstance(loop.target, ast.Name) or loop.target.id in names_in(loop.body, ast.Store):
        return None
    return loop.target.id


def symbolic_number(tensor: Any, kind: type) -> Any:
    """`float(x)` and `int(x)`, which AutoGraph makes casts of; here the number itself."""
    if not is_cast(kind):
        raise no_number(tensor, kind)
    number = kind(tensor._array)
    if hooks.cast is not None:
        hooks.cast(number)
    return number


def symbolic_len(tensor: Any) -> int:
    """`len(x)`, which AutoGraph makes an op of; here the number itself."""
    if _called(asking_frame(), "len") is not None and tensor._array.ndim:
        return len(tensor._array)
    raise TypeError(
        f"len is not well defined for a symbolic Tensor ({tensor.name}). "
        "Please call `x.shape` rather than `len(x)` for shape information."
    )


def _called(frame: FrameType, name: str) -> tuple[Source, ast.Call] | None:
    """The call of a builtin that the frame runs, where AutoGraph converts it."""
    graph = graphs.current()
    if graph is None or not graph.converted:
        return None
    source, node = _running(frame)
    if source is None or not isinstance(node, ast.Call):
        return None
    is_named = isinstance(node.func, ast.Name) and node.func.id == name
    return (source, node) if is_named else None


def _running(frame: FrameType) -> tuple[Source | None, ast.AST | None]:
    """What the frame of a user's function runs."""
    source = read(frame.f_code.co_filename) if is_users(frame.f_code.co_filename) else None
    return source, source.at(position(frame)) if source is not None else None


def is_cast(kind: type) -> bool:
    """Whether `float(x)` or `int(x)` is called here and AutoGraph makes a cast of it."""
    return kind is not complex and _called(asking_frame(), kind.__name__) is not None


def no_number(value: Any, kind: type) -> TypeError:
    """What Python raises where `float`, `int` or `complex` is given `value`, or another function."""
    name = type(value).__name__
    node = _running(asking_frame())[1]
    called = node.func if isinstance(node, ast.Call) else None
    if kind is complex:
        return TypeError(f"complex() first argument must be a string or a number, not '{name}'")
    if isinstance(node, ast.BinOp) or isinstance(called, ast.Attribute):
        return TypeError(f"must be real number, not {name}")  # `%` and the functions of `math`
    bytes_like = ", a bytes-like object" if kind is int else ""
    words = f"argument must be a string{bytes_like} or a real number, not '{name}'"
    return TypeError(f"{kind.__name__}() {words}")


def loop(elements: Iterator[Any], first: Any) -> Iterator[Any]:
    """The elements for a `for` over a dataset in compiled code; `first` stands for one of them.

    TensorFlow instantiates the body's function again at each loop.
    """
    frame = asking_frame()
    found = _statement(frame, "iter")
    if found is None or not isinstance(found[1], ast.For):
        return elements
    return _for(frame, found, elements, first, anew=True)


def asking_frame() -> FrameType:
    """The innermost frame that does not belong to this package."""
    frame = sys._getframe(1)
    while is_ours(frame.f_code.co_filename) and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _statement(frame: FrameType, role: str) -> tuple[Source, ast.AST] | None:
    """The statement or expression whose condition is asked; None where nothing is converted."""
    graph = graphs.current()
    if graph is None or not graph.converted or not is_users(frame.f_code.co_filename):
        return None
    if _is_call(frame):
        return None
    source = read(frame.f_code.co_filename)
    node = source.at(position(frame)) if source is not None else None
    if source is None or node is None:
        return None
    if isinstance(node, (ast.For, ast.While, ast.If)):
        # before Python 3.11 only the line is known
        return source, node
    if isinstance(node, ast.IfExp) and role == "test":
        # the jump after a condition that ends in a call has the place of the whole expression
        return source, node
    for child, parent in source.up(node):
        if getattr(parent, role, None) is child and not isinstance(parent, ast.Assert):
            return None if isinstance(parent, ast.comprehension) else (source, parent)
        if isinstance(parent, ast.comprehension | ast.Assert):
            return None
        if role == "iter" or isinstance(parent, ast.stmt):
            # `return not x`: AutoGraph makes an op of it
            return (source, parent) if isinstance(child, LOGIC) else None
    return None


def _is_call(frame: FrameType) -> bool:
    """Whether the frame runs a call, as of `bool(x)` or `any(xs)`, which is not converted."""
    return frame.f_lasti in _calls(frame.f_code)


@functools.lru_cache(maxsize=256)
def _calls(code: CodeType) -> frozenset[int]:
    return frozenset(
        one.offset
        for one in dis.get_instructions(code)
        if one.opname.startswith(("CALL", "PRECALL"))
    )


def _first_time(frame: FrameType, node: ast.AST) -> bool:
    """Whether this place is traced now and was not before in this trace."""
    graph = graphs.current()
    if graph is None or not graph.tracing:
        return False
    place = (frame.f_code.co_filename, span(node))
    if place in graph.visited:
        return False
    graph.visited.add(place)
    return True


# ---------------------------------------------------------------- if


def _if(frame: FrameType, source: Source, node: ast.If, truth: bool) -> None:
    rest = following(source, node)
    _check_exits(source, node)
    flow.conditional(frame, _spans([*blocks(node), *rest]))
    branches = _branches(frame, source, node, rest)
    if not _first_time(frame, node):
        return
    taken, other = (node.body, node.orelse) if truth else (node.orelse, node.body)
    leaves = within(taken, (ast.Return,))
    if leaves and rest and not within(other, (ast.Return,)):
        # what follows belongs to the branch that is not taken
        other = [*other, *(statement for block in rest for statement in block)]
    _check_names(frame, source, node)
    if other:
        rejected = dry.Kept()
        try:
            with within_graph(branches[truth]), rejected:
                dry.run(frame, other)
        except Exception:
            if truth:
                # it is traced after the other one, which may fail too
                with within_graph(branches[0]):
                    dry.run(frame, taken)
            rejected.pass_on()
            raise
        rejected.pass_on()


def _branches(
    frame: FrameType, source: Source, node: ast.If, rest: list[list[ast.stmt]]
) -> list[Frame]:
    """The two branches as parts of the graph; what follows a `return` belongs to the other one."""
    # what follows an `if` around this one belongs to that one
    around = source.parents.get(node)
    rest = [block for block in rest if source.parents.get(block[0]) is around]
    parts = [[node.body], [node.orelse]]
    leaves = [within(part, (ast.Return,)) for part in (node.body, node.orelse)]
    if leaves[0] != leaves[1]:
        parts[leaves.index(False)].extend(rest)
    else:
        parts.append(rest)
    return subgraphs.branches(frame, *(_spans(part) for part in parts))


def _check_names(frame: FrameType, source: Source, node: ast.If) -> None:
    """Raises for a name that one branch alone binds, if it is read afterwards."""
    if within([*node.body, *node.orelse], (ast.Return, ast.Break, ast.Continue)):
        return
    bound = [names_in(node.body, ast.Store), names_in(node.orelse, ast.Store)]
    function = source.function_of(node)
    for name in sorted(bound[0] ^ bound[1]):
        if (
            name not in frame.f_locals
            and function is not None
            and _read_after(function, node, name)
        ):
            branch = "else" if name in bound[0] else "main"
            raise ValueError(f"'{name}' must also be initialized in the {branch} branch")


def names_in(statements: list[ast.stmt], use: type[ast.expr_context]) -> set[str]:
    """The names that statements bind, or read."""
    return {
        one.id
        for statement in statements
        for one in ast.walk(statement)
        if isinstance(one, ast.Name) and isinstance(one.ctx, use)
    }


def _read_after(function: ast.AST, node: ast.If, name: str) -> bool:
    end = span(node).end
    return any(
        isinstance(one, ast.Name)
        and one.id == name
        and isinstance(one.ctx, ast.Load)
        and span(one).start > end
        for one in ast.walk(function)
    )


def following(source: Source, node: ast.If) -> list[list[ast.stmt]]:
    """What AutoGraph puts under the condition because a branch of `node` leaves the block."""
    parts = [*node.body, *node.orelse]
    returns = within(parts, (ast.Return,))
    jumps = within(parts, (ast.Break, ast.Continue))
    found: list[list[ast.stmt]] = []
    if not returns and not jumps:
        return found
    for child, parent in source.up(node):
        for block in blocks(parent):
            if child in block:
                after = block[block.index(child) + 1 :]
                if after:
                    found.append(after)
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            break
        if isinstance(parent, (ast.For, ast.While)):
            jumps = False
            if not returns:
                break
    return found


def _check_exits(source: Source, node: ast.If) -> None:
    """Raises for a `break` or `return` on a tensor in a Python loop, and for a lone `return`."""
    parts = [*node.body, *node.orelse]
    returns = within(parts, (ast.Return,))
    if returns or within(parts, (ast.Break,)):
        for _, parent in source.up(node):
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                break
            if isinstance(parent, (ast.For, ast.While)):
                if not _is_tensor_loop(parent):
                    raise NotImplementedError(
                        NO_BREAK_IN_PYTHON_FOR
                        if isinstance(parent, ast.For)
                        else WHILE_BECAME_TENSOR
                    )
                break
    if returns and not _always_returns(source, node):
        branch = "else" if within(node.body, (ast.Return,)) else "main"
        raise ValueError(f"the {branch} branch must also have a return statement.")


def _is_tensor_loop(node: ast.AST) -> bool:
    graph = graphs.current()
    return graph is not None and ("loop", span(node)) in graph.visited


def _always_returns(source: Source, node: ast.If) -> bool:
    """Whether a `return` with a value is reached however the condition turns out."""
    after = [statement for block in following(source, node) for statement in block]
    return all(
        within(branch, (ast.Return, ast.Raise)) or within(after, (ast.Return, ast.Raise))
        for branch in (node.body, node.orelse)
    ) or not _returns_value(node)


def _returns_value(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Return) and one.value is not None for one in ast.walk(node))


# ---------------------------------------------------------------- loops


def _while(frame: FrameType, source: Source, node: ast.While, truth: bool) -> bool:
    graph = graphs.current()
    assert graph is not None
    graph.visited.add(("loop", span(node)))
    spans = _spans([node.body])
    flow.conditional(frame, spans, loop=node.lineno)
    body = subgraphs.running(frame, spans) or subgraphs.loop(frame, spans)
    body.again()
    if not truth:
        subgraphs.ended(frame, spans)
    if dry.is_dry():
        # a loop that never ends may stand behind the condition that was not met
        return dry.once(frame, node)
    if _first_time(frame, node) and not truth:
        with within_graph(body):
            dry.run(frame, node.body)
    return truth


def _for(
    frame: FrameType,
    found: tuple[Source, ast.AST],
    elements: Iterator[Any],
    first: Any,
    *,
    anew: bool = False,
) -> Iterator[Any]:
    _, node = found
    assert isinstance(node, ast.For)
    graph = graphs.current()
    assert graph is not None
    graph.visited.add(("loop", span(node)))
    flow.conditional(frame, _spans([node.body]), loop=node.lineno)
    part = ELEMENTS if anew else ROUNDS
    body = subgraphs.loop(frame, _spans([node.body]), part)
    if anew:
        body.anew()
    empty = True
    for element in elements:
        empty = False
        body.again()
        yield element
        if dry.is_dry():
            return
    if empty and _first_time(frame, node):
        with within_graph(body):
            dry.run(frame, node.body, target=(node.target, first))


def _spans(statements: list[list[ast.stmt]]) -> tuple[Span, ...]:
    """From the first to the last statement of each block."""
    return tuple(Span(span(block[0]).start, span(block[-1]).end) for block in statements if block)


def install() -> None:
    """Symbolic tensors ask this module from now on."""
    hooks.symbolic_bool = symbolic_bool
    hooks.symbolic_iter = symbolic_iter
    for name, method in (
        ("__index__", symbolic_index),
        ("__float__", lambda tensor: symbolic_number(tensor, float)),
        ("__int__", lambda tensor: symbolic_number(tensor, int)),
    ):
        setattr(SymbolicTensor, name, delegated(method))
    SymbolicTensor.__len__ = symbolic_len  # type: ignore[method-assign]
