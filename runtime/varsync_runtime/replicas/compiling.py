"""The code of a script, with the errors that Python itself gives where it is none."""

from __future__ import annotations

import io
import tokenize
from types import CodeType


def compiled(source: bytes, path: str) -> CodeType:
    """Compiles a file's bytes. Raises SyntaxError, with the file's name, whatever is wrong."""
    if b"\0" in source:
        line = source.count(b"\n", 0, source.index(b"\0")) + 1
        text = source.split(b"\n")[line - 1].split(b"\0")[0].decode("utf-8", "replace")
        raise SyntaxError("source code cannot contain null bytes", (path, line, None, text))
    _check_encoding(source, path)
    return compile(source, path, "exec", dont_inherit=True)


def _check_encoding(source: bytes, path: str) -> None:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError as error:
        name = str(error).rpartition(": ")[2]
        if str(error).startswith("unknown encoding"):
            raise SyntaxError(f"encoding problem: {name}") from None
        encoding = "utf-8"  # what it could not read is told below
    if encoding not in ("utf-8", "utf-8-sig"):
        return
    try:
        source.decode(encoding)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise SyntaxError(
            f"Non-UTF-8 code starting with '\\x{source[error.start]:02x}' in file {path} on line "
            f"{line}, but no encoding declared; see https://peps.python.org/pep-0263/ for details"
        ) from None
