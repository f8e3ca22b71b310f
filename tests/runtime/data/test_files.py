"""Files that datasets read: what a script prints on the stand-in is what it prints on TensorFlow.

python -m tests.runtime.data.test_files records it on TensorFlow.
"""

from __future__ import annotations

import runpy
import tempfile
from pathlib import Path

import pytest
from varsync_runtime import standin

from tests.runtime import recording

HERE = Path(__file__).parent
SCRIPT = HERE / "files.py"
RECORDED = HERE / "recorded-2.21-files.txt"


def test_it_prints_what_it_prints_on_tensorflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    standin.install()
    try:
        runpy.run_path(str(SCRIPT))
    finally:
        standin.uninstall()
    printed = capsys.readouterr().out
    assert printed.splitlines() == RECORDED.read_text(encoding="utf-8").splitlines()


@pytest.mark.tensorflow
def test_tensorflow_still_prints_it(tmp_path: Path) -> None:
    printed = recording.on_tensorflow(SCRIPT, devices=1, folder=tmp_path)
    assert printed == RECORDED.read_text(encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        printed = recording.on_tensorflow(SCRIPT, devices=1, folder=scratch)
        RECORDED.write_text(printed, encoding="utf-8")
