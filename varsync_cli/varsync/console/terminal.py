"""What is written to the terminal, and how: plain text, colours where they are wanted."""

from __future__ import annotations

import contextlib
import os
import sys
import unicodedata
from typing import IO, Any

from varsync.choices import Color
from varsync.errors import CannotRun, refusal

_errors_of_stdout: str | None = None
_is_read = True


def prepare() -> None:
    """Makes the standard streams take any text: what they can't encode is written escaped."""
    global _errors_of_stdout, _is_read
    _is_read = True
    _errors_of_stdout = getattr(sys.stdout, "errors", None)
    _reconfigure(sys.stdout, "backslashreplace")
    _reconfigure(sys.stderr, "backslashreplace")


def give_output_back() -> None:
    """Makes the standard output what it was before `prepare`, for a script that is run."""
    _reconfigure(sys.stdout, _errors_of_stdout)


def _reconfigure(stream: IO[str] | None, errors: str | None) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors=errors)


def write(text: str) -> None:
    """Writes to the standard output. Where nobody reads it any more, that is no error."""
    if sys.stdout is not None and text:
        _write(sys.stdout, text)


def _write(stream: IO[Any], what: str | bytes) -> None:
    try:
        stream.write(what)
        stream.flush()
    except BrokenPipeError:
        _discard_output()
    except OSError as error:
        _discard_output()
        raise CannotRun(f"the output can't be written: {refusal(error)}") from None


def write_error(text: str) -> None:
    """Writes to the standard error, if there is one."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)


def write_bytes(data: bytes) -> None:
    """Writes bytes to the standard output as they are."""
    if sys.stdout is not None:
        _write(sys.stdout, "")  # what was written before comes before
        _write(sys.stdout.buffer, data)


def is_read() -> bool:
    """Whether the standard output still goes where it went."""
    return _is_read


def clear() -> None:
    """Empties the screen, where everything is written to one."""
    streams = (sys.stdout, sys.stderr)
    are_terminals = all(stream is not None and stream.isatty() for stream in streams)
    if are_terminals and os.environ.get("TERM") != "dumb":
        write("\x1b[H\x1b[2J\x1b[3J")


def finish(code: int) -> int:
    """Flushes what others printed, and gives the exit code."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
    return code


def complain(message: str) -> None:
    """Writes one plain line to the standard error."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"varsync: {escape(' '.join(message.splitlines()))}\n")
    except OSError:
        return


def wants_color(mode: Color, stream: IO[str] | None) -> bool:
    """Whether a stream gets colours: as told, or by the environment and what the stream is."""
    if mode is not Color.AUTO:
        return mode is Color.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def takes_what_moves(stream: IO[str]) -> bool:
    """Whether somebody sees what is written and taken away again: a person at a terminal."""
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    return stream.isatty() and os.environ.get("TERM") != "dumb" and not in_ci


def size(terminal: int) -> os.terminal_size:
    """The columns and lines of a terminal, given as a descriptor; 80 and 24 if it does not tell."""
    try:
        columns, lines = os.get_terminal_size(terminal)
    except (OSError, ValueError):
        columns = lines = 0
    return os.terminal_size((columns or 80, lines or 24))


def escape(text: str) -> str:
    """Text of somebody else's as text: control characters, and what reorders text, are escaped."""
    if text.isprintable():
        return text
    return "".join(escape_character(character) for character in text)


def escape_character(character: str) -> str:
    r"""A character as it is, or as \x1b, \u202e, \U000e0001; spaces of any kind stay."""
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _discard_output() -> None:
    """Lets the standard output go nowhere, so that Python does not complain when it ends."""
    global _is_read
    _is_read = False
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, sys.stdout.fileno())
    except (OSError, ValueError):
        return
    finally:
        os.close(null)
