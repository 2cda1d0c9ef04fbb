"""Whether what a plugin hands over holds what its class says: Python itself does not look."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from attrs import evolve, fields, has

from ima_skills.domain.problem import Problem
from ima_skills.errors import ImaError, InvalidRequestError
from ima_skills.plugin_faults import Fence, kind_of

if TYPE_CHECKING:
    from attrs import Attribute

_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "str": str, "int": int, "float": (int, float), "bool": bool, "tuple": (tuple, list), "Mapping": Mapping,
}  # fmt: skip
# Values within values, by their names: the classes of others may not be there at run time.
_OURS = ("Text", "Change", "Step", "Use", "Clarify", "Inquiry", "PreferenceWish")
_TYPE = re.compile(r"(?P<name>\w+)(\[(?P<inner>\w+), ?\.\.\.\])?")
# What counts means the same in every class that has it.
_LEAST: Mapping[str, int] = {"n": 1, "output": 1, "max_points": 1, "confidence": 0}
_MOST: Mapping[str, int] = {"confidence": 1}
# Exact in every JSON reader; the wish's own numbers may be odder, and are refused for that where they are sent.
_LARGEST = 1 << 53
_MOST_BITS = 1000
# Our choice, as for what is sent.
_DEEPEST = 20
# Ends a line, moves about in a terminal, or turns a line around: somebody could make words of ours with it.
_FORGING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# In the words of the user or the service, whatever those are.
_WORDS_OF_OTHERS = ("prompt", "inputs", "url", "cover_url", "error", "status", "format")


def mistyped(value: Any) -> str:
    """Return what in a frozen value is not as its class says, for instance ``seconds is of type str``; else empty.

    Looked at are kinds, choices, ranges of what counts, and whether texts are text on one line and the rest could be
    told as JSON; functions are not looked into.

    Args:
        value: An answer of the right class.
    """
    for field in fields(type(value)):
        fault = _field_fault(value, field)
        if fault:
            return f"{field.name} {fault}"
    return ""


def strange(value: Any, is_one: Callable[[Any], bool] | type) -> str:
    """Return what a plugin handed over in place of what it should be, for instance ``Wait whose seconds is nan``; else empty.

    Args:
        value: What it handed over; may raise whatever it likes when it is looked at.
        is_one: The class that it should be of, or what tells.
    """
    kind = kind_of(value)
    with Fence():
        if not (isinstance(value, is_one) if isinstance(is_one, type) else is_one(value)):
            return kind
        wrong = mistyped(value) if has(type(value)) else ""
        return f"{kind} whose {wrong}" if wrong else ""
    return f"{kind} that cannot be looked at"


def readable(name: str, problem: Problem) -> Problem:
    """Return an objection; one that cannot be read still refuses, for going on could cost points.

    Args:
        name: The plugin that objects.
        problem: What it handed over.
    """
    with Fence():
        if not mistyped(problem):
            return problem
        folded = evolve(
            problem, message=_on_one_line(problem.message), message_zh=_on_one_line(problem.message_zh)
        )
        if not mistyped(folded):
            return folded
    said, said_zh = "this plugin objects without saying why", "该插件拒绝了请求，但没有说明原因"
    return Problem(f"/plugins/{name}", said, rule="plugin", message_zh=said_zh)


def refusal(name: str, error: ImaError) -> ImaError:
    """Return an error with which a plugin refuses a request, with its name in front; one that cannot be read refuses too.

    Args:
        name: The plugin.
        error: What it raised.
    """
    with Fence():
        if _is_readable(error):
            error.message = f"{name}: {_on_one_line(error.message)}"
            error.args = (error.message,)
            error.details = {**error.details, "plugin": name}
            return error
    problem = readable(name, Problem("", ""))
    said = Problem(f"/plugins/{name}", *_SILENT, rule="plugin") if problem is None else problem
    return InvalidRequestError(f"{name}: {said.message}", problems=(said,))
