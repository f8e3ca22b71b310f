"""What TensorFlow's distribution code raises, told once, in its words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from varsync_runtime import events
from varsync_runtime.diagnosis.rejections import code_of
from varsync_runtime.engines.tensorflow import hangs, numbering, places, positions, telling
from varsync_runtime.engines.tensorflow.wrapping import is_heard
from varsync_runtime.events import Site

TOLD = "_varsync_told"


@contextmanager
def told(variable: Any, operation: str, always: bool = False) -> Iterator[None]:
    """An exception that leaves this is TensorFlow's answer to an operation on a variable.

    It is if a rule knows the words, or if it is an assertion of TensorFlow's. `always`:
    also if this is done for something that is told as a whole.
    """
    try:
        with hangs.exchanging(operation, variable):
            yield
    except Exception as error:
        if always or is_heard():
            tell(error, variable, operation, places.here())
        raise


def tell(error: Exception, variable: Any, operation: str, site: Site | None) -> None:
    """Tells of an exception, once; at the line that calls what is compiled if the site is None."""
    if getattr(error, TOLD, False):
        return
    event = _event(error, variable, operation, site or places.now())
    if code_of(event) or _is_assertion(error):
        _mark(error)
        telling.tell(event)


def _is_assertion(error: Exception) -> bool:
    """Whether TensorFlow has asserted something."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    filename = "" if traceback is None else traceback.tb_frame.f_code.co_filename
    return isinstance(error, AssertionError) and places.TENSORFLOW in filename


def _mark(error: BaseException) -> None:
    try:
        setattr(error, TOLD, True)
    except AttributeError:
        return


def _event(error: BaseException, variable: Any, operation: str, site: Site) -> events.Rejected:
    from varsync_runtime.engines.tensorflow.variables import number_of

    return events.Rejected(
        type(error).__name__,
        str(error),
        None if variable is None else number_of(variable),
        operation,
        positions.context().value,
        numbering.step(),
        site,
    )
