"""What the tools do, without the protocol: one client, one journal, one folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve, frozen

from ima_skills.booking import job_of, noted
from ima_skills.client import ImaClient
from ima_skills.domain.event import Reattached
from ima_skills.errors import DeadlineError, FaultError, PointsError
from ima_skills.journal.caps import Caps
from ima_skills.journal.router import Books
from ima_skills.mcp_server.showing import estimate_view, failed_view, lost_view, task_view
from ima_skills.recording import Terms
from ima_skills.task_reading import coming

if TYPE_CHECKING:
    from ima_skills.domain.event import Event
    from ima_skills.domain.request import Request
    from ima_skills.domain.task import SavedFile, Task
    from ima_skills.domain.task_type import TaskType
    from ima_skills.journal.entry import Entry
    from ima_skills.mcp_server.views import EstimateView, TaskView
    from ima_skills.preparing import Prepared

T = TypeVar("T")
Understand = Callable[[str, tuple[str, ...]], dict[str, Any]]
# Hosts end a call after 60 s (their documents); an answer must be out before that.
LONGEST_WAIT_S = 45.0
_LONGEST_CALL_S = 55.0


@frozen
class Desk:
    """Serves agents.

    Attributes:
        client: The road.
        books: What was sent; None when nothing may be written.
        folder: Where files go.
        understand: From a user's words, and files that came with them, to the document of ``route``.
        caps: Limits of the user's configuration.
        max_points: Most points that one call may spend; None for no limit of the operator's.
        user_id: On whose behalf; empty when nobody said.
    """

    client: ImaClient
    books: Books | None
    folder: Path
    understand: Understand
    caps: Caps
    max_points: int | None = None
    user_id: str = ""

    async def estimate(self, request: Request) -> EstimateView:
        """Return what a request would cost."""
        prepared = await self.client.prepare(request)
        return estimate_view(self.client, prepared, ask_above=self.caps.ask_above)

    async def generate(
        self, request: Request, max_points: int, client_token: str, *, another: bool = False
    ) -> TaskView:
        """Create a task and return at once; spends points.

        Args:
            request: The wish.
            max_points: What the user has agreed to; 0 when nobody was asked.
            client_token: The same token is the same task; empty for none.
            another: Make one more although the same wish is under way, or was lost.

        Raises:
            PointsError: It is dearer than a cap, or nobody has agreed.
            UsageError: The token stands for another wish.
            ImaError: As :meth:`ImaClient.start`.
        """
        prepared = await self.client.prepare(request)
        terms = Terms(
            user_id=self.user_id,
            folder=str(self.folder),
            holds=True,
            token=client_token,
            new=another,
            resubmit=another,
        )
        known = await self._known(prepared, terms)
        if known is None:
            self._must_agree(prepared.quote.total, prepared.leaf.name, max_points)
        else:
            # By its name: should it be handed over meanwhile, the wish would be a new one that nobody agreed to.
            terms = evolve(terms, task_id=known)
        limits = [limit for limit in (max_points or None, self.max_points) if limit is not None]
        cap = min(limits) if limits and known is None else None
        seen: list[Event] = []
        task_id, final = await _given_up_once(
            self.client.start(prepared, on_event=seen.append, max_points=cap, terms=terms)
        )
        again = any(isinstance(event, Reattached) for event in seen)
        return task_view(self.client, task_id, self._entry(task_id), prepared=final, again=again)

    async def look(self, task_id: str) -> TaskView:
        """Return a task as it is now, with the files that were saved."""
        entry = self._entry(task_id)
        if entry is not None and entry.task_id is None:
            return lost_view(entry)
        task = await self.client.task(task_id)
        return self._shown(task, self._entry(task_id), ())

    async def wait(self, task_id: str, timeout_s: float, tell: Callable[[Event], None]) -> TaskView:
        """Wait for a task, save its files, and return it; also when it has not ended.

        Args:
            task_id: The task.
            timeout_s: Seconds to wait; the longest that hosts allow is the limit.
            tell: Receives progress.
        """
        entry = self._entry(task_id)
        if entry is not None and entry.task_id is None:
            return lost_view(entry)
        clock = self.client.engine.clock
        until = clock.monotonic() + _LONGEST_CALL_S
        try:
            task = await self._ended(task_id, entry, min(timeout_s, LONGEST_WAIT_S), tell)
        except DeadlineError:
            return task_view(self.client, task_id, self._entry(task_id))
        try:
            async with asyncio.timeout(max(until - clock.monotonic(), 1.0)):
                files = await self._saved(task, entry, tell)
        except TimeoutError:
            return self._shown(task, entry, ())  # what has arrived is gone on with by the next call
        if self.books is not None and not coming(task.status, task.medias):
            noted(task_id, tell, self.books.delivered, task_id)
        return self._shown(task, self._entry(task_id), files)

    def entries(self, *, everything: bool) -> tuple[Entry, ...]:
        """Return jobs of this service from the journal, the latest first.

        Args:
            everything: Finished ones too; else what is under way or of unknown outcome.

        Raises:
            FaultError: Nothing may be written, so there is no journal.
        """
        if self.books is None:
            raise FaultError(
                "IMA_NO_WRITE=1 keeps no journal", code="no-journal", hint="Leave IMA_NO_WRITE out to use it."
            )
        base = self.client.engine.service.settings.base_url
        mine = (entry for entry in self.books.entries() if entry.base == base)
        open_states = ("intent", "sending", "unknown")
        return tuple(e for e in mine if everything or e.is_outstanding or e.state in open_states)

    async def _ended(
        self, task_id: str, entry: Entry | None, timeout_s: float, tell: Callable[[Event], None]
    ) -> Task:
        if entry is None or self.client.engine.service.is_unmet:
            return await self.client.wait(task_id, deadline_s=timeout_s, on_event=tell, whole=True)
        known = entry.task_type if entry.task_type in self.client.registry.task_types else None
        age_s = entry.age_s(self.client.engine.clock.now())
        return await self.client.wait(
            task_id, known, deadline_s=timeout_s, on_event=tell, age_s=age_s, whole=True
        )

    async def _saved(
        self, task: Task, entry: Entry | None, tell: Callable[[Event], None]
    ) -> tuple[SavedFile | None, ...]:
        """Save what is usable; a file that is there from an earlier call is left alone."""
        kind = self._kind(task, entry)
        if kind is None or not task.medias:
            return ()
        return await self.client.bring(task.id, task.medias, kind.media_kind, self.folder, tell)

    def _kind(self, task: Task, entry: Entry | None) -> TaskType | None:
        return self.client.registry.task_types.get(task.task_type or (entry.task_type if entry else ""))

    def _shown(self, task: Task, entry: Entry | None, files: tuple[SavedFile | None, ...]) -> TaskView:
        kind = self._kind(task, entry)
        modality = self.client.plugins.modalities.get(kind.modality) if kind else None
        if modality is not None:
            task = evolve(task, medias=tuple(self.client.plugins.shaped(modality, m) for m in task.medias))
        if task.status == "failed":
            return failed_view(self.client, task, entry, files)
        return task_view(self.client, task.id, entry, task=task, files=files)

    def _entry(self, task_id: str) -> Entry | None:
        return self.books.find(task_id) if self.books is not None else None

    async def _known(self, prepared: Prepared, terms: Terms) -> str | None:
        """Return the task that the wish would lead to without spending anything.

        Raises:
            FaultError: A token is given, or a daily limit set, and nothing may be written.
        """
        if self.books is None:
            if terms.token or self.caps.any:
                raise FaultError(
                    "IMA_NO_WRITE=1 keeps no journal, so neither tokens nor daily limits can be kept",
                    code="no-journal",
                    hint="Nothing was sent. Call without client_token, or ask the operator to leave IMA_NO_WRITE out.",
                )
            return None
        job = await job_of(self.client.engine, prepared, terms)
        known = self.books.under_way(job, terms)
        if known is not None and terms.token:
            self.books.bind(terms.token, known)
        return known

    def _must_agree(self, total: int, model: str, max_points: int) -> None:
        """Refuse what is dear and was not agreed to; on a sandbox too, so that agents practise it."""
        if total > self.caps.ask_above and not max_points:
            raise PointsError(
                f"{model} costs {total} points here; more than {self.caps.ask_above} need the user's yes",
                code="needs-consent",
                hint=f"Nothing was sent. Tell the user model, points and time; after a yes call generate again"
                f" with max_points={total}, or use a cheaper model or smaller settings.",
                details={"quoted": total, "ask_above": self.caps.ask_above},
            )


async def _given_up_once(work: Coroutine[Any, Any, T]) -> T:
    """Hand a cancellation of the host to the work once, and let it end in peace: a create may have left.

    The SDK's own way is to cancel again at every wait, so that no verdict would ever be heard.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(
            lambda ended: ended.cancelled() or ended.exception()
        )  # nobody else looks at it
        task.cancel()
        raise
