"""What holds for the tests of the runtime."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from varsync_runtime.ops.random.seeds import seeds


@pytest.fixture(autouse=True)
def no_seed_is_left() -> Iterator[None]:
    """What a test seeds in this process must not decide what the next one draws."""
    yield
    if seeds.seed is not None:
        seeds.set(None)
