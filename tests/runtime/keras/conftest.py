"""Keras needs a newer Python than varsync does."""

from __future__ import annotations

import importlib.util

import pytest


@pytest.fixture(autouse=True)
def keras_is_installed() -> None:
    if importlib.util.find_spec("keras") is None:
        pytest.skip("Keras is not installed")
