"""Files that nobody should write: each is a finding of its own, and the others are checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GOOD = """\
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    total = tf.Variable(0.0, synchronization=tf.VariableSynchronization.NONE)
"""
HEAD = "import tensorflow as tf\nv = tf.Variable(0)\n"


def lint(folder: Path, *words: str) -> tuple[int, list[dict[str, Any]], str]:
    """The exit code, the findings and the standard error of a run in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-m", "varsync", "lint", "--output-format", "json", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return ran.returncode, json.loads(ran.stdout or "[]"), ran.stderr


def notebook(*cells: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]})


BROKEN: dict[str, tuple[str | bytes, str, int]] = {
    "syntax.py": (HEAD + "x = (1,\ny = 2\n", "VS901", 3),
    "python2.py": (HEAD + 'print "hello"\n', "VS901", 3),
    "indent.py": (HEAD + "if v:\nx = 1\n", "VS901", 4),
    "parentheses.py": (HEAD + "x = " + "(" * 5000 + "1" + ")" * 5000 + "\n", "VS901", 3),
    "minus.py": (HEAD + "x = " + "-" * 100_000 + "1\n", "VS901", 1),
    "sum.py": (HEAD + "x = " + "1+" * 100_000 + "1\n", "VS901", 1),
    "encoding.py": (HEAD.encode() + b"x = '\xe9'\n", "VS903", 1),
    "cookie.py": (b"# coding: klingon\n" + HEAD.encode(), "VS903", 1),
    "nul.py": (HEAD.encode() + b"x = '\0'\n", "VS903", 1),
    "utf16.py": (HEAD.encode("utf-16"), "VS903", 1),
    "json.ipynb": (HEAD, "VS903", 1),
    "cell.ipynb": (notebook(HEAD, "\nprint 'hello'"), "VS901", 2),
    "null.ipynb": ('{"cells": [{"cell_type": "code", "source": null}]}', "VS903", 1),
}
FINE = {
    "good.py": GOOD,
    "cell.ipynb": notebook(HEAD, "print 'hello'", GOOD),
    "deep_sum.py": HEAD + "x = " + "1+" * 2_500 + "1\n" + GOOD,
    "deep_calls.py": HEAD + "x = v" + ".read_value()" * 2_500 + "\n" + GOOD,
    "deep_lists.py": HEAD + "x = " + "[" * 150 + "]" * 150 + "\n" + GOOD,
    "elifs.py": HEAD + "if v: pass\n" + "elif v == 3: pass\n" * 900 + GOOD,
    "long_list.py": HEAD + "x = [" + "1, " * 100_000 + "]\n" + GOOD,
    "long_line.py": GOOD.replace("total", "t" * 100_000),
    "many.py": HEAD + "v.assign_add(1)\n" * 5_000 + GOOD,
    "crlf.py": GOOD.replace("\n", "\r\n"),
    "bom.py": "\ufeff" + GOOD,
    "formfeed.py": GOOD.replace("\n\n", "\n\x0c\n"),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """What one run over all of them finds, by the file's name."""
    folder = tmp_path_factory.mktemp("bad")
    for name, (content, _, _) in BROKEN.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    for name, text in FINE.items():
        (folder / f"fine_{name}").write_bytes(text.encode())
    (folder / "loop.py").symlink_to("loop.py")
    code, findings, err = lint(folder)
    assert (code, err) == (1, "")
    by_name: dict[str, list[dict[str, Any]]] = {}
    for finding in findings:
        by_name.setdefault(Path(finding["filename"]).name, []).append(finding)
    return by_name


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_one_finding(name: str, found: dict[str, list[dict[str, Any]]]) -> None:
    _, code, line = BROKEN[name]
    (finding,) = found[name]
    assert (finding["code"], finding["severity"]) == (code, "error")
    assert finding["location"]["row"] == line
    assert finding["message"]


@pytest.mark.parametrize("name", FINE)
def test_an_odd_file_is_checked(name: str, found: dict[str, list[dict[str, Any]]]) -> None:
    assert "VS101" in {finding["code"] for finding in found[f"fine_{name}"]}


def test_a_link_to_itself(found: dict[str, list[dict[str, Any]]]) -> None:
    (finding,) = found["loop.py"]
    assert finding["code"] == "VS903"
    assert "symbolic links" in finding["message"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text(GOOD)
    (tmp_path / "secret.py").chmod(0)
    (tmp_path / "good.py").write_text(GOOD)
    _, findings, _ = lint(tmp_path)
    assert [finding["code"] for finding in findings] == ["VS101", "VS903"]


def test_ten_megabytes_of_one_expression(tmp_path: Path) -> None:
    (tmp_path / "big.py").write_text(HEAD + "x = " + "1+" * 5_000_000 + "1\n")
    (tmp_path / "good.py").write_text(GOOD)
    code, findings, err = lint(tmp_path)
    assert (code, err) == (1, "")
    assert [finding["code"] for finding in findings] == ["VS901", "VS101"]


@pytest.mark.parametrize("name", ["python2.py", "syntax.py", "nul.py", "json.ipynb"])
def test_on_the_standard_input(name: str, tmp_path: Path) -> None:
    content, code, line = BROKEN[name]
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "varsync", "lint", "--output-format=concise", "-q"),
            *("--stdin-filename", name, "-"),
        ],
        cwd=tmp_path,
        capture_output=True,
        input=content.encode() if isinstance(content, str) else content,
    )
    assert ran.returncode == 1
    assert ran.stdout.decode().startswith(f"{name}:{line}:")
    assert f": error {code} " in ran.stdout.decode()


@pytest.mark.parametrize("words", [["pipe.py"], ["/dev/zero"], ["zero.py"], ["sub", "pipe.py"]])
def test_what_has_no_end_is_not_read(words: list[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "zero.py").symlink_to("/dev/zero")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "good.py").write_text(GOOD)
    os.mkfifo(tmp_path / "sub" / "pipe.py")
    (tmp_path / "sub" / "zero.py").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "sub" / ".gitignore")
    code, findings, err = lint(tmp_path, *words)
    assert (code, err) == (1, "")
    unread = [finding for finding in findings if finding["code"] == "VS903"]
    assert [Path(finding["filename"]).name for finding in unread] == [Path(words[-1]).name]
    assert unread[0]["message"].startswith("this file is not checked: it is a ")
    assert len(findings) == len(words)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="Linux has /dev/zero")
def test_a_standard_input_without_an_end(tmp_path: Path) -> None:
    with Path("/dev/zero").open("rb") as zero:
        ran = subprocess.run(
            [sys.executable, "-m", "varsync", "lint", "-"],
            cwd=tmp_path,
            capture_output=True,
            stdin=zero,
            text=True,
            timeout=60,
        )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        "varsync: the standard input can't be read: "
        "it is too large to be read (more than 256 million bytes)\n"
    )
