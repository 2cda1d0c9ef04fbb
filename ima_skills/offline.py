"""A client whose service is the sandbox, in this process: nothing is spent, nothing leaves the machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ima_skills.client import ImaClient
from ima_skills.plugin_set import load_plugins
from ima_skills.registry import load_registry
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.service import open_sandbox
from ima_skills.settings import Secret, Settings, state_home

if TYPE_CHECKING:
    from random import Random

    from ima_skills.clock import Clock
    from ima_skills.file_rules import FileRules
    from ima_skills.plugin_set import PluginSet
    from ima_skills.preferences import UserPreferences
    from ima_skills.recording import Journal
    from ima_skills.registry import Registry
    from ima_skills.renderers import Render
    from ima_skills.sandbox.scenario import Scenario

DEFAULT_SPEED = 60.0


def sandbox_client(  # noqa: PLR0913 - everything a client depends on is injected here
    state: Path | str | None = None,
    *,
    speed: float = DEFAULT_SPEED,
    options: Options | None = None,
    scenario: Scenario | Path | None = None,
    plugins: PluginSet | None = None,
    registry: Registry | None = None,
    clock: Clock | None = None,
    rng: Random | None = None,
    render: Render | None = None,
    language: str = "en",
    degrade: bool = True,
    journal: Journal | None = None,
    files: FileRules | None = None,
    preferences: UserPreferences | None = None,
) -> ImaClient:
    """Return a client that works on a sandbox of its own.

    Args:
        state: Folder of the sandbox's account, tasks and files; by default ``ima_sandbox`` under
            the state folder, so that a later client finds the same tasks.
        speed: Seconds of the service that pass in one second; ``options`` wins.
        options: All switches of the sandbox.
        scenario: What goes wrong, or the file that says so.
        plugins: As for :class:`~ima_skills.client.ImaClient`.
        registry: As there; the sandbox serves its snapshot.
        clock: As there; the sandbox's time too.
        rng: As there.
        render: Makes the media; by default the plugins' renderers and ours.
        language: As there.
        degrade: As there.
        journal: As there.
        files: As there.
        preferences: As there.
    """
    from ima_skills.sandbox.transport import SandboxTransport

    joined = load_plugins() if plugins is None else plugins
    known = load_registry(joined.registry_roots()) if registry is None else registry
    switches = options or Options(speed=speed)
    service = open_sandbox(
        known, _place(state), clock=clock, render=render, renderers=joined.renderers(), scenario=scenario, options=switches,
    )  # fmt: skip
    return ImaClient(
        Settings(Secret(switches.api_key), service.base_url, service.base_url),
        transport=SandboxTransport(service, closes=True),
        plugins=joined, registry=known, clock=clock, rng=rng, language=language,
        degrade=degrade, journal=journal, files=files, preferences=preferences,
    )  # fmt: skip


def _place(state: Path | str | None) -> Path:
    return state_home() / "ima_sandbox" if state is None else Path(state)
