"""The folder in which one run leaves what it knows for the next.

Several runs may use it at once: every file is replaced whole, and who comes last wins. What can't be
read, or is not whole, is as if it were not there; what can't be written is not kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
from collections.abc import Mapping

from varsync_rules.facts import Facts
from varsync_rules.registry import rules

from varsync import __version__
from varsync.memory.known import Result, State
from varsync.memory.records import (
    FactsByFile,
    facts_from_json,
    facts_to_json,
    result_from_json,
    result_to_json,
)

NAME = ".varsync_cache"
_SIGNS = {
    ".gitignore": "*\n",
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This folder is a cache of varsync. `varsync clean` removes it.\n",
}
_OWN_FOLDER = re.compile(r"\d[\w.]*-[0-9a-f]{12}")
_MOST_RESULTS = 500
_MOST_FILES = 50_000
_BAD = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


class Store:
    """A folder of what is known of the files below `root`: both are absolute paths."""

    def __init__(self, folder: str, root: str) -> None:
        self.folder = folder
        self._root = root.rstrip(os.sep) + os.sep
        self._own = os.path.join(folder, _version())
        self._results = os.path.join(self._own, "results")

    def facts(self) -> FactsByFile:
        """The facts of files, by absolute path."""
        text = _read(os.path.join(self._own, "facts.json"))
        if text is None:
            return {}
        try:
            return {
                os.path.join(self._root, file): known
                for file, known in facts_from_json(text).items()
            }
        except _BAD:
            return {}

    def keep_facts(self, facts: Mapping[str, tuple[State | None, Facts]]) -> None:
        """Writes the facts of files, by absolute path."""
        if len(facts) > _MOST_FILES:
            facts = {file: known for file, known in facts.items() if os.path.exists(file)}
        text = facts_to_json(
            {file.removeprefix(self._root): known for file, known in facts.items()}
        )
        self._write(os.path.join(self._own, "facts.json"), text)

    def result(self, key: str) -> Result | None:
        """The result of this key."""
        file = os.path.join(self._results, key)
        text = _read(file)
        if text is None:
            return None
        try:
            result = result_from_json(text)
        except _BAD:
            return None
        with contextlib.suppress(OSError):
            os.utime(file)
        return result

    def keep(self, key: str, result: Result) -> None:
        """Writes a result."""
        with contextlib.suppress(TypeError):
            self._write(os.path.join(self._results, key), result_to_json(result))

    def _write(self, file: str, text: str) -> None:
        """Replaces a file whole, if that is possible."""
        import tempfile  # with what it needs, 5 ms that a run which finds nothing new does not need

        data = text.encode(errors="surrogatepass")
        temporary = None
        try:
            self._make()
            handle, temporary = tempfile.mkstemp(dir=os.path.dirname(file), prefix=".")
            with os.fdopen(handle, "wb") as opened:
                opened.write(_checksum(data) + b"\n" + data)
            os.replace(temporary, file)
        except OSError:
            if temporary is not None:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)

    def _make(self) -> None:
        """Makes the folders, and takes the oldest results away when there are too many."""
        if not os.path.isdir(self._results):
            if not is_free(self.folder):
                raise FileExistsError(self.folder)
            os.makedirs(self._results, exist_ok=True)
            for name, text in _SIGNS.items():
                file = os.path.join(self.folder, name)
                with contextlib.suppress(FileExistsError), open(file, "x") as opened:
                    opened.write(text)
        kept = os.listdir(self._results)
        if len(kept) > _MOST_RESULTS:
            files = sorted((os.path.join(self._results, name) for name in kept), key=_age)
            for file in files[: len(files) // 2]:
                with contextlib.suppress(OSError):
                    os.unlink(file)


def is_free(folder: str) -> bool:
    """Whether nothing is in a folder but what a cache has, so that it can be one, and be removed."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return all(name in _SIGNS or _OWN_FOLDER.fullmatch(name) for name in names)


def remove(folder: str) -> bool:
    """Removes a cache folder; False where there is none, or other things are in it."""
    if not os.path.isdir(folder) or not is_free(folder):
        return False
    import shutil

    shutil.rmtree(folder)
    return True


def _read(file: str) -> str | None:
    """The text of a file of ours, if it is there and whole."""
    try:
        with open(file, "rb") as opened:
            checksum, _, data = opened.read().partition(b"\n")
        return data.decode(errors="surrogatepass") if checksum == _checksum(data) else None
    except (OSError, ValueError, MemoryError):
        return None


def _checksum(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).hexdigest().encode()


def _age(file: str) -> float:
    try:
        return os.stat(file).st_mtime
    except OSError:
        return 0.0


def _version() -> str:
    """What has to be the same for anything to be used again: varsync, its files, and Python."""
    words = f"{__version__} {rules().fingerprint} {sys.version}"
    return f"{__version__}-{hashlib.blake2b(words.encode(), digest_size=6).hexdigest()}"
