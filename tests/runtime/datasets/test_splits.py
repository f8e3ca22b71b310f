"""Splits and their parts are those of tensorflow_datasets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from varsync_runtime.datasets.splits import AbstractSplit, ReadInstruction, SplitDict, even_splits

from .record import CASES, SIZES

RECORDED: dict[str, Any] = json.loads(CASES.read_text(encoding="utf-8"))
LISTS = {
    "even": even_splits("train[1:]+test", 3),
    "dropping": even_splits("train", 4, drop_remainder=True),
}


def meant(split: Any) -> Any:
    try:
        parts = AbstractSplit.from_spec(split).parts(SIZES)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return [list(part) for part in parts]


@pytest.mark.parametrize("spec", RECORDED)
def test_a_split_means_what_it_means_there(spec: str) -> None:
    found = [meant(one) for one in LISTS[spec]] if spec in LISTS else meant(spec)
    assert found == RECORDED[spec]


def test_instructions_can_be_added_and_say_what_they_are() -> None:
    half = ReadInstruction("train", to=50, unit="%")
    assert repr(half + "test") == "ReadInstruction('train[:50%]', rounding='closest')+" + (
        "ReadInstruction('test')"
    )
    assert meant(half + "test") == [["train", 0, 514], ["test", 0, 256]]
    dropping = ReadInstruction("train", to=50, unit="%", rounding="pct1_dropremainder")
    assert meant(dropping) == [["train", 0, 500]]


def test_a_part_of_a_split_has_a_size() -> None:
    splits = SplitDict(SIZES)
    assert splits["train"].num_examples == 1027
    assert splits["train[:80%]"].num_examples == 822
    assert splits[even_splits("train", 2)[1]].num_examples == 513
    assert splits.total_num_examples == sum(SIZES.values())
    assert sorted(splits) == ["test", "train", "validation"]
