"""Exceptions that go from one replica to the others."""

from __future__ import annotations

import threading

import pytest
from varsync_runtime.distribute.failures import Failure


class WithCode(Exception):
    """As people write them: pickle makes it with the message alone, which is too little."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class WithLock(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message, threading.Lock())
        self.lock = threading.Lock()
        self.retry = True


def arrived(error: BaseException) -> BaseException:
    return Failure.of(error).exception()


def test_an_exception_that_pickle_cannot_make_again() -> None:
    with pytest.raises(WithCode, match="bad") as caught:
        raise arrived(WithCode("bad", code=3))
    assert caught.value.code == 3


def test_an_exception_that_holds_what_cannot_be_sent() -> None:
    error = arrived(WithLock("bad"))
    assert type(error) is WithLock
    assert error.args[0] == "bad" and "lock" in error.args[1]
    assert vars(error) == {"retry": True}


def test_an_exception_whose_class_the_others_do_not_have() -> None:
    class Local(Exception):
        pass

    kind = type(arrived(Local("bad")))
    assert (kind.__module__, kind.__name__) == (__name__, Local.__qualname__)
