"""Compares what two runs printed: numbers within a tolerance, all else to the letter."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

RELATIVE = 1e-6
# Differences this small count as none: what is left where float32 numbers cancel out.
ABSOLUTE = 1e-7
# A number printed with so many decimals may differ by one in the last: the rounding went the
# other way.
ROUNDED_DECIMALS = 4

_NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?![\w])")
_TOKEN = re.compile(rf"(?P<number>(?<![\w.]){_NUMBER.pattern})|(?P<word>\w+|\S)")
_BLANK = re.compile(r"\s+")
_PREFIX = re.compile(r"\[(?:worker \d+[, ]*)?replica (?P<replica>\d+)\] ")


@dataclass(frozen=True)
class Line:
    """A line of output; `replica` is the one that printed it in replica context, if it says so."""

    text: str
    replica: int | None = None


def lines(output: str) -> list[Line]:
    """The lines of the simulator's output, without the prefixes of replica context."""
    found = []
    for text in output.splitlines():
        prefix = _PREFIX.match(text)
        if prefix:
            found.append(Line(text[prefix.end() :], int(prefix["replica"])))
        else:
            found.append(Line(text))
    return found


def difference(expected: str, seen: str) -> str:
    """What is different between TensorFlow's output and the simulator's; "" if nothing is.

    Host lines must come in the same order. Between two host lines, the lines of the replicas may
    be interleaved in any way: TensorFlow's threads take turns, processes need not.
    """
    wanted, given = expected.splitlines(), lines(seen)
    if len(wanted) != len(given):
        return f"{len(given)} lines instead of {len(wanted)}{_first_apart(wanted, given)}"
    at = 0
    while at < len(given):
        end = at + 1
        if given[at].replica is not None:
            while end < len(given) and given[end].replica is not None:
                end += 1
            if not _interleaved(wanted[at:end], given[at:end]):
                return (
                    f"lines {at + 1} to {end} are no interleaving of the replicas' lines:\n"
                    + "\n".join(f"  expected {text}" for text in wanted[at:end])
                    + "\n"
                    + "\n".join(f"  replica {each.replica}: {each.text}" for each in given[at:end])
                )
        elif not same(wanted[at], given[at].text):
            return f"line {at + 1}\n  expected {wanted[at]}\n  seen     {given[at].text}"
        at = end
    return ""


def _first_apart(wanted: Sequence[str], given: Sequence[Line]) -> str:
    for number, (text, line) in enumerate(zip(wanted, given, strict=False), 1):
        if line.replica is None and not same(text, line.text):
            return f"; first apart in line {number}\n  expected {text}\n  seen     {line.text}"
    longer: list[str] = [*wanted[len(given) :], *(line.text for line in given[len(wanted) :])]
    return f"; the first that only one has: {longer[0]}" if longer else ""


def _interleaved(wanted: Sequence[str], given: Sequence[Line]) -> bool:
    """True if the wanted lines are the replicas' lines, each replica's in its order."""
    queues: dict[int | None, list[str]] = {}
    for line in given:
        queues.setdefault(line.replica, []).append(line.text)
    columns = list(queues.values())

    @cache
    def matches(taken: tuple[int, ...]) -> bool:
        at = sum(taken)
        if at == len(wanted):
            return True
        return any(
            position < len(column)
            and same(wanted[at], column[position])
            and matches((*taken[:index], position + 1, *taken[index + 1 :]))
            for index, (position, column) in enumerate(zip(taken, columns, strict=True))
        )

    return matches((0,) * len(columns))


def same(expected: str, seen: str) -> bool:
    """True if two lines have the same words and, within the tolerance, the same numbers.

    White space counts only as a separator: NumPy pads its columns by the widest number.
    """
    if _BLANK.sub(" ", expected.strip()) == _BLANK.sub(" ", seen.strip()):
        return True
    wanted, given = _tokens(expected), _tokens(seen)
    return len(wanted) == len(given) and all(map(_same_token, wanted, given))


def _tokens(text: str) -> list[tuple[str, str]]:
    return [(match.lastgroup or "", match.group()) for match in _TOKEN.finditer(text)]


def _same_token(expected: tuple[str, str], seen: tuple[str, str]) -> bool:
    if expected == seen:
        return True
    if expected[0] != "number" or seen[0] != "number":
        return False
    wanted, given = expected[1], seen[1]
    if not (_is_float(wanted) and _is_float(given)):
        # An integer that differs is another integer; 3 and 3.0 are of different types.
        return False
    slack = ABSOLUTE
    if "e" not in (wanted + given).lower():
        decimals = min(_decimals(wanted), _decimals(given))
        if decimals >= ROUNDED_DECIMALS:
            slack = max(slack, 1.01 * 10.0**-decimals)
    return math.isclose(float(wanted), float(given), rel_tol=RELATIVE, abs_tol=slack)


def _is_float(number: str) -> bool:
    return any(mark in number for mark in ".eE")


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])
