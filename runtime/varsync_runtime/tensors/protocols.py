"""What an object must have so that ops and tapes take it for a variable."""

from __future__ import annotations

from itertools import count
from typing import Any, Protocol, runtime_checkable

import numpy as np

from varsync_runtime.tensors.dtypes import DType
from varsync_runtime.tensors.trackable import Trackable
from varsync_runtime.tensors.types import TensorLike

_numbers = count()


class VariableLike(Trackable, TensorLike):
    """The base of what is read as a variable by ops and watched by tapes.

    A subclass offers `dtype`, `trainable` and these three; `distribute` implements them.
    """

    dtype: Any
    shape: Any
    trainable: bool

    _order: int
    """Counts the variables in the order in which they were made."""

    _stands_for: Any = None
    """The variable of a SavedModel that this object is, while a function of that model runs."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__new__(cls)
        made._order = next(_numbers)
        return made

    def _array_now(self) -> np.ndarray:
        """The value here and now; never written in place afterwards."""
        raise NotImplementedError

    def _read(self) -> Any:
        """The tensor that an op sees; usually `variables.read(self)`, which the tapes record."""
        raise NotImplementedError

    def _spoken(self) -> Any:
        """What messages call this variable; one of its copies, when distributed."""
        return self

    def _number(self) -> int | None:
        """What events call this variable; one of its copies, as the distributed one."""
        return None

    def _tape_key(self) -> Any:
        """The object that stands for this variable on tapes; a copy's own, when distributed."""
        return self if self._stands_for is None else self._stands_for

    def _tape_variable(self) -> Any:
        """What `GradientTape.watched_variables()` lists."""
        return self if self._stands_for is None else self._stands_for


@runtime_checkable
class Convertible(Protocol):
    """An object that says itself which tensor it is, or raises why it is none."""

    def __tf_tensor__(self, dtype: DType | None = None, name: str | None = None) -> Any: ...
