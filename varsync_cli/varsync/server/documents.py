"""The documents that are open in the editor, with what is typed and not saved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from varsync.server.positions import Position, lines, replaced
from varsync.server.uris import path_of

_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")

Change = tuple[Position, Position, str] | str
"""What takes the place of a range, or of the whole text."""


@dataclass(slots=True)
class Document:
    """A text that is open: a file's, or a cell's."""

    uri: str
    language: str
    version: int
    text: str

    def change(self, version: int, changes: Iterable[Change], encoding: str) -> None:
        """Applies what the editor says was typed."""
        for change in changes:
            if isinstance(change, str):
                self.text = change
            else:
                start, end, new = change
                self.text = replaced(self.text, start, end, new, encoding)
        self.version = version


@dataclass(slots=True)
class File:
    """A file to check: `parts` are its documents by cell, 0 for the one of an ordinary file.

    `changed` is the revision of all documents in which it was changed last.
    """

    path: str
    parts: dict[int, Document]
    changed: int

    @property
    def data(self) -> bytes:
        """The bytes that the file would have if it was saved."""
        if 0 in self.parts:
            return _encoded(self.parts[0].text)
        numbers = range(1, max(self.parts, default=0) + 1)
        return json.dumps({"cells": [_cell(self.parts.get(number)) for number in numbers]}).encode()


def _cell(document: Document | None) -> dict[str, str]:
    if document is None:
        return {"cell_type": "raw", "source": ""}
    return {"cell_type": "code", "source": document.text}


def _encoded(text: str) -> bytes:
    """The bytes of a text in the encoding that it names itself."""
    for line in lines(text[:4000])[:2]:
        cookie = _COOKIE.match(line)
        if cookie is not None:
            try:
                return text.encode(cookie[1], errors="replace")
            except (LookupError, UnicodeError):
                break
    return text.encode(errors="replace")


@dataclass(slots=True)
class _Notebook:
    uri: str
    cells: list[str]


@dataclass(slots=True)
class Documents:
    """All of them, by URI. `encoding` is the unit of columns; `folder` is where new files belong.

    `revision` grows with each change.
    """

    encoding: str = "utf-16"
    folder: str | None = None
    revision: int = 0
    _texts: dict[str, Document] = field(default_factory=dict)
    _notebooks: dict[str, _Notebook] = field(default_factory=dict)
    _files: dict[str, File] = field(default_factory=dict)
    _paths: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, File]:
        """The files to check, by absolute path."""
        return self._files

    def file_of(self, uri: str) -> tuple[File, int] | None:
        """The file that a document is, or is a cell of, and the cell; None if it is not checked."""
        path = self._paths.get(uri)
        file = self._files.get(path) if path is not None else None
        if file is None:
            return None
        return next(
            ((file, cell) for cell, document in file.parts.items() if document.uri == uri), None
        )

    def open(self, document: Document) -> str | None:
        """Takes a text in; gives its path if it is one to check."""
        self._texts[document.uri] = document
        path = path_of(document.uri, self.folder)
        # a notebook's JSON that is edited as text has no cells to show anything in
        if path is None or document.language != "python" or path.endswith(".ipynb"):
            return None
        self._paths[document.uri] = path
        return self._put(path, {0: document})

    def change(self, uri: str, version: int, changes: Iterable[Change]) -> str | None:
        """Applies changes to a text; gives the path of its file if that is checked."""
        document = self._texts.get(uri)
        if document is None:
            return None
        document.change(version, changes, self.encoding)
        path = self._paths.get(uri)
        return None if path is None else self._touch(path)

    def close(self, uri: str) -> str | None:
        """Lets a text go; gives the path of its file if it was checked."""
        self._texts.pop(uri, None)
        path = self._paths.pop(uri, None)
        if path is not None and self._files.pop(path, None) is not None:
            self.revision += 1
        return path

    def open_notebook(
        self, uri: str, cells: Iterable[str], texts: Iterable[Document]
    ) -> str | None:
        """Takes a notebook in: the URIs of its cells and the texts of those that are code."""
        path = path_of(uri, self.folder)
        if path is None:
            return None
        # what is a notebook is known by the name of its file
        self._paths[uri] = path if path.endswith(".ipynb") else f"{path}.ipynb"
        self._notebooks[uri] = _Notebook(uri, list(cells))
        for document in texts:
            self._texts[document.uri] = document
        return self._arrange(self._notebooks[uri])

    def change_cells(
        self,
        uri: str,
        start: int,
        removed: int,
        cells: Iterable[str],
        opened: Iterable[Document],
        closed: Iterable[str],
    ) -> str | None:
        """Replaces cells of a notebook by others."""
        notebook = self._notebooks.get(uri)
        if notebook is None:
            return None
        notebook.cells[start : start + removed] = cells
        for document in opened:
            self._texts[document.uri] = document
        for gone in closed:
            self._texts.pop(gone, None)
            self._paths.pop(gone, None)
        return self._arrange(notebook)

    def close_notebook(self, uri: str, cells: Iterable[str]) -> str | None:
        """Lets a notebook go."""
        self._notebooks.pop(uri, None)
        for cell in cells:
            self._texts.pop(cell, None)
            self._paths.pop(cell, None)
        return self.close(uri)

    def _arrange(self, notebook: _Notebook) -> str:
        path = self._paths[notebook.uri]
        parts = {}
        for number, uri in enumerate(notebook.cells, start=1):
            document = self._texts.get(uri)
            if document is not None and document.language == "python":
                parts[number] = document
                self._paths[uri] = path
        return self._put(path, parts)

    def _put(self, path: str, parts: dict[int, Document]) -> str:
        self._files[path] = File(path, parts, 0)
        return self._touch(path)

    def _touch(self, path: str) -> str:
        self.revision += 1
        if path in self._files:
            self._files[path].changed = self.revision
        return path
