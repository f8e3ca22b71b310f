"""`keras.utils.get_file` without a network: the local file, one that is made up, or an error."""

from __future__ import annotations

import functools
import inspect
import io
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

from varsync_runtime.datasets import files
from varsync_runtime.datasets.scratch import scratch
from varsync_runtime.datasets.telling import tell
from varsync_runtime.replicas.host import together
from varsync_runtime.replicas.host.context import Role, role
from varsync_runtime.tensors.errors import NotModelled

# where Keras has it
MODULE = "keras.src.utils.file_utils"


class _Absent(BaseException):
    """Keras would download now. For an Exception it would remove the file that is at `target`."""

    def __init__(self, target: Path) -> None:
        super().__init__(target)
        self.target = target


class _Retriever:
    """In the place of `urllib.request.urlretrieve`: it writes what `write` does."""

    write: Callable[[Path], None] | None = None

    def __call__(self, url: str, filename: str, *hooks: Any) -> tuple[str, None]:
        if self.write is None:
            raise _Absent(Path(filename))
        self.write(Path(filename))
        return filename, None


def install(module: ModuleType) -> None:
    """Replaces two functions of the module: what downloads, and what asks for it."""
    retriever = _Retriever()
    vars(module)["urlretrieve"] = retriever
    vars(module)["get_file"] = _without_network(module.get_file, retriever)


def _without_network(original: Callable[..., str], retriever: _Retriever) -> Callable[..., str]:
    signature = inspect.signature(original)

    def attempt(**arguments: Any) -> str:
        # it says that it downloads
        with redirect_stdout(io.StringIO()):
            return original(**arguments)

    @functools.wraps(original)
    def get_file(*args: Any, **kwargs: Any) -> str:
        arguments = signature.bind(*args, **kwargs).arguments
        arguments.pop("force_download", None)

        def find() -> str:
            try:
                return attempt(**arguments)
            except _Absent as absent:
                target = absent.target
            url = str(arguments["origin"])
            file = files.known(url)
            if file is None:
                raise NotModelled(f"downloads: put {url} at {target}{_why_not(target)}")
            _tell(file, target)
            folder = {"cache_dir": str(scratch.made()), "cache_subdir": file.dataset}
            retriever.write = file.write
            try:
                return attempt(**{**arguments, **folder, "file_hash": None, "md5_hash": None})
            finally:
                retriever.write = None

        if role() is Role.TOGETHER:
            return together.once("keras.utils.get_file", find)
        return find()

    return get_file


def _why_not(target: Path) -> str:
    return ", where another file is" if target.exists() else ""


def _tell(file: files.File, target: Path) -> None:
    lacks = f"{target} is not what Keras takes" if target.exists() else f"{target.parent} has none"
    tell(f"keras.datasets.{file.dataset}", file.holds, lacks)
