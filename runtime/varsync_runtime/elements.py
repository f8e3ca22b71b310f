"""What variables hold, element by element, first and last: written to a file, and compared."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from varsync_runtime.events import Event, Kept


@dataclass(frozen=True)
class Elements:
    """Every `stride`-th element of a variable's copy, in C order."""

    stride: int
    array: np.ndarray


@dataclass(frozen=True)
class Apart:
    """How two copies differ: in how many elements, by how much at most, and relative to what is there.

    None where they are no numbers of one kind; `stride` as in `Elements`.
    """

    elements: int
    largest: float | None
    stride: int


Copies = Mapping[tuple[int, str, int], Elements]
"""By the number of the variable, "initial" or "final", and the replica."""


def npz(told: Sequence[Iterable[Event]]) -> bytes:
    """The file, in NumPy's format for several arrays: VARIABLE/WHEN/REPLICA/STRIDE are their names."""
    arrays = {
        f"{event.variable}/{event.when}/{replica}/{event.stride}": np.frombuffer(
            event.data, event.dtype
        )
        for replica, events in enumerate(told)
        for event in events
        if isinstance(event, Kept)
    }
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def read(file: str) -> dict[tuple[int, str, int], Elements]:
    """What such a file has."""
    copies = {}
    with np.load(file, allow_pickle=False) as arrays:
        for name in arrays.files:
            variable, when, replica, stride = name.split("/")
            copies[int(variable), when, int(replica)] = Elements(int(stride), arrays[name])
    return copies


def read_by_host(
    copies: Copies, variable: int, synchronization: str, aggregation: str
) -> Elements | None:
    """What the host reads of a variable at the end; None where TensorFlow would not let it."""
    own = [copies[key] for key in sorted(copies) if key[:2] == (variable, "final")]
    if not own:
        return None
    if synchronization != "ON_READ" or len(own) == 1 or aggregation == "ONLY_FIRST_REPLICA":
        return own[0]
    if aggregation == "NONE" or len({each.array.shape for each in own}) > 1:
        return None
    if own[0].array.dtype.kind not in "fiuc":
        return None
    total = np.sum([each.array for each in own], axis=0, dtype=own[0].array.dtype)
    if aggregation == "MEAN":
        total = (total / len(own)).astype(own[0].array.dtype)
    return Elements(own[0].stride, total)


def apart(one: Elements, other: Elements, tolerance: float) -> Apart:
    """In what two differ by more than `tolerance`, of 1 or of the larger of the two."""
    a, b = one.array, other.array
    if a.shape != b.shape:
        return Apart(max(a.size, b.size), None, one.stride)
    if a.dtype.kind not in "fiuc" or b.dtype.kind not in "fiuc":
        return Apart(int((a != b).sum()), None, one.stride)
    wide = np.complex128 if "c" in (a.dtype.kind, b.dtype.kind) else np.float64
    a, b = a.astype(wide), b.astype(wide)
    with np.errstate(invalid="ignore"):
        distance = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
        room = tolerance * np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
        differs = (distance != 0) & ~(np.isfinite(distance) & (distance <= room))
    return Apart(int(differs.sum()), float(distance.max(initial=0.0)), one.stride)


def moved(begun: Elements, one: Elements, other: Elements) -> float | None:
    """How many times as far the `other` is from where both began; None where that can't be told."""
    arrays = begun.array, one.array, other.array
    if len({array.shape for array in arrays}) > 1 or any(a.dtype.kind not in "fiu" for a in arrays):
        return None
    start: np.ndarray = begun.array.astype(np.float64)
    near = float(np.linalg.norm(one.array - start))
    return float(np.linalg.norm(other.array - start)) / near if near else None
