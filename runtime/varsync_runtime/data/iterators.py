"""`iter(dataset)`, and `tf.experimental.Optional`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from varsync_runtime import events
from varsync_runtime.data.dataset import DatasetV2
from varsync_runtime.data.returnable import Returnable
from varsync_runtime.data.rows import pack, spec_of
from varsync_runtime.function import control, graphs
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import blank
from varsync_runtime.tensors.errors import InvalidArgumentError, OutOfRangeError
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.spec import TensorSpec
from varsync_runtime.tensors.tensor import make
from varsync_runtime.tensors.types import CompositeTensor

END = "End of sequence"


@export("tf.data.Iterator")
class IteratorBase(CompositeTensor):
    """The base of the iterators."""

    __module__ = "tensorflow.python.data.ops.iterator_ops"


class OwnedIterator(IteratorBase):
    """tensorflow/python/data/ops/iterator_ops.py, `OwnedIterator`."""

    __module__ = "tensorflow.python.data.ops.iterator_ops"

    _passes_functions = True

    def __init__(self, dataset: DatasetV2) -> None:
        self._rows = Returnable(dataset._begin())
        self._spec = dataset.element_spec

    @property
    def element_spec(self) -> Any:
        return self._spec

    def __iter__(self) -> OwnedIterator:
        return self

    def __next__(self) -> Any:
        row = next(self._rows, None)
        if row is None:
            if graphs.current() is not None:
                raise ended()
            raise events.budget().ending(StopIteration())
        return pack(self._spec, row)

    def _trace_key(self) -> Any:
        return OwnedIterator, repr(self._spec)

    def next(self) -> Any:
        """The next element."""
        return self.__next__()

    def get_next(self) -> Any:
        """The next element; OutOfRangeError at the end."""
        try:
            return self.__next__()
        except StopIteration:
            raise ended() from None

    def get_next_as_optional(self) -> Optional:
        """The next element, if there is one."""
        row = next(self._rows, None)
        return Optional(self._spec, None if row is None else pack(self._spec, row))


def ended() -> OutOfRangeError:
    """What `get_next` raises at the end."""
    return events.budget().ending(OutOfRangeError(None, None, _words()))


def _words() -> str:
    if graphs.current() is not None:
        return f"Graph execution error:\n\n{END}\n\t [[{{{{node IteratorGetNext}}}}]]"
    where = "__wrapped__IteratorGetNext_output_types_1_device_"
    device = "/job:localhost/replica:0/task:0/device:CPU:0"
    return f"{{{{function_node {where}{device}}}}} {END} [Op:IteratorGetNext] name: "


def iterate(dataset: DatasetV2) -> Iterator[Any]:
    """`iter(dataset)`: a loop of the graph in compiled code."""
    if graphs.current() is None:
        return OwnedIterator(dataset)
    return control.loop(dataset._elements(), nest.map_structure(placeholder, dataset.element_spec))


def placeholder(spec: Any) -> Any:
    """Something of a spec, where code is run dry."""
    if not isinstance(spec, TensorSpec):
        return spec
    sizes = [] if spec.shape.rank is None else [one or 1 for one in spec.shape]
    return make(blank(sizes, spec.dtype), spec.dtype)


@export("tf.experimental.Optional", "tf.data.experimental.Optional")
class Optional(CompositeTensor):
    """tensorflow/python/data/ops/optional_ops.py, `Optional`: an element, or none."""

    __module__ = "tensorflow.python.data.ops.optional_ops"

    def __init__(self, spec: Any, value: Any) -> None:
        self._element_spec = spec
        self._value = value

    @staticmethod
    def empty(element_spec: Any) -> Optional:
        """No element."""
        return Optional(element_spec, None)

    @staticmethod
    def from_value(value: Any) -> Optional:
        """An element."""
        return Optional(None, nest.map_structure(_tensor_or_composite, value))

    def _nest_components(self) -> list[Any]:
        """The tensors of the element, if there is one."""
        return [] if self._value is None else nest.flatten(self._value, True)

    def _nest_rebuilt(self, parts: list[Any]) -> Optional:
        if self._value is None:
            return self
        value = nest.pack_sequence_as(self._value, parts, expand_composites=True)
        return Optional(self._element_spec, value)

    @property
    def element_spec(self) -> Any:
        """The element's spec; of a PerReplica it takes a meeting, so it is made when it is asked."""
        if self._element_spec is None and self._value is not None:
            self._element_spec = spec_of(self._value)
        return self._element_spec

    def has_value(self, name: str | None = None) -> Any:
        """Whether there is an element, as a tensor."""
        del name
        return convert(self._value is not None)

    def get_value(self, name: str | None = None) -> Any:
        """The element."""
        del name
        if self._value is None:
            where = "__wrapped__OptionalGetValue_output_types_1_device_"
            raise InvalidArgumentError(
                None,
                None,
                f"{{{{function_node {where}/job:localhost/replica:0/task:0/device:CPU:0}}}} The "
                "given optional does not have a value. [Op:OptionalGetValue] name: ",
            )
        return self._value


def _tensor_or_composite(leaf: Any) -> Any:
    return leaf if hasattr(type(leaf), "_nest_components") else convert(leaf)


def static_shape(spec: Any) -> bool:
    """Whether all shapes of a spec are known."""
    return all(
        isinstance(one, TensorSpec) and TensorShape(one.shape).is_fully_defined()
        for one in nest.flatten(spec)
    )
