"""Who is whose parent, as far as the operating system helps.

On Linux the supervisor adopts what its descendants leave behind, so that every rank becomes its
child, ends with it, and can be waited for. Elsewhere these functions do what they can, and say so.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LINUX = sys.platform == "linux"


def _prctl(option: int, value: int) -> bool:
    if not LINUX:
        return False
    try:
        return bool(ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) == 0)
    except (OSError, AttributeError):  # a libc without it
        return False


def adopt_orphans(yes: bool) -> bool:
    """Whether this process is now the parent of its descendants' orphans, as asked (Linux)."""
    return _prctl(PR_SET_CHILD_SUBREAPER, int(yes))


def die_with_parent() -> None:
    """Has the kernel kill this process when its parent ends (Linux)."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def pidfd(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends; None where there is no such."""
    opener = getattr(os, "pidfd_open", None)
    if opener is None:
        return None
    try:
        fd: int = opener(pid)
    except OSError:
        return None
    return fd


def children() -> set[int]:
    """The processes whose parent is this one; empty where the system does not tell."""
    found = set()
    try:
        for task in Path("/proc/self/task").iterdir():
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    except (OSError, ValueError):
        return set()
    return found


def name(pid: int) -> str:
    """The command of a process, "" if it is gone."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return b" ".join(words).decode(errors="replace").strip()


def used_seconds(pid: int) -> float:
    """The seconds of a processor that a process has used; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status_of(pid: int) -> int | None:
    """The wait status of an ended child; None while it runs. Raises ChildProcessError if no child.

    What comes back is the exit code, or minus the signal.
    """
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None
