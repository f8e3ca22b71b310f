"""The command `varsync`: its commands are the modules of `varsync.commands`.

A module `name` there has a function `name`, whose parameters are the command's arguments and
whose result is the exit code: 0 clean, 1 findings, 2 could not run (None is 0).
"""

from __future__ import annotations

import atexit
import gc
import os
import re
import sys
from typing import TYPE_CHECKING

from varsync import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import typer

CANNOT_RUN = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command with these arguments, or those of the process; gives the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words in (["--version"], ["-V"]):
        print(f"varsync {__version__}")
        return 0
    from varsync.console.interrupt import (
        INTERRUPTED,
        Interrupted,
        end_when_interrupted,
        ignore_interrupts,
    )

    if arguments is None:
        end_when_interrupted()
        # the process ends with the command: looking for garbage takes a seventh of its time
        gc.disable()
        atexit.register(gc.freeze)
    from varsync.console.terminal import complain, finish, prepare

    prepare()
    traceback = "--traceback" in words or os.environ.get("VARSYNC_TRACEBACK", "0") not in ("", "0")
    try:
        # the one option whose value may be left out
        named = ["--add-noqa=" if word == "--add-noqa" else word for word in words]
        code = _run(_of_scripts([word for word in named if word != "--traceback"]))
    except KeyboardInterrupt:
        complain("interrupted")
        code = INTERRUPTED
    except Interrupted as error:
        complain("interrupted")
        code = error.code
    except Exception as error:
        if traceback:
            import traceback as traces

            traces.print_exc()
        complain(_report(error))
        code = CANNOT_RUN
    code = finish(code)
    if arguments is None:
        ignore_interrupts()
    return code


def _of_scripts(words: list[str]) -> list[str]:
    """With --prove, what comes after `--` are the arguments of the scripts that are run."""
    if words[:1] != ["lint"] or "--" not in words:
        return words
    at = words.index("--")
    if "--prove" not in words[:at]:
        return words
    return [*words[:at], *(f"--argument={word}" for word in words[at + 1 :])]


def _run(words: list[str]) -> int:
    """Runs a command; raises only what is a bug of ours, and KeyboardInterrupt."""
    import typer

    from varsync.console.terminal import complain
    from varsync.errors import CannotRun

    # typer's own copy of click, or click itself: the base of both is where BadParameter's is
    usage_error: type[Exception] = typer.BadParameter.__mro__[2]
    try:
        if not words:
            application(words)(["--help"], standalone_mode=False, prog_name="varsync")
            return CANNOT_RUN
        result = application(words)(words, standalone_mode=False, prog_name="varsync")
    except CannotRun as error:
        complain(str(error))
        return CANNOT_RUN
    except typer.Abort:
        raise KeyboardInterrupt from None
    except usage_error as error:
        complain(str(error.format_message()))  # type: ignore[attr-defined]
        return CANNOT_RUN
    return result if isinstance(result, int) else 0


def application(words: list[str]) -> typer.Typer:
    """The application with the command that is called, or with all of them."""
    from importlib import import_module

    import typer

    application = typer.Typer(
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    application.callback()(_varsync)
    wants_help = not words or not {"-h", "--help"}.isdisjoint(words)
    if wants_help:
        from varsync.manual import command_of
    names = command_names()
    for name in words[:1] if words[:1] and words[0] in names else names:
        module = import_module(f"varsync.commands.{name}")
        function = getattr(module, name)
        kind = command_of(name) if wants_help else None
        application.command(name, cls=kind, short_help=_summary(function))(function)
    return application


def command_names() -> list[str]:
    """The names of all commands."""
    from pathlib import Path

    return sorted(file.stem for file in Path(__file__).parent.glob("commands/[a-z]*.py"))


def _summary(function: Callable[..., object]) -> str:
    """The first sentence of a command's help, for the list of commands."""
    return re.split(r"[.:](?:\s|$)", function.__doc__ or "", maxsplit=1)[0]


def _varsync() -> None:
    """Show what the distributed variables of a TensorFlow program will do wrong.

    `varsync COMMAND --help` explains a command, `varsync --version` prints the version.
    """


def _report(error: Exception) -> str:
    words = " ".join(str(error).split())
    return (
        f"this is a bug in varsync {__version__}: {type(error).__name__}: {words[:300]} "
        "(please report it; add --traceback to see where)"
    )
