"""Vector-Jacobian products of one kernel, by HIPS autograd."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from autograd.core import VJPNode, add_outgrads
from autograd.tracer import Box, isbox, new_box, trace_stack

Kernel = Callable[..., Any]


def vjp(
    kernel: Kernel,
    arrays: Sequence[Any],
    attributes: Mapping[str, Any],
    needed: Sequence[int],
    seeds: Sequence[Any],
) -> list[Any]:
    """The gradients of the inputs number `needed`, where `seeds` are the outputs' gradients.

    `kernel` is written with `autograd.numpy` and gives an array or a tuple of them; a seed is None
    where an output has no gradient. An input that reaches no output gets None. Arrays
    and seeds may be boxes of an outer trace: the result then is one, too.
    """
    with trace_stack.new_trace() as trace:
        args = list(arrays)
        roots = []
        for position in needed:
            root = VJPNode.new_root()
            roots.append(root)
            args[position] = new_box(args[position], trace, root)
        results = kernel(*args, **attributes)
        outputs = results if isinstance(results, tuple) else (results,)
        ends = [
            (one._node, seed)
            for one, seed in zip(outputs, seeds, strict=True)
            if seed is not None and isbox(one) and one._trace == trace
        ]
    gradients = _backward(ends)
    return [gradients[root][0] if root in gradients else None for root in roots]


def plain(value: Any) -> Any:
    """The array in a box, however deep."""
    while isinstance(value, Box):
        value = value._value
    return value


def _backward(ends: list[tuple[Any, Any]]) -> dict[Any, Any]:
    gradients: dict[Any, Any] = {}
    for node, seed in ends:
        gradients[node] = add_outgrads(gradients.get(node), seed)
    for node in _children_first([node for node, _ in ends]):
        if not node.parents:
            continue
        for parent, gradient in zip(node.parents, node.vjp(gradients.pop(node)[0]), strict=True):
            gradients[parent] = add_outgrads(gradients.get(parent), gradient)
    return gradients


def _children_first(ends: list[Any]) -> Iterator[Any]:
    """The nodes that `ends` depend on, each before its parents."""
    counts: dict[Any, int] = {}
    stack = list(ends)
    while stack:
        node = stack.pop()
        counts[node] = counts.get(node, 0) + 1
        if counts[node] == 1:
            stack.extend(node.parents)
    for node in ends:
        counts[node] -= 1
    ready = [node for node in dict.fromkeys(ends) if not counts[node]]
    while ready:
        node = ready.pop()
        yield node
        for parent in node.parents:
            counts[parent] -= 1
            if not counts[parent]:
                ready.append(parent)
