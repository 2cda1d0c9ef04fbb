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
# Names of our command line in hints, and the tool that does the same.
_TOOLS = (
    (" --download DIR", ""),
    ("ima-skills tasks wait", "the tool wait with task_id"),
    ("ima-skills tasks show", "the tool get_task with task_id"),
    ("ima-skills models list", "the tool list_models"),
    (
        "Run: ima-skills models show MODEL",
        "Call list_models with task_type and params to see which models do it.",
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
        elsewhere = "; settings of the model go into params" if "params" in known and not close else ""
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
