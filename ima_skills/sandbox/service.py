"""The sandbox service: one object that answers calls, whatever door they come through."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ima_skills.clock import Clock, SystemClock
from ima_skills.sandbox import cdn
from ima_skills.sandbox.assets import Assets
from ima_skills.sandbox.call import Answer, Call, Reply
from ima_skills.sandbox.catalogue import Catalogue
from ima_skills.sandbox.desk import Desk
from ima_skills.sandbox.envelope import (
    SUCCESS,
    RefusalError,
    http_status,
    refused,
    succeeded,
    without_data,
)
from ima_skills.sandbox.faults import Faults, Subject, interruption
from ima_skills.sandbox.ground import fresh_name, open_ground
from ima_skills.sandbox.knowledge import Knowledge, Options
from ima_skills.sandbox.ledger import Booking, Ledger
from ima_skills.sandbox.rendering import Workshop
from ima_skills.sandbox.scenario import Scenario, load_scenario
from ima_skills.sandbox.tasks import TaskStore
from ima_skills.sandbox.uploads import Uploads
from ima_skills.sandbox.visit import Visit, endpoint_of, json_object, ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ima_skills.renderers import Render, Rendered, RenderJob

_WITH_BODY = {"create", "detail", "verify"}
# Tells clients that this is not the service, and how fast its time runs; our choice.
_MARK = "x-ima-sandbox"


class SandboxService:
    """A local stand-in for the service, with an account, tasks, uploads and a CDN.

    Several services, in one process or many, may share a state folder.

    Args:
        registry: Task types, models and the product list.
        state: Folder of the account, tasks and files; made when it does not exist.
        clock: Time; a fake one lets tests jump.
        render: Makes the media files; called in worker threads.
        scenario: What goes wrong; None for a service in good health.
        options: The switches.
        fresh: Returns a new unguessable name for a task or an address.
    """

    def __init__(  # noqa: PLR0913 - the parts that are injected, each by name
        self,
        registry: Knowledge,
        *,
        state: Path,
        clock: Clock,
        render: Render,
        scenario: Scenario | None = None,
        options: Options | None = None,
        fresh: Callable[[], str] | None = None,
    ) -> None:
        self.clock = clock
        self.options = options or Options()
        self._ground = ground = open_ground(state, clock, self.options, fresh)
        self._faults = Faults(scenario, ground.database)
        self._catalogue = Catalogue(registry)
        self._ledger = Ledger(ground.database, clock, self.options.points)
        self._store = TaskStore(ground.database)
        self._assets = Assets(ground)
        self._workshop = Workshop(render, self._store, ground.site, ground.staging)
        self._uploads = Uploads(ground, ground.database.remember("upload-secret", fresh_name()))
        self._desk = Desk(
            ground=ground,
            knowledge=registry,
            catalogue=self._catalogue,
            faults=self._faults,
            ledger=self._ledger,
            store=self._store,
            assets=self._assets,
            workshop=self._workshop,
        )

    @property
    def base_url(self) -> str:
        """Where the service is reached; uploads and files are on the same host."""
        return self._ground.site.base_url

    def rebase(self, base_url: str) -> None:
        """Say where the service is reached now; a server does so once it has its port."""
        self._ground.site.base_url = base_url.rstrip("/")

    def balance(self) -> int:
        """Return the points that are left, after refunds that are due."""
        self._desk.settle_all()
        return self._ledger.balance()

    def bookings(self) -> tuple[Booking, ...]:
        """Return every booking of the account, after refunds that are due; oldest first."""
        self._desk.settle_all()
        return self._ledger.bookings()

    def grant(self, points: int) -> None:
        """Add points to the account; a negative number takes them away."""
        self._ledger.grant(points)

    async def answer(self, call: Call) -> Reply:
        """Answer a call.

        Raises:
            Exception: A renderer broke, or the client went away in the middle of its body.
        """
        reply = await self._reply(call)
        mark = {_MARK: f"{self.options.speed:g}"}
        return reply.with_headers(mark) if isinstance(reply, Answer) else reply

    def close(self) -> None:
        """Wait a moment for renderings that have begun, and close the state; later processes do the rest."""
        self._workshop.close()
        self._ground.database.close()

    async def aclose(self) -> None:
        """Do as :meth:`close` without blocking the event loop."""
        import asyncio

        await asyncio.to_thread(self.close)

    async def _reply(self, call: Call) -> Reply:
        endpoint = endpoint_of(call)
        if endpoint is None:
            return refused(404, "not found", status=404)
        visit = await self._visit(endpoint, call)
        early = interruption(visit.faults, "before")
        if early is not None:
            return early
        answer = await self._handled(visit)
        return interruption(visit.faults, "after") or answer

    async def _visit(self, endpoint: str, call: Call) -> Visit:
        payload = await json_object(call) if endpoint in _WITH_BODY else None
        subject = self._subject(endpoint, call, payload or {})
        counted = endpoint != "cdn" or call.method == "GET"
        faults = self._faults.on_call(endpoint, subject) if counted else ()
        return Visit(endpoint, call, payload, faults)

    def _subject(self, endpoint: str, call: Call, payload: Mapping[str, Any]) -> Subject:
        if endpoint == "list":
            return Subject(call.query.get("category"))
        if endpoint == "create":
            return ordered(payload)
        task = None
        if endpoint == "detail":
            task = self._store.task(str(payload.get("task_id")))
        elif endpoint == "cdn":
            task = self._store.owner(cdn.object_name(call))
        return Subject(task.task_type, task.names) if task else Subject()

    async def _handled(self, visit: Visit) -> Answer:
        if visit.endpoint == "put":
            return await self._uploads.put(visit.call)
        if visit.endpoint == "cdn":
            fault = visit.fault("bytes")
            return cdn.serve(visit.call, self._ground.site, fault.how if fault else None)
        try:
            data = await self._data(visit)
        except RefusalError as refusal:
            status = http_status(refusal.code) if self.options.http_errors else 200
            return refused(refusal.code, refusal.message, status)
        code = SUCCESS if visit.fault("code-200") is None else 200
        return succeeded(data, code) if visit.fault("no-data") is None else without_data(code)

    async def _data(self, visit: Visit) -> Any:
        if visit.endpoint == "token":
            return self._uploads.token(visit.call, expired=visit.fault("expire") is not None)
        if visit.call.headers.get("authorization") != f"Bearer {self.options.api_key}":
            raise RefusalError(401)
        if visit.endpoint == "list":
            return self._page(visit)
        if visit.payload is None:
            raise RefusalError(400, "the body must be a JSON object")
        if visit.endpoint == "create":
            return self._created(visit, visit.payload)
        if visit.endpoint == "detail":
            return await self._desk.detail(visit.payload.get("task_id"))
        return self._assets.verify(visit.payload, visit.fault("asset"))

    def _page(self, visit: Visit) -> list[dict[str, Any]]:
        changes = [fault for fault in visit.faults if fault.kind == "catalogue"]
        language = visit.call.headers.get("x_app_language", "en")
        return self._catalogue.page(visit.call.query.get("category", ""), language, changes)

    def _created(self, visit: Visit, payload: Mapping[str, Any]) -> dict[str, Any]:
        data = self._desk.create(payload)
        if visit.fault("omit-id") is not None:
            del data["id"]
        return data


def open_sandbox(  # noqa: PLR0913 - the parts that are injected, each by name
    registry: Knowledge,
    state: Path,
    *,
    clock: Clock | None = None,
    render: Render | None = None,
    renderers: Mapping[str, Render] | None = None,
    scenario: Scenario | Path | None = None,
    options: Options | None = None,
) -> SandboxService:
    """Open a sandbox with the machine's time and real media unless told otherwise.

    Args:
        registry: Task types, models and the product list.
        state: Folder of the account, tasks and files; made when it does not exist.
        clock: Time.
        render: Makes all media files, whatever ``renderers`` says.
        renderers: Task types to the renderers that plugins bring for them, which go before ours.
        scenario: What goes wrong, or the file that says so.
        options: The switches.

    Raises:
        InvalidRequestError: The scenario file is wrong.
    """
    return SandboxService(
        registry,
        state=state,
        clock=clock or SystemClock(),
        render=render or (partial(_real_render, brought=renderers) if renderers else _real_render),
        scenario=load_scenario(scenario) if isinstance(scenario, Path) else scenario,
        options=options,
    )


def _real_render(
    job: RenderJob, folder: Path, stem: str, brought: Mapping[str, Render] | None = None
) -> Rendered:
    from ima_skills.sandbox.media import render

    return render(job, folder, stem, brought or {})
