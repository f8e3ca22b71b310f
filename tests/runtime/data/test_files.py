"""Files, and `tf.data.experimental`: what scripts print on the stand-in they print on TensorFlow.

python -m tests.runtime.data.test_files records it on TensorFlow.
"""

from __future__ import annotations

import runpy
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from varsync_runtime import standin
from varsync_runtime.data import distributed, readers, sources
from varsync_runtime.tensors.errors import NotModelled

from tests.runtime import recording

HERE = Path(__file__).parent
SCRIPTS = ("files", "applying")


def recorded(script: str) -> Path:
    return HERE / f"recorded-2.21-{script}.txt"


@pytest.mark.parametrize("script", SCRIPTS)
def test_it_prints_what_it_prints_on_tensorflow(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    standin.install()
    try:
        runpy.run_path(str(HERE / f"{script}.py"))
    finally:
        standin.uninstall()
    printed = capsys.readouterr().out
    assert printed.splitlines() == recorded(script).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("nested", [False, True])
def test_files_that_workers_would_share_out_are_refused_by_name(nested: bool) -> None:
    names = sources.from_tensor_slices(["one", "two"])
    found: Any = readers.TFRecordDatasetV2(names)
    if nested:
        found = names.interleave(readers.TFRecordDatasetV2).map(lambda one: one)
    strategy = SimpleNamespace(_crew=SimpleNamespace(workers=2, replicas=2))
    with pytest.raises(NotModelled, match=r"tf\.data\.experimental\.AutoShardPolicy\.FILE"):
        distributed.DistributedDataset(strategy, found.batch(2))


@pytest.mark.tensorflow
@pytest.mark.parametrize("script", SCRIPTS)
def test_tensorflow_still_prints_it(script: str, tmp_path: Path) -> None:
    printed = recording.on_tensorflow(HERE / f"{script}.py", devices=1, folder=tmp_path)
    assert printed == recorded(script).read_text(encoding="utf-8")


if __name__ == "__main__":
    for script in SCRIPTS:
        with tempfile.TemporaryDirectory() as scratch:
            printed = recording.on_tensorflow(HERE / f"{script}.py", devices=1, folder=scratch)
            recorded(script).write_text(printed, encoding="utf-8")
