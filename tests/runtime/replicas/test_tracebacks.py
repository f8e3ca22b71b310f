"""Which frames of a traceback belong to the script."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from varsync_runtime.ops import creation
from varsync_runtime.replicas import tracebacks

HUGE = [1 << 24, 1 << 22]


def files(function: Callable[[], object]) -> list[bool]:
    """Of the traceback of a function that raises: whether each frame is of this file."""
    with pytest.raises(MemoryError) as caught:
        function()
    return [one.filename == __file__ for one in tracebacks.lines(caught.value.__traceback__)]


def test_frames_of_what_we_compute_with_are_ours() -> None:
    assert files(lambda: creation.zeros(HUGE)) == [True] * 2


def test_frames_of_what_the_script_computes_with_are_not() -> None:
    assert files(lambda: np.full(HUGE, 1.5)) == [True, True, False]
