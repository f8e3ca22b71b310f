"""TensorFlow's values and exceptions as plain JSON that is the same on every machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Json = Any  # what json.dumps takes; mypy has no better name for it

MESSAGE_LIMIT = 300
REPLACEMENTS = (
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
    (re.compile(r"0x[0-9a-f]{6,}"), "0x"),
    (re.compile(r"(?<![\w.])/(?:[\w.+-]+/)+[\w.+-]*"), "PATH"),
    (re.compile(r"\b\d{9,}\b"), "NUMBER"),
    # an eager tensor's name in an operation's signature: [dtype=DT_FLOAT](31428, Const)
    (re.compile(r"(?<=\]\()\d+(?=, )"), "NUMBER"),
    (re.compile(r"127\.0\.0\.1:\d+|localhost:\d+"), "ADDRESS"),
    (re.compile(r"\{\{[^}]*\}\} ?"), ""),
    (re.compile(r"(?<=[a-z])_\d+(?=_|\b)"), ""),
    (re.compile(r"numpy=.*?>", re.DOTALL), "numpy=VALUE>"),
    (re.compile(r" ?; NodeDef: .*", re.DOTALL), ""),
    (re.compile(r" ?Additional GRPC error information.*", re.DOTALL), ""),
    (re.compile(r"\s+"), " "),
)


def plain(value: Any, digits: int = 6) -> Json:
    """A tensor, variable, NumPy value or Python value; floats rounded to significant digits."""
    if hasattr(value, "numpy"):
        value = value.numpy()
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(item, digits) for item in value]
    if isinstance(value, float):
        number = float(f"{value:.{digits}g}")
        return number if abs(number) < float("inf") else str(number)
    if isinstance(value, bytes):
        return value.decode()
    if value is None or isinstance(value, (str, int)):
        return value
    return {"a": type(value).__name__}


def described(error: BaseException) -> dict[str, Json]:
    """An exception by its class and its message, without what differs from run to run."""
    return {"raises": type(error).__name__, "message": normalised(str(error))}


def normalised(message: str) -> str:
    """A message without traceback, addresses, paths and line breaks, and not too long."""
    if message.startswith("in user code:"):
        # autograph puts the traceback before the message, indented
        lines = [line.strip() for line in message.splitlines() if line.strip()]
        starts = [at for at, line in enumerate(lines) if re.match(r"\w+(Error|Exception): ?", line)]
        message = re.sub(r"^\w+: ?", "", "\n".join(lines[starts[0] :])) if starts else lines[-1]
    for pattern, replacement in REPLACEMENTS:
        message = pattern.sub(replacement, message)
    message = message.strip()
    return message if len(message) <= MESSAGE_LIMIT else message[:MESSAGE_LIMIT] + "..."


def guarded(function: Callable[[], Json]) -> Json:
    """What the function returns, or the exception that it raises."""
    try:
        return function()
    except Exception as error:
        return described(error)
