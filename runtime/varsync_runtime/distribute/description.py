"""What a value looks like to the other replicas, small enough to stand in a control block.

In TensorFlow the replicas are threads, and `distribute_utils.regroup` asks whether they all gave
the same object. Processes share no objects, so each replica describes what it has, and what looks
the same is taken for the same object:

- a tensor that this run made in replica code, or a part of a PerReplica that it was given, is each
  replica's own, whatever it holds;
- any other tensor is the host's: one object, unless the contents differ;
- a NumPy array is the host's if the replica's code found it outside (`captured`);
- Python values are one object if they are equal, except for numbers that this run read from a tensor
  (`float(x)`, `x.numpy()`), which are each replica's own, unless Python has only one of them.

So a number that replica code computes, equal in all replicas and not read from a tensor just so, is
taken for a literal. TensorFlow refuses both in a SUM, with different words.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from varsync_runtime.distribute.captured import is_captured, is_written
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.tensor import Tensor

SINGLE = range(-5, 257)  # Python has one object for each of these integers
CONTENT = 256  # bytes that are compared; larger contents stand for themselves by a hash


class Leaf(NamedTuple):
    """One value. `own`: it is the replica's own object; `token`: equal for the same object."""

    kind: str
    token: object = None
    own: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        return Leaf, tuple(self)


# What is mostly described, and holds nothing: to ask whether it is a mapping takes long
LEAVES = (Tensor, bool, int, float, str, type(None))
# A leaf, or what holds leaves: (class's name, keys or length, parts)
Description = Any


class Numbers:
    """Which Python numbers a run has read from tensors, and which are tensors to TensorFlow."""

    def __init__(self) -> None:
        self.seen: set[tuple[type, object]] = set()
        self.casts: set[tuple[type, object]] = set()

    def note(self, value: Any) -> None:
        """Remembers a scalar that went from a tensor to Python."""
        if np.ndim(value) == 0:
            item = value.item() if hasattr(value, "item") else value
            if not (isinstance(item, int) and item in SINGLE):
                self.seen.add((type(item), item))

    def note_cast(self, value: float) -> None:
        """Remembers what `int` or `float` gave where AutoGraph makes a tensor of it."""
        self.casts.add((type(value), value))

    def as_given(self, value: Any) -> Any:
        """The tensor, if the value is such a number or may have been computed from one."""
        if not self.casts or type(value) not in (int, float):
            return value
        is_cast = (type(value), value) in self.casts or not is_written(value)
        return convert(value) if is_cast else value

    def __contains__(self, value: object) -> bool:
        item = value.item() if isinstance(value, np.generic) else value
        try:
            return (type(item), item) in self.seen
        except TypeError:
            return False


def describe(value: Any, own: Owner) -> Description:
    """What the value looks like; structures are described part by part, as `regroup` takes them."""
    if isinstance(value, LEAVES):
        return leaf(value, own)
    if isinstance(value, list):
        return ("list", len(value), [describe(part, own) for part in value])
    if isinstance(value, tuple):
        return ("tuple", len(value), [describe(part, own) for part in value])
    if isinstance(value, Mapping):
        keys = list(value)
        return ("mapping", keys, [describe(value[key], own) for key in keys])
    return leaf(value, own)


def leaves(value: Any) -> Iterator[Any]:
    """What is described of a value, in the order of its description."""
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from leaves(part)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from leaves(part)
    else:
        yield value


class Owner:
    """Says which objects are the replica's own; the run under way is one."""

    stamp: object = None
    arguments: Mapping[int, object] = {}
    numbers: Numbers = Numbers()
    is_one_of_several_workers = False

    def owns(self, value: Any) -> bool:
        """Whether this run made the tensor or array in replica code, or was given it."""
        if id(value) in self.arguments:
            return True
        if isinstance(value, (np.ndarray, np.generic)):
            return self.stamp is not None and not is_captured(value)
        return isinstance(value, Tensor) and self.stamp is not None and value._stamp is self.stamp


HOST = Owner()


def leaf(value: Any, own: Owner) -> Leaf:
    """The description of what is no list, tuple or mapping."""
    if isinstance(value, Tensor):
        if own.owns(value):
            return Leaf("tensor", (value.dtype.name, value.shape.as_list()), own=True)
        return Leaf("tensor", content(value._array))
    if isinstance(value, IndexedSlices):
        if own.owns(value) or own.owns(value.values):
            return Leaf("slices", value.dtype.name, own=True)
        return Leaf("slices", content(value.values._array))
    number = getattr(value, "_variable_number", None)
    if number is not None:
        return Leaf("variable", number, own=bool(getattr(value, "_is_unread", False)))
    if isinstance(value, (np.ndarray, np.generic)):
        return Leaf("numpy", content(np.asarray(value)), own=own.owns(value))
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return Leaf("python", (type(value).__name__, value), own=value in own.numbers)
    return Leaf("object", type(value).__qualname__)


def signature(leaf: Leaf) -> tuple[str, tuple[int, ...]] | None:
    """The dtype and shape of what a leaf describes, if it is a tensor or an array."""
    if leaf.kind not in ("tensor", "numpy"):
        return None
    token: Any = leaf.token
    if leaf.own and leaf.kind == "tensor":
        name, shape = token
        return name, tuple(shape)
    return np.dtype(token[0]).name, tuple(token[1])


def content(array: np.ndarray) -> object:
    """Something that is equal for equal arrays."""
    if array.dtype == object:
        return array.shape, hashlib.blake2b(pickle.dumps(array.tolist())).digest()
    data = array.tobytes()
    if len(data) > CONTENT:
        data = hashlib.blake2b(data, digest_size=16).digest()
    return array.dtype.str, array.shape, data


def same(leaves: Sequence[Leaf]) -> bool:
    """Whether all replicas have the same object."""
    first = leaves[0]
    return not first.own and all(one == first for one in leaves)
