"""Programs that the script runs, and processes that it forks."""

from __future__ import annotations

import functools
import os
import subprocess
from typing import Any

from varsync_runtime.replicas.host import together
from varsync_runtime.replicas.host.context import Role, role
from varsync_runtime.replicas.host.patches import replace

WHOLE = ("run", "call", "check_call", "check_output", "getoutput", "getstatusoutput")


def install() -> None:
    """Replaces what runs programs."""
    for name in WHOLE:
        replace(subprocess, name, functools.partial(_whole, f"subprocess.{name}"))
    replace(os, "system", functools.partial(_whole, "os.system"))
    subprocess.Popen = HostPopen  # type: ignore[misc]


def _whole(name: str, original: Any) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        if role() is Role.TOGETHER:
            return together.once(name, lambda: original(*args, **kwargs))
        return original(*args, **kwargs)

    return call


class _SharedPipe:
    """The end of a program's pipe: what the first rank reads or writes is so for all."""

    def __init__(self, name: str, pipe: Any) -> None:
        self._name = name
        self._pipe = pipe

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._pipe, name)
        if not callable(value):
            return value
        return _whole(f"{self._name}.{name}", value)

    def __iter__(self) -> Any:
        return iter(self.readline, self._empty())

    def _empty(self) -> Any:
        return self.__getattr__("read")(0)

    def __enter__(self) -> _SharedPipe:
        return self

    def __exit__(self, *about: object) -> None:
        self.close()


class _Absent:
    """In other ranks, in the place of the first one's pipe; its methods are called there only."""

    closed = False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None


_Popen = subprocess.Popen


class HostPopen(_Popen):  # type: ignore[type-arg]
    """subprocess.Popen; on the host the program is run once, by the first rank."""

    _shared = False
    _is_real = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        what = role()
        if what is Role.REAL:
            super().__init__(*args, **kwargs)
            return
        pipes = [
            name for name in ("stdin", "stdout", "stderr") if kwargs.get(name) == subprocess.PIPE
        ]
        if what is Role.MUTE:
            self._pretend(args, kwargs)
            return
        self._shared = True

        def start() -> HostPopen:
            super(HostPopen, self).__init__(*args, **kwargs)
            return self

        def pretend() -> HostPopen:
            self._pretend(args, kwargs)
            return self

        together.once_for_first("subprocess.Popen", start, pretend)
        self.pid = together.handed_on(lambda: self.pid)
        for name in pipes:
            pipe = getattr(self, name) if self._is_real else _Absent()
            setattr(self, name, _SharedPipe(f"Popen.{name}", pipe))

    def _pretend(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Without a program: as one that has ended well, till the first rank says otherwise."""
        self._is_real = False
        self.args = args[0] if args else kwargs["args"]
        self.stdin = self.stdout = self.stderr = None
        self.pid = 0
        self.returncode = 0 if not self._shared else None
        self._child_created = False
        self._input = None
        self._communication_started = False

    def _with_all(self, name: str, do: Any) -> Any:
        if not self._shared or role() is not Role.TOGETHER:
            return do() if self._is_real else None

        def act() -> tuple[Any, Any]:
            result = do()
            return result, self.returncode

        result, self.returncode = together.once(f"Popen.{name}", act)
        return result

    def poll(self) -> Any:
        return self._with_all("poll", super().poll)

    def wait(self, timeout: float | None = None) -> Any:
        return self._with_all("wait", lambda: super(HostPopen, self).wait(timeout))

    def communicate(self, input: Any = None, timeout: float | None = None) -> Any:
        do = super().communicate
        answer = self._with_all("communicate", lambda: do(input, timeout))
        return (None, None) if answer is None else answer

    def send_signal(self, sig: int) -> None:
        self._with_all("send_signal", lambda: super(HostPopen, self).send_signal(sig))

    def __exit__(self, *about: Any) -> None:
        if self._is_real and not self._shared:
            super().__exit__(*about)
            return
        for name in ("stdout", "stderr", "stdin"):
            pipe = getattr(self, name)
            if pipe is not None:
                pipe.close()
        self.wait()

    def __del__(self, *args: Any, **kwargs: Any) -> None:
        if self._is_real:
            super().__del__(*args, **kwargs)
