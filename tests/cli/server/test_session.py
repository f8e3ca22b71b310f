"""`varsync server` from the editor's side: what is shown, what is offered, how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pygls", reason="the extra lsp is not installed")

from lsprotocol import types
from varsync_rules.pages import load
from varsync_rules.registry import rules

from tests.cli.conftest import Shell
from tests.cli.server.editor import MODERN, PLAIN, Editor
from tests.cli.test_fix import AGGREGATED, HEAD, NONE, UNAGGREGATED

MODEL = """\
import tensorflow as tf

# 😀 is two units of UTF-16
class Model(tf.Module):
    def __init__(self):
        self.总 = tf.Variable(0.0, name="😀", trainable=False)

    def add(self, x): self.s = "😀"; self.总.assign_add(tf.reduce_sum(x))
"""
TRAIN = """\
import tensorflow as tf
from model import Model

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    model = Model()


@tf.function
def step(x):
    strategy.run(model.add, args=(x,))
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[Editor]:
    """One editor for the tests that need nothing else than one."""
    editor = Editor()
    editor.start()
    yield editor
    assert editor.stop() == 0
    assert editor.shown == []
    assert editor.logged == []


@pytest.fixture
def editor() -> Iterator[Editor]:
    """An editor that is not started."""
    editor = Editor()
    yield editor
    if not editor.loop.is_closed():
        editor.stop()


def as_found(shell: Shell, *words: str) -> list[dict[str, object]]:
    """What the command says of the same."""
    found: list[dict[str, object]] = json.loads(
        shell("lint", "--output-format", "json", *words).out
    )
    return found


def test_what_lint_finds_is_shown_in_units_of_the_editor(shared: Editor, real: Shell) -> None:
    train, model = real.write("train.py", TRAIN), real.write("model.py", MODEL)
    uri = shared.open(model)
    (shown,) = shared.diagnostics(uri)
    (found,) = as_found(real, "model.py")
    assert shown.code == found["code"] == "VS201"
    assert shown.severity is types.DiagnosticSeverity.Warning
    assert shown.source == "varsync"
    assert shown.message.splitlines()[0] == found["message"]
    line = MODEL.splitlines()[7]
    start = line.index("self.总.assign")
    assert found["location"] == {"row": 8, "column": start + 1}
    # from 0, and the emoji before it is two units
    assert shown.range.start == types.Position(7, start + 1)
    assert shown.range.end == types.Position(7, len(line) + 1)
    assert shown.code_description is not None
    assert shown.code_description.href == rules().find("VS201").page.as_uri()

    related = [one.location for one in shown.related_information or ()]
    assert [one.uri for one in related] == [model.as_uri(), train.as_uri()]
    created = MODEL.splitlines()[5]
    assert related[0].range.start == types.Position(5, created.index("tf.Variable"))
    assert related[0].range.end == types.Position(5, len(created) + 1)
    assert related[1].range.start == types.Position(10, 4)
    shared.close(uri)
    shared.until(lambda: shared.published[uri].diagnostics == ())


def test_a_page_is_shown_for_a_finding_and_for_a_comment(shared: Editor, real: Shell) -> None:
    text = UNAGGREGATED + "x = 1  # noqa: VS104, VS203\ny = 1  # varsync: ignore[VS1]\nz = 1 # no\n"
    uri = shared.open(real.write("train.py", text))
    line = next(at for at, code in shared.codes(uri) if code == "VS201")
    shown = shared.hover(uri, line, 6)
    assert shown is not None
    assert shown.contents == types.MarkupContent(
        types.MarkupKind.Markdown, rules().find("VS201").page.read_text(encoding="utf-8")
    )
    assert shown.range is not None
    assert shown.range.start.line == line

    def text_at(line: int, column: int) -> str:
        hover = shared.hover(uri, line, column)
        if hover is None:
            return ""
        assert isinstance(hover.contents, types.MarkupContent)
        text: str = hover.contents.value
        return text

    rows = text.splitlines()
    noqa = next(at for at, row in enumerate(rows) if "noqa" in row)
    assert text_at(noqa, 0) == ""
    # the comment is unused, which is a finding, too
    shown_there = text_at(noqa, rows[noqa].index("VS203"))
    assert [line for line in shown_there.splitlines() if line.startswith("# VS")] == [
        "# VS203: sum-of-assigned-value",
        "# VS902: unused-suppression",
    ]
    prefix = text_at(noqa + 1, rows[noqa + 1].index("VS1"))
    assert "- VS101: none-under-strategy\n" in prefix
    assert text_at(noqa + 2, 7) == ""
    shared.close(uri)


def test_an_unsafe_fix_says_why_and_is_what_the_command_writes(shared: Editor, real: Shell) -> None:
    file = real.write("train.py", UNAGGREGATED)
    uri = shared.open(file)
    ((line, _),) = shared.codes(uri)
    offered = shared.actions(uri, line, 6)
    fix, silence, page = offered.values()
    assert fix.title.startswith("VS201: create `total` with aggregation SUM (unsafe: ")
    assert fix.kind == types.CodeActionKind.QuickFix
    assert not fix.is_preferred
    assert [one.code for one in fix.diagnostics or ()] == ["VS201"]
    assert shared.apply(fix) == {uri: AGGREGATED}
    assert page.title == "Show the documentation of VS201"
    assert silence.title == "Silence VS201 on this line"
    silenced = shared.apply(silence)[uri]

    assert shared.actions(uri, 0) == {}
    assert shared.actions(uri, line, 6, only=["refactor"]) == {}
    real("lint", "--add-noqa")
    assert file.read_text() == silenced
    file.write_text(UNAGGREGATED)
    real("lint", "--fix", "--unsafe-fixes")
    assert file.read_text() == AGGREGATED
    shared.close(uri)


def test_a_safe_fix_is_preferred_and_all_of_them_can_be_made_at_once(
    shared: Editor, real: Shell
) -> None:
    # a comment that silences nothing can go safely, too
    text = NONE.replace("    pass\n", "    pass  # varsync: ignore[VS201]\n").replace("\n", "\r\n")
    file = real.write("train.py", text)
    uri = shared.open(file)
    codes = {code: line for line, code in shared.codes(uri)}
    assert sorted(codes) == ["VS101", "VS902"]
    line = codes["VS101"]
    (fix, *_) = shared.actions(uri, line, 20).values()
    assert fix.is_preferred
    assert shared.apply(fix)[uri] == text.replace(
        ", synchronization=tf.VariableSynchronization.NONE", ""
    )
    faded = next(one for one in shared.diagnostics(uri) if one.code == "VS902")
    assert faded.tags == (types.DiagnosticTag.Unnecessary,)
    assert faded.severity is types.DiagnosticSeverity.Information

    for only in (None, ["source"], ["source.fixAll"], ["source.fixAll.varsync"]):
        offered = shared.actions(uri, 0, only=only)
        (everything,) = offered.values()
        assert everything.kind == "source.fixAll.varsync"
    assert shared.actions(uri, 0, only=["source.organizeImports", "source.fixAll.ruff"]) == {}
    real("lint", "--fix")
    assert file.read_bytes().decode() == HEAD.format("", "    pass\n").replace("\n", "\r\n")
    assert shared.apply(everything) == {uri: file.read_bytes().decode()}
    shared.close(uri)


def test_the_documentation_is_opened(shared: Editor, real: Shell) -> None:
    uri = shared.open(real.write("train.py", UNAGGREGATED))
    ((line, _),) = shared.codes(uri)
    (*_, page) = shared.actions(uri, line, 6).values()
    assert page.command is not None
    shared.wait(
        shared.client.workspace_execute_command_async(
            types.ExecuteCommandParams(page.command.command, page.command.arguments)
        )
    )
    assert shared.pages == [rules().find("VS201").page.as_uri()]
    shared.close(uri)


def test_configuration_comments_and_a_baseline_are_honoured(shared: Editor, real: Shell) -> None:
    table = '[tool.varsync]\nextend-exclude = ["old"]\nper-file-ignores = {"lax/*" = ["VS201"]}\n'
    real.write("pyproject.toml", table)
    silenced = UNAGGREGATED.replace("(x))\n", "(x))  # noqa: VS201\n", 1)
    expected = {"old/a.py": 0, "lax/a.py": 0, "silenced.py": 0, "plain.py": 1}
    for name, count in expected.items():
        uri = shared.open(real.write(name, silenced if "silenced" in name else UNAGGREGATED))
        assert len(shared.diagnostics(uri)) == count
        shared.close(uri)
    real.write("pyproject.toml", f'{table}baseline = ".varsync-baseline.json"\n')
    assert real("baseline", "update").code == 0
    uri = shared.open(real.folder / "plain.py")
    assert shared.diagnostics(uri) == []
    shared.close(uri)
    worse = UNAGGREGATED.replace("(x))\n", "(x))\n    total.assign_add(tf.reduce_sum(x))\n", 1)
    uri = shared.open(real.folder / "plain.py", worse)
    assert len(shared.diagnostics(uri)) == 2
    shared.close(uri)


@pytest.mark.slow
def test_what_is_typed_is_checked_before_it_is_saved(editor: Editor, real: Shell) -> None:
    file = real.write("train.py", UNAGGREGATED)
    editor.start(real.folder)
    uri = editor.open(file)
    assert [code for _, code in editor.codes(uri)] == ["VS201"]
    line = next(at for at, row in enumerate(UNAGGREGATED.splitlines()) if "tf.Variable(" in row)
    column = UNAGGREGATED.splitlines()[line].index(")")
    for character in ", aggregation=tf.VariableAggregation.SUM":
        editor.type(uri, line, column, character)
        column += 1
    assert editor.texts[uri] == AGGREGATED
    assert editor.codes(uri) == []
    editor.write(uri, "x = (\n")
    assert [code for _, code in editor.codes(uri)] == ["VS901"]
    assert file.read_text() == UNAGGREGATED


@pytest.mark.slow
def test_what_a_caller_does_changes_what_is_found_in_the_callee(
    editor: Editor, real: Shell
) -> None:
    train, model = real.write("train.py", TRAIN), real.write("model.py", MODEL)
    editor.start(real.folder)
    uri, of_caller = editor.open(model), editor.open(train)
    assert [code for _, code in editor.codes(uri)] == ["VS201"]
    one = TRAIN.replace("MirroredStrategy()", "OneDeviceStrategy('cpu')")
    editor.write(of_caller, one)
    editor.until(lambda: editor.published[uri].diagnostics == ())
    # when it is not saved, the disk holds again
    editor.close(of_caller)
    editor.until(lambda: len(editor.published[uri].diagnostics) == 1)
    # and when another program writes it, the editor tells
    train.write_text(one)
    editor.client.workspace_did_change_watched_files(
        types.DidChangeWatchedFilesParams(
            [types.FileEvent(train.as_uri(), types.FileChangeType.Changed)]
        )
    )
    editor.until(lambda: editor.published[uri].diagnostics == ())
    (registered,) = editor.registered
    assert registered.method == "workspace/didChangeWatchedFiles"


@pytest.mark.slow
def test_a_fix_in_another_file_is_not_offered_once_that_file_was_changed(
    editor: Editor, real: Shell
) -> None:
    model = MODEL.replace("        self.总 =", "        self.total =").replace(
        "self.总", "self.total"
    )
    train = TRAIN.replace("model.add", "add") + "\n\ndef add(x):\n    model.total.assign_add(x)\n"
    editor.start(real.folder)
    other = editor.open(real.write("model.py", model.split("    def add")[0]))
    uri = editor.open(real.write("train.py", train))
    ((line, code),) = editor.codes(uri)
    assert code == "VS201"
    (fix, *_) = editor.actions(uri, line, 6).values()
    assert list(editor.apply(fix)) == [other]
    assert ", aggregation=tf.VariableAggregation.SUM)" in editor.apply(fix)[other]
    editor.write(other, "\n" + editor.texts[other])
    (fix, *_) = editor.actions(uri, line, 6).values()
    assert fix.title == "Silence VS201 on this line"


@pytest.mark.slow
def test_a_notebook_is_one_program(editor: Editor, real: Shell) -> None:
    head, step = UNAGGREGATED.split("\n\ndef step", 1)
    texts = [head, "%matplotlib inline\ns = '😀'; total", "def step" + step]
    editor.start(real.folder)
    file = real.write("train.ipynb", json.dumps({"cells": []}))
    first, second, third = editor.open_notebook(file, texts)
    ((line, code),) = editor.codes(third)
    assert (line, code) == (1, "VS201")
    assert editor.codes(first) == []
    (shown,) = editor.diagnostics(third)
    assert [one.location.uri for one in shown.related_information or ()] == [first, third]
    (fix, silence, _) = editor.actions(third, 1, 6).values()
    assert editor.apply(fix) == {first: AGGREGATED.split("\n\ndef step", 1)[0]}
    assert "# varsync: ignore[VS201]" in editor.apply(silence)[third]
    assert editor.hover(third, 1, 6) is not None
    assert editor.hover(second, 0, 3) is None

    # a cell before it goes, and then the update is mended
    notebook = types.VersionedNotebookDocumentIdentifier(2, file.as_uri())
    editor.client.notebook_document_did_change(
        types.DidChangeNotebookDocumentParams(
            notebook,
            types.NotebookDocumentChangeEvent(
                cells=types.NotebookDocumentCellChanges(
                    structure=types.NotebookDocumentCellChangeStructure(
                        types.NotebookCellArrayChange(1, 1, []),
                        did_close=[types.TextDocumentIdentifier(second)],
                    )
                )
            ),
        )
    )
    editor.published.clear()
    editor.until(lambda: third in editor.published)
    assert editor.codes(third) == [(1, "VS201")]
    changed = AGGREGATED.split("\n\ndef step", 1)[0]
    editor.texts[first], editor.versions[first] = changed, 2
    editor.client.notebook_document_did_change(
        types.DidChangeNotebookDocumentParams(
            notebook,
            types.NotebookDocumentChangeEvent(
                cells=types.NotebookDocumentCellChanges(
                    text_content=[
                        types.NotebookDocumentCellContentChanges(
                            types.VersionedTextDocumentIdentifier(2, first),
                            [types.TextDocumentContentChangeWholeDocument(changed)],
                        )
                    ]
                )
            ),
        )
    )
    editor.until(lambda: editor.published[third].diagnostics == ())
    editor.client.notebook_document_did_close(
        types.DidCloseNotebookDocumentParams(
            types.NotebookDocumentIdentifier(file.as_uri()),
            [types.TextDocumentIdentifier(uri) for uri in (first, third)],
        )
    )


@pytest.mark.slow
def test_a_safe_fix_in_a_cell_stays_in_the_cell(editor: Editor, real: Shell) -> None:
    editor.start(real.folder)
    file = real.write("train.ipynb", json.dumps({"cells": []}))
    first, second = editor.open_notebook(
        file,
        [
            NONE,
            "x = 1  # varsync: ignore[VS201]\n",
        ],
    )
    assert [code for _, code in editor.codes(first)] == ["VS101"]
    (everything,) = editor.actions(second, 0, 3, only=["source.fixAll"]).values()
    assert editor.apply(everything) == {second: "x = 1\n"}
    (everything,) = editor.actions(first, 0, 3, only=["source.fixAll"]).values()
    assert editor.apply(everything) == {first: HEAD.format("", "    pass\n")}


@pytest.mark.slow
def test_two_folders_have_their_own_settings(editor: Editor, real: Shell) -> None:
    strict, lax = real.folder / "strict", real.folder / "lax"
    for folder, table in ((strict, ""), (lax, '[tool.varsync]\nignore = ["VS201"]\n')):
        real.write(f"{folder.name}/pyproject.toml", table)
        # the same names in both, and not the same programs
        real.write(f"{folder.name}/model.py", MODEL)
        real.write(f"{folder.name}/train.py", TRAIN)
    editor.start(strict, lax)
    uris = [editor.open(folder / "model.py") for folder in (strict, lax)]
    assert [[code for _, code in editor.codes(uri)] for uri in uris] == [["VS201"], []]

    def say(folder: Path, table: str) -> None:
        real.write(f"{folder.name}/pyproject.toml", table)
        editor.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams(
                [
                    types.FileEvent(
                        (folder / "pyproject.toml").as_uri(), types.FileChangeType.Changed
                    )
                ]
            )
        )

    say(lax, "")
    editor.until(lambda: len(editor.published[uris[1]].diagnostics) == 1)
    assert editor.shown == []

    # a table that makes no sense is said once, and is no link; the other folder is checked
    say(strict, '[tool.varsync]\n"[x](command:y)" = 1\n')
    editor.until(lambda: bool(editor.shown))
    editor.until(lambda: editor.published[uris[0]].diagnostics == ())
    editor.write(uris[0], editor.texts[uris[0]] + "\n")
    editor.write(uris[1], editor.texts[uris[1]] + "\n")
    assert (editor.codes(uris[0]), len(editor.codes(uris[1]))) == ([], 1)
    (message,) = editor.shown
    assert "has no key '[x] (command:y)'" in message
    say(strict, "")
    editor.until(lambda: len(editor.published[uris[0]].diagnostics) == 1)
    assert len(editor.shown) == 1
    assert editor.logged == []


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "utf-32"])
def test_another_encoding_can_be_agreed_on(editor: Editor, real: Shell, encoding: str) -> None:
    real.write("train.py", TRAIN)
    capabilities = types.ClientCapabilities(
        general=types.GeneralClientCapabilities(
            position_encodings=[types.PositionEncodingKind(encoding)]
        ),
        text_document=MODERN.text_document,
    )
    greeting = editor.start(real.folder, capabilities=capabilities)
    assert greeting.capabilities.position_encoding == encoding
    uri = editor.open(real.write("model.py", MODEL))
    (shown,) = editor.diagnostics(uri)
    before = MODEL.splitlines()[7].split("self.总.assign")[0]
    column = len(before.encode()) if encoding == "utf-8" else len(before)
    assert shown.range.start == types.Position(7, column)
    row = MODEL.splitlines()[5]
    created = row.split("tf.Variable")[0]
    column = len(created.encode()) if encoding == "utf-8" else len(created)
    assert shown.related_information is not None
    assert shown.related_information[0].location.range.start == types.Position(5, column)
    (fix, *_) = editor.actions(uri, 7, shown.range.start.character).values()
    assert editor.apply(fix)[uri].splitlines()[5] == (
        f"{row[:-1]}, aggregation=tf.VariableAggregation.SUM)"
    )


@pytest.mark.slow
def test_an_editor_that_says_nothing_of_itself_gets_the_plain_forms(
    editor: Editor, real: Shell
) -> None:
    editor.start(capabilities=PLAIN)
    uri = editor.open(real.write("train.py", NONE))
    ((line, _),) = editor.codes(uri)
    offered = editor.actions(uri, line, 20)
    fix, silence, everything = offered.values()
    assert silence.title == "Silence VS101 on this line"
    fixed = HEAD.format("", "    pass\n")
    for action in (fix, everything):
        assert action.edit is not None
        assert action.edit.changes is not None
        assert editor.apply(action) == {uri: fixed}
    assert editor.registered == []


@pytest.mark.slow
def test_a_document_that_was_never_saved_is_checked(editor: Editor, real: Shell) -> None:
    real.write("model.py", MODEL)
    editor.start(real.folder)
    uri = "untitled:Untitled-1"
    editor.texts[uri], editor.versions[uri] = UNAGGREGATED, 1
    editor.client.text_document_did_open(types.DidOpenTextDocumentParams(editor._item(uri)))
    assert [code for _, code in editor.codes(uri)] == ["VS201"]


@pytest.mark.slow
def test_the_examples_of_all_pages_are_mended_as_by_the_command(
    editor: Editor, real: Shell
) -> None:
    real.write("pyproject.toml", "[tool.varsync]\nunsafe-fixes = true\n")
    files = [
        real.write(f"{rule.code.lower()}/train.py", load(rule.page).example.text)
        for rule in rules()
    ]
    before = {file: file.read_text() for file in files}
    assert real("lint", "--fix", "--no-cache").code == 1
    mended = [file for file in files if file.read_text() != before[file]]
    assert len(mended) > 10
    editor.start(real.folder)
    for file in mended:
        after = file.read_text()
        file.write_text(before[file])
        uri = editor.open(file)
        (everything,) = editor.actions(uri, 0, only=["source.fixAll"]).values()
        assert editor.apply(everything) == {uri: after}
        editor.close(uri)
