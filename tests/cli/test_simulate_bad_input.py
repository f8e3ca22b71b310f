"""What `varsync simulate` is given: scripts that are none, reports that cannot be written."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from varsync.app import main

from tests.cli.simulations import PATH

NO_PYTHON = {
    "syntax": b"x = (\n",
    "indentation": b"if 1:\nprint(2)\n",
    "unknown encoding": b"# -*- coding: nonsense -*-\nprint(1)\n",
    "not utf-8": b"x = 1\nprint('\xff')\n",
    "null byte": b"print(1)\nx = '\0'\n",
    "binary": bytes(range(256)) * 4,
}
PYTHON = {
    "empty": b"",
    "latin-1": b"# -*- coding: latin-1 -*-\nprint('\xe9')\n",
    "byte order mark": b"\xef\xbb\xbfprint('bom')\n",
    "carriage returns": b"print(1)\r\nprint(2)\r\n",
}


def one_is_quick(kinds: Iterable[str]) -> list[object]:
    first, *others = kinds
    return [first, *(pytest.param(kind, marks=pytest.mark.slow) for kind in others)]


def run(
    folder: Path, *words: str, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """`python` with these words, of which the first may be -m."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": PATH},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        preexec_fn=before,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(sys.version_info < (3, 11), reason="older versions have other words")
@pytest.mark.parametrize("kind", one_is_quick(NO_PYTHON))
def test_a_script_that_is_no_python(tmp_path: Path, kind: str) -> None:
    """What Python says of it, and exit code 3."""
    (tmp_path / "train.py").write_bytes(NO_PYTHON[kind])
    plain = run(tmp_path, "train.py")
    done = run(tmp_path, "-m", "varsync", "simulate", "train.py", "--quiet")
    assert (plain.returncode, done.returncode) == (1, 3)
    assert done.stderr == plain.stderr


def test_what_the_output_cannot_encode_is_the_scripts_error(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("print('\\ud800')\n", encoding="utf-8")
    plain = run(tmp_path, "train.py")
    done = run(tmp_path, "-m", "varsync", "simulate", "train.py", "--quiet")
    assert (plain.returncode, done.returncode) == (1, 3)
    assert done.stdout == plain.stdout and done.stderr == plain.stderr


@pytest.mark.parametrize("kind", one_is_quick(PYTHON))
def test_a_script_of_any_encoding(tmp_path: Path, kind: str) -> None:
    (tmp_path / "train.py").write_bytes(PYTHON[kind])
    plain = run(tmp_path, "train.py")
    done = run(tmp_path, "-m", "varsync", "simulate", "train.py", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, plain.stdout, b"")


def refused(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *words: str,
) -> str:
    """The one line that is said instead of running."""
    monkeypatch.chdir(folder)
    (folder / "here.py").write_text("print('must not run')\n", encoding="utf-8")
    assert main(["simulate", *words]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "bug" not in err
    return err


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("no_such.py", "no_such.py: no such file"),
        ("", "'': no such file"),
        (".", ".: is a directory without a __main__.py"),
        ("x" * 5000, "file name too long"),
        ("a\0b", "null"),
        ("\x1b[31mred.py", "\\x1b[31mred.py: no such file"),
        ("here.py/inside.py", "no such file"),
    ],
)
def test_no_script(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    script: str,
    words: str,
) -> None:
    err = refused(tmp_path, monkeypatch, capsys, script)
    # what a system says of a null byte differs by the version of Python
    assert words in err or (words == "null" and "no such file" in err)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--replicas", "0"), "--replicas"),
        (("--replicas", "-1"), "--replicas"),
        (("--replicas", "65"), "--replicas"),
        (("--replicas", "1000"), "--replicas"),
        (("--replicas", "x"), "--replicas"),
        (("--workers", "99"), "--workers"),
        (("--timeout", "0"), "--timeout"),
        (("--timeout", "nan"), "--timeout"),
        (("--max-steps", "0"), "--max-steps"),
        (("--seed", "x"), "--seed"),
        (("--format", "xml"), "--format"),
        (("--report-file",), "--report-file"),
        (("--report-file", ""), "is a directory"),
        (("--report-file", "none/report.json"), "no such folder"),
        (("--report-file", "here.py/report.json"), "no such folder"),
        (("--report-file", "/proc/report.json"), "/proc/report.json"),
        (("--report-file", "y" * 300), "too long"),
        (("--html", "none/report.html"), "no such folder"),
        (("--trace", ""), "is a directory"),
        (("--html", "report", "--trace", "report"), "need a file each"),
        (("--html", "report", "--trace", "/proc/self/cwd/report"), "need a file each"),
        (("--html", "here.py"), "here.py: is the script, which would be overwritten"),
        (("--report-file", "./here.py"), "is the script"),
        (("--line", "here.py"), "is not FILE:LINE"),
        (("--line", "here.py:5-3"), "is not FILE:LINE"),
        (("--line", f"here.py:{'9' * 5000}"), "is not FILE:LINE"),
        (("--mode", f"here.py:{'9' * 5000}:v=ON_READ,"), "is not FILE:LINE:NAME"),
        (("--mode", "here.py:1:v=on_read,"), "'on_read' is not one of AUTO, NONE"),
    ],
)
def test_wrong_options(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    words: str,
) -> None:
    """Nothing is run, also where only the report could not be written in the end."""
    assert words in refused(tmp_path, monkeypatch, capsys, "here.py", *options)
    assert [entry.name for entry in tmp_path.iterdir()] == ["here.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")
@pytest.mark.parametrize("what", ["here.py", "."])
def test_what_a_user_may_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    """Read the script; write in the report's folder."""
    (tmp_path / "here.py").write_text("print('must not run')\n")
    (tmp_path / what).chmod(0 if what == "here.py" else 0o555)
    monkeypatch.chdir(tmp_path)
    assert main(["simulate", "here.py", "--report-file", "report.json"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "permission denied" in err and err.count("\n") == 1


@pytest.mark.slow
def test_a_report_never_takes_the_place_of_a_device(tmp_path: Path) -> None:
    """A pipe is written to, and is a pipe afterwards; so is what a link leads to."""
    (tmp_path / "train.py").write_text("print('ran')\n")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE)
    done = run(tmp_path, "-m", "varsync", "simulate", "train.py", "-q", "--report-file", "pipe")
    out, _ = reader.communicate(timeout=60)
    assert done.returncode == 0 and pipe.is_fifo()
    assert json.loads(out)["version"] == 1
    (tmp_path / "target.json").write_text("old")
    (tmp_path / "link").symlink_to("target.json")
    run(tmp_path, "-m", "varsync", "simulate", "train.py", "-q", "--report-file", "link")
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "target.json").read_text())["version"] == 1


def test_no_room_for_the_report(tmp_path: Path) -> None:
    """The run is shown, one line says what is not there, and no part of it is left."""
    (tmp_path / "train.py").write_text("print('ran')\n")

    def no_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))

    done = run(
        tmp_path, "-m", "varsync", "simulate", "train.py", "--report-file", "report.json",
        before=no_files,
    )  # fmt: skip
    assert done.returncode == 2 and done.stdout == b"ran\n"
    assert done.stderr.splitlines()[-1] == b"varsync: report.json: file too large"
    left = {entry.name for entry in tmp_path.iterdir()}
    assert left <= {"train.py", "__pycache__"}
