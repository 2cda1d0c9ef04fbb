"""Versions as distributions state them, as far as a plugin's metadata need it (PEP 440)."""

from __future__ import annotations

import re
import sys
from typing import Literal

_VERSION = re.compile(
    r"""v?(?:[0-9]+!)?(?P<release>[0-9]+(?:\.[0-9]+)*)
    (?:[-_.]?(?:alpha|beta|preview|pre|rc|a|b|c)[-_.]?[0-9]*)?
    (?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?
    (?:[-_.]?dev[-_.]?[0-9]*)?
    (?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?""",
    re.VERBOSE | re.IGNORECASE,
)
_CLAUSE = re.compile(r"\s*(?P<sign>===|~=|==|!=|<=|>=|<|>)\s*(?P<version>[^\s]+?)(?P<any>\.\*)?\s*")
_WITH_ANY = ("==", "!=")
PythonFault = Literal["", "bad-python", "python-unmet"]
Release = tuple[int, ...]


def is_version(text: str) -> bool:
    """Tell whether an installer takes a text for a version."""
    return _VERSION.fullmatch(text.strip()) is not None


def python_fault(text: str, running: Release = sys.version_info[:3]) -> PythonFault:
    """Return what is wrong with ``requires-python``: it cannot be read, or leaves out the Python that runs.

    Args:
        text: Conditions with commas between them, for instance ``>=3.11,<4``.
        running: The Python that it is tried with.
    """
    clauses = [_CLAUSE.fullmatch(clause) for clause in text.split(",") if clause.strip()]
    held = [_holds(clause, running) if clause else None for clause in clauses]
    if not held or None in held:
        return "bad-python"
    return "" if all(held) else "python-unmet"


def _holds(clause: re.Match[str], running: Release) -> bool | None:
    """Return whether a condition holds; None when it is none."""
    found, sign = _VERSION.fullmatch(clause["version"]), clause["sign"]
    if found is None or (clause["any"] and sign not in _WITH_ANY):
        return None
    wanted = tuple(int(part) for part in found["release"].split("."))
    if clause["any"] or sign == "~=":
        stem = wanted if clause["any"] else wanted[:-1]
        if not stem:
            return None  # ~=3 says nothing
        alike = running[: len(stem)] == stem
        if sign == "~=":
            return alike and _compared(running, wanted) >= 0
        return alike is (sign == "==")
    order = _compared(running, wanted)
    held = {"==": order == 0, "===": order == 0, "!=": order != 0, "<=": order <= 0, ">=": order >= 0,
            "<": order < 0, ">": order > 0}  # fmt: skip
    return held[sign]


def _compared(one: Release, other: Release) -> int:
    """Return -1, 0 or 1; figures that are not there are zeros."""
    width = max(len(one), len(other))
    left, right = ((*release, *(0,) * (width - len(release))) for release in (one, other))
    return (left > right) - (left < right)
