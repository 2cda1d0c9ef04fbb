"""What the tests of messages share: words, a sandbox whose clock stands still, and whole conversations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.advice import Adviser
from ima_skills.clock import FakeClock
from ima_skills.domain.event import Finished
from ima_skills.domain.product import CreditRule
from ima_skills.domain.request import Quote, Request
from ima_skills.domain.task import Media, Result
from ima_skills.errors import ImaError
from ima_skills.messages.counsel import Counsel
from ima_skills.messages.manner import Manner, open_manner
from ima_skills.messages.scribe import Scribe
from ima_skills.offline import sandbox_client
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.media import Rendered, RenderJob
from ima_skills.sandbox.scenario import parse_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from ima_skills.domain.event import Event
    from ima_skills.plugin_set import PluginSet
    from ima_skills.registry import Registry

LANGUAGES, PLATFORMS = ("en", "zh"), ("feishu", "discord", "telegram", "plain")
Said = list[dict[str, Any]]
TOOK_S = 33.0
_FORMATS = {"image": "png", "video": "mp4", "music": "mp3", "speech": "mp3"}


@pytest.fixture(scope="session")
def manner(registry: Registry, plugins: PluginSet) -> Callable[..., Manner]:
    """Return a function from a language and a platform to how to speak there, each read once."""

    @cache
    def of(language: str = "en", platform: str = "plain") -> Manner:
        return open_manner(registry, plugins, language, platform)

    return of


@pytest.fixture(scope="session")
def counsel(catalogue: Any, leaf: Any, registry: Registry, plugins: PluginSet) -> Callable[..., Counsel]:
    """Return a function from a model, a task type and parameters to its counsel on the captured list."""

    def of(name: str, task_type: str = "text_to_video", total: int = 100, **params: Any) -> Counsel:
        adviser = Adviser(registry, plugins.quirks)
        request = Request(task_type, "a paper boat", params=params)
        return Counsel(adviser, request, catalogue(task_type), leaf(name, task_type), total)

    return of


def price(points: int, n: int = 1) -> Quote:
    """Return a quote of so many points per output."""
    return Quote(CreditRule(attribute_id=1, points=points, attributes={}), n)


@pytest.fixture(scope="session")
def quote() -> Callable[..., Quote]:
    """Return a function that makes quotes."""
    return price


@pytest.fixture(scope="session")
def result() -> Callable[..., Result]:
    """Return a function that makes finished results with public addresses."""

    def make(task_type: str, *, n: int = 1, suffix: str = "png", **facts: Any) -> Result:
        medias = tuple(
            Media(1, "success", f"https://cdn.example.com/{index}.{suffix}", format=suffix, duration_s=125.0)
            for index in range(1, n + 1)
        )
        usual: dict[str, Any] = {
            "task_id": "task_1",
            "task_type": task_type,
            "status": "success",
            "medias": medias,
            "model_id": "m",
            "model_name": "Model One",
            "version_id": "v",
            "credit": 5 * n,
            "params": {},
            "changes": (),
            "elapsed_s": 31.0,
            "sandbox": False,
        }
        return Result(**{**usual, **facts})

    return make


class Steady(Random):
    """Chance that always falls in the middle: when a task is looked at must not change what is said."""

    def random(self) -> float:
        """Return a half."""
        return 0.5


def _render(job: RenderJob, folder: Path, stem: str) -> Rendered:
    folder.mkdir(parents=True, exist_ok=True)
    suffix = _FORMATS[job.kind]
    path = folder / f"{stem}.{suffix}"
    path.write_bytes(b"-" * 100)
    length = None if job.kind == "image" else 5.0
    return Rendered(path, suffix, 640, 360, length, None)


def _as_if_real(event: Event) -> Event:
    """Return an event of the sandbox as the real service would have told it, and without the jitter of looks."""
    if not isinstance(event, Finished):
        return event
    medias = tuple(
        evolve(media, url=f"https://cdn.example.com/{index}.{media.format}")
        for index, media in enumerate(event.result.medias, 1)
    )
    return Finished(evolve(event.result, medias=medias, elapsed_s=TOOK_S, sandbox=False))


@pytest.fixture
def talk(manner: Callable[..., Manner], plugins: PluginSet, tmp_path: Path) -> Callable[..., Said]:
    """Return a function that makes a wish on a sandbox and returns every action for the user."""
    states = (tmp_path / f"state-{number}" for number in count())

    async def make(request: Request, scribe: Scribe, scenario: str, fix: Any) -> Said:
        clock, said = FakeClock(), list[dict[str, Any]]()

        def tell(actions: Any) -> None:
            said.extend(action.as_dict() for action in actions)

        client = sandbox_client(
            next(states),
            options=Options(wait_for_render=True),
            scenario=parse_scenario(scenario) if scenario else None,
            clock=clock,
            rng=Steady(),
            render=_render,
            language=request.language,
        )
        async with client:
            tell(scribe.acknowledge(request.task_type))
            try:
                prepared = await client.prepare(request, fix=fix)
                adviser = Adviser(client.registry, plugins.quirks)
                scribe.consult(
                    Counsel(
                        adviser, prepared.request, prepared.catalogue, prepared.leaf, prepared.quote.total
                    )
                )
                await client.finish(
                    prepared,
                    on_event=lambda event: tell(scribe.hear(_as_if_real(event), clock.monotonic())),
                )
            except ImaError as error:
                tell(scribe.end(error))
        return said

    def run(request: Request, platform: str, *, scenario: str = "", fix: Any = None) -> Said:
        scribe = Scribe(manner(request.language, platform))
        return asyncio.run(make(request, scribe, scenario, fix))

    return run
