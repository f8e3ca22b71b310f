"""An editor without a window: a client of the language server, over its standard streams."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.protocol import default_converter
from varsync.server.positions import replaced

Result = TypeVar("Result")
PATIENCE = 60.0
"""In seconds: longer than anything takes on a machine that has other things to do."""

MODERN = types.ClientCapabilities(
    general=types.GeneralClientCapabilities(
        position_encodings=[types.PositionEncodingKind.Utf16],
    ),
    window=types.WindowClientCapabilities(
        show_document=types.ShowDocumentClientCapabilities(support=True)
    ),
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
            dynamic_registration=True
        ),
    ),
    text_document=types.TextDocumentClientCapabilities(
        hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
        code_action=types.CodeActionClientCapabilities(
            data_support=True,
            resolve_support=types.ClientCodeActionResolveOptions(properties=["edit"]),
        ),
    ),
    notebook_document=types.NotebookDocumentClientCapabilities(
        synchronization=types.NotebookDocumentSyncClientCapabilities()
    ),
)
"""An editor that can do what there is."""

PLAIN = types.ClientCapabilities()
"""One that says nothing of itself."""


def _plain() -> Any:
    # it has no types
    make: Any = default_converter
    return make()


def _converter() -> Any:
    """The client library's own, which fails for selectors of notebooks and actions' commands."""
    converter = _plain()
    for filters in (
        types.NotebookDocumentFilterWithNotebook,
        types.NotebookDocumentFilterWithCells,
    ):
        hinted = get_type_hints(filters)["notebook"]
        converter.register_structure_hook(hinted, lambda value, _: value)
    either = types.Command | types.CodeAction
    converter.register_structure_hook(either, _action)
    return converter


def _action(value: dict[str, Any], _: object) -> types.Command | types.CodeAction:
    """An action may have a command, and is none for that."""
    kind = types.Command if isinstance(value.get("command"), str) else types.CodeAction
    action: types.Command | types.CodeAction = _plain().structure(value, kind)
    return action


class Editor:
    """Opens documents, types, and takes what the server says.

    `published` are the last diagnostics of each document, `texts` what stands in it; `shown` and
    `logged` are messages, `pages` the documents that the server had shown. `errors` is what it
    wrote to the standard error, when it has ended.
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.client = LanguageClient("an editor", "1", converter_factory=_converter)
        self.published: dict[str, types.PublishDiagnosticsParams] = {}
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.shown: list[str] = []
        self.logged: list[str] = []
        self.pages: list[str] = []
        self.registered: list[types.Registration] = []
        self.encoding = "utf-16"
        self.errors = ""
        self._news = asyncio.Event()
        handlers: dict[str, Callable[[Any], Any]] = {
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: self._published,
            types.WINDOW_SHOW_MESSAGE: lambda params: self.shown.append(params.message),
            types.WINDOW_LOG_MESSAGE: lambda params: self.logged.append(params.message),
            types.WINDOW_SHOW_DOCUMENT: self._show,
            types.CLIENT_REGISTER_CAPABILITY: self._register,
        }
        for method, handler in handlers.items():
            self.client.feature(method)(partial(self._heard, handler))

    # The server

    def start(
        self,
        *folders: Path,
        capabilities: types.ClientCapabilities = MODERN,
        command: Iterable[str] = (sys.executable, "-m", "varsync", "server"),
        **options: Any,
    ) -> types.InitializeResult:
        """Starts the server and greets it."""
        self.wait(self.client.start_io(*command, **options))
        greeting = self.wait(
            self.client.initialize_async(
                types.InitializeParams(
                    capabilities=capabilities,
                    workspace_folders=[
                        types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders
                    ],
                )
            )
        )
        encoding: Any = greeting.capabilities.position_encoding
        self.encoding = str(getattr(encoding, "value", encoding))
        self.client.initialized(types.InitializedParams())
        return greeting

    def stop(self) -> int | None:
        """Says goodbye; gives the server's exit code."""
        self.wait(self.client.shutdown_async(None))
        self.client.exit(None)
        return self.ended()

    def ended(self) -> int | None:
        """The exit code of the server, which ends."""
        code = self.wait(self.process.wait())
        assert self.process.stderr is not None
        self.errors = self.wait(self.process.stderr.read()).decode()
        stop: Any = self.client.stop
        self.wait(stop())
        self.loop.close()
        return code

    @property
    def process(self) -> asyncio.subprocess.Process:
        process: asyncio.subprocess.Process | None = self.client._server
        assert process is not None
        return process

    def wait(self, what: Coroutine[Any, Any, Result]) -> Result:
        """The result of what takes its time."""
        return self.loop.run_until_complete(asyncio.wait_for(what, PATIENCE))

    def until(self, holds: Callable[[], bool]) -> None:
        """Waits until the server has said something so that this holds."""

        async def waiting() -> None:
            while not holds():
                self._news.clear()
                await self._news.wait()

        self.wait(waiting())

    def _heard(self, handler: Callable[[Any], Any], params: Any) -> Any:
        answer = handler(params)
        self._news.set()
        return answer

    def _published(self, params: types.PublishDiagnosticsParams) -> None:
        self.published[params.uri] = params

    def _show(self, params: types.ShowDocumentParams) -> types.ShowDocumentResult:
        self.pages.append(params.uri)
        return types.ShowDocumentResult(success=True)

    def _register(self, params: types.RegistrationParams) -> None:
        self.registered += params.registrations

    # Documents

    def open(self, file: Path, text: str | None = None) -> str:
        """Opens a file, perhaps with another text than it has; gives its URI."""
        uri = file.as_uri()
        data = file.read_bytes().decode() if text is None else text
        self.texts[uri], self.versions[uri] = data, 1
        self.published.pop(uri, None)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(self._item(uri)))
        return uri

    def _item(self, uri: str) -> types.TextDocumentItem:
        return types.TextDocumentItem(uri, "python", self.versions[uri], self.texts[uri])

    def open_notebook(self, file: Path, cells: Iterable[str]) -> list[str]:
        """Opens a notebook of these code cells; gives their URIs."""
        uris = [f"vscode-notebook-cell:{file}#{number}" for number, _ in enumerate(cells)]
        for uri, text in zip(uris, cells, strict=True):
            self.texts[uri], self.versions[uri] = text, 1
        kind = types.NotebookCellKind.Code
        self.client.notebook_document_did_open(
            types.DidOpenNotebookDocumentParams(
                types.NotebookDocument(
                    file.as_uri(),
                    "jupyter-notebook",
                    1,
                    [types.NotebookCell(kind=kind, document=uri) for uri in uris],
                ),
                [self._item(uri) for uri in uris],
            )
        )
        return uris

    def write(self, uri: str, text: str) -> None:
        """Replaces the whole text of a document."""
        self.texts[uri] = text
        self.versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[uri], uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def type(self, uri: str, line: int, column: int, new: str, *, over: int = 0) -> None:
        """Types at a place, over as many units of what stands there."""
        start, end = (line, column), (line, column + over)
        self.texts[uri] = replaced(self.texts[uri], start, end, new, self.encoding)
        self.versions[uri] += 1
        change = types.TextDocumentContentChangePartial(
            types.Range(types.Position(*start), types.Position(*end)), new
        )
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[uri], uri), [change]
            )
        )

    def close(self, uri: str) -> None:
        """Closes a document."""
        self.client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
        )

    # What the server finds and offers

    def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """The diagnostics of a document as it is now."""
        self.until(
            lambda: uri in self.published and self.published[uri].version == self.versions[uri]
        )
        return list(self.published[uri].diagnostics)

    def codes(self, uri: str) -> list[tuple[int, str]]:
        """The line, from 0, and the code of each diagnostic of a document as it is now."""
        return [(one.range.start.line, str(one.code)) for one in self.diagnostics(uri)]

    def hover(self, uri: str, line: int, column: int) -> types.Hover | None:
        """What is shown at a place."""
        return self.wait(
            self.client.text_document_hover_async(
                types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, column))
            )
        )

    def actions(
        self, uri: str, line: int, column: int = 0, only: Iterable[str] | None = None
    ) -> dict[str, types.CodeAction]:
        """The actions for a place, by title."""
        at = types.Position(line, column)
        found = self.wait(
            self.client.text_document_code_action_async(
                types.CodeActionParams(
                    types.TextDocumentIdentifier(uri),
                    types.Range(at, at),
                    types.CodeActionContext(
                        self.diagnostics(uri), None if only is None else [*only]
                    ),
                )
            )
        )
        chosen = [action for action in found or () if isinstance(action, types.CodeAction)]
        assert len(chosen) == len(found or ())
        return {action.title: action for action in chosen}

    def apply(self, action: types.CodeAction) -> dict[str, str]:
        """The texts of the documents that an action changes, as they are then."""
        if action.edit is None:
            action = self.wait(self.client.code_action_resolve_async(action))
        edit = action.edit
        assert edit is not None
        by_uri = {uri: list(edits) for uri, edits in (edit.changes or {}).items()}
        for change in edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            uri = change.text_document.uri
            assert change.text_document.version == self.versions.get(uri)
            by_uri[uri] = [one for one in change.edits if isinstance(one, types.TextEdit)]
        return {uri: self._edited(uri, edits) for uri, edits in by_uri.items()}

    def _edited(self, uri: str, edits: list[types.TextEdit]) -> str:
        text = self.texts[uri]
        # from the end, so that what comes before stays where it is
        for edit in sorted(edits, key=lambda edit: edit.range.start, reverse=True):
            start, end = edit.range.start, edit.range.end
            place = (start.line, start.character), (end.line, end.character)
            text = replaced(text, *place, edit.new_text, self.encoding)
        return text
