"""Splits of a dataset and their parts, as tensorflow_datasets writes them: `train[:80%]+test`."""

from __future__ import annotations

import functools
import operator
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from varsync_runtime.tensors.errors import NotModelled

GUIDE = "https://www.tensorflow.org/datasets/splits"
_PART = re.compile(r"^(?P<split>[\w-]+)(\[(?P<selector>[\d\w%:.-]+)\])?$")
_LIMIT = re.compile(r"^((?P<value>-?[\d_.]+)(?P<unit>(?:%|shard))?)?$")


class Part(NamedTuple):
    """The examples of a split from `first` on, up to but without `end`."""

    split: str
    first: int
    end: int


class Split(str):
    """tensorflow_datasets/core/splits.py, `Split`: the usual names of splits."""

    TRAIN: Split
    TEST: Split
    VALIDATION: Split
    ALL: Split

    def __repr__(self) -> str:
        return f"{type(self).__name__}({super().__repr__()})"


for _name in ("train", "test", "validation", "all"):
    setattr(Split, _name.upper(), Split(_name))


class AbstractSplit:
    """tensorflow_datasets/core/splits.py, `AbstractSplit`."""

    @classmethod
    def from_spec(cls, spec: str | AbstractSplit) -> AbstractSplit:
        """What a text such as `train[:80%]+test` means."""
        if isinstance(spec, AbstractSplit):
            return spec
        text = str(spec)
        try:
            parts = [_read(part) for part in re.split(r"\s*\+\s*", text)]
        except (ValueError, NotImplementedError) as error:
            kind = type(error)
            raise kind(f"Error parsing split {text!r}. See format at: {GUIDE}\n{error}") from None
        return functools.reduce(operator.add, parts)

    @abstractmethod
    def parts(self, sizes: Mapping[str, int]) -> list[Part]:
        """The parts of splits, which have these numbers of examples."""

    def __add__(self, other: Any) -> AbstractSplit:
        if not isinstance(other, (str, AbstractSplit)):
            raise TypeError(f"Adding split {self!r} with non-split value: {other!r}")
        return _Sum(self, AbstractSplit.from_spec(other))


@dataclass(frozen=True)
class _Sum(AbstractSplit):
    left: AbstractSplit
    right: AbstractSplit

    def __repr__(self) -> str:
        return f"{self.left!r}+{self.right!r}"

    def parts(self, sizes: Mapping[str, int]) -> list[Part]:
        return self.left.parts(sizes) + self.right.parts(sizes)


class _All(AbstractSplit):
    def parts(self, sizes: Mapping[str, int]) -> list[Part]:
        return [Part(split, 0, size) for split, size in sizes.items()]


@dataclass(frozen=True)
class ReadInstruction(AbstractSplit):
    """tensorflow_datasets/core/splits.py, `ReadInstruction`: a split, or a part of it."""

    split_name: str
    from_: int | float | None = None
    to: int | float | None = None
    unit: str = "abs"
    rounding: str = "closest"

    def __post_init__(self) -> None:
        units, roundings = ["%", "abs", "shard"], ["closest", "pct1_dropremainder"]
        if self.unit not in units:
            raise ValueError(f"Unit should be one of {units}. Got {self.unit!r}")
        if self.rounding not in roundings:
            raise ValueError(f"Rounding should be one of {roundings}. Got: {self.rounding!r}")
        if self.unit == "%" and max(abs(self.from_ or 0), abs(self.to or 0)) > 100:
            raise ValueError(
                f"When unit=%, percent slice boundaries should be in [-100, 100]. Got: {self}"
            )

    def __repr__(self) -> str:
        unit = "" if self.unit == "abs" else self.unit
        first, end = ("" if at is None else f"{at:g}{unit}" for at in (self.from_, self.to))
        part = "" if self.from_ is None and self.to is None else f"[{first}:{end}]"
        rounding = f", rounding={self.rounding!r}" if self.unit == "%" else ""
        return f"ReadInstruction('{self.split_name}{part}'{rounding})"

    def parts(self, sizes: Mapping[str, int]) -> list[Part]:
        if self.split_name not in sizes:
            raise ValueError(f"Unknown split {self.split_name!r}. Should be one of {list(sizes)}.")
        if self.unit == "shard":
            raise NotModelled("parts of a made-up dataset by its files (shards)")
        size = sizes[self.split_name]
        first = 0 if self.from_ is None else self._at(self.from_, size)
        end = size if self.to is None else self._at(self.to, size)
        if max(abs(first), abs(end)) > size:
            raise ValueError(
                f"Requested slice [{first or ''}:{end or ''}] incompatible with {size} examples."
            )
        return [Part(self.split_name, _from_end(first, size), _from_end(end, size))]

    def _at(self, limit: float, size: int) -> int:
        if self.unit == "abs":
            return int(limit)
        if self.rounding == "closest":
            return round(limit * size / 100)
        if size < 100:
            raise ValueError(
                'Using "pct1_dropremainder" rounding on a split with less than 100 elements is '
                "forbidden: it always results in an empty dataset."
            )
        return int(limit * (size // 100))


def _from_end(at: int, size: int) -> int:
    return at + size if at < 0 else at


def _read(text: str) -> AbstractSplit:
    """A split, or a part of one, in brackets."""
    wrong = ValueError(f"Unrecognized split format: {text!r}. See format at {GUIDE}")
    found = _PART.match(text)
    if found is None:
        raise wrong
    split, selector = found["split"], found["selector"]
    if split == "all":
        if selector:
            raise NotImplementedError(
                f"{split!r} does not support slice. Please open a github issue if you need this "
                "feature."
            )
        return _All()
    if selector is None:
        return ReadInstruction(split)
    limits = [_LIMIT.match(limit) for limit in selector.split(":")]
    if not any(limit and limit[0] for limit in limits):
        raise wrong
    both = [limit for limit in limits if limit is not None]
    if len(both) != len(limits) or len(both) > 2:
        raise wrong
    unit = next((limit["unit"] for limit in both if limit["unit"]), "abs")
    if len(both) == 1 and unit != "shard":
        raise ValueError("Absolute or percent only support slice syntax.")
    kind = float if unit == "%" else int
    first, *rest = (None if limit["value"] is None else kind(limit["value"]) for limit in both)
    end = rest[0] if rest else int(first or 0) + 1
    return ReadInstruction(split, first, end, unit)


@dataclass(frozen=True)
class _Even(AbstractSplit):
    split: Any
    index: int
    count: int
    drop_remainder: bool

    def parts(self, sizes: Mapping[str, int]) -> list[Part]:
        return [self._share(part) for part in AbstractSplit.from_spec(self.split).parts(sizes)]

    def _share(self, part: Part) -> Part:
        each, left = divmod(part.end - part.first, self.count)
        left = 0 if self.drop_remainder else left
        first, end = (
            part.first + each * index + min(index, left) for index in (self.index, self.index + 1)
        )
        return Part(part.split, first, end)


def even_splits(split: Any, n: int, *, drop_remainder: bool = False) -> list[AbstractSplit]:
    """tensorflow_datasets/core/subsplits_utils.py: parts of the same size, without overlap."""
    return [_Even(split, index, n, drop_remainder) for index in range(n)]


class SplitInfo:
    """How many examples a split, or a part of one, has."""

    def __init__(self, name: Any, num_examples: int) -> None:
        self.name = name
        self.num_examples = num_examples

    def __repr__(self) -> str:
        return f"<SplitInfo num_examples={self.num_examples or 'unknown'}, made up>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotModelled(f"tfds.core.SplitInfo.{name} of a made-up dataset")


class SplitDict(dict[str, SplitInfo]):
    """The splits of a dataset; a part of them is found, too."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        super().__init__({name: SplitInfo(name, size) for name, size in sizes.items()})
        self._sizes = dict(sizes)

    def __getitem__(self, key: Any) -> SplitInfo:
        if isinstance(key, str) and key in self._sizes:
            return super().__getitem__(str(key))
        return SplitInfo(key, sum(part.end - part.first for part in self.parts(key)))

    @property
    def total_num_examples(self) -> int:
        """The examples of all splits."""
        return sum(self._sizes.values())

    def parts(self, split: Any) -> Iterator[Part]:
        """The parts that a split, or a text, means."""
        return iter(AbstractSplit.from_spec(split).parts(self._sizes))
