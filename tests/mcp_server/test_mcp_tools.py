"""The tools in both eras of the protocol: make, wait, look, list, see; and what they refuse."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from ima_skills.journal.caps import Caps

Call = Callable[..., Awaitable[Any]]
Talk = Callable[..., None]
TOOLS = {"list_models", "estimate", "route", "generate", "wait", "get_task", "list_tasks", "preview"}
PICTURE = {"task_type": "text_to_image", "prompt": "a lighthouse at dusk"}
DEAR = {"task_type": "text_to_video", "prompt": "waves", "params": {"duration": 15}}


async def finished(call: Call, task_id: str) -> dict[str, Any]:
    for _ in range(20):
        waited = await call("wait", task_id=task_id)
        assert not waited.failed, waited.error
        view: dict[str, Any] = waited.view
        if view["status"] != "processing":
            return view
    raise AssertionError("the task never ended")


def test_what_is_offered(talk: Talk) -> None:
    """Eight tools with a schema for what they take and give, described, with honest annotations."""

    async def conversation(_call: Call, client: Any) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == TOOLS
        for tool in tools.values():
            assert tool.description
            assert tool.output_schema
            assert tool.annotations.destructive_hint in (None, False)
            assert "anyOf" not in json.dumps(tool.input_schema), tool.name
        reads = {name for name, tool in tools.items() if tool.annotations.read_only_hint}
        assert reads == TOOLS - {"generate", "wait", "preview"}
        assert tools["wait"].input_schema["properties"]["timeout_s"]["maximum"] == 45
        assert len("ima__" + max(TOOLS, key=len)) <= 64

    talk(conversation)


def test_a_picture(talk: Talk, desk: Any) -> None:
    """Price, create, wait: an absolute path of a whole file, its digest, the points."""

    async def conversation(call: Call, _client: Any) -> None:
        priced = (await call("estimate", **PICTURE)).view
        assert (priced["points"], priced["needs_consent"], priced["next"]) == (5, False, "Call generate.")
        assert priced["chosen_by"] == "default"
        begun = (await call("generate", **PICTURE)).view
        assert (begun["status"], begun["again"], begun["points"], begun["sandbox"]) == (
            "processing",
            False,
            5,
            True,
        )
        view = await finished(call, begun["task_id"])
        (artifact,) = view["artifacts"]
        assert (view["status"], view["progress"], view["error"]) == ("success", 100, None)
        path = Path(artifact["path"])
        assert path.is_absolute()
        assert path.parent == desk.folder
        assert path.stat().st_size == artifact["bytes"] > 0  # noqa: ASYNC240 - a test may look
        assert len(artifact["sha256"]) == 64
        looked = (await call("get_task", task_id=begun["task_id"])).view
        assert looked["artifacts"][0]["path"] == artifact["path"]

    talk(conversation)


@pytest.mark.parametrize(
    ("task_type", "params"),
    [("text_to_video", {"duration": 5, "resolution": "720P"}), ("text_to_music", {}), ("text_to_speech", {})],
)
def test_other_media(talk: Talk, task_type: str, params: dict[str, Any]) -> None:
    """Videos, music and speech go the same way."""

    async def conversation(call: Call, _client: Any) -> None:
        begun = await call("generate", task_type=task_type, prompt="calm waves", params=params)
        assert not begun.failed, begun.error
        view = await finished(call, begun.view["task_id"])
        assert view["status"] == "success"
        assert Path(view["artifacts"][0]["path"]).is_file()  # noqa: ASYNC240 - a test may look

    talk(conversation)


def test_inputs(talk: Talk, tmp_path: Path, picture_bytes: bytes) -> None:
    """A local picture is taken by its path; one that is missing is an error before anything is sent."""
    (tmp_path / "in.png").write_bytes(picture_bytes)
    wish = {"task_type": "image_to_image", "prompt": "in watercolour"}

    async def conversation(call: Call, _client: Any) -> None:
        missing = (await call("generate", **wish, inputs=[str(tmp_path / "none.png")])).error
        assert missing["code"] == "invalid-request"
        begun = await call("generate", **wish, inputs=[str(tmp_path / "in.png")])
        assert (await finished(call, begun.view["task_id"]))["status"] == "success"

    talk(conversation)


def test_dear_needs_a_yes(talk: Talk, desk: Any) -> None:
    """Above the threshold the price comes back instead; with the user's figure it goes on, and no further."""

    async def conversation(call: Call, _client: Any) -> None:
        priced = (await call("estimate", **DEAR)).view
        assert priced["needs_consent"]
        refused = (await call("generate", **DEAR)).error
        assert (refused["code"], refused["details"]) == ("needs-consent", {"quoted": 120, "ask_above": 50})
        assert "max_points=120" in refused["next"]
        assert (await call("generate", **DEAR, max_points=119, client_token="t")).error["code"] == "over-cap"
        assert desk.books.entries() == ()
        smaller = {**DEAR, "params": {"duration": 5, "resolution": "720P"}}
        assert (await call("generate", **smaller, client_token="t")).view["points"] == 25
        assert (await call("generate", **DEAR, max_points=priced["points"])).view["points"] == 120

    talk(conversation)


def test_the_operators_cap(talk: Talk) -> None:
    """A cap of the server holds against any max_points."""

    async def conversation(call: Call, _client: Any) -> None:
        assert (await call("generate", **DEAR, max_points=500)).error["code"] == "over-cap"
        assert not (await call("generate", **PICTURE)).failed

    talk(conversation, max_points=100)


def test_the_users_threshold(talk: Talk) -> None:
    """The configuration's ask_above counts."""

    async def conversation(call: Call, _client: Any) -> None:
        assert (await call("generate", **PICTURE)).error["details"]["ask_above"] == 4

    talk(conversation, caps=Caps(ask_above=4))


def test_the_same_token_is_the_same_task(talk: Talk, desk: Any) -> None:
    """While it runs, after it was handed over, without a second yes: one task; another wish is refused."""

    async def conversation(call: Call, _client: Any) -> None:
        first = (await call("generate", **DEAR, max_points=120, client_token="t")).view
        again = (await call("generate", **DEAR, client_token="t")).view
        assert (again["task_id"], again["again"]) == (first["task_id"], True)
        await finished(call, first["task_id"])
        after = (await call("generate", **DEAR, max_points=120, client_token="t")).view
        assert (after["task_id"], after["again"]) == (first["task_id"], True)
        other = (
            await call("generate", **{**DEAR, "prompt": "hills"}, max_points=120, client_token="t")
        ).error
        assert other["code"] == "client-token-reused"
        new = (await call("generate", **DEAR, max_points=120, client_token="u")).view
        assert (new["again"], new["task_id"] == first["task_id"]) == (False, False)
        assert len(desk.books.entries()) == 2

    talk(conversation)


def test_without_a_token(talk: Talk, desk: Any) -> None:
    """The same wish under way is one task; once it was handed over, it is a new one."""

    async def conversation(call: Call, _client: Any) -> None:
        first = (await call("generate", **PICTURE)).view["task_id"]
        assert (await call("generate", **PICTURE)).view["task_id"] == first
        await finished(call, first)
        assert (await call("generate", **PICTURE)).view["task_id"] != first

    talk(conversation)


def test_many_calls_at_once(talk: Talk, desk: Any) -> None:
    """Five calls with one token at the same moment pay once."""
    import asyncio

    async def conversation(call: Call, _client: Any) -> None:
        answers = await asyncio.gather(*(call("generate", **PICTURE, client_token="t") for _ in range(5)))
        assert len({answer.view["task_id"] for answer in answers}) == 1
        assert len(desk.books.entries()) == 1

    talk(conversation)


def test_without_a_journal(talk: Talk) -> None:
    """Nothing may be written: a token cannot be kept, and that is said; without one it works."""

    async def conversation(call: Call, _client: Any) -> None:
        assert (await call("generate", **PICTURE, client_token="t")).error["code"] == "no-journal"
        assert (await call("list_tasks")).error["code"] == "no-journal"
        assert (await call("generate", **PICTURE)).view["status"] == "processing"

    talk(conversation, books=None)


def test_a_short_wait_returns(talk: Talk, desk_at: Callable[[float], Any]) -> None:
    """What has not ended is told as it is, with percent and the next step; nothing is created again."""

    async def conversation(call: Call, _client: Any) -> None:
        begun = (await call("generate", **DEAR, max_points=120)).view
        view = (await call("wait", task_id=begun["task_id"], timeout_s=0.1)).view
        assert (view["status"], view["artifacts"]) == ("processing", [])
        assert "Call wait with this task_id" in view["next"]
        assert 0 <= view["progress"] <= 95

    talk(conversation, at=desk_at(60))


def test_progress_reaches_hosts_that_ask(talk: Talk, desk_at: Callable[[float], Any]) -> None:
    """Percents rise while a call waits."""
    heard: list[float] = []

    async def listen(progress: float, total: float | None, message: str | None) -> None:
        assert (total, message) == (100, None)
        heard.append(progress)

    async def conversation(call: Call, client: Any) -> None:
        begun = (await call("generate", **DEAR, max_points=120)).view
        await client.call_tool(
            "wait", {"task_id": begun["task_id"], "timeout_s": 2.5}, progress_callback=listen
        )

    talk(conversation, at=desk_at(60))
    assert heard
    assert heard == sorted(set(heard))
    assert heard[-1] <= 95


def test_errors_can_be_read(talk: Talk) -> None:
    """Code, message and next step, with the nearest right thing; no command line in what an agent is told."""

    async def conversation(call: Call, _client: Any) -> None:
        wrong = (await call("generate", task_type="text_to_vide", prompt="x")).error
        assert wrong["code"] == "unknown-task-type"
        assert "text_to_video" in wrong["next"]
        bad = (await call("generate", **{**DEAR, "params": {"duration": 7}}, max_points=500)).error
        assert bad["problems"][0]["nearest"] in (5, 10)
        lost = (await call("wait", task_id="nope", timeout_s=1)).error
        assert lost["code"] == "unknown-task"
        for error in (wrong, bad, lost):
            assert {"code", "message", "next", "retryable"} <= error.keys()
            assert "--" not in error["next"]
        unknown = (await call("generate", **PICTURE, model="no such thing")).error
        assert unknown["code"] == "unknown-model"

    talk(conversation)


@pytest.mark.parametrize(
    ("tool", "given", "place"),
    [
        ("generate", {"task_type": "text_to_image"}, "/prompt"),
        ("generate", {**PICTURE, "n": 0}, "/n"),
        ("generate", {**PICTURE, "prompt": ["a secret wish"]}, "/prompt"),
        ("wait", {"task_id": "t", "timeout_s": 1000}, "/timeout_s"),
    ],
)
def test_arguments_that_do_not_fit(talk: Talk, tool: str, given: dict[str, Any], place: str) -> None:
    """A document with a code like every other error; the values that were given are not repeated."""

    async def conversation(call: Call, _client: Any) -> None:
        error = (await call(tool, **given)).error
        assert error["code"] == "invalid-request"
        assert [problem["pointer"] for problem in error["problems"]] == [place]
        assert "secret" not in json.dumps(error)

    talk(conversation)


def test_strange_errors_keep_their_words(talk: Talk, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody expected is named by its type; its text, which may quote anything, stays here."""

    async def conversation(call: Call, _client: Any) -> None:
        def broken(*_: Any, **__: Any) -> Any:
            raise LookupError("secret prompt")

        monkeypatch.setattr("ima_skills.mcp_server.desk.estimate_view", broken)
        failed = await call("estimate", **PICTURE)
        assert failed.error["code"] == "internal"
        assert "secret" not in str(failed.result)

    talk(conversation)


def test_models_come_in_pages(talk: Talk) -> None:
    """Priced for what was asked, the cheapest first, a page at a time."""

    async def conversation(call: Call, _client: Any) -> None:
        asked = {"task_type": "text_to_video", "params": {"duration": 10, "resolution": "1080P"}}
        first = (await call("list_models", **asked, limit=2)).view
        rest = (await call("list_models", **asked, limit=50, offset=first["next_offset"])).view
        points = [row["points"] for row in (*first["models"], *rest["models"])]
        assert points == sorted(points)
        assert (first["next_offset"], rest["next_offset"], len(points)) == (2, -1, first["total"])
        cheap = (await call("list_models", **asked, max_points=points[0])).view["models"]
        assert {row["points"] for row in cheap} == {points[0]}
        default = await call("list_models")
        assert len(json.dumps(default.view)) <= 10_000

    talk(conversation)


def test_tasks_are_listed(talk: Talk) -> None:
    """What is under way; with everything, what was handed over too."""

    async def conversation(call: Call, _client: Any) -> None:
        done = (await call("generate", **PICTURE)).view["task_id"]
        await finished(call, done)
        open_one = (await call("generate", **DEAR, max_points=120)).view["task_id"]
        listed = (await call("list_tasks")).view
        assert [row["task_id"] for row in listed["tasks"]] == [open_one]
        everything = (await call("list_tasks", everything=True, limit=1)).view
        assert ([row["task_id"] for row in everything["tasks"]], everything["next_offset"]) == ([open_one], 1)

    talk(conversation)


def test_preview(talk: Talk) -> None:
    """A small JPEG and a link to the file; sound has only the link; an output that is not there is an error."""
    from PIL import Image

    async def conversation(call: Call, _client: Any) -> None:
        task_id = (await call("generate", **PICTURE)).view["task_id"]
        await finished(call, task_id)
        seen = await call("preview", task_id=task_id)
        image, link = seen.result.content
        assert (image.type, image.mime_type, link.type) == ("image", "image/jpeg", "resource_link")
        assert Image.open(io.BytesIO(base64.b64decode(image.data))).size == (512, 288)
        assert str(link.uri).startswith("file:///")
        assert seen.view["artifacts"][0]["path"].endswith(link.name)
        assert (await call("preview", task_id=task_id, index=2)).error["code"] == "no-such-output"
        spoken = (await call("generate", task_type="text_to_speech", prompt="hello")).view["task_id"]
        await finished(call, spoken)
        kinds = [block.type for block in (await call("preview", task_id=spoken)).result.content]
        assert kinds == ["text", "resource_link"]

    talk(conversation)


def test_resources(talk: Talk) -> None:
    """Task types with their models, and single tasks; a task that nobody knows is an error with a name."""
    from mcp.shared.exceptions import MCPError

    async def conversation(call: Call, client: Any) -> None:
        (content,) = (await client.read_resource("ima://models")).contents
        kinds = {kind["task_type"]: kind for kind in json.loads(content.text)["task_types"]}
        assert kinds["first_last_frame_to_video"]["inputs"] == {"min": 2, "max": 2}
        assert kinds["text_to_image"]["default"] == "seedream-4.5"
        assert len(content.text) <= 10_000
        task_id = (await call("generate", **PICTURE)).view["task_id"]
        (task,) = (await client.read_resource(f"ima://tasks/{task_id}")).contents
        assert json.loads(task.text)["task_id"] == task_id
        with pytest.raises(MCPError, match="unknown-task"):
            await client.read_resource("ima://tasks/nope")

    talk(conversation)


def test_a_failed_task_is_an_answer(talk: Talk, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason and what to do, not an exception; nothing to hand over."""
    real = desk.client.engine.service.detail

    async def failed(task_id: str) -> Any:
        task = await real(task_id)
        return evolve(task, status="failed", error="the picture could not be drawn")

    async def conversation(call: Call, _client: Any) -> None:
        task_id = (await call("generate", **PICTURE)).view["task_id"]
        monkeypatch.setattr(
            type(desk.client.engine.service), "detail", lambda _self, task_id: failed(task_id)
        )
        view = (await call("wait", task_id=task_id)).view
        assert (view["status"], view["error"]["code"]) == ("failed", "job-failed")
        assert "offer another model" in view["next"]

    talk(conversation)


def test_wishes_are_understood(talk: Talk, tmp_path: Path, picture_bytes: bytes) -> None:
    """A Chinese wish gives task type, model and settings; two pictures without a role give a question."""
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(picture_bytes)

    async def conversation(call: Call, _client: Any) -> None:
        clear = (await call("route", text="用可灵做一段10秒的海浪视频")).view
        assert (clear["task_type"], clear["model_name"], clear["clarify"]) == (
            "text_to_video",
            "Kling O1",
            None,
        )
        assert clear["params"]["duration"] == 10
        assert clear["request"]["task_type"] == "text_to_video"
        pictures = [str(tmp_path / name) for name in ("a.png", "b.png")]
        unclear = (await call("route", text="make a video", inputs=pictures)).view
        assert unclear["clarify"]["question"]
        assert len(unclear["clarify"]["options"]) > 1

    talk(conversation)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"max_point": 1}, "did you mean max_points?"),
        ({"client_tokn": "z"}, "did you mean client_token?"),
        ({"aspect_ratio": "16:9"}, "settings of the model go into params"),
    ],
)
def test_unknown_arguments_are_refused(talk: Talk, desk: Any, more: dict[str, Any], said: str) -> None:
    """A mistyped cap must not pass for none: nothing is sent, and what was meant is named."""

    async def conversation(call: Call, client: Any) -> None:
        refused = await call("generate", **PICTURE, **more)
        assert (refused.failed, refused.error["code"]) == (True, "invalid-request")
        assert said in refused.error["message"]
        assert list(desk.entries(everything=True)) == []
        assert (await call("estimate", **PICTURE, **more)).failed
        tools = (await client.list_tools()).tools
        assert {tool.input_schema["additionalProperties"] for tool in tools} == {False}

    talk(conversation)


def test_an_unknown_tool(talk: Talk) -> None:
    """Refused in the usual shape, with the tools that there are."""

    async def conversation(call: Call, _client: Any) -> None:
        refused = await call("generat", **PICTURE)
        assert refused.failed
        assert "generate" in refused.error["next"]

    talk(conversation)
