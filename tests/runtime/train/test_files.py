"""The files of checkpoints: what is written comes back, and faults are told or do no harm."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from varsync_runtime.tensors import dtypes, errors
from varsync_runtime.train import files
from varsync_runtime.train.files import DATA, INDEX, Reader, Saved


def saved(value: float, size: int = 3) -> dict[str, Saved]:
    return {"v": Saved(np.full(size, value, np.float32), dtypes.float32)}


@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (np.float32(1.5), dtypes.float32),
        (np.zeros((0, 3), np.int64), dtypes.int64),
        (np.arange(6, dtype=np.int32).reshape(2, 3).T, dtypes.int32),
        (np.array([True, False]), dtypes.bool_),
        (np.array([[b"a", b""], [b"\xff\x00", b"long" * 99]], dtype=object), dtypes.string),
        (np.array(b"one", dtype=object), dtypes.string),
        (np.array([np.nan, -np.inf, -0.0]), dtypes.float64),
    ],
)
def test_what_is_written_comes_back(array: Any, dtype: Any, tmp_path: Path) -> None:
    array = np.asarray(array)
    files.write(str(tmp_path / "a"), {"x/y": Saved(array, dtype), **saved(2.0)})
    found = Reader(str(tmp_path / "a")).array("x/y")
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert repr(found.tolist()) == repr(array.tolist())


def test_nothing_but_the_two_files_is_left(tmp_path: Path) -> None:
    files.write(str(tmp_path / "a-1"), saved(1.0))
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "a-1.data-00000-of-00001",
        "a-1.index",
    ]


@pytest.mark.parametrize("name", [INDEX, DATA])
@pytest.mark.parametrize("content", [b"something else" * 9, b"\x00\x00\x07model/w\x10"])
def test_a_file_of_another_format_is_named(name: str, content: bytes, tmp_path: Path) -> None:
    prefix = str(tmp_path / "a")
    files.write(prefix, saved(1.0))
    Path(prefix + name).write_bytes(content)
    with pytest.raises(errors.NotModelled, match=f"wrote: {prefix}{name} is in another format"):
        Reader(prefix)


def test_a_file_that_was_cut_off_is_told_wherever_it_ends(tmp_path: Path) -> None:
    prefix = str(tmp_path / "a")
    files.write(prefix, saved(1.0))
    whole = Path(prefix + DATA).read_bytes()
    for size in range(len(whole)):
        Path(prefix + DATA).write_bytes(whole[:size])
        with pytest.raises(errors.DataLossError, match=f"{prefix}{DATA} is damaged"):
            Reader(prefix)
    Path(prefix + DATA).write_bytes(whole)
    assert Reader(prefix).array("v").tolist() == [1.0] * 3


def test_a_value_that_was_changed_is_told(tmp_path: Path) -> None:
    prefix = str(tmp_path / "a")
    files.write(prefix, saved(1.0))
    whole = bytearray(Path(prefix + DATA).read_bytes())
    whole[-1] ^= 1
    Path(prefix + DATA).write_bytes(whole)
    with pytest.raises(errors.DataLossError, match="is damaged"):
        Reader(prefix).array("v")


def test_without_the_data_the_data_is_named(tmp_path: Path) -> None:
    prefix = str(tmp_path / "a")
    files.write(prefix, saved(1.0))
    Path(prefix + DATA).unlink()
    with pytest.raises(errors.OpError, match=f"{prefix}{DATA}; No such file or directory"):
        Reader(prefix)


def _die_at(prefix: str, at: int) -> None:
    """Writes a checkpoint in a process that kills itself before its `at`-th step."""
    steps = 0

    def counted(original: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps > at:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **kwargs)

        return call

    import builtins

    plain = builtins.open

    class File:
        def __init__(self, *args: Any) -> None:
            self.file: Any = plain(*args, buffering=0)  # type: ignore[call-overload]

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *error: object) -> None:
            self.file.close()

        def write(self, data: bytes) -> None:
            half = len(data) // 2
            counted(self.file.write)(data[:half])
            counted(self.file.write)(data[half:])

    builtins.open = counted(File)
    os.replace = counted(os.replace)
    files.write(prefix, saved(2.0, 5))
    os._exit(0)


def test_a_process_killed_while_it_writes_leaves_a_whole_checkpoint(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    found = set()
    for at in range(20):
        prefix = str(tmp_path / f"a{at}")
        files.write(prefix, saved(1.0))
        child = fork.Process(target=_die_at, args=(prefix, at))
        child.start()
        child.join()
        values = Reader(prefix).array("v").tolist()
        assert values in ([1.0] * 3, [2.0] * 5)
        found.add((child.exitcode, values[0]))
    # killed before and after the new values were there, and not killed
    assert found == {(-signal.SIGKILL, 1.0), (-signal.SIGKILL, 2.0), (0, 2.0)}


def test_a_process_killed_at_its_first_checkpoint_leaves_none_or_a_whole_one(
    tmp_path: Path,
) -> None:
    fork = multiprocessing.get_context("fork")
    whole = 0
    for at in range(20):
        prefix = str(tmp_path / f"a{at}")
        child = fork.Process(target=_die_at, args=(prefix, at))
        child.start()
        child.join()
        if Path(prefix + INDEX).exists():
            assert Reader(prefix).array("v").tolist() == [2.0] * 5
            whole += 1
    assert 0 < whole < 20


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(errors.NotFoundError, match=r"a\.data.*; No such file or directory"):
        files.write(str(tmp_path / "none" / "a"), saved(1.0))
