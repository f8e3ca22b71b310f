"""`Dataset.shuffle` in TensorFlow's order, as far as there is a seed.

tensorflow/core/kernels/data/shuffle_dataset_op.cc: a ring of elements, of which Philox picks one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from varsync_runtime.data.dataset import DatasetV2, derived, integer, method
from varsync_runtime.data.iterations import draw_ahead, drawn
from varsync_runtime.data.rows import Row
from varsync_runtime.data.sources import dataset_seeds
from varsync_runtime.ops.random.philox import Philox, Singles
from varsync_runtime.tensors.errors import InvalidArgumentError


class Shuffled:
    """The rows of a dataset in a random order, another one at each iteration if asked."""

    def __init__(
        self, source: DatasetV2, size: int, seeds: tuple[int, int], reshuffle: bool
    ) -> None:
        self._source = source
        self._size = size
        self._seeds = seeds
        self._reshuffle = reshuffle
        self._iterations = Singles(Philox(*seeds))

    def rows(self) -> Iterator[Row]:
        """The rows of the next iteration."""
        return self._picked(Singles(Philox(*drawn(self, self._next_seeds))))

    def _next_seeds(self) -> tuple[int, int]:
        if self._reshuffle:
            return self._iterations.next(), self._iterations.next()
        return self._seeds

    def start(self) -> None:
        """Makes an iterator; it makes one of its source when it is used."""
        draw_ahead(self, self._next_seeds)

    def _picked(self, numbers: Singles) -> Iterator[Row]:
        # a buffer for everything holds no more than there is
        size = self._source._size() if self._size < 0 else self._size
        rows = self._source._rows()
        ring: dict[int, Row] = {}
        start = end = 0
        more = True
        while True:
            while more and end - start < size:
                row = next(rows, None)
                more = row is not None
                if row is not None:
                    ring[end % size] = row
                    end += 1
            if start == end:
                return
            chosen = (start + numbers.next() % (end - start)) % size
            row = ring[chosen]
            ring[chosen] = ring[start % size]
            start += 1
            yield row


@method
def shuffle(
    self: DatasetV2,
    buffer_size: Any,
    seed: Any = None,
    reshuffle_each_iteration: bool | None = None,
    name: str | None = None,
) -> DatasetV2:
    """tensorflow/python/data/ops/shuffle_op.py."""
    del name
    size = integer(buffer_size)
    if size < 1 and size != -2:
        raise InvalidArgumentError(
            None, None, "buffer_size must be greater than zero or UNKNOWN_CARDINALITY"
        )
    seeds = dataset_seeds(seed, "tf.data.Dataset.shuffle")
    reshuffle = reshuffle_each_iteration is None or bool(reshuffle_each_iteration)
    shuffled = Shuffled(self, size, seeds, reshuffle)
    made = derived("_ShuffleDataset", self, self.element_spec, shuffled.rows, self._size())
    made._start = shuffled.start
    return made
