"""Patterns of declared rules: a regular expression small enough that no text can make it slow.

Python's engine tries alternatives one after the other, so the work a pattern can cause is at most the number
of its ways through a text. That number is bounded here by adding up what each sign of the pattern may
multiply it with; a pattern that could take too long is refused, and texts are cut to the length assumed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Names and ids of leaves are far shorter.
LONGEST_TEXT = 100
LONGEST_PATTERN = 100
# Our choice: some tenths of a second at the very worst.
MOST_WAYS = 5_000_000
# An escaped sign, a set of signs, the start of a group, a repetition, or any single sign.
_SIGN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?:|\(\?|\(|\{\d*,?\d*\}|.", re.DOTALL)
_BOUNDS = re.compile(r"\{(\d*)(,?)(\d*)\}")


def fault_of(pattern: str) -> str | None:
    """Return what is wrong with a pattern, or None: it is not valid, or it could take too long."""
    if len(pattern) > LONGEST_PATTERN:
        return f"is longer than {LONGEST_PATTERN} characters"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"is no regular expression: {error}"
    ways = LONGEST_TEXT
    for sign, before in _pairs(pattern):
        if sign == "(?":
            return "uses a group other than ( and (?:"
        if sign[0] == "\\" and sign[1].isdigit():
            return "refers back to a group"
        factor = _factor(sign)
        if factor > 2 and before == ")":  # noqa: PLR2004 - "?" is the only repetition that a group may have
            return "repeats a group"
        ways *= factor
    return "could take too long: use fewer repetitions and alternatives" if ways > MOST_WAYS else None


def search(pattern: str, text: str) -> re.Match[str] | None:
    """Return the first place of a text, letter case aside, that a sound pattern fits; None when there is none."""
    return re.search(pattern, text[:LONGEST_TEXT], re.IGNORECASE)


def _pairs(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield every sign of a pattern with the one before it."""
    before = ""
    for found in _SIGN.finditer(pattern):
        yield found[0], before
        before = found[0]


def _factor(sign: str) -> int:
    """Return how many ways a sign may multiply."""
    if sign in ("*", "+"):
        return LONGEST_TEXT
    if sign in ("?", "|"):
        return 2
    bounds = _BOUNDS.fullmatch(sign)
    if bounds is None:
        return 1
    low = int(bounds[1] or 0)
    high = int(bounds[3] or LONGEST_TEXT) if bounds[2] else low
    # A fixed number of times is one way, but {2} on a group still repeats what is in it.
    return min(max(high - low + 1, 3), LONGEST_TEXT)
