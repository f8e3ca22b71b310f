"""Messages as Python's protocol buffers have them: fields with types, text, bytes.

A class says its fields in `FIELDS`; what they hold is checked when it is set.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, MutableMapping, MutableSequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from varsync_runtime.ops.protos import wire
from varsync_runtime.ops.protos.wire import DecodeError
from varsync_runtime.ops.text import float_text
from varsync_runtime.tensors.errors import NotModelled

INTEGERS = {"int32": (-(2**31), 2**31), "int64": (-(2**63), 2**63), "uint64": (0, 2**64)}
FLOATS = {"float": "<f4", "double": "<f8"}
ZERO = {"bytes": b"", "string": "", "bool": False, "float": 0.0, "double": 0.0}


class Field(NamedTuple):
    """`kind` is a scalar's name, a message class or (for an enum) pairs of number and name."""

    number: int
    name: str
    kind: Any
    repeated: bool = False
    oneof: str = ""
    key: str = ""
    """Of a map: the kind of its keys."""

    @property
    def is_message(self) -> bool:
        return isinstance(self.kind, type)


# ------------------------------------------------------------------- one value


def _found(value: Any) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def checked(field: Field, owner: str, value: Any) -> Any:
    """The value as the field keeps it; TypeError if it can't."""
    kind = field.kind
    if kind == "bytes":
        if not isinstance(value, bytes):
            raise TypeError(f"expected bytes, {_found(value)} found")
        return value
    if kind == "string":
        if isinstance(value, bytes):
            return value.decode()
        if not isinstance(value, str):
            raise TypeError(f"bad argument type for built-in operation: {_found(value)}")
        return value
    if kind in FLOATS:
        if isinstance(value, (str, bytes)):
            raise TypeError(f"must be real number, not {_found(value)}")
        number = float(value)
        return float(np.float32(number)) if kind == "float" else number
    if isinstance(value, bool) and kind != "bool":
        raise TypeError(f"Field {owner}.{field.name}: Expected an int, got a boolean.")
    try:
        number = operator.index(value)
    except TypeError:
        if not (isinstance(value, np.ndarray) and value.ndim == 0):
            raise TypeError(
                f"'{_found(value)}' object cannot be interpreted as an integer"
            ) from None
        number = operator.index(value[()])
    if kind == "bool":
        return bool(number)
    low, high = INTEGERS.get(kind, INTEGERS["int32"]) if isinstance(kind, str) else (-1, 2**31)
    if not low <= number < high:
        raise ValueError(f"Value out of range: {value}")
    return number


def written(field: Field, value: Any) -> bytes:
    """The bytes of one value, with its tag."""
    kind = field.kind
    if field.is_message:
        return wire.part(field.number, value.SerializeToString())
    if kind in ("bytes", "string"):
        return wire.part(field.number, value.encode() if kind == "string" else value)
    if kind in FLOATS:
        size = wire.FIXED32 if kind == "float" else wire.FIXED64
        return wire.tag(field.number, size) + np.array(value, FLOATS[kind]).tobytes()
    return wire.tag(field.number, wire.VARINT) + wire.number(int(value))


def packed(field: Field, values: list[Any]) -> bytes:
    """The bytes of all values of a repeated field."""
    if field.is_message or field.kind in ("bytes", "string"):
        return b"".join(written(field, one) for one in values)
    if field.kind in FLOATS:
        return wire.part(field.number, np.array(values, FLOATS[field.kind]).tobytes())
    return wire.part(field.number, b"".join(wire.number(int(one)) for one in values))


def read(field: Field, kind: int, value: Any) -> list[Any]:
    """The values of one part of the bytes."""
    if field.kind in FLOATS:
        return [float(one) for one in wire.read_floats(kind, value, FLOATS[field.kind])]
    if field.is_message or field.kind in ("bytes", "string"):
        if kind != wire.PART:
            raise DecodeError("Wire format was corrupt")
        if field.is_message:
            return [field.kind.FromString(value)]
        return [bytes(value) if field.kind == "bytes" else value.decode()]
    numbers = wire.read_numbers(kind, value)
    return [bool(one) for one in numbers] if field.kind == "bool" else numbers


def shown(field: Field, value: Any) -> str:
    """A value in the text of messages."""
    if field.kind == "bytes":
        return f'"{_escaped(value)}"'
    if field.kind == "string":
        text = "".join(one if ord(one) > 127 else _escaped(one.encode()) for one in value)
        return f'"{text}"'
    if field.kind == "bool":
        return "true" if value else "false"
    if field.kind in FLOATS:
        return float_text(value, np.dtype(FLOATS[field.kind]))
    if isinstance(field.kind, tuple):
        return str(dict(field.kind).get(value, value))
    return str(value)


_NAMED = {10: "\\n", 13: "\\r", 9: "\\t", 34: '\\"', 39: "\\'", 92: "\\\\"}


def _escaped(data: bytes) -> str:
    return "".join(
        _NAMED.get(one) or (chr(one) if 32 <= one < 127 else f"\\{one:03o}") for one in data
    )


# ------------------------------------------------------------------- several values


class Repeated(MutableSequence[Any]):
    """The values of a repeated field."""

    def __init__(self, field: Field, owner: str, touch: Callable[[], None]) -> None:
        self._field, self._owner, self._touch = field, owner, touch
        self._values: list[Any] = []

    def _checked(self, value: Any) -> Any:
        if not self._field.is_message:
            return checked(self._field, self._owner, value)
        if not isinstance(value, self._field.kind):
            raise TypeError(
                f"Parameter to MergeFrom() must be instance of same class: expected "
                f"{self._field.kind.__name__} got {type(value).__name__}."
            )
        made = self._field.kind()
        made.CopyFrom(value)
        return made

    def __getitem__(self, at: Any) -> Any:
        return self._values[at]

    def __setitem__(self, at: Any, value: Any) -> None:
        if self._field.is_message:
            raise TypeError(f"'{type(self).__name__}' object does not support item assignment")
        if isinstance(at, slice):
            self._values[at] = [self._checked(one) for one in value]
        else:
            self._values[at] = self._checked(value)

    def __delitem__(self, at: Any) -> None:
        del self._values[at]

    def __len__(self) -> int:
        return len(self._values)

    def insert(self, index: int, value: Any) -> None:
        self._values.insert(index, self._checked(value))
        self._touch()

    def append(self, value: Any) -> None:
        self._values.append(self._checked(value))
        self._touch()

    def extend(self, values: Any) -> None:
        if not isinstance(values, Iterable):
            raise TypeError("must assign iterable")
        self._values.extend([self._checked(one) for one in values])
        self._touch()

    def add(self, **values: Any) -> Any:
        """A new message at the end."""
        made = self._field.kind(**values)
        self._values.append(made)
        self._touch()
        return made

    def MergeFrom(self, other: Any) -> None:
        self.extend(other)

    def sort(self, **how: Any) -> None:
        self._values.sort(**how)

    def __eq__(self, other: object) -> bool:
        return self._values == list(other) if isinstance(other, Iterable) else False

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._values)


class Mapping(MutableMapping[Any, Any]):
    """The entries of a map; one that holds messages makes those that are asked for."""

    def __init__(self, field: Field, owner: str, touch: Callable[[], None]) -> None:
        self._field, self._owner, self._touch = field, owner, touch
        self._key = Field(1, "key", field.key)
        self._values: dict[Any, Any] = {}

    def __getitem__(self, key: Any) -> Any:
        key = checked(self._key, self._owner, key)
        if key not in self._values:
            self._touch()
            self._values[key] = self._field.kind() if self._field.is_message else 0
        return self._values[key]

    def get(self, key: Any, default: Any = None) -> Any:
        """The value of a key, without making one."""
        return self._values.get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __setitem__(self, key: Any, value: Any) -> None:
        if self._field.is_message:
            raise ValueError("May not set values directly, call my_map[key].foo = 5")
        self._values[checked(self._key, self._owner, key)] = checked(
            self._field, self._owner, value
        )
        self._touch()

    def put(self, key: Any, value: Any) -> None:
        """A copy of a message for a key."""
        self[key].CopyFrom(value) if self._field.is_message else self.__setitem__(key, value)

    def __delitem__(self, key: Any) -> None:
        del self._values[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return dict(self) == other if isinstance(other, dict) else self is other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._values)


# ------------------------------------------------------------------- messages


class Message:
    """A message of `FIELDS`; attributes are its fields."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()
    FULL_NAME: ClassVar[str] = ""
    LACKING: ClassVar[tuple[str, ...]] = ()
    """Fields that TensorFlow's message has, too."""
    _by_name: ClassVar[dict[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        cls._by_name = {one.name: one for one in cls.FIELDS}
        for one in cls.FIELDS:
            for number, name in one.kind if isinstance(one.kind, tuple) else ():
                setattr(cls, name, number)

    def __init__(self, **values: Any) -> None:
        state = self.__dict__
        state["_values"], state["_present"] = {}, set()
        state["_touch"] = lambda: None
        for name, value in values.items():
            field = self._by_name.get(name)
            if field is None and name in self.LACKING:
                raise NotModelled(f"the field {name} of {self.FULL_NAME}")
            if field is None:
                raise ValueError(f'Protocol message {type(self).__name__} has no "{name}" field.')
            if value is not None:
                self._put(field, value)

    def _put(self, field: Field, value: Any) -> None:
        """What a keyword argument, or an entry of a dict, says of a field."""
        if field.key:
            held = self._get(field)
            for key, one in value.items():
                held.put(key, _message(field, one))
        elif field.repeated:
            if not isinstance(value, Iterable):
                raise TypeError("must assign iterable")
            self._get(field).extend(_message(field, one) for one in value)
        elif field.is_message:
            self._get(field).CopyFrom(_message(field, value))
            self._set_present(field)
        else:
            setattr(self, field.name, value)

    def _get(self, field: Field) -> Any:
        values = self._values
        if field.name not in values:
            touch = lambda: self._set_present(field)  # noqa: E731
            if field.key:
                values[field.name] = Mapping(field, self.FULL_NAME, touch)
            elif field.repeated:
                values[field.name] = Repeated(field, self.FULL_NAME, touch)
            elif field.is_message:
                values[field.name] = field.kind()
                values[field.name].__dict__["_touch"] = touch
            else:
                return ZERO.get(field.kind, 0) if isinstance(field.kind, str) else 0
        return values[field.name]

    def _set_present(self, field: Field) -> None:
        if field.oneof:
            for other in self.FIELDS:
                if other.oneof == field.oneof and other is not field:
                    self.ClearField(other.name)
        self._present.add(field.name)
        self._touch()

    def __getattr__(self, name: str) -> Any:
        field = type(self)._by_name.get(name)
        if field is None:
            if name in self.LACKING:
                raise NotModelled(f"the field {name} of {self.FULL_NAME}")
            raise AttributeError(name)
        return self._get(field)

    def __setattr__(self, name: str, value: Any) -> None:
        field = type(self)._by_name.get(name)
        if field is None:
            raise AttributeError(f'Protocol message {type(self).__name__} has no "{name}" field.')
        if field.is_message or field.repeated or field.key:
            what = "repeated" if field.repeated or field.key else "message"
            raise AttributeError(
                f'Assignment not allowed to {what} field "{name}" in protocol message object.'
            )
        self._values[name] = checked(field, self.FULL_NAME, value)
        self._set_present(field)

    def _held(self) -> Iterator[tuple[Field, Any]]:
        """The fields that hold something, in the order of their numbers."""
        for field in sorted(self.FIELDS, key=lambda one: one.number):
            if field.repeated or field.key:
                if self._values.get(field.name):
                    yield field, self._values[field.name]
            elif field.name in self._present:
                value = self._get(field)
                if field.is_message or field.oneof or value:
                    yield field, value

    # what Python's protocol buffers offer, under their names

    def HasField(self, field_name: str) -> bool:
        """Whether a message, or one of a oneof, was set."""
        return field_name in self._present

    def WhichOneof(self, oneof_group: str) -> str | None:
        """The field of a oneof that is set."""
        found = [one.name for one in self.FIELDS if one.oneof == oneof_group]
        if not found:
            raise ValueError(
                f'Protocol message {type(self).__name__} has no "{oneof_group}" field.'
            )
        return next((name for name in found if name in self._present), None)

    def ListFields(self) -> list[tuple[Field, Any]]:
        """The fields that hold something."""
        return list(self._held())

    def ClearField(self, field_name: str) -> None:
        """The field as in a new message."""
        self._values.pop(field_name, None)
        self._present.discard(field_name)

    def Clear(self) -> None:
        """A new message."""
        self._values.clear()
        self._present.clear()

    def SetInParent(self) -> None:
        """The message counts as set, though it is empty."""
        self._touch()

    def CopyFrom(self, other: Any) -> None:
        """The same as another message."""
        if other is not self:
            self.Clear()
            self.MergeFrom(other)

    def MergeFrom(self, other: Any) -> None:
        """What another message has is added."""
        if type(other) is not type(self):
            raise TypeError(
                "Parameter to MergeFrom() must be instance of same class: expected "
                f"{self.FULL_NAME} got {_found(other)}."
            )
        for field, value in other._held():
            if field.is_message and not field.repeated and not field.key:
                self._get(field).MergeFrom(value)
                self._set_present(field)
            else:
                self._put(field, value)
        self._touch()

    def SerializeToString(self, deterministic: bool | None = None) -> bytes:
        """The bytes."""
        del deterministic
        parts = []
        for field, value in self._held():
            if field.key:
                key, inner = Field(1, "key", field.key), field._replace(number=2)
                for name, one in value.items():
                    entry = written(key, name) + written(inner, one)
                    parts.append(wire.part(field.number, entry))
            else:
                many = list(value) if field.repeated else None
                parts.append(written(field, value) if many is None else packed(field, many))
        return b"".join(parts)

    SerializePartialToString = SerializeToString

    def ByteSize(self) -> int:
        """How many bytes there are."""
        return len(self.SerializeToString())

    def ParseFromString(self, serialized: bytes) -> int:
        """What the bytes say; how many there are."""
        self.Clear()
        return self.MergeFromString(serialized)

    def MergeFromString(self, serialized: bytes) -> int:
        """What the bytes say, added; how many there are."""
        by_number = {one.number: one for one in self.FIELDS}
        try:
            for number, kind, value in wire.fields(bytes(serialized)):
                field = by_number.get(number)
                if field is not None:
                    self._read(field, kind, value)
        except (DecodeError, UnicodeDecodeError):
            raise DecodeError(
                f"Error parsing message with type '{self.FULL_NAME}': Wire format was corrupt"
            ) from None
        return len(serialized)

    def _read(self, field: Field, kind: int, value: Any) -> None:
        if field.key:
            entry = {1: ZERO.get(field.key, 0), 2: field.kind() if field.is_message else 0}
            inner = {1: Field(1, "key", field.key), 2: field._replace(number=2, key="")}
            for number, of_kind, one in wire.fields(value):
                if number in inner:
                    entry[number] = read(inner[number], of_kind, one)[-1]
            self._get(field).put(entry[1], entry[2])
        elif field.repeated:
            self._get(field).extend(read(field, kind, value))
        elif field.is_message:
            self._get(field).MergeFrom(read(field, kind, value)[0])
            self._set_present(field)
        else:
            setattr(self, field.name, read(field, kind, value)[-1])

    @classmethod
    def FromString(cls, serialized: bytes) -> Any:
        """The message of bytes."""
        made = cls()
        made.ParseFromString(serialized)
        return made

    def IsInitialized(self) -> bool:
        """Whether all required fields are set: there are none."""
        return True

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        mine = {field.name: value for field, value in self._held()}
        its = {field.name: value for field, value in other._held()}
        return mine.keys() == its.keys() and all(
            dict(value) == dict(its[name]) if isinstance(value, Mapping) else value == its[name]
            for name, value in mine.items()
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        for field, value in self._held():
            for one in value.items() if field.key else value if field.repeated else (value,):
                if field.key:
                    yield f"{field.name} {{"
                    yield f"  key: {shown(Field(1, 'key', field.key), one[0])}"
                    yield from _indented(_block(field._replace(name="value"), one[1]))
                    yield "}"
                else:
                    yield from _block(field, one)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).FromString, (self.SerializeToString(),)

    def __deepcopy__(self, memo: Any) -> Any:
        return type(self).FromString(self.SerializeToString())


def _message(field: Field, value: Any) -> Any:
    """A message that may be given as a dict of its fields."""
    return field.kind(**value) if field.is_message and isinstance(value, dict) else value


def _block(field: Field, value: Any) -> Iterator[str]:
    if field.is_message:
        yield f"{field.name} {{"
        yield from _indented(value._lines())
        yield "}"
    else:
        yield f"{field.name}: {shown(field, value)}"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)
