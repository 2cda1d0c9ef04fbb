"""Many requests in one process: each line once, results as they come, resumable at any point.

A line is done when its result is durable in the results file; only then does the journal hear that it
was delivered. Whatever happens in between, the next run finds the task instead of making another.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, evolve, field, frozen

from ima_skills.domain.request import Request
from ima_skills.errors import ImaError, OutcomeUnknownError, PointsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence


_EXAMPLE = 'A line looks like {"task_type": "text_to_image", "prompt": "a lighthouse at dusk"}.'
_JSON_WORDS = {str: "text", list: "a list", dict: "an object", int: "a whole number"}
RESULTS = "results.jsonl"
_FIELDS = {"id", "task_type", "model", "version_id", "prompt", "inputs", "params", "n", "language"}
# These end a line for good; anything else is tried again by the next run.
FINAL = ("success", "failed")
_LARGEST_LINE = 4 << 20
# Exit codes: network and deadline; and those that are no fault of a line: key, points, network, our own.
_PASSING = (5, 6)
_NOT_THE_LINES_FAULT = (3, 4, 5, 6)
_CREDENTIAL = 3
_EMPTY = ("insufficient-points", "over-cap", "over-daily-cap")


@frozen
class Line:
    """One line of a jobs file.

    Attributes:
        number: Line number, from 1.
        id: The line's own id, or its number.
        request: The wish; None when the line cannot be read.
        error: Why it cannot be read.
        mark: What makes this line this line: its place and its content.
        named: Whether the line brings its id itself.
    """

    number: int
    id: str
    request: Request | None = field(default=None, repr=False)
    error: ImaError | None = None
    mark: str = ""
    named: bool = False


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
    return _with_free_ids(lines)


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
    mark = hashlib.sha256(b"%d:%b" % (number, text.strip())).hexdigest()
    try:
        document = json.loads(text.decode()) if len(text) <= _LARGEST_LINE else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return Line(number, str(number), error=_bad(f"line {number} is not a JSON object"), mark=mark)
    name = document.get("id")
    named = isinstance(name, str | int) and not isinstance(name, bool)
    label = str(name) if named else str(number)
    try:
        return Line(number, label, _request(document, language), mark=mark, named=named)
    except UsageError as error:
        return Line(number, label, error=error, mark=mark, named=named)


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
class ResultFile:
    """The results of a batch: one JSON object a line, in order of completion, each durable once written.

    Attributes:
        path: The file.
        done: Marks of lines that need not run again, with their results.
    """

    path: Path
    done: dict[str, Mapping[str, Any]] = field(factory=dict)

    @classmethod
    def open(cls, folder: Path) -> ResultFile:
        """Return the results of a folder, and what earlier runs have left there.

        A last line that was cut off by a crash is dropped: its line of the batch runs again and finds
        its task in the journal.

        Raises:
            UsageError: The folder cannot be written.
        """
        path = folder / RESULTS
        try:
            folder.mkdir(parents=True, exist_ok=True)
            found = cls(path)
            for result in found._earlier():
                if result.get("status") in FINAL:
                    found.done[str(result.get("mark"))] = result
        except OSError as error:
            raise UsageError(
                f"cannot write to {folder}: {error.strerror or type(error).__name__}",
                code="download-folder",
                hint="Name another folder.",
            ) from error
        return found

    def _earlier(self) -> Iterator[Mapping[str, Any]]:
        if not self.path.exists():
            return
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            with self.path.open("r+b") as stream:
                stream.truncate(len(whole))
        for text in whole.splitlines():
            try:
                result = json.loads(text)
            except (ValueError, RecursionError):
                continue  # a damaged line: its job runs again and finds its task in the journal
            if isinstance(result, dict):
                yield result

    def write(self, result: Mapping[str, Any]) -> None:
        """Append one result; it is on disk when this returns.

        Raises:
            OSError: It cannot be written; the line stays undone.
        """
        text = json.dumps(result, ensure_ascii=False, default=str)
        with self.path.open("ab") as stream:
            stream.write(f"{text}\n".encode())
            stream.flush()
            os.fsync(stream.fileno())
        if result.get("status") in FINAL:
            self.done[str(result["mark"])] = result


@define
class Tally:
    """How far a batch is.

    Attributes:
        total: Lines in the file.
        done: Lines with a result, earlier runs included.
        failed: Lines that ended badly.
        under_way: Tasks that this run has created or found again.
        points: Points that this run has spent.
        stopped: Why no further line is begun: a cap, a rejected key.
    """

    total: int
    done: int = 0
    failed: int = 0
    under_way: int = 0
    points: int = 0
    stopped: ImaError | None = None
    exits: list[int] = field(factory=list)


def stops_everything(error: ImaError) -> bool:
    """Whether an error of one line would be the answer to every other line as well."""
    empty = isinstance(error, PointsError) and error.name in _EMPTY
    return error.exit_code == _CREDENTIAL or empty


def failure(line: Line, error: ImaError) -> dict[str, Any]:
    """Return the result of a line that did not work.

    ``failed`` is final: the job was wrong, or the service refused it. The others are not: ``open`` and
    ``unknown`` jobs are in the journal, and ``not-sent`` ones wait for a key, points, a network or a cure.

    Args:
        line: The line.
        error: What ended it.
    """
    return {
        "id": line.id,
        "line": line.number,
        "mark": line.mark,
        "status": status_of(error),
        "task_id": error.task_id,
        "credit": error.details.get("points"),
        "error": error.as_dict(),
    }


def status_of(error: ImaError) -> str:
    """Return what an error leaves of a job: ``failed``, ``open``, ``unknown`` or ``not-sent``."""
    if isinstance(error, OutcomeUnknownError):
        return "unknown"
    if error.task_id and error.exit_code in _PASSING:
        return "open"
    return "not-sent" if error.exit_code in _NOT_THE_LINES_FAULT else "failed"
