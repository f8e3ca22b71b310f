"""A terminal that a script writes to, and lines below it that come and go.

The script gets a terminal of its own (a pty) in place of the user's, for it and all its processes;
what it writes there is handed on byte by byte. The lines are taken away before, and drawn again
after it, in one write. They are below the place where the script's next character comes, so the
cursor never leaves that place for long, and is never hidden. One line between is kept free: for
what the user types, which the terminal shows by itself.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import select
import struct
import termios
from collections.abc import Sequence
from fcntl import ioctl

from rich.cells import cell_len

from varsync.console.terminal import size

SAVE, RESTORE = "\x1b7\x1b[m", "\x1b8"  # the place, and the colours that the script has chosen
DOWN, START, REST = "\x1b[B", "\r", "\x1b[J"
DOWN_OR_SCROLL = "\x1bD"  # and stay in the column
ERASE = f"{SAVE}{DOWN}{START}{REST}{RESTORE}"
READ = 1 << 16
# a sequence for the terminal, or a character, whose end is not there yet
UNFINISHED = re.compile(
    rb"(?:\x1b(?:\[[\x20-\x3f]*|[\]PX^_][^\x07\x1b]*\x1b?|[\x20-\x2f]*)?"
    rb"|[\xc0-\xff][\x80-\xbf]{0,2})\Z"
)
SEQUENCE = re.compile(rb"\x1b(?:\[[\x20-\x3f]*[\x40-\x7e]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|.)")
LONGEST = 4096
"""So many bytes may a sequence have."""


class Screen:
    """The terminal of the descriptor `terminal`. Those in `replaced` are it, too: a script gets
    another one there by `enter`. Raises OSError where the system has no terminal to give."""

    def __init__(self, terminal: int, replaced: Sequence[int]) -> None:
        self._terminal = terminal
        self._replaced = tuple(replaced)
        self.master, self._slave = os.openpty()
        mode = termios.tcgetattr(self._slave)
        mode[1] &= ~termios.OPOST  # the user's terminal does what is to be done
        termios.tcsetattr(self._slave, termios.TCSANOW, mode)
        self._size = os.terminal_size((0, 0))
        self._drawn = False
        self._column = 0  # where the script's next character comes
        self._held = b""  # an unfinished sequence of its own
        self.size()

    def enter(self) -> None:
        """In the script's process: it has the other terminal from now on."""
        for descriptor in self._replaced:
            os.dup2(self._slave, descriptor, inheritable=True)
        os.close(self._slave)
        os.close(self.master)

    def leave(self) -> None:
        """Nobody else is to enter: when the script's processes have ended, `read` gives None."""
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1

    def size(self) -> os.terminal_size:
        """The user's terminal's size, which the script's gets."""
        now = size(self._terminal)
        if now != self._size:
            self._size = now
            window = struct.pack("HHHH", now.lines, now.columns, 0, 0)
            ioctl(self.master, termios.TIOCSWINSZ, window)
        return now

    def read(self) -> bytes | None:
        """What the script has written, if it has; None when it can't any more."""
        try:
            return os.read(self.master, READ) or None
        except OSError as error:
            if error.errno == errno.EIO:  # the last one has closed it
                return None
            raise

    def show(self, written: bytes, lines: Sequence[str]) -> None:
        """Hands on what was written, and draws these lines below it."""
        erase = ERASE.encode() if self._drawn else b""
        written = self._held + written
        cut = UNFINISHED.search(written[-LONGEST:])
        at = len(written) - len(cut[0]) if cut else len(written)
        written, self._held = written[:at], written[at:]
        columns = self.size().columns
        self._go_on(written, columns)
        # at the right edge the cursor hangs, which terminals forget when it moves
        self._drawn = bool(lines) and not self._held and self._column < columns
        drawn = self._drawing(lines) if self._drawn else b""
        self._write(erase + written + drawn)

    def finish(self, written: bytes = b"") -> None:
        """The last of what was written; there is nothing below it any more."""
        self.show(written, ())
        self._write(self._held)
        self._held = b""

    def close(self) -> None:
        """Gives the other terminal back to the system."""
        self.leave()
        os.close(self.master)

    def _go_on(self, written: bytes, columns: int) -> None:
        """Follows the cursor."""
        last = re.split(rb"[\r\n]", written)[-1]
        column = self._column if len(last) == len(written) else 0
        for character in SEQUENCE.sub(b"", last).decode(errors="replace"):
            if character == "\b":
                column = max(min(column, columns - 1) - 1, 0)
            elif character == "\t":
                column = min(column + 8 - column % 8, columns - 1)
            else:
                width = cell_len(character)
                column = (0 if column + width > columns else column) + width
        self._column = column

    @staticmethod
    def _drawing(lines: Sequence[str]) -> bytes:
        room = len(lines) + 1
        drawn = "".join(f"{DOWN}{START}{line}" for line in ("", *lines))
        text = f"{DOWN_OR_SCROLL * room}\x1b[{room}A{SAVE}{drawn}{RESTORE}"
        return text.encode(errors="backslashreplace")

    def _write(self, data: bytes) -> None:
        """Where the terminal is gone there is nobody to show it to."""
        left = memoryview(data)
        with contextlib.suppress(OSError):
            while left:
                try:
                    left = left[os.write(self._terminal, left) :]
                except BlockingIOError:  # the script has made it so
                    select.select([], [self._terminal], [])
