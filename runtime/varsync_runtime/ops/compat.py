"""`tf.compat`: Python's strings, whether they are text or bytes."""

from __future__ import annotations

import codecs
import os
from typing import Any

from varsync_runtime.tensors.exports import export

_EXPECTED = "Expected binary or unicode string, got"


@export("tf.compat.as_text")
def as_text(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Text, decoded if it is bytes."""
    encoding = codecs.lookup(encoding).name
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    raise TypeError(f"{_EXPECTED} {bytes_or_text!r}")


@export("tf.compat.as_bytes")
def as_bytes(bytes_or_text: Any, encoding: str = "utf-8") -> bytes:
    """Bytes, encoded if it is text."""
    encoding = codecs.lookup(encoding).name
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    if isinstance(bytes_or_text, (bytes, bytearray)):
        return bytes(bytes_or_text)
    raise TypeError(f"{_EXPECTED} {bytes_or_text!r}")


@export("tf.compat.as_str")
def as_str(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """The same as `as_text`."""
    return as_text(bytes_or_text, encoding)


@export("tf.compat.as_str_any")
def as_str_any(value: Any, encoding: str = "utf-8") -> str:
    """The text of bytes, or of anything else."""
    return as_str(value, encoding) if isinstance(value, bytes) else str(value)


@export("tf.compat.path_to_str")
def path_to_str(path: Any) -> Any:
    """The text of a path; what is no path stays as it is."""
    return as_str_any(os.fspath(path)) if hasattr(path, "__fspath__") else path
