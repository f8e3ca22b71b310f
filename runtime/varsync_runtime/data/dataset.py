"""`tf.data.Dataset`: a spec, a way to make the rows again and again, and a cardinality.

The transformations are functions in the modules beside this one, which `method` makes methods.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from varsync_runtime.data.iterations import begin
from varsync_runtime.data.options import Options
from varsync_runtime.data.rations import rationed
from varsync_runtime.data.rows import Row, pack
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.exports import export, provide
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.spec import TypeSpec
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor
from varsync_runtime.tensors.types import CompositeTensor

INFINITE = -1
UNKNOWN = -2
AUTOTUNE = -1

provide("tf.data.AUTOTUNE", AUTOTUNE)
provide("tf.data.experimental.AUTOTUNE", AUTOTUNE)
provide("tf.data.INFINITE_CARDINALITY", INFINITE)
provide("tf.data.UNKNOWN_CARDINALITY", UNKNOWN)
provide("tf.data.experimental.INFINITE_CARDINALITY", INFINITE)
provide("tf.data.experimental.UNKNOWN_CARDINALITY", UNKNOWN)


@export("tf.data.Dataset", "tf.compat.v2.data.Dataset")
class DatasetV2(CompositeTensor):
    """tensorflow/python/data/ops/dataset_ops.py, `DatasetV2`.

    `rows` makes an iterator over the rows; `inputs` are the datasets that this one is made of.
    """

    __module__ = "tensorflow.python.data.ops.dataset_ops"
    _reads_files = False
    """Whether the elements come from files, so that workers would share the files out."""
    _is_distributed = False
    """Whether a strategy that leaves datasets as they are was to distribute it."""

    def __init__(
        self,
        spec: Any,
        rows: Callable[[], Iterator[Row]],
        cardinality: int = UNKNOWN,
        inputs: tuple[DatasetV2, ...] = (),
    ) -> None:
        state.begun = True
        self._spec = spec
        self._make_rows = rows
        self._cardinality = cardinality
        self._inputs = inputs
        self._own_options: Options | None = None
        self._start: Callable[[], None] = self._start_inputs
        """Makes an iterator and gives it up: what draws seeds for its iterators has drawn some."""
        self._reads_files = self._reads_files or any(one._reads_files for one in inputs)
        # of a dataset of batches
        self._batch_size: int | None = None

    @property
    def element_spec(self) -> Any:
        """The structure of the elements."""
        return self._spec

    def _rows(self) -> Iterator[Row]:
        """The rows, from the first one."""
        return self._make_rows()

    def _start_inputs(self) -> None:
        for one in self._inputs:
            one._start()

    def _begin(self) -> Iterator[Row]:
        """The rows, for an iterator of the user's."""
        rows = begin(self._rows, self._start)
        return rationed(rows) if self._is_distributed else rows

    def _elements(self) -> Iterator[Any]:
        """The elements, for an iterator of the user's."""
        # it begins here, and not with the first element
        return (pack(self._spec, row) for row in self._begin())

    def _size(self) -> int:
        """How many elements there are; `INFINITE` and `UNKNOWN` are numbers below zero."""
        return self._cardinality

    def cardinality(self) -> Tensor:
        """How many elements there are, as an int64 tensor."""
        return convert(np.int64(self._cardinality))

    def __len__(self) -> int:
        if self._cardinality == INFINITE:
            raise TypeError("The dataset is infinite.")
        if self._cardinality == UNKNOWN:
            raise TypeError("The dataset length is unknown.")
        return self._cardinality

    def __bool__(self) -> bool:
        return True

    __nonzero__ = __bool__

    def __iter__(self) -> Any:
        from varsync_runtime.data.iterators import iterate

        return iterate(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} element_spec={self._spec}>"

    __str__ = __repr__

    def __debug_string__(self) -> str:
        return type(self).__name__

    def options(self) -> Options:
        """The options of this dataset and of those that it is made of."""
        found = Options()
        for one in self._inputs:
            found = found.merge(one.options())
        return found.merge(self._own_options) if self._own_options is not None else found

    def with_options(self, options: Options, name: str | None = None) -> DatasetV2:
        """The same elements, with options."""
        del name
        made = derived("_OptionsDataset", self, self._spec, self._rows, self._cardinality)
        made._own_options = options
        return made

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements as NumPy has them."""
        for leaf in nest.flatten(self._spec):
            if not isinstance(leaf, TypeSpec):
                raise TypeError(
                    f"`tf.data.Dataset.as_numpy_iterator()` is not supported for datasets that "
                    f"produce values of type {type(leaf)}."
                )
        return map(_to_numpy, self._elements())

    def apply(self, transformation_func: Callable[[DatasetV2], Any]) -> Any:
        """What a function makes of this dataset."""
        dataset = transformation_func(self)
        if not isinstance(dataset, DatasetV2):
            raise TypeError(
                f"`transformation_func` must return a `tf.data.Dataset` object. Got {type(dataset)}."
            )
        return dataset

    def get_single_element(self, name: str | None = None) -> Any:
        """The one element that there is."""
        del name
        found = []
        for element in self._elements():
            found.append(element)
            if len(found) > 1:
                raise InvalidArgumentError(None, None, "Dataset had more than one element.")
        if not found:
            raise InvalidArgumentError(None, None, "Dataset was empty.")
        return found[0]

    # a dataset may be an argument of a tf.function and a result
    _passes_functions = True

    def _trace_key(self) -> Any:
        return DatasetV2, repr(self._spec)

    def _dataset_spec(self) -> DatasetSpec:
        return DatasetSpec(self._spec)

    if TYPE_CHECKING:
        # what `method` makes methods
        def __getattr__(self, name: str) -> Any: ...

    def __reduce__(self) -> Any:
        raise TypeError("a tf.data.Dataset cannot be pickled")


def _to_numpy(element: Any) -> Any:
    return nest.map_structure(lambda leaf: leaf._numpy(), element)


@export("tf.data.DatasetSpec")
class DatasetSpec(TypeSpec):
    """The spec of a dataset that is an element itself."""

    __module__ = "tensorflow.python.data.ops.dataset_ops"

    def __init__(self, element_spec: Any, dataset_shape: Any = ()) -> None:
        self._element_spec = element_spec
        self._dataset_shape = TensorShape(dataset_shape)

    @property
    def element_spec(self) -> Any:
        return self._element_spec

    @property
    def shape(self) -> TensorShape:
        return self._dataset_shape

    def __repr__(self) -> str:
        return f"DatasetSpec({self._element_spec!r}, {self._dataset_shape!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatasetSpec) and self._element_spec == other._element_spec

    def __hash__(self) -> int:
        return hash(DatasetSpec)


_kinds: dict[str, type[DatasetV2]] = {}


def kind(name: str) -> type[DatasetV2]:
    """TensorFlow's class for a kind of dataset."""
    if name not in _kinds:
        stem = re.sub("(?<=[a-z])(?=[A-Z])", "_", name.strip("_").removesuffix("Dataset")).lower()
        body = {"__module__": f"tensorflow.python.data.ops.{stem}_op"}
        _kinds[name] = type(name, (DatasetV2,), body)
    return _kinds[name]


def derived(
    name: str,
    source: DatasetV2,
    spec: Any,
    rows: Callable[[], Iterator[Row]],
    cardinality: int = UNKNOWN,
) -> DatasetV2:
    """A dataset that is made of another one."""
    return kind(name)(spec, rows, cardinality, (source,))


F = TypeVar("F", bound=Callable[..., Any])


def method(function: F) -> F:
    """Makes a function of a dataset a method of datasets."""
    setattr(DatasetV2, function.__name__.rstrip("_"), function)
    return function


def static(function: F) -> F:
    """Makes a function a static method of `tf.data.Dataset`."""
    setattr(DatasetV2, function.__name__.rstrip("_"), staticmethod(function))
    return function


def integer(value: Any) -> int:
    """A number that may be given as a tensor."""
    return value if isinstance(value, int) else int(convert(value)._array)
