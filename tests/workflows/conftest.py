"""What the tests of workflows share: clients on a quick sandbox, and a bench that plans and runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, field

from ima_skills.clock import SystemClock
from ima_skills.journal.caps import Caps
from ima_skills.journal.store import FileJournal
from ima_skills.offline import sandbox_client
from ima_skills.plugin_set import PluginSet
from ima_skills.registry import Registry
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.media import Rendered, RenderJob
from ima_skills.sandbox.scenario import parse_scenario
from ima_skills.workflows.checking import must_be_current
from ima_skills.workflows.planning import Draft, Planner
from ima_skills.workflows.pricing import Pricer
from ima_skills.workflows.run_record import RunRecord
from ima_skills.workflows.running import WorkflowRun
from ima_skills.workflows.store import PlanStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.client import ImaClient
    from ima_skills.workflows.plan import Plan, PlanStep

# Real headers and a real end: what is made here is an input elsewhere, and inputs are looked at closely.
HEADS = {
    "image": bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"),
    "video": b"\0\0\0\x14ftypisom" + bytes(8) + b"\0\0\0\x08moov" + b"\0\0\0\0mdat",
}
END = b"\0\0\0\0IEND\xaeB`\x82"
SUFFIXES = {"image": "png", "video": "mp4"}


@define
class Quick:
    """Renders tiny files.

    Attributes:
        seconds: How long the videos are.
        count: Files so far, so that no two are the same.
    """

    seconds: float = 5.0
    count: int = 0

    def __call__(self, job: RenderJob, folder: Path, stem: str) -> Rendered:
        folder.mkdir(parents=True, exist_ok=True)
        self.count += 1
        suffix = SUFFIXES.get(job.kind, "mp3")
        path = folder / f"{stem}.{suffix}"
        path.write_bytes(HEADS.get(job.kind, b"ID3\x04") + b"-" * 400 + str(self.count).encode() + END)
        lasting = {"video": self.seconds, "image": None}
        return Rendered(path, suffix, 64, 64, lasting.get(job.kind, 30.0), None)


@define
class Bench:
    """A machine with a sandbox of its own.

    Attributes:
        folder: Where everything is.
        plugins: The first party's.
        registry: The first party's.
        quick: Renders.
        points: Balance of the account when it is opened.
    """

    folder: Path
    plugins: PluginSet
    registry: Registry
    quick: Quick = field(factory=Quick)
    points: int = 100_000

    @property
    def store(self) -> PlanStore:
        return PlanStore(self.folder / "plans")

    def client(self, scenario: str = "", caps: Caps | None = None) -> ImaClient:
        return sandbox_client(
            self.folder / "sandbox",
            options=Options(speed=3000.0, points=self.points),
            scenario=parse_scenario(scenario) if scenario else None,
            render=self.quick,
            plugins=self.plugins,
            registry=self.registry,
            journal=FileJournal(
                self.folder / "journal.db",
                clock=SystemClock(),
                caps=caps or Caps(),
                warn=lambda _: None,
                sandbox=True,
            ),
        )

    def plan(self, *steps: PlanStep, form_of: Plan | None = None, **more: Any) -> Plan:
        """Price and save a plan."""

        async def work() -> Plan:
            async with self.client() as client:
                return await Planner(client, "en").plan(Draft(steps, form_of), self.store, **more)

        plan = asyncio.run(work())
        self.store.save(plan, {})
        return plan

    def check(self, plan: Plan, client: ImaClient | None = None) -> None:
        """Refuse what is out of date."""

        async def work() -> None:
            async with client or self.client() as opened:
                await must_be_current(plan, opened, Pricer(opened, "en"))

        asyncio.run(work())

    def run(self, plan: Plan, client: ImaClient | None = None, **parts: Any) -> WorkflowRun:
        """Run a plan."""

        async def work() -> WorkflowRun:
            async with client or self.client() as opened:
                run = WorkflowRun(
                    client=opened,
                    plan=plan,
                    store=self.store,
                    record=self.store.record(plan.id) or RunRecord(plan.id, "", str(self.folder / "out")),
                    listener=lambda _name, _pause: lambda _event: None,
                    told=lambda _name, _state: None,
                    **parts,
                )
                await run.run()
                return run

        return asyncio.run(work())


@pytest.fixture
def bench(tmp_path: Path, plugins: PluginSet, registry: Registry) -> Bench:
    """A machine that has planned nothing yet."""
    return Bench(tmp_path, plugins, registry)


@pytest.fixture
def step() -> Callable[..., PlanStep]:
    """Return a function that makes a step: ``step("video-2", first_frame="image-1")``."""
    from ima_skills.routing.result import Use
    from ima_skills.workflows.plan import PlanStep

    kinds = {"image": "text_to_image", "video": "image_to_video", "music": "text_to_music"}

    def make(name: str, prompt: str = "a kite", **given: Any) -> PlanStep:
        roles = ("source", "first_frame", "last_frame", "reference", "duration")
        uses = tuple(
            Use(source, role)  # type: ignore[arg-type]  # one of the roles
            for role in roles
            for source in str(given.pop(role, "")).split()
        )
        task_type = given.pop("task_type", None) or kinds[name.partition("-")[0]]
        return PlanStep(name, task_type, prompt, uses=uses, **given)

    return make
