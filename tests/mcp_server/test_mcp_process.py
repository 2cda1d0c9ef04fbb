"""The server as hosts start it: a process on stdin and stdout."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "ima_skills", "mcp"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_stdio(mode: str, tmp_path: Path) -> None:
    """Real media on the sandbox: nothing but the protocol is on stdout, and files are below the host's folder."""
    from mcp import Client, StdioServerParameters

    env = {**os.environ, "IMA_HOME": str(tmp_path / "home"), "IMA_SKILLS_NO_THIRD_PARTY": "1"}
    words = [*COMMAND[1:], "--sandbox", "--sandbox-speed", "600"]
    server = StdioServerParameters(command=COMMAND[0], args=words, env=env, cwd=str(tmp_path))

    async def go() -> dict[str, Any]:
        async with Client(server, mode=mode) as client:
            assert len((await client.list_tools()).tools) == 8
            wish = {"task_type": "text_to_speech", "prompt": "hello", "client_token": "t"}
            begun = await client.call_tool("generate", wish)
            assert begun.structured_content, begun.content
            waited = await client.call_tool("wait", {"task_id": begun.structured_content["task_id"]})
            assert waited.structured_content, waited.content
            return dict(waited.structured_content)

    view = asyncio.run(go())
    path = Path(view["artifacts"][0]["path"])
    assert (view["status"], view["sandbox"], path.parent) == ("success", True, tmp_path / "ima-out")
    assert path.stat().st_size == view["artifacts"][0]["bytes"] > 1000


def test_two_processes_share_a_token(tmp_path: Path) -> None:
    """A host that was restarted, and repeats its call, finds its task: nothing is paid twice."""
    from mcp import Client, StdioServerParameters

    env = {**os.environ, "IMA_HOME": str(tmp_path / "home"), "IMA_SKILLS_NO_THIRD_PARTY": "1"}
    words = [*COMMAND[1:], "--sandbox", "--sandbox-speed", "60"]
    server = StdioServerParameters(command=COMMAND[0], args=words, env=env, cwd=str(tmp_path))

    async def once() -> dict[str, Any]:
        async with Client(server) as client:
            wish = {"task_type": "text_to_music", "prompt": "calm", "client_token": "song"}
            answer = await client.call_tool("generate", wish)
            assert answer.structured_content, answer.content
            return dict(answer.structured_content)

    first, again = asyncio.run(once()), asyncio.run(once())
    assert (first["again"], again["again"]) == (False, True)
    assert first["task_id"] == again["task_id"]
