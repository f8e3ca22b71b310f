"""A file's bytes as text, and its positions as a person counts them.

`read` is cheap: it takes the bytes and makes sure that they can be decoded. The text, the lines
and a notebook's cells are made when they are first asked for.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from varsync_rules.disk import contents
from varsync_rules.findings import Span
from varsync_rules.notebook import (
    CodeCell,
    NotANotebookError,
    NotPythonError,
    code_cells,
    python_of,
)
from varsync_rules.parsing import SyntaxProblem, parse


class UnreadableSource(Exception):
    """A file that can't be read as Python source: `reason` says why, without the file's name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class BrokenCell:
    """A notebook cell that is not Python; `line` and `column` are 1-based in `Source.text`."""

    reason: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of `Source.text`: a whole file (`cell` 0), or a cell that starts at `line`."""

    cell: int
    line: int
    text: str


def read(path: Path, display: str | None = None) -> Source:
    """The source at a path, called `display` in findings; raises UnreadableSource."""
    absolute = path if path.is_absolute() else Path.cwd() / path
    try:
        data = contents(absolute)
    except OSError as error:
        raise UnreadableSource((error.strerror or str(error)).lower()) from None
    except ValueError as error:
        raise UnreadableSource(str(error)) from None
    except MemoryError:
        raise UnreadableSource("it is too large to be read") from None
    return Source(display if display is not None else str(path), absolute, data)


class Source:
    """A file of the program: where it is and what it says.

    `path` is what findings call it, `absolute` where it lies, `data` its bytes. Raises
    UnreadableSource when the bytes are not Python source in the encoding that they claim, or not
    a notebook.
    """

    __slots__ = (
        "_blocks",
        "_broken",
        "_cells",
        "_encoding",
        "_lines",
        "_text",
        "absolute",
        "data",
        "is_notebook",
        "path",
    )

    def __init__(self, path: str, absolute: Path, data: bytes) -> None:
        self.path = path
        self.absolute = absolute
        self.data = data
        self.is_notebook = absolute.suffix == ".ipynb"
        self._cells: tuple[CodeCell, ...] = ()
        self._encoding = "utf-8"
        self._text: str | None = None
        self._lines: list[str] | None = None
        self._blocks: tuple[Block, ...] = ()
        self._broken: tuple[BrokenCell, ...] = ()
        if self.is_notebook:
            try:
                self._cells = code_cells(data)
            except NotANotebookError as error:
                raise UnreadableSource(str(error)) from None
            except NotPythonError:
                self._cells = ()  # nothing in it is ours to read
        else:
            self._encoding = _encoding(data)

    def __repr__(self) -> str:
        return f"Source({self.path!r})"

    @property
    def text(self) -> str:
        r"""The Python text, its lines ended by \n; a notebook's is that of all its code cells.

        In a notebook what only IPython understands is replaced, and a cell that is not Python is
        blank (see `broken_cells`), so that the rest can be parsed.
        """
        if self._text is None:
            if self.is_notebook:
                self._join_cells()
            else:
                text = self.data.decode(self._encoding)
                if "\r" in text:
                    text = text.replace("\r\n", "\n").replace("\r", "\n")
                self._text = text
                self._blocks = (Block(0, 1, text),)
        assert self._text is not None
        return self._text

    @property
    def encoding(self) -> str:
        """The encoding of the bytes, as Python names it; utf-8-sig where they begin with a mark."""
        return self._encoding

    @property
    def broken_cells(self) -> tuple[BrokenCell, ...]:
        """The cells of a notebook that are not Python; there are none in an ordinary file."""
        assert self.text is not None
        return self._broken

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The text in the parts that stand for themselves: a notebook's cells, or the whole."""
        assert self.text is not None
        return self._blocks

    def _join_cells(self) -> None:
        blocks: list[Block] = []
        broken: list[BrokenCell] = []
        line = 1
        for cell in self._cells:
            text = python_of(cell.text) + "\n"
            lines = text.count("\n")
            try:
                parse(text)
            except SyntaxProblem as problem:
                at = min(problem.line, lines)
                broken.append(BrokenCell(problem.reason, line + at - 1, problem.column))
                text = "\n" * lines
            blocks.append(Block(cell.number, line, text))
            line += lines
        self._blocks = tuple(blocks)
        self._broken = tuple(broken)
        self._text = "".join(block.text for block in blocks)

    def span(self, line: int, column: int, end_line: int, end_column: int) -> Span:
        """The span between two positions of `ast`: lines of `text`, columns in UTF-8 bytes."""
        block = self._block(line)
        last = min(end_line, block.line + block.text.count("\n")) if block.cell else end_line
        return Span(
            self.path,
            line - block.line + 1,
            self._character(line, column),
            last - block.line + 1,
            self._character(end_line, end_column),
            block.cell,
        )

    def position(self, line: int, column: int) -> Span:
        """The span of one character of `text`: its line and, in characters from 1, its column."""
        block = self._block(line)
        at = line - block.line + 1
        return Span(self.path, at, column, at, column + 1, block.cell)

    def lines(self, cell: int = 0) -> list[str]:
        """The lines of the file, or of one cell as the notebook shows it, without their ends."""
        if not self.is_notebook:
            return self._all_lines()
        text = self._cell_text(cell)
        return [] if text is None else text.split("\n")

    def text_of(self, cell: int = 0) -> str:
        """The text of the file, or of one cell as the notebook shows it: `lines` are its lines."""
        return (self._cell_text(cell) or "") if self.is_notebook else self.text

    def _cell_text(self, number: int) -> str | None:
        return next((cell.text for cell in self._cells if cell.number == number), None)

    def _all_lines(self) -> list[str]:
        if self._lines is None:
            self._lines = self.text.split("\n")
        return self._lines

    def _block(self, line: int) -> Block:
        """The block in which a line of the text is."""
        blocks = self.blocks
        if len(blocks) == 1:
            return blocks[0]
        if not blocks:
            return Block(0, 1, "")
        return blocks[max(bisect_right(blocks, line, key=lambda block: block.line) - 1, 0)]

    def _character(self, line: int, offset: int) -> int:
        """The 1-based column, in characters, of a byte offset in a line of the text."""
        lines = self._all_lines()
        text = lines[line - 1] if 0 < line <= len(lines) else ""
        if text.isascii():
            return offset + 1
        return len(text.encode(errors="surrogatepass")[:offset].decode(errors="replace")) + 1


def _encoding(data: bytes) -> str:
    """The encoding of a file's bytes by their mark or their cookie (PEP 263), tried on them."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableSource("it is UTF-16 text; Python source is UTF-8")
    if b"\0" in data:
        raise UnreadableSource("it holds a NUL byte, so it is not Python source")
    encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    if b"coding" in data[:1000]:
        encoding = _cookie(data) or encoding
    elif data.isascii():
        return encoding
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        name = "utf-8" if encoding == "utf-8-sig" else encoding
        raise UnreadableSource(f"line {line} is not {name} text") from None
    except (UnicodeError, LookupError):
        raise UnreadableSource(f"{encoding} is not an encoding of text") from None
    return encoding


def _cookie(data: bytes) -> str | None:
    """The encoding that a cookie in the first two lines names; raises UnreadableSource."""
    from tokenize import detect_encoding

    try:
        head = b"\n".join(data[:4000].splitlines()[:2]) + b"\n"
        return detect_encoding(io.BytesIO(head).readline)[0]
    except SyntaxError as error:
        if "unknown encoding" in error.msg:
            raise UnreadableSource(error.msg) from None
        return None
