"""From a priced request to its entry in the journal, before anything of it travels."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ima_skills.domain.event import JournalTrouble
from ima_skills.errors import FaultError, OutcomeUnknownError
from ima_skills.recording import Attached, Busy, Job, NoJournal, fingerprint
from ima_skills.uploading import content_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ima_skills.domain.event import Event
    from ima_skills.domain.task import Task
    from ima_skills.engine import Engine
    from ima_skills.inputs import InputFile
    from ima_skills.preparing import Prepared
    from ima_skills.recording import Journal, Record, Terms

_NOT_SENT = "not-sent"
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0
# Our choice: longer than uploading large inputs takes.
_PATIENCE_S = 1800.0


async def admit(engine: Engine, prepared: Prepared, terms: Terms) -> Record | Attached | None:
    """Reserve a place in the journal, or find the same wish under way.

    While another process sends the same wish, this waits for its verdict.

    Args:
        engine: For the journal, the account and the clock.
        prepared: What is to be created.
        terms: How to treat it.

    Returns:
        The record to keep, the task to wait for, or None without a journal.

    Raises:
        OutcomeUnknownError: Besides, when that process does not get its verdict in half an hour.
        ImaError: As ``Journal.open``; or an input cannot be read.
    """
    if isinstance(engine.journal, NoJournal):
        return None
    job, pause, waited = await job_of(engine, prepared, terms), _FIRST_PAUSE_S, 0.0
    while isinstance(answer := engine.journal.open(job, terms), Busy):
        if waited >= _PATIENCE_S:
            raise _still_busy(waited)
        await engine.clock.sleep(pause)
        waited += pause
        pause = min(2 * pause, _LONGEST_PAUSE_S)
    return answer


def _still_busy(waited_s: float) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"the same job has been on its way in another process for {waited_s:.0f} s, without a verdict",
        hint="Nothing was sent here. End that process and run this again, or make another one with --new.",
    )


async def job_of(engine: Engine, prepared: Prepared, terms: Terms) -> Job:
    """Return the job as the journal knows it.

    Raises:
        UsageError: An input file can no longer be read.
        CredentialError: There is no key.
    """
    leaf, price, settings = prepared.leaf, prepared.quote, engine.service.settings
    mark = fingerprint({
        "base": settings.base_url,
        "account": engine.journal.seal(settings.key().reveal()),
        "user": terms.user_id,
        "slot": terms.slot,
        "task_type": leaf.task_type,
        "model_id": leaf.model_id,
        "version_id": leaf.id,
        "values": dict(prepared.parameters.values),
        "prompt": prepared.request.prompt,
        "n": price.n,
        "inputs": [await _content(item) for item in prepared.inputs],
    })  # fmt: skip
    return Job(
        fingerprint=mark,
        task_type=leaf.task_type,
        model_id=leaf.model_id,
        version_id=leaf.id,
        model_name=leaf.name,
        attribute_id=price.attribute_id,
        points_per_output=price.points_per_output,
        n=price.n,
        total=price.total,
        sandbox=engine.service.sandbox_speed is not None,
        base=settings.base_url,
        user_id=terms.user_id,
        folder=terms.folder,
        prompt=prepared.request.prompt if terms.keep_prompt else None,
    )


@contextmanager
def settled(record: Record | None) -> Iterator[None]:
    """Free what was reserved when the block ends before a create has left."""
    try:
        yield
    except BaseException:
        if record is not None:
            # What ended the block is the news; a row that stays behind is freed when this process is gone.
            with suppress(FaultError):
                record.refused(_NOT_SENT)
        raise


def note_end(journal: Journal, task: Task, tell: Callable[[Event], None]) -> None:
    """Write down that a task has ended, if it has."""
    if task.status != "processing":
        noted(task.id, tell, journal.ended, task.id, task.status, task.medias)


def noted(task_id: str, tell: Callable[[Event], None], note: Callable[..., None], *facts: object) -> None:
    """Write something down about a task; it exists already, so trouble with the journal does not end it."""
    try:
        note(*facts)
    except FaultError as error:
        tell(JournalTrouble(task_id, error.message))


async def _content(item: InputFile) -> str:
    """Return what an input is: the digest of a file, or an address."""
    if item.path is None:
        return item.source
    import asyncio

    digest, _ = await asyncio.to_thread(content_of, item)
    return digest
