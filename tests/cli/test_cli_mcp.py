"""``ima-skills mcp`` before it serves: what is missing, and what it is given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.mcp_server.desk import Desk

    Ima = Callable[..., Any]


def test_without_the_sdk(ima: Ima, fits: Callable[[str, Any], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named, with exit code 6; nothing was opened."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    ran = ima("mcp", "--sandbox", "--json")
    assert (ran.code, ran.document["code"]) == (6, "missing-extra")
    assert "ima-skills[mcp]" in ran.document["hint"]
    fits("error", ran.document)
    assert "ima-skills[mcp]" in ima("mcp", "--sandbox").err


def test_what_the_desk_is_given(
    ima: Ima, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_sandbox: None
) -> None:
    """Folder, caps, user and rules for files come from options and environment; folders are absolute."""
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    desks: list[Desk] = []

    class Stopped:
        async def run_stdio_async(self) -> None:
            return

    def keep(desk: Desk, _language: str) -> Stopped:
        desks.append(desk)
        return Stopped()

    monkeypatch.setattr("ima_skills.mcp_server.server.make_server", keep)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    env = {"IMA_MAX_POINTS": "80", "IMA_USER_ID": " ou_1 ", "IMA_INPUT_ROOT": str(tmp_path / "in")}
    assert ima("mcp", env=env).code == 0
    assert ima("mcp", "--download", "films", "--max-points", "9", env=env).code == 0
    first, second = desks
    assert (first.folder, first.max_points, first.user_id) == (tmp_path / "ima-out", 80, "ou_1")
    assert (second.folder, second.max_points) == (tmp_path / "films", 9)
    assert first.client.engine.files.input_root == tmp_path / "in"
    assert first.books is not None


def test_the_journal_may_be_left_out(ima: Ima, monkeypatch: pytest.MonkeyPatch, quick_sandbox: None) -> None:
    """IMA_NO_WRITE=1 serves without one."""
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    found: list[object] = []

    class Stopped:
        async def run_stdio_async(self) -> None:
            return

    def keep(desk: Desk, _language: str) -> Stopped:
        found.append(desk.books)
        return Stopped()

    monkeypatch.setattr("ima_skills.mcp_server.server.make_server", keep)
    assert ima("mcp", env={"IMA_NO_WRITE": "1"}).code == 0
    assert found == [None]
