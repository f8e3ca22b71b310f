"""Made-up pictures, texts and numbers: the same in every run, and a model can learn from them.

Each name has a source of random numbers of its own, so the script's are left alone.
"""

from __future__ import annotations

import zlib

import numpy as np

# Noise is cut out of one piece at different places, which is quicker than to make it
PIECE = 1 << 20
# A pattern is a grid of so many fields in both directions
GRID = 4
# Pictures that are made at a time, so that what is needed on the way stays small
BLOCK = 4096
SHORTEST_TEXT = 11
# Which part of a text's words only texts of its label have
TELLING = 0.25
TELLING_WORDS = 50


def source(*names: str) -> np.random.RandomState:
    """The random numbers of what has this name."""
    return np.random.RandomState(zlib.crc32("/".join(names).encode()))


def labels(dataset: str, split: str, count: int, classes: int) -> np.ndarray:
    """Labels from 0 on, int64."""
    numbers: np.ndarray = source(dataset, split, "labels").randint(classes, size=count)
    return numbers


class Pictures:
    """The pictures of a dataset with so many labels and channels: a pattern and noise."""

    def __init__(self, dataset: str, classes: int, channels: int) -> None:
        self._dataset = dataset
        shape = (classes, GRID, GRID, channels)
        self._patterns = source(dataset, "patterns").randint(128, size=shape).astype(np.uint8)
        self._noise = np.frombuffer(source(dataset, "noise").bytes(PIECE), np.uint8) >> 1

    def one(self, label: int, height: int, width: int, start: int) -> np.ndarray:
        """A picture of any size, with the noise from `start` on."""
        pattern: np.ndarray = _enlarged(self._patterns[label : label + 1], height, width)[0]
        first = start % (PIECE - pattern.size)
        pattern += self._noise[first : first + pattern.size].reshape(pattern.shape)
        return pattern

    def all(self, split: str, labels: np.ndarray, height: int, width: int) -> np.ndarray:
        """The pictures of these labels, uint8, all of one size."""
        patterns = _enlarged(self._patterns, height, width)
        flat = patterns.reshape(len(patterns), -1)
        noises = np.lib.stride_tricks.sliding_window_view(self._noise, flat.shape[1])
        starts = source(self._dataset, split, "noise").randint(len(noises), size=len(labels))
        made: np.ndarray = np.empty((len(labels), flat.shape[1]), np.uint8)
        for first in range(0, len(labels), BLOCK):
            part = slice(first, first + BLOCK)
            np.add(flat[labels[part]], noises[starts[part]], out=made[part])
        return made.reshape(len(labels), *patterns.shape[1:])


def _enlarged(patterns: np.ndarray, height: int, width: int) -> np.ndarray:
    rows: np.ndarray = np.arange(height) * GRID // height
    columns: np.ndarray = np.arange(width) * GRID // width
    return patterns[:, rows][:, :, columns]


def texts(
    dataset: str, split: str, labels: np.ndarray, vocabulary: int, length: int
) -> list[list[int]]:
    """Lists of words' numbers from 1 to `vocabulary`, of about so many words on average.

    Small numbers are frequent, as ranks of words are. Some words tell the label.
    """
    numbers = source(dataset, split, "texts")
    lengths = SHORTEST_TEXT + numbers.exponential(length - SHORTEST_TEXT, len(labels)).astype(int)
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    words = np.exp(numbers.random_sample(total) * np.log(vocabulary)).astype(np.int64)
    telling = numbers.random_sample(total) < TELLING
    first = 1 + TELLING_WORDS * np.repeat(labels, lengths)[telling]
    words[telling] = np.minimum(first + words[telling] % TELLING_WORDS, vocabulary)
    flat = words.tolist()
    return [flat[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def table(
    dataset: str, count: int, low: list[float], high: list[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of numbers within these limits, and for each row a sum of them between 0 and 1."""
    numbers = source(dataset, "table")
    shares = numbers.random_sample((count, len(low)))
    weights = numbers.dirichlet(np.ones(len(low)))
    rows = np.array(low) + shares * (np.array(high) - np.array(low))
    return rows, np.clip(shares @ weights + numbers.normal(0, 0.02, count), 0, 1)
