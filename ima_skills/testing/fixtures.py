"""Fixtures for the tests of a plugin.

A project's ``conftest.py`` enables them and names its module::

pytest_plugins = ["ima_skills.testing.fixtures"]

@pytest.fixture(scope="session")
def ima_modules():
return ("ima_skills_kite",)
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.clock import FakeClock
from ima_skills.testing.desk import Desk
from ima_skills.testing.joining import known, plugin_set
from ima_skills.testing.serving import make, sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ima_skills.client import ImaClient
    from ima_skills.domain.request import Request
    from ima_skills.domain.task import Result
    from ima_skills.plugin_set import PluginSet
    from ima_skills.registry import Registry


@pytest.fixture(autouse=True)
def ima_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a state folder of its own and no ``IMA_*`` variables; return that folder."""
    for name in [name for name in os.environ if name.startswith("IMA_")]:
        monkeypatch.delenv(name)
    home = tmp_path / "ima-home"
    monkeypatch.setenv("IMA_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def ima_modules() -> tuple[str, ...]:
    """Name the modules under test; a project overrides this."""
    pytest.fail("conftest.py has to define the fixture ima_modules: the names of the plugin's modules")


@pytest.fixture(scope="session")
def ima_plugins(ima_modules: tuple[str, ...]) -> PluginSet:
    """Join the first party and the modules under test; nothing that is installed beside them takes part."""
    return plugin_set(*ima_modules)


@pytest.fixture(scope="session")
def ima_registry(ima_plugins: PluginSet) -> Registry:
    """Read the registry of the first party and of the plugin."""
    return known(ima_plugins)


@pytest.fixture
def ima_clock() -> FakeClock:
    """Make time stand still until somebody sleeps."""
    return FakeClock()


@pytest.fixture
def ima_sandbox(ima_plugins: PluginSet, ima_clock: FakeClock, tmp_path: Path) -> Callable[..., ImaClient]:
    """Return a function that opens a client on a sandbox with the plugin's models."""

    def opened(**parts: Any) -> ImaClient:
        return sandbox(ima_plugins, tmp_path / "state", **{"clock": ima_clock, **parts})

    return opened


@pytest.fixture
def ima_make(ima_plugins: PluginSet, ima_clock: FakeClock, tmp_path: Path) -> Callable[..., Result]:
    """Return a function from a request to its finished, downloaded result."""

    def made(request: Request, **parts: Any) -> Result:
        return make(ima_plugins, request, tmp_path, **{"clock": ima_clock, **parts})

    return made


@pytest.fixture
def ima_desk(ima_registry: Registry, tmp_path: Path) -> Iterator[Desk]:
    """Open a desk that takes creates and says what each one cost."""
    desk = Desk(ima_registry, tmp_path / "desk")
    yield desk
    desk.close()
