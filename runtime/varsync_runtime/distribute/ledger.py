"""The variables of this process by number, and copies that should be equal and are not."""

from __future__ import annotations

import hashlib
import itertools
import weakref
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from varsync_runtime import events
from varsync_runtime.events import recorder
from varsync_runtime.replicas import world as worlds

CHEAP = 1_000_000  # bytes of which a digest is made at each write, and not once in a step
MOST_WRITES = 16  # of a variable in a step, of which it is known which one parted the copies
ITEMS = 8  # values of so many elements are told whole
ELEMENTS = 100_000  # so many are told where all are asked for

FOLLOWED = 64  # so many steps are told of copies that differ, then half as many in as much time

_keeps = False
_numbers = itertools.count()
_followed: dict[int, tuple[int, int]] = {}  # how many steps were told, and the next one
_variables: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
_let_go: dict[int, list[events.Event]] = {}  # of those that are gone, what they held last


def enter(variable: Any) -> int:
    """Gives a variable its number, the same in every process, since all make the same ones."""
    number = next(_numbers)
    _variables[number] = variable
    return number


def enter_as(number: int, thing: Any) -> None:
    """Gives what is handed on like a variable, and is none, a number below 0 of its own."""
    thing._variable_number = number
    _variables[number] = thing


def variable(number: int) -> Any:
    """The variable of this number, None if it is gone."""
    return _variables.get(number)


def let_go(variable: Any) -> None:
    """The program keeps a variable no longer: what it holds is what it held at its end."""
    number = vars(variable).get("_variable_number", -1)
    # a finalizer may run within anything, so nothing is told yet
    if number >= 0:
        with suppress(AttributeError):  # of one that could not be made
            _let_go[number] = _last(number, variable)


def tell_values() -> None:
    """Tells what this process's copies hold at the end, or held when the program let them go."""
    last = {number: _last(number, held) for number, held in _variables.items() if number >= 0}
    for _, told in sorted({**_let_go, **last}.items()):
        for event in told:
            events.later(event)


def _last(number: int, variable: Any) -> list[events.Event]:
    array = variable._local_array()
    own = variable.synchronization.name == "ON_READ"
    return [events.Held(number, value_of(array)), *_elements(number, "final", array, own=own)]


def keep_elements() -> None:
    """From now on `keep` tells elements."""
    global _keeps
    _keeps = True


def keep(number: int, when: str, array: np.ndarray, *, own: bool) -> None:
    """Tells a variable's elements, if somebody asked for them."""
    for event in _elements(number, when, array, own=own):
        events.later(event)


def _elements(number: int, when: str, array: np.ndarray, *, own: bool) -> list[events.Event]:
    """What copies that should be equal hold is the first one's to tell; others are each replica's."""
    asked = _keeps and (own or worlds.current().rank == 0)
    return [kept(number, when, array)] if asked else []


def kept(number: int, when: str, array: np.ndarray) -> events.Kept:
    """The elements of a variable's copy, not too many of them."""
    flat = array.ravel()
    if flat.dtype == object:
        flat = np.array([str(item) for item in flat.tolist()], dtype=str)
    stride = -(-flat.size // ELEMENTS) or 1
    flat = np.ascontiguousarray(flat[::stride])
    return events.Kept(number, when, flat.dtype.str, stride, flat.tobytes())


@dataclass(frozen=True)
class OwnWrite:
    """A replica wrote its own copy of a mirrored variable: how, where, and what it holds now.

    `earlier` are its writes before in the same step, while the copies are equal.
    """

    operation: str
    context: str
    rule: str
    site: events.Site
    digest: bytes = b""
    of_gradient: bool = False
    through: tuple[events.Site, ...] = ()
    earlier: tuple[OwnWrite, ...] = ()

    def after(self, before: OwnWrite | None, array: np.ndarray) -> OwnWrite:
        """The same, if `before` was the last one; with what the copy holds, where that is cheap."""
        if array.nbytes > CHEAP:
            return self
        earlier: tuple[OwnWrite, ...] = ()
        if before is not None:
            earlier = (*before.earlier, replace(before, earlier=()))[-MOST_WRITES:]
        return replace(self, digest=digest(array), earlier=earlier)

    def digested(self, number: int) -> OwnWrite:
        """The same, with what the copy holds."""
        written = _variables.get(number)
        return self if written is None else replace(self, digest=digest(written._local_array()))


def parting(writes: Sequence[OwnWrite]) -> OwnWrite:
    """Of what replicas wrote in a step: the first write after which their copies differ."""
    made: tuple[OwnWrite, ...]
    for made in zip(*((*write.earlier, write) for write in writes), strict=False):
        if len({write.digest for write in made}) > 1:
            return made[0]
    return writes[0]


def digest(array: np.ndarray) -> bytes:
    """Equal for equal contents."""
    data = repr(array.tolist()).encode() if array.dtype == object else array.tobytes()
    return hashlib.blake2b(data, digest_size=16).digest()


def value_of(array: np.ndarray) -> events.Value:
    """What a tensor held, as events tell it."""
    items = None
    if array.size <= ITEMS:
        items = tuple(
            item if isinstance(item, (int, float, bool, str)) else str(item)
            for item in array.ravel().tolist()
        )
    norm = None
    if array.dtype.kind in "fiu":
        norm = float(np.linalg.norm(array.astype(np.float64)))
    return events.Value(tuple(array.shape), items, norm)


def hold(number: int, array: np.ndarray) -> None:
    """Gives a variable of which there is one copy the value that another process wrote."""
    written = _variables.get(number)
    if written is not None:
        written._hold(array)


def compare(written: Any, write: OwnWrite) -> None:
    """Host code gave each copy a value of its own: all who run it look whether they differ."""
    crew = written._crew
    digests = crew.collect(digest(written._local_array()), "compare copies")
    settle(written, digests, write)


def settle(written: Any, digests: list[bytes], write: OwnWrite) -> None:
    """Knowing all digests of a variable: tells if its copies differ for the first time."""
    differs = len(set(digests)) > 1
    first = None
    if differs and not written._diverged:
        arrays = written._crew.collect(written._local_array(), "values of copies that differ")
        first = arrays[0]
        if recorder.current.send is not None:
            events.tell(
                events.Diverged(
                    written._variable_number,
                    events.step(),
                    tuple(value_of(array) for array in arrays),
                    write.operation,
                    write.context,
                    write.rule,
                    write.site,
                    write.of_gradient,
                    write.through,
                )
            )
    if differs or written._diverged:
        follow(written, first, differs)
    written._unsure = written._diverged = differs


def follow(written: Any, first: np.ndarray | None, differs: bool) -> None:
    """Tells how far this copy is from the first one, in some steps; all replicas call it together.

    `first` is what the first copy holds, where that is known already.
    """
    number, step = written._variable_number, events.step()
    told, due = _followed.get(number, (0, 0))
    if step < due and first is None:
        return
    _followed[number] = told + 1, step + 2 ** (told // FOLLOWED)
    own = written._local_array()
    if first is None and differs:
        first = written._crew.tell(own)
    if recorder.current.send is not None and written._crew.index is not None:
        apart = 0.0 if first is None else distance(own, first)
        events.later(events.Apart(number, step, apart, value_of(own)))


def distance(one: np.ndarray, other: np.ndarray) -> float | None:
    """The Euclidean norm of their difference; None of what are no numbers of one shape."""
    if one.dtype.kind not in "fiu" or one.shape != other.shape:
        return None
    return float(np.linalg.norm(one.astype(np.float64) - other.astype(np.float64)))


def doubt(number: int) -> None:
    """A replica wrote its own copy of this variable: the host has to ask for replica 0's."""
    written = _variables.get(number)
    if written is not None:
        written._unsure = True
