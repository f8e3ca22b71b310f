"""Elements of variables: what the host reads of them, and where two runs differ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from varsync_runtime.elements import Apart, Elements, apart, moved, npz, read, read_by_host
from varsync_runtime.events import Kept


def elements(*values: float | str, dtype: str | None = "float32", stride: int = 1) -> Elements:
    return Elements(stride, np.array(values, dtype))


def test_a_file_has_what_was_told(tmp_path: Path) -> None:
    data = np.arange(3, dtype="<f4").tobytes()
    own = [
        Kept(7, "final", "<f4", 1, data),
        Kept(8, "initial", "<U2", 5, np.array(["ab", "c"]).tobytes()),
    ]
    (tmp_path / "values.npz").write_bytes(npz([own, [Kept(7, "final", "<f4", 1, data)]]))
    copies = read(str(tmp_path / "values.npz"))
    assert list(copies) == [(7, "final", 0), (8, "initial", 0), (7, "final", 1)]
    assert copies[7, "final", 1].array.tolist() == [0.0, 1.0, 2.0]
    text = copies[8, "initial", 0]
    assert (text.stride, text.array.tolist()) == (5, ["ab", "c"])


@pytest.mark.parametrize(
    ("synchronization", "aggregation", "value"),
    [
        ("ON_WRITE", "SUM", [1.0, 2.0]),
        ("ON_READ", "SUM", [4.0, 6.0]),
        ("ON_READ", "MEAN", [2.0, 3.0]),
        ("ON_READ", "ONLY_FIRST_REPLICA", [1.0, 2.0]),
        ("ON_READ", "NONE", None),
    ],
)
def test_what_the_host_reads(
    synchronization: str, aggregation: str, value: list[float] | None
) -> None:
    copies = {
        (0, "initial", 0): elements(0, 0),
        (0, "final", 0): elements(1, 2),
        (0, "final", 1): elements(3, 4),
        (1, "final", 0): elements(9),
    }
    found = read_by_host(copies, 0, synchronization, aggregation)
    assert (found and found.array.tolist()) == value


def test_each_element_is_compared() -> None:
    one = elements(*range(1000))
    swapped = Elements(1, one.array[::-1].copy())  # of the same norm
    assert apart(one, swapped, 1e-5) == Apart(1000, 999.0, 1)
    assert apart(one, Elements(1, one.array * np.float32(1 + 1e-6)), 1e-5).elements == 0
    assert apart(elements(float("nan"), float("inf")), elements(float("nan"), float("inf")), 0) == (
        Apart(0, 0.0, 1)
    )
    for odd in ("nan", "inf"):
        assert apart(elements(float(odd)), elements(1.0), 1e-5).elements == 1
    assert apart(elements("a", "b", dtype=None), elements("a", "c", dtype=None), 0) == (
        Apart(1, None, 1)
    )
    assert apart(elements(1.0), elements(1.0, 2.0), 0) == Apart(2, None, 1)


def test_how_far_a_variable_went() -> None:
    assert moved(elements(1, 1), elements(1, 3), elements(1, 9)) == 4
    assert moved(elements(1, 1), elements(1, 1), elements(1, 9)) is None
    assert moved(elements(1), elements(2), elements(2, 3)) is None
