"""A client on a sandbox of its own, in this process, whose time is a fake clock's."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

from ima_skills.clock import FakeClock
from ima_skills.offline import sandbox_client
from ima_skills.sandbox.knowledge import Options

if TYPE_CHECKING:
    from pathlib import Path

    from ima_skills.client import ImaClient
    from ima_skills.domain.request import Request
    from ima_skills.domain.task import Result
    from ima_skills.plugin_set import PluginSet


def sandbox(plugins: PluginSet, state: Path, **parts: Any) -> ImaClient:
    """Return a client on a sandbox that serves what the plugins bring; nothing is spent or waited for.

    Args:
        plugins: From :func:`ima_skills.testing.plugin_set`.
        state: Folder of the sandbox's account, tasks and files.
        parts: As for :func:`ima_skills.offline.sandbox_client`, for instance ``clock``, ``scenario`` or
            ``render``; by default time is a :class:`~ima_skills.clock.FakeClock` of its own.
    """
    usual: dict[str, Any] = {
        "options": Options(wait_for_render=True),
        "clock": FakeClock(),
        "rng": Random(7),  # noqa: S311 - jitter and nonces of a test
    }
    return sandbox_client(state, plugins=plugins, **{**usual, **parts})


def make(plugins: PluginSet, request: Request, folder: Path, **parts: Any) -> Result:
    """Make what a request asks for on a sandbox, and download it.

    Args:
        plugins: As for :func:`sandbox`.
        request: The wish.
        folder: Gets ``state`` and, with the files, ``out``.
        parts: As for :func:`sandbox`.

    Raises:
        ImaError: As a real create would.
    """

    async def work() -> Result:
        async with sandbox(plugins, folder / "state", **parts) as client:
            return await client.create(request, download=folder / "out")

    return asyncio.run(work())
