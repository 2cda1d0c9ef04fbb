"""What embedders hold: an asynchronous client, and a thin synchronous door to it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from ima_skills.booking import note_end, noted
from ima_skills.bringing import collected, failure, fetched, usable
from ima_skills.domain.event import Finished
from ima_skills.errors import ImaError, UsageError
from ima_skills.file_rules import user_path
from ima_skills.hearing import teller
from ima_skills.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection
    from pathlib import Path
    from random import Random
    from types import TracebackType

    import httpx

    from ima_skills.catalogue import Catalogue
    from ima_skills.clock import Clock
    from ima_skills.delivering import Sender
    from ima_skills.domain.event import Event
    from ima_skills.domain.request import Request
    from ima_skills.domain.task import Media, Result, SavedFile, Task
    from ima_skills.engine import Engine
    from ima_skills.file_rules import FileRules
    from ima_skills.fixing import Fix
    from ima_skills.plugin_set import PluginSet
    from ima_skills.preferences import UserPreferences
    from ima_skills.preparing import Prepared
    from ima_skills.recording import Journal, Terms
    from ima_skills.registry import Registry


class ImaClient:
    """The IMA Open API with models, prices, waiting and files taken care of.

    Use it as an asynchronous context manager. Two clients share nothing.

    Args:
        settings: Hosts and key; from ``IMA_*`` variables by default.
        transport: Where requests go; the network by default, a sandbox's transport to work offline.
        plugins: A plugin set; the installed ones by default.
        registry: A registry; the first-party one and the plugins' by default.
        clock: Time; the machine's by default.
        rng: Randomness for jitter and nonces.
        language: ``en`` or ``zh``.
        degrade: Whether a refused job may be made smaller (reported) to get it accepted.
        journal: Remembers what was sent, so that nothing is sent twice; by default nothing does.
        files: Where inputs may come from, and what becomes of files that are there.
        preferences: What a user has saved; by default nothing is.
        sender: Who carries creates, given one that sends them from this process: by default that one;
            :class:`ima_skills.courier.sender.Courier` has them survive the end of this process.
    """

    def __init__(  # noqa: PLR0913 - everything a client depends on is injected here
        self,
        settings: Settings | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        plugins: PluginSet | None = None,
        registry: Registry | None = None,
        clock: Clock | None = None,
        rng: Random | None = None,
        language: str = "en",
        degrade: bool = True,
        journal: Journal | None = None,
        files: FileRules | None = None,
        preferences: UserPreferences | None = None,
        sender: Callable[[Sender], Sender] | None = None,
    ) -> None:
        from ima_skills.assembly import assemble

        self._parts = assemble(
            settings or read_settings(), transport, plugins, registry, clock, rng, language,
            degrade=degrade, journal=journal, files=files, preferences=preferences, sender=sender,
        )  # fmt: skip

    @property
    def engine(self) -> Engine:
        """The road itself, for finer control."""
        return self._parts.engine

    @property
    def registry(self) -> Registry:
        """What is known of models and task types."""
        return self._parts.engine.registry

    @property
    def plugins(self) -> PluginSet:
        """The plugins of this client."""
        return self._parts.engine.plugins

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.sender.close()
        await self._parts.transport.close()

    async def catalogue(self, task_type: str) -> Catalogue:
        """Return the live product list of a task type."""
        return await self.engine.catalogue(task_type)

    async def prepare(
        self, request: Request, *, fix: Fix | None = None, promised: Collection[str] = ()
    ) -> Prepared:
        """Resolve, check and price a request; nothing is spent.

        Args:
            request: The wish.
            fix: ``nearest`` or ``cheapest``: where impossible values may move to, reported as a
                change; None refuses them.
            promised: Inputs that are still to be made: names only, priced and never sent.
        """
        return await self.engine.prepare(request, fix, promised)

    async def create(
        self,
        request: Request,
        *,
        download: Path | str | None = None,
        on_event: Callable[[Event], None] | None = None,
        max_points: int | None = None,
        deadline_s: float | None = None,
    ) -> Result:
        """Make what a request asks for; spends points.

        Args:
            request: The wish.
            download: Folder for the files; None leaves them at the service.
            on_event: Told everything that happens on the way.
            max_points: Most points that may be spent.
            deadline_s: Seconds to wait; by default those of the task type.

        Raises:
            JobFailedError: The service could not finish; ``details`` list the medias that exist.
            OutcomeUnknownError: A create left and no verdict came back.
            ImaError: Anything else; see :mod:`ima_skills.errors`.
        """
        prepared = await self.prepare(request)
        return await self.finish(
            prepared, download=download, on_event=on_event, max_points=max_points, deadline_s=deadline_s
        )

    async def start(
        self,
        prepared: Prepared,
        *,
        on_event: Callable[[Event], None] | None = None,
        max_points: int | None = None,
        terms: Terms | None = None,
    ) -> tuple[str, Prepared]:
        """Create a prepared request and do not wait; spends points.

        Args:
            prepared: What :meth:`prepare` returned.
            on_event: Told everything that happens on the way.
            max_points: Most points that may be spent.
            terms: How the journal is to treat it.

        Returns:
            The task id, and what was really created, with all changes.
        """
        from ima_skills.downloading import room_for_files

        with room_for_files(terms.folder or None if terms else None):
            begun = await self.engine.begin(prepared, self._teller(on_event), max_points, terms)
        return begun.task_id, begun.prepared

    async def finish(  # noqa: PLR0913 - one keyword per wish about a create
        self,
        prepared: Prepared,
        *,
        download: Path | str | None = None,
        on_event: Callable[[Event], None] | None = None,
        deadline_s: float | None = None,
        max_points: int | None = None,
        terms: Terms | None = None,
    ) -> Result:
        """Create, wait for and collect a prepared request; spends points.

        Args:
            prepared: What :meth:`prepare` returned.
            download: Folder for the files; None leaves them at the service.
            on_event: Told everything that happens on the way.
            deadline_s: Seconds to wait; by default those of the task type.
            max_points: Most points that may be spent.
            terms: How the journal is to treat it.

        Raises:
            UsageError: ``download-folder``: the folder cannot be written; nothing was sent.
            ImaError: As the road says.
        """
        from attrs import evolve

        from ima_skills.downloading import room_for_files

        tell = self._teller(on_event)
        engine, clock = self.engine, self.engine.clock
        with room_for_files(download):
            begun = await engine.begin(prepared, tell, max_points, terms)
        task_id, final = begun.task_id, begun.prepared
        started = clock.monotonic()
        cadence = engine.cadence(final.leaf.task_type, final.leaf, final)
        if deadline_s is not None:
            cadence = evolve(cadence, deadline_s=deadline_s)
        task = await engine.wait(task_id, cadence, tell, fresh=not begun.attached)
        note_end(engine.journal, task, tell)
        result = engine.result(final, task, clock.monotonic() - started)
        if final.leaf.id != prepared.leaf.id:  # an earlier run chose it, for a reason that nobody knows now
            result = evolve(result, choice=None)
        if result.status == "failed":
            raise await failure(self, task, result, download, tell)
        result = await collected(self, result, download, tell)
        if terms is None or not terms.holds:
            noted(task_id, tell, engine.journal.delivered, task_id)
        tell(Finished(result))
        return result

    async def stream(self, request: Request, *, download: Path | str | None = None) -> AsyncIterator[Event]:
        """Yield every event of a create; the last one is :class:`Finished`."""
        import asyncio

        queue: asyncio.Queue[Event | None] = asyncio.Queue()

        async def work() -> None:
            try:
                await self.create(request, download=download, on_event=queue.put_nowait)
            finally:
                queue.put_nowait(None)

        task = asyncio.create_task(work())
        try:
            while (event := await queue.get()) is not None:
                yield event
            await task
        finally:
            task.cancel()
            await asyncio.wait((task,))
            if not task.cancelled():
                task.exception()  # looked at, so that a listener who left early is not told about it

    async def task(self, task_id: str) -> Task:
        """Look at a task once."""
        tell = self._teller(None)
        task = await self.engine.look(task_id, tell)
        note_end(self.engine.journal, task, tell)
        return task

    async def wait(  # noqa: PLR0913 - one keyword per fact that places the looks
        self,
        task_id: str,
        task_type: str | None = None,
        *,
        deadline_s: float | None = None,
        on_event: Callable[[Event], None] | None = None,
        age_s: float | None = None,
        version: tuple[str, str] | None = None,
        whole: bool = False,
    ) -> Task:
        """Wait until a task ends that was created earlier or elsewhere.

        Args:
            task_id: The task.
            task_type: Decides the cadence; looked up at the service when it is not given.
            deadline_s: Seconds to wait; by default those of the task type.
            on_event: Told the progress.
            age_s: Seconds since it was created, which places the looks; None when nobody knows.
            version: Family id and version id of the model that makes it, for its own estimate and history.
            whole: Whether to wait a while for the other outputs of a task that has failed: they are paid for.
        """
        from attrs import evolve

        cadence = self.engine.cadence_of(task_type or await self._kind_of(task_id), version)
        if deadline_s is not None:
            cadence = evolve(cadence, deadline_s=deadline_s)
        tell = self._teller(on_event)
        task = await self.engine.wait(task_id, cadence, tell, age_s=age_s, whole=whole)
        note_end(self.engine.journal, task, tell)
        return task

    async def _kind_of(self, task_id: str) -> str:
        """Return a task's type; the most patient one when the service does not say or does not answer."""
        try:
            told = (await self.task(task_id)).task_type
        except ImaError as error:
            if not error.retryable:
                raise
            told = None  # waiting rides passing trouble out; so does this look
        return told if told and told in self.registry.task_types else "text_to_video"

    async def save(
        self, medias: tuple[Media, ...], media_kind: str, folder: Path | str, stem: str
    ) -> tuple[SavedFile | None, ...]:
        """Download finished medias as ``<stem>-<i>.<extension>``; None for one without an address.

        The paths are absolute, whatever the folder is: who reads them may be somewhere else.

        Raises:
            ImaError: Some cannot be had; the others are saved, and ``details`` name both.
        """
        files, error = await fetched(self._parts.downloader, medias, media_kind, user_path(folder), stem)
        if error is not None:
            raise error
        return files

    async def bring(
        self,
        task_id: str,
        medias: tuple[Media, ...],
        media_kind: str,
        folder: Path | str,
        on_event: Callable[[Event], None] | None = None,
    ) -> tuple[SavedFile | None, ...]:
        """Save what is usable of a task as :meth:`save` does, and have the journal know which files there are.

        Args:
            task_id: The task.
            medias: All its outputs, in order.
            media_kind: What they are: ``image``, ``video`` or ``audio``.
            folder: Where the files go.
            on_event: Told when the journal cannot be written.

        Raises:
            ImaError: As :meth:`save`.
        """
        place = user_path(folder)
        files, error = await fetched(self._parts.downloader, usable(medias), media_kind, place, task_id)
        noted(task_id, self._teller(on_event), self.engine.journal.saved, task_id, files)
        if error is not None:
            raise error
        return files

    def _teller(self, on_event: Callable[[Event], None] | None) -> Callable[[Event], None]:
        return teller(self.plugins, on_event)


def generate(request: Request, *, download: Path | str | None = None, **parts: Any) -> Result:
    """Make what a request asks for, without asyncio; spends points.

    Args:
        request: The wish.
        download: Folder for the files.
        parts: As for :class:`ImaClient`.

    Raises:
        UsageError: Called from asynchronous code, which would block itself.
        ImaError: As :meth:`ImaClient.create`.
    """
    import asyncio

    with suppress(RuntimeError):  # no loop is running, as it should be
        asyncio.get_running_loop()
        raise UsageError(
            "generate() waits, and this is asynchronous code",
            code="running-loop",
            hint="Use: async with ImaClient() as client: await client.create(request)",
        )

    async def work() -> Result:
        async with ImaClient(**parts) as client:
            return await client.create(request, download=download)

    return asyncio.run(work())
