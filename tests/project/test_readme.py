"""The README's examples run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import ima_skills
from ima_skills.offline import sandbox_client

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_library_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """The library example makes a picture of the size it asks for, on a sandbox."""
    example = next(block for block in blocks("python") if "asyncio.run" in block)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        ima_skills, "ImaClient", lambda: sandbox_client(tmp_path / "state", speed=600), raising=False
    )
    exec(compile(example, "README.md", "exec"), {"__name__": "readme"})  # noqa: S102 - our own README
    out = capsys.readouterr().out
    assert "SeeDream 4.5 5 points" in out
    assert re.search(r"out/\S+-1\.jpg 2560 1440", out)


def test_plugin_example_is_a_plugin() -> None:
    """The plugin in ten lines is at most ten lines and registers."""
    example = next(block for block in blocks("python") if "@hookimpl" in block)
    assert len(example.strip().splitlines()) <= 10
    namespace: dict[str, Any] = {}
    exec(compile(example, "README.md", "exec"), namespace)  # noqa: S102 - our own README
    request = ima_skills.Request("text_to_image", "our competitor's logo")
    (problem,) = namespace["ima_check_request"](request, None)
    assert problem.pointer == "/prompt"


def test_every_link_leads_somewhere() -> None:
    """Relative links of the README exist."""
    root = Path(__file__).resolve().parents[2]
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target and (root / "pyproject.toml").is_file() and (root / "registry").is_dir():
            assert (root / target).exists(), target
