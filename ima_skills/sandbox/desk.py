"""The task desk: accepts creates, charges for them, and says how far a task is."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from ima_skills.sandbox.assets import Assets
from ima_skills.sandbox.catalogue import Catalogue
from ima_skills.sandbox.checks import Inspector, Order
from ima_skills.sandbox.envelope import RefusalError
from ima_skills.sandbox.faults import Faults, Subject
from ima_skills.sandbox.ground import Ground
from ima_skills.sandbox.knowledge import Knowledge
from ima_skills.sandbox.ledger import Ledger
from ima_skills.sandbox.progress import needs_rendering, outcome, task_document
from ima_skills.sandbox.rendering import Workshop
from ima_skills.sandbox.schedule import later, plan
from ima_skills.sandbox.tasks import MediaRecord, TaskRecord, TaskStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future

    from ima_skills.domain.task_type import TaskType
    from ima_skills.sandbox.scenario import Fault

# The service's documents: the sample's timeout_at lies this far after its created_at.
_TIMEOUT_MS = 300_000
_SPEECH = "tts"
_FAILURE = "generation failed"
_LOOK_S = 0.01


@frozen
class Desk:
    """Everything about tasks.

    Attributes:
        ground: Memory, addresses, time, switches.
        knowledge: The registry.
        catalogue: The product list as the service sees it.
        faults: What goes wrong.
        ledger: The account.
        store: The tasks.
        assets: The compliance desk.
        workshop: The renderers.
    """

    ground: Ground
    knowledge: Knowledge
    catalogue: Catalogue
    faults: Faults
    ledger: Ledger
    store: TaskStore
    assets: Assets
    workshop: Workshop

    def create(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Check and accept a create; return its data.

        Raises:
            RefusalError: The service does not accept it; nothing was charged.
        """
        order = self._inspector().inspect(payload)
        self._admit(order)
        task, medias = self._planned(order)
        with self.ground.database.transaction() as connection:
            self.ledger.charge(connection, task.id, order.points * order.n)
            self.store.add(connection, task, medias)
        for media in medias:
            if needs_rendering(media, self.ground.site):
                self.workshop.start(task, media)
        created_ms = round(task.created_at * 1000)
        return {
            "id": task.id,
            "biz_id": f"biz_{self.ground.fresh()}",
            "task_type": task.task_type,
            "medias": [],
            "generate_count": order.n,
            "created_at": created_ms,
            "timeout_at": created_ms + _TIMEOUT_MS,
        }

    async def detail(self, task_id: Any) -> dict[str, Any]:
        """Return the data of a detail call.

        Raises:
            RefusalError: 404, there is no such task; 400, no id was given.
        """
        if not isinstance(task_id, str) or not task_id:
            raise RefusalError(400, "task_id is required")
        task = self.store.task(task_id)
        if task is None:
            raise RefusalError(404)
        await self._tend(task)
        self._settle(task)
        now = self.ground.clock.now()
        medias = self.store.medias(task.id)
        for media in medias:
            if media.shape == "failed-processing" and not media.seen and _is_due(media, now):
                self.store.note_seen(media)
        return task_document(task, medias, now, self.ground.site)

    def settle_all(self) -> None:
        """Close the accounts of all tasks that have ended."""
        for task in self.store.unsettled(self.ground.clock.now()):
            self._settle(task)

    def _inspector(self) -> Inspector:
        return Inspector(
            task_types=self.knowledge.task_types,
            find_leaf=lambda category, model_id, version: self.catalogue.leaf(
                category, model_id, version, self.faults.standing(category)
            ),
            why_unfit=self.ground.site.why_unfit,
            native=self.catalogue.native,
            lenient=self.ground.options.lenient,
        )

    def _admit(self, order: Order) -> None:
        model_id = order.leaf["model_id"]
        if not self.ground.options.subscription and self.catalogue.gated(model_id):
            raise RefusalError(4014, f"model {model_id} requires a subscription")
        self.settle_all()
        if self.ledger.balance() < order.points * order.n:
            raise RefusalError(4008)
        if self.ground.options.require_verify:
            self.assets.check(model_id, order.inputs)

    def _planned(self, order: Order) -> tuple[TaskRecord, tuple[MediaRecord, ...]]:
        now, speed = self.ground.clock.now(), self.ground.options.speed
        name, leaf = order.task_type.name, order.leaf
        timing = plan(_seed(order), self.catalogue.estimate(name, leaf), order.n, now=now, speed=speed)
        task = TaskRecord(
            id=f"task_{self.ground.fresh()}",
            task_type=name,
            kind=_kind(order.task_type),
            model_id=leaf["model_id"],
            model_name=leaf["name"],
            version_id=leaf["id"],
            prompt=order.prompt,
            parameters=order.parameters,
            inputs=order.inputs,
            duration_s=_wished(order.parameters) or self.catalogue.fixed_length(name, leaf),
            created_at=now,
            listed_at=timing.listed_at,
        )
        faults = self.faults.on_task(Subject(name, task.names))
        return task, tuple(
            _bent(MediaRecord(task.id, position, self.ground.fresh(), course), faults, speed)
            for position, course in enumerate(timing.courses)
        )

    async def _tend(self, task: TaskRecord) -> None:
        """Start what is missing, and wait for what is due where the options say so.

        A renderer that broke raises here: a fault of the sandbox is not a fault of the media.
        """
        # A job that was about to end when its file was lost leaves it lost: such a media goes round twice.
        for _ in range(2 if self.ground.options.wait_for_render else 1):
            missing = [m for m in self.store.medias(task.id) if needs_rendering(m, self.ground.site)]
            if not missing:
                return
            await self._render([(media, self.workshop.start(task, media)) for media in missing])

    async def _render(self, jobs: list[tuple[MediaRecord, Future[None]]]) -> None:
        for media, job in jobs:
            if self.ground.options.wait_for_render and _is_due(media, self.ground.clock.now()):
                while not job.done():  # noqa: ASYNC110 - the job is a thread's, and knows no event of this loop
                    # Real time, whatever the injected clock says.
                    await asyncio.sleep(_LOOK_S)
            if job.done():
                self.workshop.forget(media)
                job.result()

    def _settle(self, task: TaskRecord) -> None:
        end = None if task.settled else outcome(self.store.medias(task.id), self.ground.clock.now())
        if end is None:
            return
        with self.ground.database.transaction() as connection:
            if self.store.settle(connection, task.id) and end == "refund":
                self.ledger.refund(connection, task.id)


def _kind(task_type: TaskType) -> str:
    """Return what our renderers make of a task type; a plugin's own renderer goes by the task type instead."""
    if task_type.media_kind != "audio":
        return task_type.media_kind
    return "speech" if task_type.modality == _SPEECH else "music"


def _seed(order: Order) -> str:
    # Not the inputs: their addresses differ in every run, and the same wish shall take the same time.
    wish = [order.task_type.name, order.leaf["id"], order.prompt, dict(order.parameters)]
    return hashlib.sha256(json.dumps(wish, sort_keys=True, default=str).encode()).hexdigest()


def _wished(parameters: Mapping[str, Any]) -> float | None:
    try:
        return float(parameters.get("duration") or 0) or None
    except (TypeError, ValueError):
        return None


def _bent(media: MediaRecord, faults: Sequence[Fault], speed: float) -> MediaRecord:
    for fault in faults:
        if fault.medias is None or media.position + 1 in fault.medias:
            course = later(media.course, fault.shape, fault.seconds, speed)
            message = _FAILURE if fault.message is None else fault.message
            return evolve(media, course=course, shape=fault.shape, error=message)
    return media


def _is_due(media: MediaRecord, now: float) -> bool:
    return media.course.due_at is not None and media.course.due_at <= now
