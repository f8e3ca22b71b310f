"""`varsync server`: what lint finds, in an editor."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated

import typer

from varsync.errors import CannotRun


def server(
    stdio: Annotated[
        bool, typer.Option("--stdio", help="Speak over the standard streams, as it always does.")
    ] = False,
) -> int:
    """Speak the language server protocol with an editor, over the standard input and output.

    Editors start it; docs/editors.md tells how. It needs the extra lsp.
    """
    try:
        from varsync.server.session import serve
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise CannotRun("the server needs pygls: pip install 'varsync[lsp]'") from None
    if sys.stdin is None or sys.stdout is None:
        raise CannotRun("there is no standard input or output to speak over")
    # it lives long, other than the rest of the commands
    gc.enable()
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # whatever anybody prints is not the protocol's
    os.dup2(2, sys.stdout.fileno())
    return serve(sys.stdin.buffer, output)
