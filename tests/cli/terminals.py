"""A terminal for tests: what a program wrote to it, as it is seen; and a program that runs in one."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TOKEN = re.compile(r"\x1b(?:\[([?0-9;]*)([@-~])|(.))|([\r\n\b])|([^\x1b\r\n\b]+)", re.DOTALL)
PATIENCE = 60.0  # seconds, on a machine that does much else


class Seen:
    """What a terminal of this size shows, and what has left it at its top, `above`.

    It knows what varsync and the scripts of the tests send; anything else is an error.
    """

    def __init__(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self.above: list[str] = []
        self.screen = [""] * lines
        self.row = self.column = 0
        self.saved = (0, 0)
        self.cursor = True

    def feed(self, text: str) -> None:
        """Takes in whole sequences."""
        for found in TOKEN.finditer(text):
            numbers, end, single, control, plain = found.groups()
            if plain is not None:
                for character in plain:
                    self._put(character)
            elif control is not None:
                self._control(control)
            elif single is not None:
                self._single(single)
            else:
                self._sequence(numbers, end)

    @property
    def text(self) -> list[str]:
        """All lines, without what is empty at their ends and below them."""
        lines = [line.rstrip() for line in (*self.above, *self.screen)]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _put(self, character: str) -> None:
        if self.column >= self.columns:
            self.column = 0
            self._down()
        line = self.screen[self.row].ljust(self.column)
        self.screen[self.row] = line[: self.column] + character + line[self.column + 1 :]
        self.column += 1

    def _down(self) -> None:
        if self.row == self.lines - 1:
            self.above.append(self.screen.pop(0))
            self.screen.append("")
        else:
            self.row += 1

    def _control(self, control: str) -> None:
        if control == "\n":
            self._down()
        elif control == "\r":
            self.column = 0
        else:
            self.column = max(min(self.column, self.columns - 1) - 1, 0)

    def _single(self, single: str) -> None:
        if single == "D":
            self._down()
        elif single == "7":
            self.saved = (self.row, self.column)
        else:
            assert single == "8", ascii(single)
            self.row, self.column = self.saved

    def _sequence(self, numbers: str, end: str) -> None:
        number = int(numbers) if numbers.isdigit() else 1
        if end == "A":
            self.row = max(self.row - number, 0)
            self.column = min(self.column, self.columns - 1)
        elif end == "B":
            self.row = min(self.row + number, self.lines - 1)
            self.column = min(self.column, self.columns - 1)
        elif end in "JK":
            assert numbers in ("", "0")
            self.screen[self.row] = self.screen[self.row][: self.column]
            if end == "J":
                self.screen[self.row + 1 :] = [""] * (self.lines - self.row - 1)
        elif end in "hl" and numbers == "?25":
            self.cursor = end == "h"
        else:
            assert end == "m", ascii((numbers, end))


class Terminal:
    """A program in a terminal of its own, as a person starts it there."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        columns: int = 80,
        lines: int = 24,
    ) -> None:
        size = struct.pack("HHHH", lines, columns, 0, 0)
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, size)
                os.chdir(folder)
                os.execvpe(command[0], list(command), dict(environment))
            finally:
                os._exit(127)
        self.seen = Seen(columns, lines)
        self.written = b""
        self._fed = 0

    def until(self, there: Callable[[Seen], bool]) -> Seen:
        """Waits until it shows something."""
        end = time.monotonic() + PATIENCE
        while not there(self.seen):
            assert time.monotonic() < end and self._read(end), "\n".join(self.seen.text)
        return self.seen

    def shows(self, pattern: str) -> Seen:
        """Waits until a line of it has this."""
        return self.until(lambda seen: any(re.search(pattern, line) for line in seen.text))

    def type(self, text: str) -> None:
        """As a person does: `\\x03` is Ctrl-C."""
        os.write(self.master, text.encode())

    def end(self) -> int:
        """Waits for the program's end; its exit code."""
        end = time.monotonic() + PATIENCE
        while self._read(end):
            assert time.monotonic() < end
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.master)
        return status

    def _read(self, end: float) -> bool:
        """Takes in more of what is written; False when there is no more."""
        if not select.select([self.master], [], [], max(end - time.monotonic(), 0))[0]:
            return False
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return False
        self.written += data
        # a sequence whose end is not there yet waits for it
        cut = max(self.written.rfind(b"\x1b", self._fed), self._fed)
        whole = re.match(rb"\x1b(\[[?0-9;]*[@-~]|[^\[])", self.written[cut:])
        stop = len(self.written) if whole or cut == self._fed else cut
        try:
            text = self.written[self._fed : stop].decode()
        except UnicodeDecodeError:
            return True
        self.seen.feed(text)
        self._fed = stop
        return bool(data)
