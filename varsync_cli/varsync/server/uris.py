"""Files as editors name them."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from varsync.files.discovery import locate

_NOWHERE = f"{os.sep}untitled"
"""The folder, which is not there, of documents that were never saved."""


def path_of(uri: str, folder: str | None = None) -> str | None:
    """The absolute path of a document; one that was never saved is as if it stood in `folder`.

    None for what is no file: a version in Git, an output.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme == "file":
        # what looks like a query or a parameter is a name's; the separators themselves are quoted
        host = f"//{parts.netloc}" if parts.netloc not in ("", "localhost") else ""
        return locate(url2pathname(host + parts.path))
    if parts.scheme == "untitled":
        name = Path(unquote(parts.path))
        if name.is_absolute():
            return locate(str(name))
        return str(Path(folder or _NOWHERE, name.name or "untitled"))
    return None


def uri_of(path: str) -> str:
    """The URI of a file."""
    return Path(path).as_uri()
