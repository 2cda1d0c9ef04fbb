"""Errors as a model can read them: code, message, next step."""

from __future__ import annotations

import json
import logging
import traceback
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from mcp.server.mcpserver.exceptions import ToolError

from ima_skills.domain.problem import Problem, pointer_to
from ima_skills.errors import ImaError, InvalidRequestError, UsageError
from ima_skills.nearest import choices, nearest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pydantic import ValidationError

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)
_ASK = (
    "Tell the user what may have been charged, and let them look there; only when they want it made again all"
    " the same, call generate again with another=true."
)
# An argument by which a tool is known, and where what it does not know may belong.
_ELSEWHERE = (
    ("words", "; a name or a use case goes into words, a setting that a model must take into params"),
    ("params", "; settings of the model go into params"),
)
_KEEPER = "Ask whoever keeps this machine to run"
# What no tool does, and only somebody at the machine can do.
_COMMANDS = ("doctor", "plugins list", "registry check", "sandbox reset")
# Names of our command line in hints, and the tool that does the same.
_TOOLS = (
    (
        "Name a version with --version-id; they are listed by: ima-skills models show",
        "Name a version: model=NAME@VERSION. The tool list_models with task_type names the version_id of",
    ),
    *(
        (f"{lead} ima-skills {name}", f"{_KEEPER}: ima-skills {name}")
        for lead in ("Run", "Run:", "Start afresh with:")
        for name in _COMMANDS
    ),
    (
        "keep this file aside and begin a new one with: ima-skills",
        "ask whoever keeps this machine to run: ima-skills",
    ),
    (
        "If they say that it was not accepted: ima-skills",
        "If they say that it was not accepted, ask whoever keeps this machine to run: ima-skills",
    ),
    ("ima-skills tasks list --all", "the tool list_tasks with everything=true"),
    ("ima-skills tasks list", "the tool list_tasks"),
    ("Raise --max-points and run the same command again", "Call again with a higher max_points"),
    (" --download DIR", ""),
    ("ima-skills tasks wait", "the tool wait with task_id"),
    ("ima-skills tasks show", "the tool get_task with task_id"),
    ("ima-skills models list", "the tool list_models"),
    (
        "Run: ima-skills models show MODEL",
        "Correct what problems name and call again; list_models with the same task_type lists other models.",
    ),
    ("--task-type", "task_type"),
    ("--max-points", "max_points"),
    ("--model", "model"),
    (" (--fix nearest takes it)", ""),
    ("（加 --fix nearest 即可采用）", ""),
    ("or make another one with --new", "or call generate with another=true"),
    ("Only --resubmit sends the same job once more.", _ASK),
    ("; to send it once more all the same, add --resubmit.", f". {_ASK}"),
    (", or add --sandbox to try everything offline without spending points", ""),
)


def readable(error: ImaError) -> ToolError:
    """Return an error as the SDK hands it to the model: one JSON document."""
    document: dict[str, Any] = {
        "code": error.name,
        "message": error.message,
        "next": as_tool(error.hint),
        "retryable": error.retryable,
    }
    if error.task_id:
        document["task_id"] = error.task_id
    if error.problems:
        document["problems"] = [problem.as_dict() for problem in error.problems]
    if error.details:
        document["details"] = error.details
    return ToolError(json.dumps(document, ensure_ascii=False, default=str))


def misshapen(error: ValidationError) -> ToolError:
    """Return the refusal of arguments that do not fit a tool's schema, without the values that were given."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    problems = [Problem(pointer_to(*fault["loc"]), fault["msg"], rule=fault["type"]) for fault in faults]
    said = "; ".join(f"{problem.place}: {problem.message}" for problem in problems)
    return readable(
        InvalidRequestError(said, problems=problems, hint="Nothing was sent; correct it and call again.")
    )


def unknown_arguments(names: list[str], known: list[str]) -> ToolError:
    """Return the refusal of arguments that a tool does not have, each with what was probably meant.

    Args:
        names: Those arguments.
        known: Those that the tool has.
    """
    problems = []
    for name in names:
        close = nearest(name, known)
        elsewhere = "" if close else next((text for mark, text in _ELSEWHERE if mark in known), "")
        meant = f"; did you mean {close}?" if close else elsewhere
        problems.append(
            Problem(f"/{name}", f"is no argument of this tool{meant}", rule="unknown", nearest=close)
        )
    said = "; ".join(f"{problem.place}: {problem.message}" for problem in problems)
    hint = f"Nothing was sent; it takes: {', '.join(known)}." if known else "Nothing was sent; it takes none."
    return readable(InvalidRequestError(said, problems=problems, hint=hint))


def unknown_tool(name: str, known: list[str]) -> ToolError:
    """Return the refusal of a tool that does not exist."""
    return readable(UsageError(f"there is no tool called {name[:60]!r}", hint=choices(name, known)))


def as_tool(hint: str) -> str:
    """Return a hint that names tools where it named commands."""
    for command, tool in _TOOLS:
        hint = hint.replace(command, tool)
    return hint


def _place(error: Exception) -> str:
    """Return where an error happened: file and line, none of its words."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"


def told(work: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Let a tool's errors reach the model; what nobody expected is named by its type only."""

    @wraps(work)
    async def safe(*args: P.args, **given: P.kwargs) -> T:
        try:
            return await work(*args, **given)
        except ImaError as error:
            raise readable(error) from None
        except ToolError:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary: a strange error's text might quote a prompt
            _log.error("%s at %s", type(error).__name__, _place(error))
            hint = "Run ima-skills doctor on this machine; nothing is known of what was sent."
            fault = ImaError(f"an internal fault: {type(error).__name__}", code="internal", hint=hint)
            raise readable(fault) from None

    return safe
