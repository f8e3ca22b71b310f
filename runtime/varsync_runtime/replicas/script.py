"""Runs a script as `python script.py` does, in the process of a rank."""

from __future__ import annotations

import atexit
import builtins
import gc
import importlib.machinery
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

from varsync_runtime.events import of_limit, recorder
from varsync_runtime.replicas import births, cluster, host, tracebacks
from varsync_runtime.replicas.account import Ending
from varsync_runtime.replicas.compiling import compiled
from varsync_runtime.replicas.endings import RunOver
from varsync_runtime.replicas.modules import Module
from varsync_runtime.replicas.notebook import Notebook
from varsync_runtime.replicas.world import World, current


def main_of(
    path: str,
    arguments: Sequence[str] = (),
    prepare: Callable[[World], None] | None = None,
    code: Notebook | Module | None = None,
    addresses: Sequence[str] = (),
) -> Callable[[World], Ending]:
    """What `supervise` runs to run a script: `path` and `arguments` become its sys.argv.

    If the path is a notebook's or a module's, `code` is that. `prepare(world)` is called in the first
    rank of each worker before the script: it puts the stand-in where the script will import it from.
    `addresses` are the workers', where they are not to be those of TF_CONFIG.
    """

    def main(world: World) -> Ending:
        _start(world, addresses)
        if prepare is not None:
            prepare(world)
        # what is there now stays for good: a collection shall not look at it, since it would write
        # into memory that the ranks share
        gc.freeze()
        gc.enable()
        return run(path, arguments, code)

    return main


def run(path: str, arguments: Sequence[str] = (), code: Notebook | Module | None = None) -> Ending:
    """Runs a script from its first line to the end of the interpreter; prints its traceback.

    `path` is a file, or a folder or an archive that has a `__main__.py`. RunOver is handed on.
    """
    sys.argv = [path, *arguments]
    try:
        ending = _guarded(
            lambda: _play(code) if isinstance(code, Notebook) else _execute(path, code)
        )
    except RunOver:
        _quietly(_finish)
        raise
    after = _guarded(_finish)
    return ending if ending.code or not after.code else after


def _start(world: World, addresses: Sequence[str]) -> None:
    """Makes a forked process look like one that Python has just started."""
    # what the supervisor's process registered is not the script's to run
    atexit._clear()
    sys.excepthook = sys.__excepthook__
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    recorder.start(*_told(world))
    births.hooks.before += [recorder.flush, host.before_fork]
    births.hooks.after += [lambda world: recorder.forked(*_told(world)), host.after_birth]
    if world.workers > 1:
        cluster.become(world.worker, world.workers, addresses)
    host.install(world)


def _told(world: World) -> tuple[Callable[[bytes], None] | None, Callable[[int], None] | None]:
    """Who gets this rank's events, and the numbers of its steps."""
    crew = world.processes
    return (crew.channel.event, crew.note_step) if isinstance(crew, births.Crew) else (None, None)


def _execute(path: str, module: Module | None) -> None:
    """The script's own lines, as the module `__main__`."""
    code_path, folder, source = _located(path)
    # `python script.py` knows its script by its whole path, `python -m` looks in this folder
    sys.path[:1] = [folder if module is None else str(Path.cwd())]
    names = _main_module()
    if module is None:
        loader = importlib.machinery.SourceFileLoader("__main__", code_path)
        names.update(__file__=code_path, __cached__=None, __loader__=loader)
    else:
        names.update(module.attributes())
    exec(compiled(source, code_path), names)


def _play(notebook: Notebook) -> None:
    """The cells of a notebook: in its folder, and in a module without a `__file__`, as in Jupyter."""
    folder = str(Path(notebook.path).resolve().parent)
    sys.path[:1] = [folder]
    os.chdir(folder)
    notebook.run(_main_module())


def _main_module() -> dict[str, object]:
    """The namespace of a new module `__main__`."""
    module = ModuleType("__main__")
    names = vars(module)
    names["__builtins__"] = builtins
    if sys.version_info < (3, 14):
        names["__annotations__"] = {}
    sys.modules["__main__"] = module
    return names


def _located(path: str) -> tuple[str, str, bytes]:
    """The file to run, the folder that its imports start from, and its source."""
    whole = os.path.abspath(path)  # noqa: PTH100 - as Python does: links stay
    if Path(whole).is_dir():
        inside = str(Path(whole, "__main__.py"))
        if not Path(inside).exists():
            raise _NotAScript(f"can't find '__main__' module in {path!r}")
        return inside, whole, Path(inside).read_bytes()
    try:
        with io.open_code(whole) as file:
            source = file.read()
    except OSError as error:
        number, text = error.errno, error.strerror
        raise _NotAScript(f"can't open file {whole!r}: [Errno {number}] {text}") from None
    return whole, str(Path(whole).resolve().parent), source


class _NotAScript(Exception):
    """There is nothing to run."""


def _guarded(do: Callable[[], None]) -> Ending:
    """Calls it and says how it ended, with what Python prints for that; RunOver goes through."""
    try:
        do()
    except RunOver:
        raise
    except _NotAScript as error:
        print(f"{sys.executable}: {error}", file=sys.stderr)
        return Ending(2, error=str(error))
    except SystemExit as exit:
        return _exited(exit)
    except KeyboardInterrupt as error:
        # the second Ctrl-C must not cut short what the first one has to say
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # it may have come in the middle of entering or leaving replica context: this is host code
        host.set_replica_context(lambda: False)
        return _raised(error, 128 + signal.SIGINT)
    except BaseException as error:
        return Ending(0) if of_limit(error) else _raised(error, 1)
    return Ending(0)


def _raised(error: BaseException, code: int) -> Ending:
    tracebacks.clean(error)
    if not getattr(error, "says_it_all", False):
        tracebacks.show(error)
    elif current().processes is None:  # a process that the script forked: nobody else will say it
        print(f"varsync: {error}", file=sys.stderr)
    # the frames hold the script's arrays
    trace, error.__traceback__ = tracebacks.text(error), None
    return Ending(code, error=_headline(error), traceback=trace)


def _headline(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        text = "<exception str() failed>"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _exited(exit: SystemExit) -> Ending:
    """What Python makes of sys.exit's argument."""
    code = exit.code
    if code is None:
        return Ending(0)
    if isinstance(code, int):
        return Ending(code & 0xFF)
    print(code, file=sys.stderr)
    return Ending(1)


def _finish() -> None:
    """What Python does after the last line: threads, atexit, the objects of `__main__`, files."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    _stop_daemons()
    main = sys.modules.get("__main__")
    if main is not None:
        _clear(vars(main))
    gc.collect()
    try:
        host.finish()
    finally:
        recorder.flush()


def _stop_daemons() -> None:
    """Threads that are left do not run any more while Python ends, and say nothing."""
    if threading.active_count() > 1:
        sys.setswitchinterval(3600)
        threading.excepthook = lambda _: None


def _clear(names: dict[str, object]) -> None:
    """Lets go of a module's objects in Python's order: private names first."""
    for private in (True, False):
        for name in list(names):
            is_private = name.startswith("_") and not name.startswith("__")
            if is_private == private and name != "__builtins__":
                names[name] = None


def _quietly(do: Callable[[], None]) -> None:
    try:
        do()
    except BaseException:
        return
