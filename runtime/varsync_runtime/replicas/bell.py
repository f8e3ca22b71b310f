"""Sleeping on a word of shared memory until somebody rings: the kernel's futex, on Linux.

With more ranks than processors a rank should sleep until it is wanted; looking every millisecond
costs more than the work. Where there is no futex, `doze` is a short sleep and `ring` nothing, and
all is right but slower.
"""

from __future__ import annotations

import ctypes
import platform
import sys
import time
from typing import Any

_NUMBERS = {"x86_64": 202, "aarch64": 98}  # of the system call
_WAIT, _WAKE = 0, 1
_EVERYBODY = 1 << 30
_sleep = time.sleep  # a script may get a patched one


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class Bell:
    """Doze on, and ring, the 8-byte words of a buffer, which is given by a writable object."""

    def __init__(self, memory: Any) -> None:
        self._number = _NUMBERS.get(platform.machine(), 0) if sys.platform == "linux" else 0
        if sys.byteorder != "little":
            self._number = 0  # the changing half of a word is not the first
        self.works = bool(self._number)
        if not self.works:
            return
        self._address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        self._call = ctypes.CDLL(None).syscall
        self._call.restype = ctypes.c_long
        self._call.argtypes = [
            ctypes.c_long,
            ctypes.c_void_p,
            ctypes.c_int,
            ctypes.c_uint32,
            ctypes.c_void_p,
        ]

    def doze(self, word: int, value: int, seconds: float) -> None:
        """Sleeps while the word has this value, till it is rung, at most so long (below 1 s)."""
        if not self.works:
            _sleep(min(seconds, 1e-3))
            return
        limit = _Timespec(0, int(seconds * 1e9))
        address = self._address + 8 * word
        self._call(self._number, address, _WAIT, value & 0xFFFFFFFF, ctypes.addressof(limit))

    def ring(self, word: int) -> None:
        """Wakes whoever dozes on the word."""
        if self.works:
            self._call(self._number, self._address + 8 * word, _WAKE, _EVERYBODY, None)
