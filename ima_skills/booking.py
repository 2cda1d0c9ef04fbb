"""From a priced request to its entry in the journal, before anything of it travels."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.domain.event import Held, JournalTrouble
from ima_skills.errors import FaultError, ImaError, OutcomeUnknownError, PointsError
from ima_skills.polling import LookLimit
from ima_skills.recording import Attached, Busy, Job, fingerprint
from ima_skills.staging import address_mark
from ima_skills.telling import told_of
from ima_skills.unrecorded import NoJournal
from ima_skills.uploading import UploadMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ima_skills.domain.event import Event
    from ima_skills.domain.task import Task
    from ima_skills.engine import Engine
    from ima_skills.inputs import InputFile
    from ima_skills.preparing import Prepared
    from ima_skills.recording import Journal, Record, Terms
    from ima_skills.service import Service

_NOT_SENT = "not-sent"
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0
# Our choice: longer than uploading large inputs takes.
_PATIENCE_S = 1800.0
# A create takes a moment; whoever waits longer wants to know what for, and once a minute that it is still so.
_HUSHED_S, _REMINDER_S = 2.0, 60.0


async def admit(
    engine: Engine, prepared: Prepared, terms: Terms, tell: Callable[[Event], None]
) -> Record | Attached | None:
    """Reserve a place in the journal, or find the same wish under way.

    While another process sends the same wish, this waits for its verdict.

    Args:
        engine: For the journal, the account and the clock.
        prepared: What is to be created.
        terms: How to treat it.
        tell: Hears that another process holds it up.

    Returns:
        The record to keep, the task to wait for, or None without a journal.

    Raises:
        OutcomeUnknownError: Besides, when that process does not get its verdict in half an hour.
        ImaError: As ``Journal.open``; or an input cannot be read.
    """
    if terms.task_id:
        return Attached(terms.task_id)
    if isinstance(engine.journal, NoJournal):
        return None
    job, pause, waited, due = await job_of(engine, prepared, terms), _FIRST_PAUSE_S, 0.0, _HUSHED_S
    while isinstance(answer := engine.journal.open(job, terms), Busy):
        if waited >= _PATIENCE_S:
            raise _still_busy(waited)
        if waited >= due:
            tell(Held(waited, _PATIENCE_S - waited, answer.pid))
            due += _REMINDER_S
        await engine.clock.sleep(pause)
        waited += pause
        pause = min(2 * pause, _LONGEST_PAUSE_S)
    return answer


async def under_way(engine: Engine, prepared: Prepared, terms: Terms) -> str | None:
    """Return the task that a wish would attach to, so that it costs nothing; errors as :func:`job_of`."""
    if terms.task_id:
        return terms.task_id
    if isinstance(engine.journal, NoJournal):
        return None
    return engine.journal.under_way(await job_of(engine, prepared, terms), terms)


async def afforded(engine: Engine, prepared: Prepared, terms: Terms, max_points: int | None) -> Terms:
    """Refuse what is above a cap, unless it is paid for already: then the terms that come back name its task.

    Args:
        engine: For the journal and the account.
        prepared: What is to be created.
        terms: How to treat it.
        max_points: The cap; None for none.

    Raises:
        PointsError: ``over-cap``: nothing was sent.
        ImaError: As :func:`job_of`.
    """
    try:
        _must_be_affordable(prepared, max_points)
    except PointsError:
        task_id = await under_way(engine, prepared, terms)
        if task_id is None:
            raise
        return evolve(terms, task_id=task_id)
    return terms


def _must_be_affordable(prepared: Prepared, max_points: int | None) -> None:
    total = prepared.quote.total
    if max_points is not None and total > max_points:
        raise PointsError(
            f"{prepared.leaf.name} costs {total} points here, and the cap is {max_points}",
            code="over-cap",
            hint="Nothing was sent. Raise the cap.",
            details={"model": prepared.leaf.name, "quoted": total, "cap": max_points},
        )


def _still_busy(waited_s: float) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"the same job has been on its way in another process for {waited_s:.0f} s, without a verdict",
        hint="Nothing was sent here. End that process and run this again, or make another one with --new.",
        details={"waited_s": round(waited_s)},
    )


async def job_of(engine: Engine, prepared: Prepared, terms: Terms) -> Job:
    """Return the job as the journal knows it.

    Raises:
        UsageError: An input file can no longer be read.
        CredentialError: There is no key.
    """
    leaf, price, settings = prepared.leaf, prepared.quote, engine.service.settings
    contents = [await content_mark(item, engine.memory) for item in prepared.inputs]
    mark = fingerprint({
        "base": settings.base_url,
        "account": engine.journal.seal(settings.key().reveal()),
        "user": terms.user_id,
        "slot": terms.place or terms.slot,
        "task_type": leaf.task_type,
        "model_id": leaf.model_id,
        "version_id": leaf.id,
        "values": dict(prepared.parameters.values),
        "prompt": prepared.request.prompt,
        "n": price.n,
        "inputs": contents,
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
        told=told_of(prepared, keep_texts=terms.keep_prompt),
        sources=tuple(
            address_mark(content) if item.is_remote else content
            for item, content in zip(prepared.inputs, contents, strict=True)
        ),
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


async def content_mark(item: InputFile, memory: UploadMemory | None = None) -> str:
    """Return what an input is: the digest of a file, or an address.

    Args:
        item: The input.
        memory: Knows files that were read before, so that none is read twice.
    """
    if item.path is None:
        return item.source
    digest, _ = await (memory or UploadMemory()).content(item)
    return digest


class CountedLooks(LookLimit):
    """Lets looks through a limit and counts them in the journal.

    Args:
        limit: Shared by all waits of a client.
        journal: Where they are counted.
        tell: Hears when the journal cannot be written.
    """

    def __init__(self, limit: LookLimit, journal: Journal, tell: Callable[[Event], None]) -> None:
        super().__init__()
        self._limit = limit
        self._journal = journal
        self._tell = tell

    async def look(self, service: Service, task_id: str) -> Task:
        """Look at a task when it is its turn; errors as :meth:`Service.detail`."""
        try:
            task = await self._limit.look(service, task_id)
        except ImaError:
            noted(task_id, self._tell, self._journal.looked, task_id, None)
            raise
        noted(task_id, self._tell, self._journal.looked, task_id, task.medias)
        return task
