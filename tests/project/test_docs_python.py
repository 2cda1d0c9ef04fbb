"""Every Python example of the documents runs: on a sandbox, without the network."""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import tomllib
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import ima_skills
from ima_skills import hookspecs
from ima_skills.entry_points import Candidate
from ima_skills.offline import sandbox_client
from ima_skills.plugin_set import load_plugins
from tools.pages import Block, blocks, documents

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.checkout
NOT_RUN = "not run: "
ALL = [block for page in documents() for block in blocks(page)]
PYTHON = [block for block in ALL if block.language == "python"]


def _run(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Run an example as a module of its own; its client is one of a sandbox."""
    monkeypatch.chdir(tmp_path)
    offline = partial(sandbox_client, tmp_path / "state", speed=3600)
    monkeypatch.setattr(
        ima_skills, "ImaClient", lambda settings=None, **parts: offline(**parts), raising=False
    )
    module = ModuleType("ima_docs_example")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(block.text, block.name, "exec"), module.__dict__)  # noqa: S102 - our own documents
    return module


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.name)
def test_the_example_runs(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An example runs as it stands, or says why it cannot; one that brings hooks is a working plugin."""
    if block.note.startswith(NOT_RUN):
        assert len(block.note) > len(NOT_RUN) + 10
        compile(block.text, block.name, "exec")
        return
    module = _run(block, tmp_path, monkeypatch)
    if "@hookimpl" in block.text:
        found = [Candidate("example", "ima-example", "1", module.__name__)]
        info = load_plugins(environ={}, find=lambda: found).infos["example"]
        assert (info.state, info.notice) == ("active", "")
        assert info.fault == ""
        assert info.hooks


@pytest.mark.parametrize("hook", sorted(name for name in vars(hookspecs) if name.startswith("ima_")))
def test_every_hook_has_an_example(hook: str) -> None:
    """docs/hooks.md has a section for each hook, with its very arguments, and an example that implements it."""
    (page,) = [page for page in documents() if page.name == "hooks.md"]
    arguments = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
    section = (
        page.read_text(encoding="utf-8").partition(f"### `{hook}({arguments})`\n")[2].partition("\n### ")[0]
    )
    assert f"def {hook}(" in section


def test_there_are_examples() -> None:
    """The pattern finds them, and few are not run."""
    assert len(PYTHON) > 20
    assert sum(block.note.startswith(NOT_RUN) for block in PYTHON) <= 3


@pytest.mark.parametrize("block", [b for b in ALL if b.language in ("toml", "json")], ids=lambda b: b.name)
def test_data_can_be_read(block: Block) -> None:
    """Examples of data are what their fence says: one document, or one a line."""
    if block.language == "toml":
        assert tomllib.loads(block.text)
        return
    lines = block.text.splitlines()
    for document in lines if all(line.startswith("{") for line in lines) else [block.text]:
        assert json.loads(document)


def test_the_web_service_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The web application of docs/embedding.md starts a task, shows it, and answers nonsense with an error."""
    (block,) = [block for block in PYTHON if "def make_app" in block.text]
    make_app = _run(block, tmp_path, monkeypatch).make_app

    async def talk() -> tuple[list[int], list[Any]]:
        async with sandbox_client(tmp_path / "state", speed=3600) as ima:
            inner = httpx.ASGITransport(make_app(ima))
            async with httpx.AsyncClient(transport=inner, base_url="http://app") as web:
                begun = await web.post("/pictures", json={"prompt": "a lighthouse at dusk"})
                await ima.wait(begun.json()["task_id"], "text_to_image")
                answers = [
                    begun,
                    await web.get(f"/tasks/{begun.json()['task_id']}"),
                    await web.get("/tasks/no-such-task"),
                    await web.post("/pictures", content=b"{"),
                    await web.post("/pictures", json={"prompt": ""}),
                    await web.get("/"),
                ]
        return [answer.status_code for answer in answers], [answer.json() for answer in answers]

    codes, documents = asyncio.run(talk())
    assert codes == [202, 200, 502, 400, 400, 404]
    assert (documents[0]["model"], documents[0]["points"]) == ("SeeDream 4.5", 5)
    assert documents[1]["status"] == "success"
    assert documents[1]["urls"][0].startswith("http")
    assert [document["code"] for document in documents[2:]] == [
        "unknown-task",
        "bad-body",
        "invalid-request",
        "no-such-page",
    ]
