"""`tf.nest`: lists, tuples, dicts (by sorted key), named tuples, attrs classes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape

PLAIN = (tuple, list)  # themselves, not subclasses
_DIFFERENT = "The two structures don't have the same nested structure."


class _Dot:
    """A leaf in the picture of a structure."""

    def __repr__(self) -> str:
        return "."


_DOT = _Dot()


def _is_attrs(value: Any) -> bool:
    return hasattr(type(value), "__attrs_attrs__")


@export("tf.nest.is_nested")
def is_nested(structure: Any) -> bool:
    """Whether `structure` is a sequence, a mapping or the like, and no leaf."""
    # a proxy has the class of what it stands for
    return _nests(structure.__class__)


@functools.lru_cache(maxsize=1024)
def _nests(kind: Any) -> bool:
    return (
        issubclass(kind, (list, tuple, Mapping))
        or hasattr(kind, "__attrs_attrs__")
        or hasattr(kind, "__tf_flatten__")
        or (
            issubclass(kind, Sequence)
            and not issubclass(kind, (str, bytes, bytearray, range, memoryview))
        )
    )


def _keys(mapping: Mapping[Any, Any]) -> list[Any]:
    try:
        return sorted(mapping)
    except TypeError:
        raise TypeError("nest only supports dicts with sortable keys.") from None


def sequence(kind: Any, parts: Iterable[Any]) -> Any:
    """A list, tuple or named tuple of these parts."""
    return kind(*parts) if hasattr(kind, "_fields") else kind(parts)


def _children(structure: Any) -> Sequence[Any]:
    if type(structure) in PLAIN:
        return structure
    if isinstance(structure, Mapping):
        return [structure[key] for key in _keys(structure)]
    if _is_attrs(structure):
        return [getattr(structure, one.name) for one in type(structure).__attrs_attrs__]
    if hasattr(type(structure), "__tf_flatten__"):
        return list(structure.__tf_flatten__()[1])
    return list(structure)


def _like(structure: Any, children: list[Any]) -> Any:
    """A structure of the same kind with other children."""
    kind = type(structure)
    if kind in PLAIN:
        return children if kind is list else tuple(children)
    if hasattr(kind, "_varsync_proxy"):
        # what a module made of a dict or tuple; a namedtuple comes out as itself
        inner = _like(structure.__wrapped__, children)
        return inner if hasattr(inner, "_fields") else kind(inner)
    if isinstance(structure, Mapping):
        values = dict(zip(_keys(structure), children, strict=True))
        ordered = [(key, values[key]) for key in structure]
        if hasattr(structure, "default_factory"):
            made = kind(structure.default_factory)
            made.update(ordered)
            return made
        return kind(ordered)
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return sequence(kind, children)
    if _is_attrs(structure):
        return kind(*children)
    if hasattr(kind, "__tf_flatten__"):
        return kind.__tf_unflatten__(structure.__tf_flatten__()[0], tuple(children))
    if isinstance(structure, TensorShape):
        return tuple(children)
    return kind(children)


@export("tf.nest.flatten")
def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """The leaves of a structure in order; those of a dict by its sorted keys."""
    found: list[Any] = []
    _collect(structure, found, expand_composites)
    return found


def _collect(structure: Any, found: list[Any], expand: bool) -> None:
    if is_nested(structure):
        for child in _children(structure):
            _collect(child, found, expand)
    elif expand and hasattr(structure, "_nest_components"):
        found.extend(structure._nest_components())
    else:
        found.append(structure)


@export("tf.nest.map_structure")
def map_structure(func: Callable[..., Any], *structure: Any, **kwargs: Any) -> Any:
    """The structure with `func` of the leaves at each place."""
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    check_types = kwargs.pop("check_types", True)
    expand = kwargs.pop("expand_composites", False)
    if kwargs:
        raise ValueError(
            "Only valid keyword arguments are `check_types` and `expand_composites`, not: `"
            + "`, `".join(kwargs)
            + "`"
        )
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types=check_types)
    leaves = zip(*(flatten(one, expand) for one in structure), strict=True)
    return pack_sequence_as(structure[0], [func(*one) for one in leaves], expand)


@export("tf.nest.pack_sequence_as")
def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """The structure with the leaves of `flat_sequence` in their places."""
    if not is_nested(flat_sequence):
        raise TypeError(
            f"Attempted to pack value:\n  {_short(flat_sequence)}\ninto a structure, but found "
            f"incompatible type `{type(flat_sequence)}` instead."
        )
    flat = list(flat_sequence)
    if not is_nested(structure) and not (
        expand_composites and hasattr(structure, "_nest_components")
    ):
        if len(flat) != 1:
            raise ValueError(
                f"The target structure is of type `{type(structure)}`\n  {_short(structure)}\n"
                f"However the input is a sequence ({type(flat_sequence)}) of length {len(flat)}.\n"
                f"  {_short(flat_sequence)}\nnest cannot guarantee that it is safe to map one to "
                "the other."
            )
        return flat[0]
    atoms = len(flatten(structure, expand_composites))
    if atoms != len(flat):
        raise ValueError(
            f"Could not pack sequence. Structure had {atoms} atoms, but flat_sequence had "
            f"{len(flat)} items.  Structure: {structure}, flat_sequence: {flat_sequence}."
        )
    return _pack(structure, iter(flat), expand_composites)


def _pack(structure: Any, leaves: Iterator[Any], expand: bool) -> Any:
    if is_nested(structure):
        return _like(structure, [_pack(one, leaves, expand) for one in _children(structure)])
    if expand and hasattr(structure, "_nest_components"):
        parts = [next(leaves) for _ in structure._nest_components()]
        return structure._nest_rebuilt(parts)
    return next(leaves)


def _short(value: Any) -> str:
    text = str(value)
    return text[:100] + (text[100:] and "...")


def _told(value: Any) -> str:
    return f"type={type(value).__name__} str={value}"


@export("tf.nest.assert_same_structure")
def assert_same_structure(
    nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False
) -> None:
    """Raises ValueError, or TypeError for other kinds of sequences, if the two differ."""
    del expand_composites
    found = _difference(nest1, nest2, bool(check_types))
    if found is None:
        return
    kind, words = found
    raise kind(
        f"{_DIFFERENT}\n\nFirst structure: {_told(nest1)}\n\nSecond structure: {_told(nest2)}\n\n"
        f"More specifically: {words}\nEntire first structure:\n{_picture(nest1)}\n"
        f"Entire second structure:\n{_picture(nest2)}"
    )


def _picture(structure: Any) -> str:
    return str(map_structure(lambda _: _DOT, structure))


def _difference(a: Any, b: Any, check_types: bool) -> tuple[type[Exception], str] | None:
    if is_nested(a) != is_nested(b):
        one, other = (a, b) if is_nested(a) else (b, a)
        return ValueError, (
            f'Substructure "{_told(one)}" is a sequence, while substructure "{_told(other)}" is not'
        )
    if not is_nested(a):
        return None
    if check_types and not _same_kind(a, b):
        return TypeError, (
            "The two namedtuples don't have the same sequence type. First structure "
            f"{_told(a)} has type {type(a).__name__}, while second structure {_told(b)} has type "
            f"{type(b).__name__}"
        )
    if check_types and isinstance(a, Mapping) and set(a) != set(b):
        return ValueError, (
            "The two dictionaries don't have the same set of keys. First structure has keys "
            f"{_told(list(a))}, while second structure has keys {_told(list(b))}"
        )
    first, second = _children(a), _children(b)
    if len(first) != len(second):
        return ValueError, (
            "The two structures don't have the same number of elements. First structure: "
            f"{_told(a)}. Second structure: {_told(b)}"
        )
    for one, other in zip(first, second, strict=True):
        found = _difference(one, other, check_types)
        if found is not None:
            return found
    return None


def _same_kind(a: Any, b: Any) -> bool:
    if type(a) is type(b):
        return True
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return True
    if hasattr(a, "_fields") and hasattr(b, "_fields"):
        return type(a).__name__ == type(b).__name__ and a._fields == b._fields
    return isinstance(a, list) and isinstance(b, list)
