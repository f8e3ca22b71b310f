"""What goes wrong in the analyser stays there, and nothing is left when the editor is gone."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from varsync.app import main

pytest.importorskip("pygls", reason="the extra lsp is not installed")

from lsprotocol import types

from tests.cli.conftest import Shell
from tests.cli.server.editor import PATIENCE, Editor
from tests.cli.test_fix import UNAGGREGATED

WORKER = """
import os, signal, sys, time
sys.path[:] = sys.argv[1:]
from varsync.server import checker
check = checker.check
def faulty(found, contents, **more):
    text = b"".join(contents.values())
    if b"# raises" in text:
        raise ZeroDivisionError("[x](command:y)\\n\\x1b[31m")
    if b"# ends" in text:
        os._exit(7)
    if b"# crashes" in text:
        os.kill(os.getpid(), signal.SIGSEGV)
    if b"# prints" in text:
        print("printed")
        os.write(1, b"written")
    if b"# lasts" in text:
        time.sleep(600)
    return check(found, contents, **more)
checker.check = faulty
from varsync.server.worker import main
main()
"""
SERVER = f"""
import sys
from varsync.app import main
from varsync.server import analyser, checks
analyser._START = {WORKER!r}
checks.PATIENCE = 0.1
sys.exit(main(["server"]))
"""


@pytest.fixture
def editor(real: Shell) -> Iterator[Editor]:
    """An editor whose server's analyser does what the text says."""
    editor = Editor()
    editor.start(real.folder, command=(sys.executable, "-c", SERVER))
    yield editor
    if not editor.loop.is_closed():
        editor.stop()


def children(pid: int) -> list[int]:
    """The processes that a process has started and that are there."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in listed.split()]


def is_gone(pid: int) -> bool:
    """Whether there is no such process, or nothing of it but its exit code."""
    try:
        state = re.search(r"^State:\s+(\w)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state is not None and state[1] in "ZX"


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not all(map(is_gone, pids)):
        assert time.monotonic() < deadline, f"still there: {pids}"
        time.sleep(0.05)


@pytest.mark.slow
def test_a_bug_of_the_analyser_is_told_once_and_the_next_check_goes_well(
    editor: Editor, real: Shell
) -> None:
    uri = editor.open(real.write("train.py", UNAGGREGATED))
    assert len(editor.diagnostics(uri)) == 1
    for number in range(2):
        editor.write(uri, f"{UNAGGREGATED}# raises {number}\n")
        assert editor.diagnostics(uri) == []
        editor.until(partial(lambda count: len(editor.logged) == count, number + 1))
    assert ", in faulty\n" in editor.logged[0]
    assert editor.logged[0].endswith("\nZeroDivisionError: [x](command:y)\n\\x1b[31m")
    (message,) = editor.shown
    assert message.startswith("this is a bug in varsync ")
    assert "ZeroDivisionError: [x] (command:y) \\x1b[31m" in message
    editor.write(uri, UNAGGREGATED)
    assert len(editor.diagnostics(uri)) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "code"), [("ends", 7), ("crashes", -signal.SIGSEGV)])
def test_an_analyser_that_is_gone_is_started_again(
    editor: Editor, real: Shell, fault: str, code: int
) -> None:
    uri = editor.open(real.write("train.py", UNAGGREGATED))
    assert len(editor.diagnostics(uri)) == 1
    editor.write(uri, f"{UNAGGREGATED}# {fault}\n")
    assert editor.diagnostics(uri) == []
    editor.until(lambda: bool(editor.shown))
    assert f"the analyser ended with {code}" in editor.shown[0]
    editor.write(uri, UNAGGREGATED)
    assert len(editor.diagnostics(uri)) == 1


@pytest.mark.slow
def test_what_is_printed_is_not_the_protocols(editor: Editor, real: Shell) -> None:
    uri = editor.open(real.write("train.py", f"{UNAGGREGATED}# prints\n"))
    assert len(editor.diagnostics(uri)) == 1
    assert editor.stop() == 0
    assert sorted(re.findall(r"printed|written", editor.errors)) == ["printed", "written"]


@pytest.mark.slow
def test_a_long_check_blocks_nothing_and_is_ended_when_it_is_outdated(
    editor: Editor, real: Shell
) -> None:
    text = f"{UNAGGREGATED}x = 1  # varsync: ignore[VS104]\n"
    uri = editor.open(real.write("train.py", f"{text}# lasts\n"))
    hover = editor.hover(uri, len(text.splitlines()) - 1, text.splitlines()[-1].index("VS104"))
    assert hover is not None
    assert uri not in editor.published
    (before,) = children(editor.process.pid)
    editor.write(uri, text)
    assert [code for _, code in editor.codes(uri)] == ["VS201", "VS902"]
    wait_until_gone([before])
    # what is outdated is never shown
    editor.write(uri, f"{UNAGGREGATED}# lasts\n")
    editor.write(uri, f"{UNAGGREGATED}\n")
    assert len(editor.diagnostics(uri)) == 1
    assert (editor.shown, editor.logged) == ([], [])


@pytest.mark.slow
@pytest.mark.parametrize("text", [UNAGGREGATED, f"{UNAGGREGATED}# lasts\n"])
def test_nothing_is_left_when_the_editor_ends_it(editor: Editor, real: Shell, text: str) -> None:
    uri = editor.open(real.write("train.py", text))
    if text == UNAGGREGATED:
        editor.diagnostics(uri)
    editor.hover(uri, 0, 0)
    left = children(editor.process.pid)
    assert editor.stop() == 0
    wait_until_gone(left)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["exit", "closed", "killed"])
def test_nothing_is_left_when_the_editor_is_gone(editor: Editor, real: Shell, way: str) -> None:
    uri = editor.open(real.write("train.py", f"{UNAGGREGATED}# lasts\n"))
    editor.hover(uri, 0, 0)
    left = children(editor.process.pid)
    if way == "exit":
        editor.client.exit(None)
    elif way == "closed":
        assert editor.process.stdin is not None
        editor.process.stdin.close()
    else:
        editor.process.kill()
    assert editor.ended() == {"exit": 1, "closed": 0, "killed": -signal.SIGKILL}[way]
    wait_until_gone(left)


@pytest.mark.slow
def test_two_editors_do_not_disturb_each_other(editor: Editor, real: Shell) -> None:
    other = Editor()
    other.start(real.folder)
    file = real.write("train.py", UNAGGREGATED)
    uris = [each.open(file) for each in (editor, other)]
    other.write(uris[1], "x = 1\n")
    assert other.diagnostics(uris[1]) == []
    assert len(editor.diagnostics(uris[0])) == 1
    other.stop()


@pytest.mark.slow
def test_what_is_no_message_is_answered_and_survived(editor: Editor, real: Shell) -> None:
    assert editor.process.stdin is not None

    def send(body: bytes) -> None:
        assert editor.process.stdin is not None
        editor.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    send(b"{")
    send(json.dumps({"jsonrpc": "2.0", "method": "textDocument/didChange"}).encode())
    send(json.dumps({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": 1}).encode())
    send(json.dumps({"jsonrpc": "2.0", "method": "$/unknown", "params": {}}).encode())
    send(json.dumps({"jsonrpc": "2.0", "id": 9000, "method": "no/such", "params": {}}).encode())
    nowhere = types.TextDocumentIdentifier("file:///never/opened.py")
    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(nowhere))
    start = types.Position(0, 0)
    hover = types.HoverParams(nowhere, start)
    assert editor.wait(editor.client.text_document_hover_async(hover)) is None
    uri = editor.open(real.write("train.py", UNAGGREGATED))
    assert len(editor.diagnostics(uri)) == 1


def test_without_the_extra_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "varsync.server.session", raising=False)
    for name in [name for name in sys.modules if name.split(".")[0] in ("pygls", "lsprotocol")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pygls", None)
    monkeypatch.setitem(sys.modules, "lsprotocol", None)
    assert main(["server"]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "varsync: the server needs pygls: pip install 'varsync[lsp]'\n")


@pytest.mark.slow
def test_it_ends_with_its_input() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "varsync", "server", "--stdio"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")


@pytest.mark.slow
def test_a_folder_of_the_project_is_not_imported_from(real: Shell) -> None:
    """A project may have a module that is called as one of Python's."""
    for name in ("pickle.py", "ast.py", "libcst.py", "struct.py"):
        real.write(name, "raise SystemExit('imported')\n")
    editor = Editor()
    script = "import sys; from varsync.app import main; sys.exit(main(['server']))"
    # -P, where Python has it, is what the installed command is like
    command = (sys.executable, *(["-P"] if sys.version_info >= (3, 11) else []), "-c", script)
    if sys.version_info < (3, 11):
        pytest.skip("Python 3.10 can't leave the current folder out")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    editor.start(real.folder, command=command, cwd=str(real.folder), env=environment)
    uri = editor.open(real.write("train.py", UNAGGREGATED))
    assert len(editor.diagnostics(uri)) == 1
    assert editor.stop() == 0
