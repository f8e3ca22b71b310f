"""`TensorShape`: a tuple of sizes, None where a size is unknown, or no rank at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from varsync_runtime.tensors.absent import NoAttribute
from varsync_runtime.tensors.exports import export


@export("tf.compat.v1.Dimension")
def Dimension(value: Any) -> int | None:
    """One size of a shape; TensorFlow 2 shows plain numbers."""
    return _size(value)


def _size(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, (str, bytes)) or not hasattr(value, "__index__"):
        raise TypeError(
            f"Dimension value must be integer or None or have an __index__ method, got value "
            f"'{value!r}' with type '{type(value)!r}'"
        )
    size = int(value.__index__())
    if size < 0:
        raise ValueError(f"Dimension {size} must be >= 0")
    return size


@export("tf.TensorShape")
class TensorShape(tuple[Any, ...]):
    """The shape of a tensor: equal to the tuple and the list of its sizes.

    `TensorShape(None)` has no rank: it is empty as a tuple, and `rank` is None.
    """

    __slots__ = ()
    __module__ = "tensorflow.python.framework.tensor_shape"

    def __new__(cls, dims: Any) -> TensorShape:
        if dims is None:
            return tuple.__new__(_UnknownShape)
        if isinstance(dims, TensorShape):
            return dims
        if hasattr(dims, "dim") and hasattr(dims, "unknown_rank"):
            dims = [d.size if d.size >= 0 else None for d in dims.dim]
        sizes = dims if isinstance(dims, Iterable) else (dims,)
        return tuple.__new__(cls, [_size(size) for size in sizes])

    @property
    def rank(self) -> int | None:
        return len(self)

    @property
    def ndims(self) -> int | None:
        return self.rank

    @property
    def dims(self) -> list[int | None] | None:
        return list(self)

    @property
    def _dims(self) -> tuple[int | None, ...] | None:
        return tuple(self)

    def num_elements(self) -> int | None:
        """How many elements there are, None if a size is unknown."""
        if not self.is_fully_defined():
            return None
        count = 1
        for size in self:
            count *= size
        return count

    def is_fully_defined(self) -> bool:
        return None not in self

    def assert_is_fully_defined(self) -> None:
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def as_list(self) -> list[int | None]:
        return list(self)

    def is_compatible_with(self, other: Any) -> bool:
        """Whether one tensor could have both shapes."""
        other = as_shape(other)
        if self.rank is None or other.rank is None:
            return True
        return len(self) == len(other) and all(
            a is None or b is None or a == b for a, b in zip(self, other, strict=True)
        )

    def assert_is_compatible_with(self, other: Any) -> None:
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are incompatible")

    def is_subtype_of(self, other: Any) -> bool:
        if other.rank is None:
            return True
        return self.rank == other.rank and all(
            b is None or a == b for a, b in zip(self, other, strict=True)
        )

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """The sizes that both shapes have, None where they differ."""
        other = as_shape(other)
        if self.rank is None or other.rank is None or self.rank != other.rank:
            return TensorShape(None)
        return TensorShape([a if a == b else None for a, b in zip(self, other, strict=True)])

    def most_specific_common_supertype(self, others: Iterable[Any]) -> TensorShape | None:
        found: TensorShape = self
        for other in others:
            if not isinstance(other, TensorShape):
                return None
            found = found.most_specific_compatible_shape(other)
        return found

    def merge_with(self, other: Any) -> TensorShape:
        """The shape that has the known sizes of both; ValueError if they contradict."""
        other = as_shape(other)
        if self.rank is None:
            return other
        if other.rank is None:
            return self
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        return TensorShape([b if a is None else a for a, b in zip(self, other, strict=True)])

    def concatenate(self, other: Any) -> TensorShape:
        other = as_shape(other)
        if self.rank is None or other.rank is None:
            return TensorShape(None)
        return TensorShape([*self, *other])

    def with_rank(self, rank: int) -> TensorShape:
        if self.rank is None:
            return TensorShape([None] * rank)
        if self.rank != rank:
            raise ValueError(f"Shape {self} must have rank {rank}")
        return self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        if self.rank is not None and self.rank < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        if self.rank is not None and self.rank > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def assert_same_rank(self, other: Any) -> None:
        other = as_shape(other)
        if None not in (self.rank, other.rank) and self.rank != other.rank:
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def assert_has_rank(self, rank: int) -> None:
        if self.rank not in (None, rank):
            raise ValueError(f"Shape {self} must have rank {rank}")

    # a tuple has them, and a shape has not
    count = index = NoAttribute()
    __mul__ = __rmul__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return True  # that of no rank is False

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return as_shape(other).concatenate(self)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return TensorShape(tuple.__getitem__(self, key))
        return tuple.__getitem__(self, key)

    def __eq__(self, other: object) -> bool:
        try:
            shape = as_shape(other)
        except (TypeError, ValueError):
            return False
        return self.rank == shape.rank and tuple.__eq__(self, shape)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return tuple.__hash__(self)

    def __repr__(self) -> str:
        return f"TensorShape([{', '.join(str(size) for size in self)}])"

    def __str__(self) -> str:
        if len(self) == 1:
            return f"({self[0]},)"
        return f"({', '.join(str(size) for size in self)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return as_shape, (self.dims,)


class _UnknownShape(TensorShape):
    """The shape without a rank."""

    __slots__ = ()

    @property
    def rank(self) -> int | None:
        return None

    @property
    def dims(self) -> list[int | None] | None:
        return None

    @property
    def _dims(self) -> tuple[int | None, ...] | None:
        return None

    def is_fully_defined(self) -> bool:
        return False

    def as_list(self) -> list[int | None]:
        raise ValueError("as_list() is not defined on an unknown TensorShape.")

    def __len__(self) -> int:
        raise ValueError("Cannot take the length of shape with unknown rank.")

    def __iter__(self) -> Iterator[Any]:
        raise ValueError("Cannot iterate over a shape with unknown rank.")

    def __bool__(self) -> bool:
        return False

    def __getitem__(self, key: Any) -> Any:
        return TensorShape(None) if isinstance(key, slice) else None

    def __eq__(self, other: object) -> bool:
        return other is None or (isinstance(other, TensorShape) and other.rank is None)

    def __hash__(self) -> int:
        return hash(_UnknownShape)

    def __repr__(self) -> str:
        return "TensorShape(None)"

    def __str__(self) -> str:
        return "<unknown>"


_UnknownShape.__name__ = _UnknownShape.__qualname__ = "TensorShape"
_UnknownShape.__module__ = TensorShape.__module__


def as_shape(shape: Any) -> TensorShape:
    """`shape` as a TensorShape."""
    return shape if isinstance(shape, TensorShape) else TensorShape(shape)


def known(shape: tuple[int, ...]) -> TensorShape:
    """The TensorShape of an array's shape, without the checks."""
    return tuple.__new__(TensorShape, shape)
