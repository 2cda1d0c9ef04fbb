"""Many requests in one process: what the lines of a jobs file are, who runs them, and what their errors leave.

A line is done when its result is durable in the results file; only then does the journal hear that it
was delivered. Whatever happens in between, the next run finds the task instead of making another.
"""

from __future__ import annotations

import codecs
import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, evolve, field, frozen

from ima_skills.domain.problem import Change
from ima_skills.domain.request import Request
from ima_skills.errors import ImaError, JobFailedError, OutcomeUnknownError, PointsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path


_EXAMPLE = 'A line looks like {"task_type": "text_to_image", "prompt": "a lighthouse at dusk"}.'
_JSON_WORDS = {str: "text", list: "a list", dict: "an object", int: "a whole number"}
_FIELDS = {"id", "task_type", "model", "version_id", "prompt", "inputs", "params", "n", "language"}
_LARGEST_LINE = 4 << 20
# Exit codes that are no fault of a line: key, points, network, our own.
_NOT_THE_LINES_FAULT = (3, 4, 5, 6)
_CREDENTIAL = 3
# A refusal of the service that is about itself, though a smaller job may help.
_AT_THIS_MOMENT = "service-fault"
_EMPTY = ("insufficient-points", "over-cap", "over-daily-cap", "needs-consent")
_NO_BOOKS = ("journal-unwritable", "journal-damaged")


@frozen
class Line:
    """One line of a jobs file.

    Attributes:
        number: Line number, from 1.
        id: The line's own id, or its number.
        request: The wish; None when the line cannot be read.
        error: Why it cannot be read.
        mark: What makes this line this line wherever it stands: the id that it brings itself, else its text and
            which of the equal lines it is.
        named: Whether the line brings its id itself.
        content: Digest of its text.
    """

    number: int
    id: str
    request: Request | None = field(default=None, repr=False)
    error: ImaError | None = None
    mark: str = ""
    named: bool = False
    content: str = ""


class Executor(Protocol):
    """Decides where and how many lines run at once; a plugin may spread them over machines."""

    async def run(self, lines: Sequence[Line], work: Callable[[Line], Awaitable[None]]) -> None:
        """Run ``work`` once for every line; it never raises for a line that fails.

        Args:
            lines: What is left to do.
            work: Does one line.
        """
        ...


@frozen
class PoolExecutor:
    """Runs lines in this process.

    Attributes:
        concurrency: Most lines at once.
    """

    concurrency: int = 8

    async def run(self, lines: Sequence[Line], work: Callable[[Line], Awaitable[None]]) -> None:
        """Run ``work`` for every line, ``concurrency`` of them at a time, in order of the file."""
        import asyncio

        waiting = iter(lines)

        async def worker() -> None:
            for line in waiting:
                await work(line)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.concurrency, len(lines))):
                group.create_task(worker())


def read_lines(path: Path, language: str = "en") -> tuple[Line, ...]:
    """Read a jobs file; a line that cannot be read is a line with an error.

    Args:
        path: JSON Lines; empty lines are passed over.
        language: Language of lines that name none.

    Raises:
        UsageError: The file cannot be read, or two lines have the same id.
    """
    try:
        # Bytes end lines at line ends only; a text does so at signs that JSON may hold.
        texts = path.read_bytes().removeprefix(codecs.BOM_UTF8).splitlines()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror or type(error).__name__}",
            code="bad-batch",
            hint="Name a file of JSON lines, one job each.",
            details={"file": str(path), "why": error.strerror or type(error).__name__},
        ) from error
    lines = tuple(_line(number, text, language) for number, text in enumerate(texts, 1) if text.strip())
    _must_be_unique(lines)
    return _with_free_ids(_marked(lines))


def _marked(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines, each with its mark: a line that is put before others makes none of them another one."""
    equal: Counter[str] = Counter()
    found = []
    for line in lines:
        equal[line.content] += not line.named
        mark = f"id:{line.id}" if line.named else f"text:{equal[line.content]}:{line.content}"
        found.append(evolve(line, mark=_digest(mark.encode(errors="surrogatepass"))))
    return tuple(found)


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _must_be_unique(lines: Sequence[Line]) -> None:
    seen: dict[str, int] = {}
    for line in lines:
        if line.named and line.id in seen:
            raise UsageError(
                f"lines {seen[line.id]} and {line.number} have the same id {line.id!r}",
                code="bad-batch",
                hint="Give each line an id of its own, or none: then its number is its id.",
                details={"first": seen[line.id], "second": line.number, "id": line.id},
            )
        if line.named:
            seen[line.id] = line.number


def _with_free_ids(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines, those without an id under one that no other line was given."""
    taken = {line.id for line in lines if line.named}
    found = []
    for line in lines:
        name = line.id
        while not line.named and name in taken:
            name = f"line-{name}"
        taken.add(name)
        found.append(evolve(line, id=name))
    return tuple(found)


def _line(number: int, text: bytes, language: str) -> Line:
    content = _digest(text.strip())
    try:
        document = json.loads(text.decode()) if len(text) <= _LARGEST_LINE else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return Line(number, str(number), error=_bad(f"line {number} is not a JSON object"), content=content)
    name = document.get("id")
    named = isinstance(name, str | int) and not isinstance(name, bool)
    label = str(name) if named else str(number)
    try:
        return Line(number, label, _request(document, language), named=named, content=content)
    except UsageError as error:
        return Line(number, label, error=error, named=named, content=content)


def _request(document: Mapping[str, Any], language: str) -> Request:
    from ima_skills.domain.request import Request, whole
    from ima_skills.nearest import nearest

    document = {**document, "n": whole(document.get("n", 1))}
    unknown = [name for name in document if name not in _FIELDS]
    if unknown:
        close = nearest(unknown[0], sorted(_FIELDS))
        meant = f"Did you mean {close}?" if close else f"A job may hold: {', '.join(sorted(_FIELDS))}."
        raise _bad(f"{unknown[0]!r} is no field of a job", meant)
    kinds = {"task_type": str, "prompt": str, "inputs": list, "params": dict, "n": int}
    for name, kind in kinds.items():
        if name in document and (not isinstance(document[name], kind) or isinstance(document[name], bool)):
            raise _bad(f"{name} must be {_JSON_WORDS[kind]}")
    for name in ("task_type", "prompt"):
        if name not in document:
            raise _bad(f"{name} is missing")
    return Request(
        task_type=document["task_type"],
        prompt=document["prompt"],
        model=document.get("model"),
        version_id=document.get("version_id"),
        inputs=tuple(document.get("inputs", ())),
        params=document.get("params", {}),
        n=document["n"],
        language=document.get("language", language),
    )


def _bad(message: str, hint: str = _EXAMPLE) -> UsageError:
    return UsageError(message, code="bad-job", hint=hint)


@define
class Tally:
    """How far a batch is.

    Attributes:
        total: Lines in the file.
        done: Lines with a verdict, earlier runs included.
        failed: Lines of these that ended badly.
        under_way: Tasks that this run has created or found again.
        points: Points that the service has charged in this run.
        stopped: Why no further line is begun: a cap, a rejected key.
        held: Code to the first error that left a line undone in this run, and how many lines it left so.
        reduced: Lines that the service took in another form only, and what was changed to get them accepted.
        stale: Lines that were made from an earlier text of theirs.
    """

    total: int
    done: int = 0
    failed: int = 0
    under_way: int = 0
    points: int = 0
    stopped: ImaError | None = None
    exits: list[int] = field(factory=list)
    held: dict[str, tuple[ImaError, int]] = field(factory=dict)
    reduced: list[tuple[Line, tuple[Change, ...]]] = field(factory=list)
    stale: list[Line] = field(factory=list)

    def hold(self, error: ImaError) -> None:
        """Note what left a line undone; of errors of one code the first speaks for all."""
        first, lines = self.held.get(error.name, (error, 0))
        self.held[error.name] = (first, lines + 1)


def stops_everything(error: ImaError) -> bool:
    """Whether an error of one line would be the answer to every other line as well."""
    empty = isinstance(error, PointsError) and error.name in _EMPTY
    return error.exit_code == _CREDENTIAL or empty or error.name in _NO_BOOKS


def failure(line: Line, error: ImaError, credit: int | None = None, *, saves: bool = True) -> dict[str, Any]:
    """Return the result of a line that did not work.

    Args:
        line: The line.
        error: What ended it.
        credit: Points that were charged for its task, where the error does not say.
        saves: Whether files are wanted here.
    """
    return {
        **head(line),
        "status": status_of(error, saves=saves),
        "task_id": error.task_id,
        "credit": error.details.get("points", credit),
        "error": error.as_dict(),
    }


def head(line: Line) -> dict[str, Any]:
    """Return what the result of every line begins with."""
    return {"id": line.id, "line": line.number, "mark": line.mark, "content": line.content}


def status_of(error: ImaError, *, saves: bool = True) -> str:
    """Return what an error leaves of a job.

    Args:
        error: What ended it.
        saves: Whether files are wanted here.

    ``unknown``: it may have been paid. ``open``: it was accepted, and is not here yet. ``failed`` with a task: the
    service could not make it, and what is usable of it is here. ``failed`` without one: it was refused as it is, by
    us or by the service, and cost nothing. ``not-sent``: it cost nothing either, and was no fault of its own.
    """
    if isinstance(error, OutcomeUnknownError):
        return "unknown"
    if error.task_id:
        is_here = not saves or not {"download_error", "outstanding"} & error.details.keys()
        return "failed" if isinstance(error, JobFailedError) and is_here else "open"
    passes = error.retryable or error.name == _AT_THIS_MOMENT or error.exit_code in _NOT_THE_LINES_FAULT
    return "not-sent" if passes else "failed"


def sent_before(what: str, **facts: Any) -> OutcomeUnknownError:
    """Return the error for what an earlier run may have paid for, as its record says.

    Args:
        what: What was sent, for instance ``this line``.
        facts: For ``--json``.
    """
    return OutcomeUnknownError(
        f"{what} was sent by an earlier run, and its outcome is not known",
        hint="It is not sent again by itself. Look at: ima-skills tasks list --all; to send it once more all the"
        " same, add --resubmit.",
        details=facts,
    )
