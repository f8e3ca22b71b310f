"""The server itself: what the editor says, and what it is told."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from varsync import __version__
from varsync.console.terminal import escape
from varsync.errors import CannotRun
from varsync.server import actions
from varsync.server.actions import Abilities
from varsync.server.analyser import AnalyserError
from varsync.server.answers import Answers, position_of
from varsync.server.checks import PAUSE, Checks, Events
from varsync.server.diagnostics import diagnostic, plain
from varsync.server.documents import Change, Document, Documents
from varsync.server.uris import path_of

_WATCHED = (
    "**/*.{py,pyi,ipynb}",
    "**/pyproject.toml",
    "**/requirements*.txt",
    "**/.gitignore",
    "**/.varsync-baseline.json",
)
_NOTEBOOKS = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithCells(cells=[types.NotebookCellLanguage(language="python")])
    ],
    save=True,
)


def serve(stdin: BinaryIO, stdout: BinaryIO) -> int:
    """Speaks with an editor until it says goodbye, or is gone; gives the exit code."""
    session = Session()
    session.server.start_io(stdin, stdout)
    return session.code


class Session:
    """One editor. `code` is the exit code: 1 where it ends without having said so before."""

    def __init__(self) -> None:
        self.server = LanguageServer(
            "varsync",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            notebook_document_sync=_NOTEBOOKS,
        )
        self.code = 0
        self._ends = False
        self._documents = Documents()
        self._checks = Checks(self._documents, Events(self._show, self._refused, self._broke))
        self._running: asyncio.Task[None] | None = None
        self._answers = Answers(self._documents, self._checks, self._broke)
        self._said: dict[str, str] = {}
        handlers: dict[str, Callable[..., Any]] = {
            types.INITIALIZE: self._initialize,
            types.INITIALIZED: self._initialized,
            types.SHUTDOWN: self._shutdown,
            types.EXIT: self._exit,
            types.TEXT_DOCUMENT_DID_OPEN: self._opened,
            types.TEXT_DOCUMENT_DID_CHANGE: self._changed,
            types.TEXT_DOCUMENT_DID_SAVE: self._saved,
            types.TEXT_DOCUMENT_DID_CLOSE: self._closed,
            types.NOTEBOOK_DOCUMENT_DID_OPEN: self._opened_notebook,
            types.NOTEBOOK_DOCUMENT_DID_CHANGE: self._changed_notebook,
            types.NOTEBOOK_DOCUMENT_DID_SAVE: self._saved,
            types.NOTEBOOK_DOCUMENT_DID_CLOSE: self._closed_notebook,
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES: self._disk_changed,
            types.WORKSPACE_DID_CHANGE_CONFIGURATION: self._disk_changed,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._disk_changed,
            types.TEXT_DOCUMENT_HOVER: self._answers.hover,
            types.CODE_ACTION_RESOLVE: self._answers.resolve,
        }
        for method, handler in handlers.items():
            self.server.feature(method)(partial(handler))
        self.server.feature(
            types.TEXT_DOCUMENT_CODE_ACTION,
            types.CodeActionOptions(code_action_kinds=[*actions.KINDS], resolve_provider=True),
        )(partial(self._answers.actions))
        self.server.command(actions.SHOW_PAGE)(partial(self._show_page))

    # The life of the session

    @property
    def _capabilities(self) -> types.ClientCapabilities:
        return self.server.client_capabilities

    def _initialize(self, params: types.InitializeParams) -> None:
        capabilities = params.capabilities
        self._documents.folder = _first_folder(params)
        resolved = get_capability(
            capabilities, "text_document.code_action.resolve_support.properties"
        )
        formats = get_capability(capabilities, "text_document.hover.content_format")
        self._answers.abilities = Abilities(
            versions=bool(
                get_capability(capabilities, "workspace.workspace_edit.document_changes")
            ),
            resolves="edit" in (resolved or ())
            and bool(get_capability(capabilities, "text_document.code_action.data_support")),
            shows=bool(get_capability(capabilities, "window.show_document.support")),
            reads_markdown=formats is None or types.MarkupKind.Markdown in formats,
        )

    async def _initialized(self, params: types.InitializedParams) -> None:
        encoding = self.server.server_capabilities.position_encoding
        self._documents.encoding = str(getattr(encoding, "value", encoding) or "utf-16")
        self._running = asyncio.ensure_future(self._checks.run())
        if get_capability(
            self._capabilities, "workspace.did_change_watched_files.dynamic_registration"
        ):
            await self._watch()

    async def _watch(self) -> None:
        """Asks to be told what changes on the disk."""
        options = types.DidChangeWatchedFilesRegistrationOptions(
            watchers=[types.FileSystemWatcher(glob_pattern=pattern) for pattern in _WATCHED]
        )
        wish = types.Registration(
            "watched", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, register_options=options
        )
        try:
            await self.server.client_register_capability_async(types.RegistrationParams([wish]))
        except JsonRpcException as refusal:
            # it is checked again all the same when a document is saved
            self.server.window_log_message(
                types.LogMessageParams(
                    types.MessageType.Warning, f"files are not watched: {plain(str(refusal))}"
                )
            )

    def _shutdown(self, params: None) -> None:
        self._ends = True
        if self._running is not None:
            self._running.cancel()

    def _exit(self, params: None) -> None:
        self.code = 0 if self._ends else 1

    # Documents

    def _opened(self, params: types.DidOpenTextDocumentParams) -> None:
        self._check(self._documents.open(_document(params.text_document)))

    def _changed(self, params: types.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        changes = _changes(params.content_changes)
        self._check(self._documents.change(document.uri, document.version, changes), PAUSE)

    def _saved(self, params: Any) -> None:
        # what other files say may be on the disk by now
        self._checks.request_all()

    def _closed(self, params: types.DidCloseTextDocumentParams) -> None:
        self._forget(self._documents.close(params.text_document.uri), [params.text_document.uri])

    def _opened_notebook(self, params: types.DidOpenNotebookDocumentParams) -> None:
        notebook = params.notebook_document
        cells = [cell.document for cell in notebook.cells]
        texts = map(_document, params.cell_text_documents)
        self._check(self._documents.open_notebook(notebook.uri, cells, texts))

    def _changed_notebook(self, params: types.DidChangeNotebookDocumentParams) -> None:
        cells = params.change.cells
        if cells is None:
            return
        path = None
        if cells.structure is not None:
            array = cells.structure.array
            closed = [document.uri for document in cells.structure.did_close or ()]
            path = self._documents.change_cells(
                params.notebook_document.uri,
                array.start,
                array.delete_count,
                [cell.document for cell in array.cells or ()],
                map(_document, cells.structure.did_open or ()),
                closed,
            )
            self._clear(closed)
        for text in cells.text_content or ():
            changes = _changes(text.changes)
            path = self._documents.change(text.document.uri, text.document.version, changes) or path
        self._check(path, PAUSE)

    def _closed_notebook(self, params: types.DidCloseNotebookDocumentParams) -> None:
        cells = [document.uri for document in params.cell_text_documents]
        self._forget(self._documents.close_notebook(params.notebook_document.uri, cells), cells)

    def _disk_changed(self, params: Any) -> None:
        self._checks.request_all()

    def _check(self, path: str | None, pause: float = 0.0) -> None:
        if path is not None:
            self._checks.request([path], pause=pause)

    def _forget(self, path: str | None, uris: Iterable[str]) -> None:
        """After a document was closed: nothing is shown there, and others see what is on the disk."""
        if path is not None:
            self._clear(uris)
            self._checks.request_all()

    def _clear(self, uris: Iterable[str]) -> None:
        for uri in uris:
            self.server.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri=uri, diagnostics=[])
            )

    # What is found

    def _show(self, paths: Iterable[str]) -> None:
        for path in paths:
            problems = self._checks.problems(path) or ()
            known = self._checks.rules(path)
            parts = self._documents.files[path].parts
            for cell, document in parts.items():
                self.server.text_document_publish_diagnostics(
                    types.PublishDiagnosticsParams(
                        uri=document.uri,
                        version=document.version,
                        diagnostics=[
                            diagnostic(problem, self._documents, known)
                            for problem in problems
                            if cell == (problem.place.cell or min(parts))
                        ],
                    )
                )

    async def _show_page(self, page: str) -> None:
        await self.server.window_show_document_async(
            types.ShowDocumentParams(uri=page, take_focus=True)
        )

    def _refused(self, root: str, refusal: str | None) -> None:
        if refusal is None:
            self._said.pop(root, None)
        else:
            self._say(root, f"varsync does not check {root}: {refusal}")

    def _broke(self, error: Exception) -> None:
        if isinstance(error, CannotRun):
            self._say("", str(error))
            return
        words = str(error) if isinstance(error, AnalyserError) else repr(error)
        details = "".join(traceback.format_exception(error))
        if isinstance(error, AnalyserError):
            details = error.details
        lines = [escape(line) for line in details.splitlines()]
        self.server.window_log_message(
            types.LogMessageParams(types.MessageType.Error, "\n".join([plain(words), *lines]))
        )
        self._say("", f"this is a bug in varsync {__version__}: {words} (please report it)")

    def _say(self, about: str, message: str) -> None:
        """Shows a message, but not the same one over and over."""
        if self._said.get(about) != message:
            self._said[about] = message
            self.server.window_show_message(
                types.ShowMessageParams(types.MessageType.Error, plain(message))
            )


def _first_folder(params: types.InitializeParams) -> str | None:
    """Where new files belong."""
    uris = [folder.uri for folder in params.workspace_folders or ()] or [params.root_uri or ""]
    return path_of(uris[0])


def _document(item: types.TextDocumentItem) -> Document:
    language = getattr(item.language_id, "value", item.language_id)
    return Document(item.uri, language, item.version, item.text)


def _changes(changes: Iterable[types.TextDocumentContentChangeEvent]) -> list[Change]:
    return [
        (position_of(change.range.start), position_of(change.range.end), change.text)
        if isinstance(change, types.TextDocumentContentChangePartial)
        else change.text
        for change in changes
    ]
