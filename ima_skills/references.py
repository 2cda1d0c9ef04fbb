"""Inputs that must be measured before they travel: reference pictures, clips and sounds.

Measured, checked, uploaded together with a cover per clip, and verified, in this order, so that
nothing travels that would be refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ima_skills.domain.problem import Problem
from ima_skills.errors import ImaError, InvalidRequestError, ServiceError, first_error
from ima_skills.media_kinds import BY_FORMAT
from ima_skills.media_probe import first_frame, probe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ima_skills.domain.media_facts import MediaFacts, PlacedInput
    from ima_skills.inputs import InputFile
    from ima_skills.service import Service

_AT_ONCE = 4
_PASSED = {"active", "success"}


def measure(inputs: Sequence[InputFile]) -> tuple[tuple[MediaFacts | None, ...], tuple[Problem, ...]]:
    """Measure local inputs; an address is measured later, when it is fetched.

    Returns:
        Facts per input (None for an address), and the inputs that cannot be read.
    """
    facts: list[MediaFacts | None] = []
    problems: list[Problem] = []
    for index, item in enumerate(inputs):
        if item.path is None or item.kind is None:
            facts.append(None)
            continue
        try:
            facts.append(probe(item.path, item.kind))
        except ImaError as error:
            if error.name == "missing-extra":
                raise
            facts.append(None)
            problems.append(Problem(f"/inputs/{index}", error.message, item.label, "damaged"))
    return tuple(facts), tuple(problems)


def make_covers(
    inputs: Sequence[InputFile], facts: Sequence[MediaFacts | None], folder: Path
) -> dict[int, InputFile]:
    """Write the first frame of every local clip and return them by the clip's place.

    Args:
        inputs: The inputs.
        facts: Their facts.
        folder: Where the pictures go.
    """
    from ima_skills.inputs import InputFile

    covers: dict[int, InputFile] = {}
    for index, (item, known) in enumerate(zip(inputs, facts, strict=True)):
        if item.path is not None and known is not None and known.kind == "video":
            path = folder / f"cover-{index}.jpg"
            first_frame(item.path, path)
            covers[index] = InputFile(str(path), path, BY_FORMAT["jpg"], path.stat().st_size)
    return covers


async def verify_all(service: Service, placed: Sequence[PlacedInput], passed: set[str]) -> None:
    """Ask for the compliance verdict on every input, some at a time, each address once.

    Source: clients' traffic; the models that need it refuse a create without it.

    Args:
        service: Who judges.
        placed: The uploaded inputs.
        passed: Addresses that passed before; they are not asked about again, and new ones join them.

    Raises:
        InvalidRequestError: Some inputs did not pass; all of them are named, nothing was charged.
        ImaError: A verdict could not be had.
    """
    import asyncio

    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(url: str) -> str | None:
        async with gate:
            verdict = await service.verify_asset(url)
        if str(verdict.get("status", "")).lower() in _PASSED:
            return None
        said = verdict.get("error") or {}
        return str(said.get("message") or "no reason was given") if isinstance(said, dict) else str(said)

    urls = [url for url in dict.fromkeys(item.url for item in placed) if url not in passed]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = {url: group.create_task(one(url)) for url in urls}
    except* ImaError as errors:
        raise first_error(errors) from None
    refused = {url: task.result() for url, task in tasks.items() if task.result() is not None}
    passed.update(url for url in urls if url not in refused)
    if refused:
        raise _not_passed(placed, refused)


def _not_passed(
    placed: Sequence[PlacedInput], refused: dict[str, str | None]
) -> InvalidRequestError | ServiceError:
    problems = [
        Problem(
            f"/inputs/{index}",
            f"did not pass the service's check: {refused[item.url]}",
            _host(item.url),
            "compliance",
            message_zh=f"未通过服务端的素材审核：{refused[item.url]}",
        )
        for index, item in enumerate(placed)
        if item.url in refused
    ]
    places = ", ".join(str(int(problem.pointer.rpartition("/")[2]) + 1) for problem in problems)
    return ServiceError(
        f"input {places} did not pass the service's check; nothing was charged",
        code="asset-refused",
        hint="Replace the file; the faces of real people are not allowed here.",
        problems=problems,
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or "address"
