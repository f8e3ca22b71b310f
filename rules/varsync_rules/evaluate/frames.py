"""The state of an evaluation: frames of running functions, objects made, events met."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeVar

from varsync_rules.context import Condition, Context
from varsync_rules.files import Module, Modules
from varsync_rules.program import Event, Program
from varsync_rules.surface import canonical
from varsync_rules.values import (
    Arguments,
    Atom,
    Class,
    Container,
    Data,
    Function,
    Heap,
    Imported,
    Instance,
    Symbol,
    Value,
    is_mode,
    is_unknown,
    join,
)

MOST_STEPS = 60_000
MOST_ACTIVATIONS = 16
# A call of the program takes fifteen to fifty of Python's own, of which lint allows 8000.
DEEPEST = 100

AnyHeap = TypeVar("AnyHeap", bound=Heap)
AnyEvent = TypeVar("AnyEvent", bound=Event)


class Exhausted(Exception):
    """The evaluation of one entry grew too large."""


class Frame:
    """A running function, class body or module body."""

    __slots__ = (
        "call_node",
        "caller",
        "catches",
        "context",
        "context_at_entry",
        "cut",
        "depth",
        "entry",
        "env",
        "finished",
        "function",
        "global_names",
        "key",
        "last",
        "module",
        "name",
        "nonlocal_names",
        "outermost",
        "owner",
        "parent",
        "receiver",
        "returned",
        "yield_context",
        "yielded",
    )

    def __init__(
        self,
        module: Module,
        context: Context,
        *,
        name: str,
        key: object,
        function: Function | None = None,
        parent: Frame | None = None,
        caller: Frame | None = None,
        call_node: ast.AST | None = None,
    ) -> None:
        self.module = module
        self.context = context
        self.context_at_entry = context
        self.name = name
        self.key = key
        self.function = function
        self.parent = parent
        self.caller = caller
        self.call_node = call_node
        self.entry: object = None
        self.last = 0
        """The order of the last event in a finished call."""
        self.depth: int = caller.depth + 1 if caller is not None else 0
        self.env: dict[str, Value] = {}
        self.global_names: set[str] = set()
        self.nonlocal_names: set[str] = set()
        self.returned: Value = ()
        self.yielded: Value = ()
        self.yield_context: Context | None = None
        self.receiver: Atom | None = None
        self.owner: Class | None = None
        self.outermost = False
        self.finished = False
        self.cut: list[Condition] = []
        self.catches = False  # in a handler of an exception

    @property
    def part_of(self) -> object:
        """The call of a function that this is, or stands in; the entry where there is none."""
        frame = self
        while frame.function is None and frame.parent is not None:
            frame = frame.parent
        return frame if frame.function is not None else frame.entry


class Machine:
    """What an evaluation holds. `evaluate`, `execute` and `call` are set by `entries`, which wires it."""

    evaluate: Callable[[Frame, ast.expr], Value]
    execute: Callable[[Frame, list[ast.stmt]], bool]
    call: Callable[[Frame, ast.AST, Value, Arguments], Value]
    call_atom: Callable[..., Value]
    call_library: Callable[[Frame, ast.AST, Atom, Arguments], Value]
    binary: Callable[..., Value]
    truth: Callable[[Value], bool | None]
    define_function: Callable[..., Value]
    define_class: Callable[..., Value]
    import_module: Callable[[Frame, str], Value]
    import_name: Callable[[Frame, str, str], Value]
    import_now: Callable[[str, str], Value]
    star_import: Callable[[Frame, str], dict[str, Value]]
    module_attribute: Callable[[Frame, Module, str], Value]

    def __init__(self, modules: Modules, told: Callable[[float], None]) -> None:
        self.modules = modules
        self.told = told
        self.program = Program()
        self.steps = 0
        self.order = 0
        self.functions: dict[tuple[int, int], Function] = {}
        self.activated: set[Function] = set()
        self.activations: dict[Function, int] = {}
        self.results: dict[Function, Value] = {}
        self.memo: dict[object, Frame] = {}
        self.objects: dict[object, Heap] = {}
        self.events: dict[object, Event] = {}
        self.module_frames: dict[Module, Frame | None] = {}
        self.classes: dict[object, Class] = {}
        self.instances: dict[Instance, None] = {}
        self.defined: dict[Function, None] = {}
        self.traced: set[Function] = set()
        self.first: dict[object, object] = {}
        """Who asked first for what is made once: an item of a defaultdict, a cached result."""
        self.linted: set[Module] = set()
        self.assumed: set[Class] = set()
        self.allocates: dict[Function, bool] = {}
        self._identities: dict[object, int] = {}
        self._forgotten: set[object] = set()

        self.entry: object = None
        self.entries: dict[object, tuple[str, Callable[[], object], int]] = {}
        """What each entry is called, what runs it, and the order of the events before it."""
        self.running: object = None
        """The call that is run, a frame, or the entry where there is none."""
        self.readers: dict[tuple[int, str], set[object]] = {}
        """The calls and entries that have read an attribute, or the items, of an object."""
        self.users: dict[object, set[object]] = {}
        """The calls and entries that depend on a call: its callers, the calls of its inner functions."""
        self.stale: set[object] = set()
        self._placed: int | None = None
        """In what is run again: the order of the event before."""
        self.relevant: dict[object, bool] = {}
        self.hooked: set[Instance] = set()
        self.alike: dict[object, int] = {}

    def run_entry(self, key: object, what: str, run: Callable[[], object]) -> None:
        """Run one entry of the evaluation; it is given up when it grows too large.

        What it reads of objects is kept, so that it can be run again when that has changed.
        """
        self.entries.setdefault(key, (what, run, self.order))
        self._run(key, what, run, None)

    def _run(self, key: object, what: str, run: Callable[[], object], placed: int | None) -> None:
        outer = self.entry, self.running, self.steps, self._placed
        self.entry, self.running, self.steps, self._placed = key, key, 0, placed
        try:
            run()
        except (Exhausted, RecursionError):
            if what not in self.program.abandoned:
                self.program.abandoned.append(what)
        finally:
            self.entry, self.running, self.steps, self._placed = outer

    def run_stale(self) -> bool:
        """Run again what read something that was written later; whether there was anything.

        These are calls, and the calls and entries that they are part of; the calls that these make
        besides keep their results and events.
        """
        stale: set[object] = set()
        while self.stale:
            one = self.stale.pop()
            stale.add(one)
            self.stale |= self.users.pop(one, set()) - stale
        again = [(key, *entry) for key, entry in self.entries.items() if key in stale]
        for held_key, frame in list(self.memo.items()):
            if frame in stale or (not frame.finished and frame.entry in stale):
                del self.memo[held_key]
                if frame.function is not None:
                    self.activations[frame.function] -= 1
        old = [(key, event) for key, event in self.events.items() if event.frame.part_of in stale]
        for entry in again:
            self._run(*entry)
        for event_key, event in old:
            if self.events.get(event_key) is event:
                del self.events[event_key]
        return bool(again)

    @property
    def last(self) -> int:
        """The order of the event before what comes next."""
        return self.order if self._placed is None else self._placed

    def take(self, frame: Frame) -> None:
        """Take what a call has given before: what runs now depends on it, and stands behind it."""
        self.depends(self.running, frame)
        if self._placed is not None and frame.entry == self.entry:
            self._placed = max(self._placed, frame.last)

    def depends(self, user: object, used: Frame) -> None:
        """Note that a call or an entry depends on what a call gives."""
        self.users.setdefault(used, set()).add(user)

    def read_of(self, target: Heap, name: str) -> None:
        """Note that what runs now reads an attribute, or the items (`[]`), of an object."""
        self.readers.setdefault((id(target), name), set()).add(self.running)

    def _written(self, target: Heap, name: str, before: Value, after: Value) -> None:
        """What was read of an object before is stale when more than plain data is written."""
        readers = self.readers.get((id(target), name))
        if readers and any(not isinstance(a, Data) and a not in before for a in after):
            self.stale.update(readers)

    def identity(self, key: object) -> int:
        """A small number for a key, the same one each time."""
        return self._identities.setdefault(key, len(self._identities))

    def step(self) -> None:
        """Count one statement; raises Exhausted past the bound."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Exhausted

    def made(
        self, heap: type[AnyHeap], frame: Frame, node: ast.AST, /, *extra: object, **fields: Any
    ) -> AnyHeap:
        """The object that this place makes on this chain of calls: made once, found again later."""
        key = (heap, id(node), frame.key, *extra)
        found = self.objects.get(key)
        if found is None:
            found = heap(len(self.objects), node, frame.module, frame.context, frame, **fields)
            self.objects[key] = found
        return found  # type: ignore[return-value]

    def write(self, target: Heap, name: str, value: Value) -> None:
        """Join a value into an attribute of an object."""
        held = target.attributes.get(name, ())
        joined = self.overwritten((target, name), held, value)
        if joined != held:
            target.attributes[name] = joined
            self._written(target, name, held, joined)

    def overwritten(self, place: object, held: Value, value: Value) -> Value:
        """What a place may hold that this is written to.

        All that ever was there; but no mode any more once something unknown was written over it.
        """
        joined = join(held, value)
        if any(map(is_mode, held)) and value and all(map(is_unknown, value)):
            self._forgotten.add(place)
        if place in self._forgotten:
            joined = tuple(atom for atom in joined if not is_mode(atom))
        return joined

    def put(self, container: Container, key: object, value: Value) -> None:
        """Join a value into an item of a container; `None` as key: somewhere in it."""
        held = container.rest if key is None else container.items.get(key, ())
        joined = (
            join(held, value)
            if key is None
            else self.overwritten((container, "[]", key), held, value)
        )
        if joined != held:
            if key is None:
                container.rest = joined
            else:
                container.items[key] = joined
            self._written(container, "[]", held, joined)

    def container(
        self,
        frame: Frame,
        node: ast.AST,
        kind: str,
        items: list[Value] | None = None,
        rest: Value = (),
    ) -> Container:
        """A container made here with these items."""
        made = self.made(Container, frame, node, kind, kind=kind)
        for index, item in enumerate(items or ()):
            self.put(made, index, item)
        if rest:
            self.put(made, None, rest)
        return made

    def record(
        self,
        event_type: type[AnyEvent],
        frame: Frame,
        node: ast.AST,
        /,
        *key: object,
        **fields: Any,
    ) -> AnyEvent:
        """Note an event; met again on the same chain of calls it replaces the earlier one.

        In what is run again one that was not met before follows the one before it.
        """
        full_key = (event_type, id(node), frame.key, *key)
        held = self.events.get(full_key)
        if held is not None:
            order = held.order
        elif self._placed is not None:
            order = self._placed
        else:
            order = self.order = self.order + 1
        if self._placed is not None:
            self._placed = order
        event = event_type(node, frame.module, frame.context, frame, order, **fields)
        self.events[full_key] = event
        return event

    def closest(self, frame: Frame, name: str) -> Value | None:
        """A name as Python looks it up: the frame, the frames around it, the module."""
        current: Frame | None = frame
        while current is not None:
            if name in current.env and (current is frame or name not in frame.global_names):
                return self.looked_up(current, name)
            current = current.parent
        module_frame = self.module_frames.get(frame.module)
        if module_frame is not None and name in module_frame.env:
            return self.looked_up(module_frame, name)
        return None

    def starred(self, module: Module, name: str) -> Value:
        """A name that `from library import *` may have bound in a module; () without such an import."""
        frame = self.module_frames.get(module)
        held = frame.env.get("*", ()) if frame is not None else ()
        spelled = [f"{atom.spelled}.{name}" for atom in held if isinstance(atom, Symbol)]
        return tuple(Symbol(canonical(dotted), dotted) for dotted in spelled[:1])

    def looked_up(self, frame: Frame, name: str) -> Value:
        """A name of a frame; what it imports is looked up now."""
        value = frame.env[name]
        for atom in value:
            if isinstance(atom, Imported):
                break
        else:
            return value
        value = join(
            *(
                self.import_now(atom.module, atom.name) if isinstance(atom, Imported) else (atom,)
                for atom in value
            )
        )
        frame.env[name] = value
        return value


def unknown_result(function: Function, machine: Machine) -> Value:
    """What a call gives that is not evaluated, from what earlier calls gave; () when there are none."""
    return machine.results.get(function, ())
