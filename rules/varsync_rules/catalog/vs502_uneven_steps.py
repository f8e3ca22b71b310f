"""VS502: workers may leave a loop at different turns while others wait in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from varsync_rules.collectives import Collective, collectives
from varsync_rules.context import Loop
from varsync_rules.evaluate.workers import OWN, SHARD, SLICE
from varsync_rules.findings import Finding, Related, Severity
from varsync_rules.program import Branch, Program, place, span, unique
from varsync_rules.values import Container, Data, Value


def check(program: Program) -> Iterator[Finding]:
    """Loops with a collective in them that end on something of the worker's own."""
    inside = [found for found in program.once(collectives) if found.event.context.loop is not None]
    if inside:
        yield from unique([*_leaving(program, inside), *_going_over(inside)])


def _leaving(program: Program, inside: list[Collective]) -> Iterator[Finding]:
    """`break`, `return` and `while` on a value that each worker has for itself."""
    for branch in program.branches:
        if not branch.context.in_cross_replica or not _is_own(branch.data):
            continue
        for loop in _left(branch):
            waiting = _in(loop, inside)
            if waiting is not None:
                at = branch.node if branch.end is None else branch.end
                yield _finding(loop, at, waiting, "on a value that each worker has for itself")
                break


def _left(branch: Branch) -> Iterator[Loop]:
    """The loops that a branch leaves."""
    loop = branch.context.loop
    entered = branch.frame.context_at_entry.loop
    if loop is None or loop is entered:
        return
    if isinstance(branch.node, ast.While):
        if loop.node is branch.node:
            yield loop
    elif isinstance(branch.end, ast.Break):
        yield loop
    elif isinstance(branch.end, ast.Return):
        while loop is not None and loop is not entered:
            yield loop
            loop = loop.outer


def _is_own(data: Data) -> bool:
    return bool(data.tags & OWN) and not data.reduced


def _in(loop: Loop, inside: list[Collective]) -> Collective | None:
    """The first collective in a loop."""
    for found in inside:
        held = found.event.context.loop
        if held is not None and held.within(loop.node):
            return found
    return None


def _going_over(inside: list[Collective]) -> Iterator[Finding]:
    """`for` over a part, or a number of turns, of the worker's own."""
    for waiting in inside:
        loop = waiting.event.context.loop
        while loop is not None:
            if _has_own_length(loop.source):
                yield _finding(loop, loop.node, waiting, "after a number of turns of its own")
            elif _is_shard(loop.source):
                yield _shard(loop, waiting)
            loop = loop.outer


def _has_own_length(source: Value) -> bool:
    for atom in source:
        if isinstance(atom, Data) and atom.op == SLICE:
            return True
        if isinstance(atom, Container):
            turns = atom.attributes.get("turns", ())
            if any(isinstance(held, Data) and _is_own(held) for held in turns):
                return True
    return False


def _is_shard(source: Value) -> bool:
    return any(isinstance(atom, Data) and SHARD in atom.tags for atom in source)


def _finding(loop: Loop, node: ast.AST, waiting: Collective, how: str) -> Finding:
    others = Related(span(loop.module, loop.node), "the others go on with this loop")
    return Finding(
        code="VS502",
        name="uneven-steps",
        severity=Severity.ERROR,
        message=(f"a worker leaves the loop here {how}: the others wait for it in {waiting.what}"),
        span=span(loop.module, node),
        related=(
            Related(place(waiting.event), "all workers are needed here"),
            *(() if node is loop.node else (others,)),
        ),
        explanation=(
            "nothing is raised while the worker lives; afterwards UnavailableError: Collective ops"
            " is aborted"
        ),
        remedy="reduce the value over the workers before the condition, or fix the number of turns",
    )


def _shard(loop: Loop, waiting: Collective) -> Finding:
    return Finding(
        code="VS502",
        name="uneven-steps",
        severity=Severity.NOTE,
        message=(
            "each worker reads its own shard to the end: right only if all shards have the same"
            " number of batches"
        ),
        span=span(loop.module, loop.node),
        related=(Related(place(waiting.event), "all workers are needed here"),),
        explanation="the workers with more batches wait for those that have left the loop",
        remedy=(
            "iterate over strategy.experimental_distribute_dataset, or take a fixed number of"
            " batches of a repeated dataset"
        ),
    )
