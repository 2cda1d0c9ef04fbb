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
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LAST_EXIT = 255
# In the words of the user or the service, whatever those are; objections may quote them, and are folded by ``readable``.
_WORDS_OF_OTHERS = (
    "prompt", "inputs", "url", "cover_url", "error", "status", "format", "message", "message_zh",
)  # fmt: skip


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


def strange(
    value: Any,
    wanted: tuple[type, ...] | Callable[[Any], bool],
    amiss: Callable[[Any], str] = lambda _: "",
) -> str:
    """Return what a plugin handed over in place of what it should be, for instance ``Wait whose seconds is nan``; else empty.

    Args:
        value: What it handed over; may raise whatever it likes when it is looked at.
        wanted: The frozen classes that it may be of, and is looked into; or what tells whether it will do.
        amiss: Tells what else is wrong with it; empty when nothing is.
    """
    kind = kind_of(value)
    with Fence():
        if not (isinstance(value, wanted) if isinstance(wanted, tuple) else wanted(value)):
            return kind
        wrong = (mistyped(value) if isinstance(wanted, tuple) else "") or amiss(value)
        return f"{kind} whose {wrong}" if wrong else ""
    return f"{kind} that cannot be looked at"


def readable(name: str, problem: Problem) -> Problem:
    """Return an objection on one line; one that cannot be read still refuses, for going on could cost points.

    Args:
        name: The plugin that objects.
        problem: What it handed over.
    """
    with Fence():
        if not mistyped(problem) and problem.message.strip():
            said, said_zh = _on_one_line(problem.message), _on_one_line(problem.message_zh)
            return evolve(problem, message=said, message_zh=said_zh)
    said, said_zh = "this plugin objects without saying why", "该插件拒绝了请求，但没有说明原因"
    return Problem(f"/plugins/{name}", said, rule="plugin", message_zh=said_zh)


def refusal(name: str, error: ImaError) -> ImaError:
    """Return the error with which a plugin refuses a request, its name in front; one that cannot be read refuses as well.

    Args:
        name: The plugin that refuses.
        error: What it raised.
    """
    with Fence():
        if _is_readable(error):
            error.message = f"{name}: {_on_one_line(error.message)}"
            error.args, error.details = (error.message,), {**error.details, "plugin": name}
            return error
    silent = readable(name, Problem("", ""))
    return InvalidRequestError(f"{name}: {silent.message}", problems=(silent,), details={"plugin": name})


def _is_readable(error: ImaError) -> bool:
    """Tell whether an error holds what the error contract says."""
    texts = (error.message, error.hint, error.name, "" if error.task_id is None else error.task_id)
    return (
        all(isinstance(text, str) for text in texts)
        and kind_of(error) == type(error).__name__  # it is written down with what ended a command
        and bool(error.message.strip())
        and _CODE.fullmatch(error.name) is not None
        and isinstance(error.exit_code, int)
        and 0 < error.exit_code <= _LAST_EXIT
        and isinstance(error.retryable, bool)
        and isinstance(error.details, dict)
        and not _json_fault(error.details)
        and all(isinstance(problem, Problem) and not mistyped(problem) for problem in error.problems)
    )


def _declared(kind: type, name: str) -> str:
    """Return the type of a field as it is written; ``Attribute.type`` changes when somebody resolves the names in it."""
    own = (vars(base).get("__annotations__", {}) for base in kind.__mro__)
    return next((str(types[name]) for types in own if name in types), "")


def _field_fault(value: Any, field: Attribute[Any]) -> str:
    held, home = getattr(value, field.name), vars(sys.modules.get(type(value).__module__, sys))
    if fault := _fault(held, _declared(type(value), field.name), home):
        return fault
    if isinstance(held, int | float) and not isinstance(held, bool):
        return _size_fault(field.name, held)
    if not field.repr or field.name in _WORDS_OF_OTHERS:
        return ""
    texts = held if isinstance(held, tuple | list) else (held,)
    forged = next(filter(None, (_FORGING.search(text) for text in texts if isinstance(text, str))), None)
    return f"holds the control character U+{ord(forged[0]):04X}" if forged else ""


def _size_fault(name: str, number: float) -> str:
    if abs(number) > _LARGEST:
        return "is too large a number"
    if name in _LEAST and number < _LEAST[name]:
        return f"is less than {_LEAST[name]}"
    return f"is more than {_MOST[name]}" if name in _MOST and number > _MOST[name] else ""


def _fault(value: Any, wanted: str, home: Mapping[str, Any]) -> str:
    """Return what is wrong with a value.

    Args:
        value: It.
        wanted: What its class says it is, as written there.
        home: The names of the module in which that was written.
    """
    if value is None and ("None" in wanted or "Any" in wanted):
        return ""
    found = _TYPE.match(wanted)
    name, inner = (found["name"], found["inner"] or "") if found else ("", "")
    if name == "Any":
        return _json_fault(value)
    if name not in _KINDS:
        return _class_fault(value, name, home.get(name))
    if not isinstance(value, _KINDS[name]) or (isinstance(value, bool) and name != "bool"):
        return f"is of type {kind_of(value)}"
    if isinstance(value, tuple | list) and inner:
        return _first_fault(_fault(item, inner, home) for item in value)
    return (
        _scalar_fault(value) if isinstance(value, float) else _json_fault(value) if name == "Mapping" else ""
    )


def _class_fault(value: Any, name: str, known: Any) -> str:
    """Return what is wrong with a value that is none of the plain kinds: of a choice, a function, or a class of ours."""
    if get_origin(known) is Literal:
        choices = get_args(known)
        return "" if value in choices else f"is none of {', '.join(map(str, choices))}"
    is_one = (
        isinstance(value, known) if isinstance(known, type) else name not in _OURS or _is_called(value, name)
    )
    if not is_one:
        return f"is of type {kind_of(value)}"
    fault = mistyped(value) if has(type(value)) else ""
    return f"holds a value whose {fault}" if fault else ""


def _is_called(value: Any, name: str) -> bool:
    return type(value).__name__ == name


def _json_fault(value: Any, depth: int = 0) -> str:
    """Return why a value cannot be told as JSON; a tuple is a list there."""
    if depth > _DEEPEST:
        return f"is nested more than {_DEEPEST} levels deep"
    if isinstance(value, Mapping):
        rows = dict(value)
        if not all(isinstance(name, str) and not _FORGING.search(name) for name in rows):
            return "holds a name that is no text on one line"
        return _first_fault(_json_fault(row, depth + 1) for row in rows.values())
    if isinstance(value, tuple | list):
        return _first_fault(_json_fault(item, depth + 1) for item in value)
    return _scalar_fault(value)


def _scalar_fault(value: Any) -> str:
    if value is None or isinstance(value, bool | str):
        return ""
    if isinstance(value, int):
        return "" if value.bit_length() <= _MOST_BITS else "is too large a number"
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"is {value}"
    return f"is of type {kind_of(value)}"


def _first_fault(faults: Iterable[str]) -> str:
    return next((f"holds what {fault}" for fault in faults if fault), "")


def _on_one_line(text: str) -> str:
    return " ".join(_FORGING.sub(" ", text).split())
