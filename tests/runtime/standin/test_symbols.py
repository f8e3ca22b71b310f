"""The symbols that programs use are modelled, counted or refused by name, as docs/symbols.md says."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest
from varsync_runtime import standin
from varsync_runtime.events import Counted, Ignored, read_frame, recorder

from tests.runtime.standin.symbols import GONE_FROM_KERAS, PAGE, Standing, listed, page, standing

SYMBOLS = listed()
STANDINGS = {symbol: standing(symbol) for symbol in SYMBOLS}
OF_KERAS = sorted(
    symbol for symbol, found in STANDINGS.items() if found is Standing.KERAS
) + sorted(GONE_FROM_KERAS)
REFUSED = [
    symbol
    for symbol, found in STANDINGS.items()
    if found is Standing.REFUSED and symbol not in GONE_FROM_KERAS
]
HAVE_KERAS = importlib.util.find_spec("keras") is not None


@pytest.fixture
def tf() -> Iterator[Any]:
    standin.install()
    try:
        yield importlib.import_module("tensorflow")
    finally:
        standin.uninstall()


def at(tf: Any, symbol: str) -> Any:
    return functools.reduce(getattr, symbol.split(".")[1:], tf)


def test_the_list_is_whole() -> None:
    assert len(SYMBOLS) == len(set(SYMBOLS)) == 402


def test_of_the_most_frequent_ones_at_least_220_are_modelled() -> None:
    found = [STANDINGS[symbol] for symbol in SYMBOLS[:250]]
    assert found.count(Standing.MODELLED) + found.count(Standing.KERAS) >= 220


def test_the_page_says_what_the_code_does() -> None:
    same = PAGE.read_text(encoding="utf-8") == page()
    assert same, "write it anew: python -m tests.runtime.standin.symbols"


@pytest.mark.parametrize("symbol", REFUSED)
def test_what_is_refused_is_refused_by_name(tf: Any, symbol: str) -> None:
    value = at(tf, symbol)
    with pytest.raises(standin.NotModelled) as caught:
        value()
    assert str(caught.value).startswith(f"varsync simulate does not model {symbol}")
    assert "test_symbols.py:" in str(caught.value)


@pytest.mark.skipif(not HAVE_KERAS, reason="Keras is not installed")
@pytest.mark.parametrize("symbol", OF_KERAS)
def test_keras_has_its_symbols(tf: Any, symbol: str) -> None:
    value = at(tf, symbol)
    if symbol in GONE_FROM_KERAS:
        with pytest.raises(ImportError, match="legacy"):
            value()
    else:
        assert "varsync" not in repr(value)


def test_what_is_ignored_is_counted(tf: Any) -> None:
    told: list[str] = []

    def send(frame: bytes) -> None:
        for event in read_frame(frame):
            if isinstance(event, Counted) and isinstance(event.event, Ignored):
                told.append(event.event.symbol)

    arguments = {
        "tf.config.experimental.enable_op_determinism": (),
        "tf.summary.scalar": ("loss", 1.0),
        "tf.test.is_built_with_cuda": (),
    }
    recorder.start(send)
    try:
        for symbol, given in arguments.items():
            assert STANDINGS[symbol] is Standing.IGNORED
            at(tf, symbol)(*given)
        recorder.flush()
    finally:
        recorder.start(None)
    assert told == list(arguments)
    # it is counted where it is entered
    assert STANDINGS["tf.device"] is Standing.IGNORED
