"""Lists, dicts and tuples that tell a checkpoint what they hold.

After tensorflow/python/trackable/data_structures.py. An attribute assignment on a module makes
them of plain ones.
"""

from __future__ import annotations

import collections
import collections.abc
import copy
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.trackable import Trackable
from varsync_runtime.train.proxies import ObjectProxy

_TF = "tensorflow.python.trackable.data_structures"


@export("tf.python.trackable.data_structures.NoDependency")
class NoDependency:
    """Wraps a value that is to be assigned and not tracked."""

    __module__ = _TF
    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def _should_wrap_tuple(value: tuple[Any, ...]) -> bool:
    """Whether a tuple holds anything that is tracked."""
    for element in value:
        if isinstance(element, (NoDependency, Trackable)):
            return True
        if type(element) in (dict, collections.OrderedDict, list):
            return True
        if isinstance(element, tuple) and _should_wrap_tuple(element):
            return True
    return False


@export("tf.__internal__.tracking.wrap", "tf.python.trackable.data_structures.wrap_or_unwrap")
def wrap_or_unwrap(value: Any) -> Any:
    """A list, dict or tuple as a container that is tracked; what NoDependency holds; else itself."""
    if isinstance(value, NoDependency):
        return value.value
    if isinstance(value, Trackable):
        return value
    if isinstance(type(value), type) and issubclass(type(value), ObjectProxy):
        return value
    if type(value) in (dict, collections.OrderedDict):
        return _DictWrapper(value)
    if type(value) is list:
        return ListWrapper(value)
    if isinstance(value, tuple) and _should_wrap_tuple(value):
        return _TupleWrapper(value)
    return value


@export(
    "tf.__internal__.tracking.sticky_attribute_assignment",
    "tf.python.trackable.data_structures.sticky_attribute_assignment",
)
def sticky_attribute_assignment(trackable: Any, name: str, value: Any) -> Any:
    """What to store in an attribute; if it can be tracked, `trackable` holds it from now on."""
    is_dependency = not isinstance(value, NoDependency)
    value = wrap_or_unwrap(value)
    if is_dependency and is_trackable(value):
        trackable._track_trackable(value, name=name, overwrite=True)
    return value


def is_trackable(value: Any) -> bool:
    """Whether a checkpoint looks at the object."""
    return isinstance(value, Trackable)


class _UntrackableError(ValueError):
    def __init__(self, value: Any) -> None:
        super().__init__(
            "Only trackable objects (such as Layers or Optimizers) may be "
            f"stored in a List object. Got {value}, which does not "
            "inherit from Trackable."
        )


@export("tf.__internal__.tracking.TrackableDataStructure")
class TrackableDataStructure(Trackable):
    """What containers have in common: they list the variables that they hold."""

    __module__ = _TF

    def __init__(self) -> None:
        self._self_trainable = True
        self._self_extra_variables: list[Any] = []

    @property
    def trainable(self) -> bool:
        return self._self_trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._self_trainable = value

    def _track_value(self, value: Any, name: Any) -> Any:
        value = sticky_attribute_assignment(self, name, value)
        if isinstance(value, VariableLike):
            self._self_extra_variables.append(value)
        if not is_trackable(value):
            raise _UntrackableError(value)
        return value

    @property
    def _values(self) -> Iterable[Any]:
        raise NotImplementedError("Abstract method")

    def _of_parts(self, name: str) -> list[Any]:
        found: list[Any] = []
        for part in self._values:
            if is_trackable(part) and hasattr(part, name):
                found += getattr(part, name)
        return found

    @property
    def trainable_weights(self) -> list[Any]:
        if not self._self_trainable:
            return []
        own = [one for one in self._self_extra_variables if one.trainable]
        return self._of_parts("trainable_variables") + own

    @property
    def non_trainable_weights(self) -> list[Any]:
        trained = [one for one in self._self_extra_variables if one.trainable]
        others = [one for one in self._self_extra_variables if not one.trainable]
        found = self._of_parts("non_trainable_variables")
        if self._self_trainable:
            return found + others
        return self._of_parts("trainable_variables") + trained + found + others

    @property
    def weights(self) -> list[Any]:
        return self.trainable_weights + self.non_trainable_weights

    @property
    def trainable_variables(self) -> list[Any]:
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Any]:
        return self.non_trainable_weights

    @property
    def variables(self) -> list[Any]:
        return self.weights

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


@export("tf.python.trackable.data_structures.List")
class List(TrackableDataStructure, collections.abc.Sequence[Any]):
    """A list to which one may only append."""

    __module__ = _TF
    _storage: list[Any]

    def __init__(self, *args: Any) -> None:
        super().__init__()
        self._storage = self._make_storage(*args)
        for index, element in enumerate(self._storage):
            self._storage[index] = self._track_value(element, name=str(index))

    def copy(self) -> Any:
        return type(self)(copy.copy(self._storage))

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return type(self)(copy.deepcopy(self._storage, memo))

    def _make_storage(self, *args: Any) -> list[Any]:
        return list(*args)

    @property
    def _values(self) -> Iterable[Any]:
        return self

    def append(self, value: Any) -> None:
        """Adds an object."""
        self._storage.append(self._track_value(value, str(len(self._storage))))

    def extend(self, values: Iterable[Any]) -> None:
        """Adds objects."""
        for value in values:
            self.append(value)

    def __iadd__(self, values: Iterable[Any]) -> Any:  # type: ignore[misc]
        self.extend(values)
        return self

    def __add__(self, other: Any) -> list[Any]:
        return self._storage + getattr(other, "_storage", other)  # type: ignore[no-any-return]

    def __radd__(self, other: Any) -> Any:
        return other + self._storage

    def __imul__(self, y: int) -> Any:
        if y <= 0:
            raise ValueError(
                f"List only supports append, multiplying in place by {y} removes elements."
            )
        once = list(self._storage)
        for _ in range(y - 1):
            self.extend(once)
        return self

    def __mul__(self, n: int) -> list[Any]:
        return self._storage * n

    def __rmul__(self, n: int) -> list[Any]:
        return self._storage * n

    def __getitem__(self, key: Any) -> Any:
        return self._storage[key]

    def __len__(self) -> int:
        return len(self._storage)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._storage)

    def __repr__(self) -> str:
        return f"List({self._storage!r})"

    def __sizeof__(self) -> int:
        return super().__sizeof__() + sys.getsizeof(self._storage)


_LIST: Any = list  # a base for `isinstance`, whose methods are all replaced
REPLACED = (
    " (a list wrapper constructed to track trackable TensorFlow objects). A list element was "
    "replaced (__setitem__, __setslice__), deleted (__delitem__, __delslice__), or moved (sort). "
    "In order to support restoration on object creation, tracking is exclusively for append-only "
    "data structures.\n\nIf you don't need this list checkpointed, wrap it in a non-trackable "
    "object; it will be subsequently ignored."
)


@export("tf.python.trackable.data_structures.ListWrapper")
class ListWrapper(List, collections.abc.MutableSequence[Any], _LIST):  # type: ignore[misc]
    """A list that was assigned to an attribute; after some changes it cannot be saved.

    The script's own list holds the elements, as in TensorFlow.
    """

    __module__ = _TF
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, wrapped_list: list[Any]) -> None:
        self._non_append_mutation = False
        self._external_modification = False
        super().__init__(wrapped_list)
        self._snapshot: list[Any] | None = list(self._storage)

    def __copy__(self) -> Any:
        return self._marked(super().__copy__())

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self._marked(super().__deepcopy__(memo))

    def _marked(self, copied: Any) -> Any:
        copied._non_append_mutation = self._non_append_mutation
        copied._external_modification = self._external_modification
        return copied

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self._storage,)

    def _make_storage(self, wrapped_list: list[Any]) -> list[Any]:
        return wrapped_list

    def _check_external_modification(self) -> None:
        if self._external_modification or self._non_append_mutation:
            return
        if not _same(self._storage, self._snapshot):
            self._external_modification = True
            self._snapshot = None

    def _update_snapshot(self) -> None:
        if not (self._external_modification or self._non_append_mutation):
            self._snapshot = list(self._storage)

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        self._check_external_modification()
        if self._non_append_mutation:
            raise ValueError(f"Unable to save the object {self}{REPLACED}")
        if self._external_modification:
            raise ValueError(
                f"Unable to save the object {self} (a list wrapper constructed to "
                "track trackable TensorFlow objects). The wrapped list was modified "
                f"outside the wrapper (its final value was {self._storage}, its value"
                f" when a checkpoint dependency was added was {self._snapshot}), which breaks "
                "restoration on object creation.\n\nIf you don't need this list "
                "checkpointed, wrap it in a NoDependency object; it will be "
                "subsequently ignored."
            )
        return super()._trackable_children(save_type, **kwargs)

    def _change(self, is_harmful: bool) -> None:
        """The list is about to be changed; whether elements lose their places."""
        self._check_external_modification()
        if is_harmful:
            self._non_append_mutation = True

    def _has_mutation_or_trackable(self) -> bool:
        return self._non_append_mutation or any(is_trackable(one) for one in self._storage)

    def __delitem__(self, key: Any) -> None:
        self._change(self._has_mutation_or_trackable())
        del self._storage[key]
        self._update_snapshot()

    def __setitem__(self, key: Any, value: Any) -> None:
        self._check_external_modification()
        if isinstance(key, slice):
            before = list(self._storage)
            self._storage[key] = value
            for index in range(max(len(before), len(self._storage))):
                now = self._storage[index] if index < len(self._storage) else None
                old = before[index] if index < len(before) else None
                if is_trackable(old):
                    self._non_append_mutation = True
                if now is not None and now is not old:
                    self._storage[index] = self._track_value(now, str(index))
        else:
            if is_trackable(self._storage[key]):
                self._non_append_mutation = True
            self._storage[key] = self._track_value(value, str(key))
        self._update_snapshot()

    def append(self, value: Any) -> None:
        self._check_external_modification()
        super().append(value)
        self._update_snapshot()

    def extend(self, values: Iterable[Any]) -> None:
        self._check_external_modification()
        super().extend(values)
        self._update_snapshot()

    def __imul__(self, y: int) -> Any:
        if y > 0:
            return super().__imul__(y)
        self._change(self._has_mutation_or_trackable())
        self._storage *= y
        self._update_snapshot()
        return self

    def __eq__(self, other: object) -> bool:
        return bool(self._storage == getattr(other, "_storage", other))

    def __ne__(self, other: object) -> bool:
        return bool(self._storage != getattr(other, "_storage", other))

    def __lt__(self, other: Any) -> bool:
        return bool(self._storage < getattr(other, "_storage", other))

    def __le__(self, other: Any) -> bool:
        return bool(self._storage <= getattr(other, "_storage", other))

    def __gt__(self, other: Any) -> bool:
        return bool(self._storage > getattr(other, "_storage", other))

    def __ge__(self, other: Any) -> bool:
        return bool(self._storage >= getattr(other, "_storage", other))

    def insert(self, index: Any, obj: Any) -> None:
        self._change(self._has_mutation_or_trackable() or is_trackable(obj))
        self._storage.insert(index, obj)
        self._update_snapshot()

    def sort(self) -> None:
        self._change(self._has_mutation_or_trackable())
        self._storage.sort()
        self._update_snapshot()

    def _track_value(self, value: Any, name: Any) -> Any:
        try:
            return super()._track_value(value, name)
        except ValueError:
            return sticky_attribute_assignment(self, name, value)

    def __repr__(self) -> str:
        return f"ListWrapper({self._storage!r})"


def _same(now: list[Any], before: list[Any] | None) -> bool:
    """Whether two lists have equal elements; variables are compared as objects first."""
    if before is None or len(now) != len(before):
        return False
    return all(a is b or bool(a == b) for a, b in zip(now, before, strict=True))


@export("tf.python.trackable.data_structures.Mapping")
class Mapping(TrackableDataStructure, collections.abc.Mapping[str, Any]):
    """A dict with string keys to which one may only add."""

    __module__ = _TF

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self._storage: dict[str, Any] = dict(*args, **kwargs)
        for key, value in self._storage.items():
            self._storage[key] = self._track_value(value, self._name_element(key))

    @property
    def _values(self) -> Iterable[Any]:
        return [self[key] for key in sorted(self)]

    def _name_element(self, key: Any) -> str:
        if not isinstance(key, str):
            raise TypeError(f"Mapping accepts only string keys, but got a key {key!r}.")
        return key

    def __setitem__(self, key: str, value: Any) -> None:
        value = self._track_value(value, self._name_element(key))
        current = self._storage.setdefault(key, value)
        if current is not value:
            raise ValueError(
                "Mappings are an append-only data structure. Tried to overwrite the "
                f"key '{key}' with value {value}, but it already contains {current}"
            )

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Adds objects."""
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def __getitem__(self, key: str) -> Any:
        return self._storage[key]

    def __len__(self) -> int:
        return len(self._storage)

    def __iter__(self) -> Iterator[str]:
        return iter(self._storage)

    def __repr__(self) -> str:
        return f"Mapping({self._storage!r})"


class _Wrapper(ObjectProxy, TrackableDataStructure):
    """A container that stands for the script's own, which may be of any class of its kind."""

    def __init__(self, wrapped: Any) -> None:
        ObjectProxy.__init__(self, wrapped)
        TrackableDataStructure.__init__(self)

    def __eq__(self, other: object) -> bool:
        return bool(self.__wrapped__ == other)

    def __hash__(self) -> int:
        return hash(self.__wrapped__)

    def __copy__(self) -> Any:
        return self._marked(type(self)(copy.copy(self.__wrapped__)))

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self._marked(type(self)(copy.deepcopy(self.__wrapped__, memo)))

    def _marked(self, copied: Any) -> Any:
        return copied

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self.__wrapped__,)


@export("tf.python.trackable.data_structures._DictWrapper")
class _DictWrapper(_Wrapper):
    """A dict that was assigned to an attribute; after some changes it cannot be saved."""

    __module__ = _TF
    _self_last_wrapped_dict_snapshot: dict[Any, Any] | None

    def __init__(self, wrapped_dict: Any = None) -> None:
        wrapped = {} if wrapped_dict is None else wrapped_dict
        if not isinstance(wrapped, collections.abc.Mapping):
            wrapped = dict(wrapped)
        super().__init__(wrapped)
        self._self_non_string_key = False
        self._self_external_modification = False
        for key, value in list(wrapped.items()):
            self.__wrapped__[key] = self._track_value(value, key)
        self._update_snapshot()

    def copy(self) -> Any:
        return copy.copy(self)

    def _marked(self, copied: Any) -> Any:
        copied._self_external_modification = self._self_external_modification
        copied._self_non_string_key = self._self_non_string_key
        return copied

    @property
    def _values(self) -> Iterable[Any]:
        return [value for _, value in sorted(self.__wrapped__.items(), key=lambda item: item[0])]

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        self._check_self_external_modification()
        if self._self_non_string_key:
            raise ValueError(
                f"Unable to save the object {self} (a dictionary wrapper constructed "
                "automatically on attribute assignment). The wrapped dictionary "
                "contains a non-string key which maps to a trackable object or "
                "mutable data structure.\n\nIf you don't need this dictionary "
                "checkpointed, wrap it in a non-trackable "
                "object; it will be subsequently ignored."
            )
        if self._self_external_modification:
            raise ValueError(
                f"Unable to save the object {self} (a dictionary wrapper constructed "
                "automatically on attribute assignment). The wrapped dictionary was "
                f"modified outside the wrapper (its final value was {self}, its value"
                " when a checkpoint dependency was added was "
                f"{self._self_last_wrapped_dict_snapshot}), which breaks "
                "restoration on object creation.\n\nIf you don't need this "
                "dictionary checkpointed, wrap it in a "
                "non-trackable object; it will be subsequently ignored."
            )
        return super()._trackable_children(save_type, **kwargs)

    @property
    def _dirty(self) -> bool:
        return self._self_external_modification or self._self_non_string_key

    def _check_self_external_modification(self) -> None:
        if self._dirty:
            return
        before = self._self_last_wrapped_dict_snapshot
        now = self.__wrapped__
        if before is None or now.keys() != before.keys() or not _same(
            list(now.values()), [before[key] for key in now]
        ):  # fmt: skip
            self._self_external_modification = True
            self._self_last_wrapped_dict_snapshot = None

    def _update_snapshot(self) -> None:
        if not self._dirty:
            self._self_last_wrapped_dict_snapshot = dict(self.__wrapped__)

    def _track_value(self, value: Any, name: Any) -> Any:
        is_string = isinstance(name, str)
        key = name if is_string else "-non_string_key"
        is_dependency = not isinstance(value, NoDependency)
        try:
            value = super()._track_value(value, key)
        except ValueError:
            return sticky_attribute_assignment(self, key, value)
        if is_dependency and not is_string:
            self._self_non_string_key = True
        return value

    def __setitem__(self, key: Any, value: Any) -> None:
        self._check_self_external_modification()
        self._maybe_initialize_trackable()
        is_dependency = not isinstance(value, NoDependency)
        if isinstance(key, str):
            value = self._track_value(value, key)
        else:
            value = wrap_or_unwrap(value)
            if is_dependency and is_trackable(value):
                self._self_non_string_key = True
        self.__wrapped__[key] = value
        self._update_snapshot()

    def __delitem__(self, key: Any) -> None:
        self._check_self_external_modification()
        del self.__wrapped__[key]
        self._update_snapshot()

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Adds or replaces values."""
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def __repr__(self) -> str:
        return f"DictWrapper({self.__wrapped__!r})"

    __eq__ = _Wrapper.__eq__

    def __hash__(self) -> int:
        raise TypeError("unhashable type: 'DictWrapper'")


@export("tf.python.trackable.data_structures._TupleWrapper")
class _TupleWrapper(_Wrapper):
    """A tuple or namedtuple that was assigned to an attribute and holds what is tracked."""

    __module__ = _TF

    def __init__(self, original: Any = ()) -> None:
        is_dependency = [not isinstance(element, NoDependency) for element in original]
        elements = [wrap_or_unwrap(element) for element in original]
        kind = type(original)
        fields = getattr(original, "_fields", None)
        self._self_tuple_is_constructable = True
        if fields is None:
            super().__init__(kind(elements))
        else:
            try:
                super().__init__(kind(**dict(zip(fields, elements, strict=False))))
            except TypeError:
                super().__init__(original)
                self._self_tuple_is_constructable = False
                return
        for names in (fields, [str(index) for index in range(len(elements))]):
            for name, depends, element in zip(names or (), is_dependency, elements, strict=False):
                if depends:
                    self._track_value(element, name)

    @property
    def _values(self) -> Iterable[Any]:
        return self.__wrapped__  # type: ignore[no-any-return]

    def _track_value(self, value: Any, name: Any) -> Any:
        try:
            return super()._track_value(value, name)
        except ValueError:
            return sticky_attribute_assignment(self, name, value)

    def __imul__(self, y: int) -> Any:
        return self.__wrapped__ * y

    def __iadd__(self, y: Any) -> Any:
        return self.__wrapped__ + y

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        if not self._self_tuple_is_constructable:
            raise ValueError(
                f"Unable to save because the namedtuple {self.__wrapped__} is not "
                "constructable from its _fields (i.e. __new__ is overridden). "
                f"Expected keyword arguments {self.__wrapped__._fields}. If you do "
                "not need to save this object, consider wrapping it in a custom "
                "object that does not inherit from tuple."
            )
        return super()._trackable_children(save_type, **kwargs)

    def __repr__(self) -> str:
        return f"_TupleWrapper({self.__wrapped__!r})"
