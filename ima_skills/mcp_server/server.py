"""The tools and resources as the SDK serves them; everything they do is done by the desk."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context  # noqa: TC002 - the SDK reads annotations at run time
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.types import (
    CallToolResult,
    ContentBlock,
    ImageContent,
    ResourceLink,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic import Field, ValidationError

from ima_skills.domain.event import Progressed
from ima_skills.domain.request import Request
from ima_skills.errors import ImaError, UsageError
from ima_skills.mcp_server import catalogue as listing
from ima_skills.mcp_server.desk import LONGEST_WAIT_S, Desk
from ima_skills.mcp_server.faults import misshapen, told, unknown_arguments, unknown_tool
from ima_skills.mcp_server.preview import thumbnail
from ima_skills.mcp_server.showing import task_row
from ima_skills.mcp_server.views import EstimateView, ModelsView, TasksView, TaskView
from ima_skills.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ima_skills.domain.event import Event

INSTRUCTIONS = """Pictures, videos, music and speech through the IMA Open API, which charges the user's points.
1. estimate what the user wants. If needs_consent: tell model, points and time, and wait for a yes.
2. generate, with max_points when there was a yes; it returns at once. Give each wish a client_token of its own.
3. wait until status is success or failed; a video takes minutes, so call it again while it is processing.
4. Hand the artifacts over by path or url, name the points, and tell what is in changes.
An error names its next step. Never generate again because a wait was long."""

_LOOKS = ToolAnnotations(read_only_hint=True, open_world_hint=True)
_LOOKS_HERE = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_SAVES = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)
_SPENDS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
)
_PULSE_S = 1.0

TaskTypeName = Annotated[
    str,
    Field(
        description="text_to_image, image_to_image, text_to_video, image_to_video (1 picture, the first frame),"
        " first_last_frame_to_video (exactly 2), reference_image_to_video (subject or style),"
        " text_to_music, text_to_speech, or what a plugin adds."
    ),
]
Model = Annotated[str, Field(description="A model that the user named; empty takes the best default.")]
Params = Annotated[
    dict[str, Any],
    Field(description='Settings by name, for instance {"aspect_ratio": "16:9", "duration": 10}.'),
]
Inputs = Annotated[
    list[str], Field(description="Paths or https addresses of pictures, in the order of their roles.")
]
Count = Annotated[int, Field(ge=1, description="Number of outputs; the price is multiplied.")]
TaskId = Annotated[str, Field(min_length=1, description="task_id of generate.")]


class _Server(MCPServer[None]):
    """Refuses arguments that do not fit as everything else is refused: with a code and a next step."""

    async def list_tools(self) -> list[Tool]:
        """Return the tools; a mistyped cap must not pass for none, so none takes what it does not know."""
        return [
            tool.model_copy(update={"input_schema": {**tool.input_schema, "additionalProperties": False}})
            for tool in await super().list_tools()
        ]

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool; see the SDK, which would let arguments that no tool has pass unheeded."""
        tools = {tool.name: tool for tool in await self.list_tools()}
        if name not in tools:
            raise unknown_tool(name, list(tools))
        known = list(tools[name].input_schema.get("properties", {}))
        if strange := [word for word in arguments if word not in known]:
            raise unknown_arguments(strange, known)
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise misshapen(error.__cause__) from None
            raise


def make_server(desk: Desk, language: str = "en") -> MCPServer[None]:
    """Return the server; it owns nothing, so close the desk's client afterwards.

    Args:
        desk: Does the work.
        language: ``en`` or ``zh``: language of notices and reasons.
    """
    # At INFO the HTTP library would log addresses, which may be signed.
    server = _Server(
        "ima-skills",
        title="ima-skills",
        instructions=INSTRUCTIONS,
        version=VERSION,
        log_level="WARNING",
    )
    for add in (_add_looking, _add_making, _add_tasks, _add_preview):
        add(server, desk, language)
    _add_resources(server, desk)
    return server


def _add_looking(server: MCPServer[None], desk: Desk, language: str) -> None:
    @server.tool(title="Models and prices", annotations=_LOOKS)
    @told
    async def list_models(  # noqa: PLR0913, PLR0917 - one parameter per criterion
        task_type: Annotated[str, Field(description="One task type; empty for all.")] = "",
        words: Annotated[str, Field(description="Must occur in a name or use case.")] = "",
        params: Params = {},  # noqa: B006 - the SDK copies defaults through its schema
        max_points: Annotated[int, Field(ge=0, description="Most points; 0 for any.")] = 0,
        limit: Annotated[int, Field(ge=1, le=50)] = 20,
        offset: Annotated[int, Field(ge=0)] = 0,
    ) -> ModelsView:
        """List models that can do something, priced for exactly that, the cheapest first. Costs nothing."""
        return await listing.models_view(desk.client, task_type, words, params, max_points, limit, offset)

    @server.tool(title="Price of a wish", annotations=_LOOKS)
    @told
    async def estimate(  # noqa: PLR0913, PLR0917 - one parameter per part of a wish
        task_type: TaskTypeName,
        prompt: Annotated[str, Field(description="What to make; optional here.")] = "…",
        model: Model = "",
        params: Params = {},  # noqa: B006 - the SDK copies defaults through its schema
        inputs: Inputs = [],  # noqa: B006 - likewise
        n: Count = 1,
    ) -> EstimateView:
        """Say what a wish would cost, how long it takes, and whether the user must agree. Costs nothing."""
        return await desk.estimate(_request(task_type, prompt, model, params, inputs, n, language))

    @server.tool(title="Understand a wish", annotations=_LOOKS_HERE)
    @told
    async def route(
        text: Annotated[str, Field(min_length=1, description="The user's own words, Chinese or English.")],
        inputs: Inputs = [],  # noqa: B006 - the SDK copies defaults through its schema
    ) -> dict[str, Any]:
        """Turn a user's words into task type, model, params and inputs, or into the one question to ask first.

        `request` holds the arguments of `tool`, with the user's own cap as max_points. Where `inquiry` is set nothing is
        to be made: call `tool`, if there is one, and tell.
        """
        return desk.understand(text, tuple(inputs))


def _add_making(server: MCPServer[None], desk: Desk, language: str) -> None:
    @server.tool(title="Make media (spends points)", annotations=_SPENDS)
    @told
    async def generate(  # noqa: PLR0913, PLR0917 - one parameter per part of a wish
        task_type: TaskTypeName,
        prompt: Annotated[str, Field(min_length=1, description="What to draw, film, compose or read.")],
        model: Model = "",
        params: Params = {},  # noqa: B006 - the SDK copies defaults through its schema
        inputs: Inputs = [],  # noqa: B006 - likewise
        n: Count = 1,
        max_points: Annotated[
            int, Field(ge=0, description="What the user agreed to; needed above the threshold of estimate.")
        ] = 0,
        client_token: Annotated[
            str,
            Field(max_length=200, description="Your name for this wish: the same token is the same task."),
        ] = "",
        another: Annotated[  # noqa: FBT002 - tools have named arguments only
            bool,
            Field(description="One more of what is under way, or was lost: only when the user asked for it."),
        ] = False,
    ) -> TaskView:
        """Create a task and return at once with its task_id. Spends the user's points; there is no cancel."""
        request = _request(task_type, prompt, model, params, inputs, n, language)
        return await desk.generate(request, max_points, client_token, another=another)


def _add_tasks(server: MCPServer[None], desk: Desk, language: str) -> None:
    del language

    @server.tool(title="Wait for a task and save its files", annotations=_SAVES)
    @told
    async def wait(
        task_id: TaskId,
        ctx: Context[None, Any],
        timeout_s: Annotated[float, Field(gt=0, le=LONGEST_WAIT_S)] = LONGEST_WAIT_S,
    ) -> TaskView:
        """Wait up to 45 seconds, save the files when it is done, and return the task either way."""
        return await _with_progress(lambda tell: desk.wait(task_id, timeout_s, tell), ctx)

    @server.tool(title="Look at a task", annotations=_LOOKS)
    @told
    async def get_task(task_id: TaskId) -> TaskView:
        """Return a task as it is now, without waiting and without saving files."""
        return await desk.look(task_id)

    @server.tool(title="Tasks of this machine", annotations=_LOOKS_HERE)
    @told
    async def list_tasks(
        everything: Annotated[  # noqa: FBT002 - the SDK calls by name
            bool, Field(description="Finished ones too; else only what is under way or unknown.")
        ] = False,
        limit: Annotated[int, Field(ge=1, le=50)] = 20,
        offset: Annotated[int, Field(ge=0)] = 0,
    ) -> TasksView:
        """List tasks from the journal of this machine, the latest first."""
        shown, place = listing.page_of(desk.entries(everything=everything), limit, offset)
        return TasksView(tasks=[task_row(entry) for entry in shown], **place)


def _add_preview(server: MCPServer[None], desk: Desk, language: str) -> None:
    del language

    @server.tool(title="See an output", annotations=_SAVES)
    @told
    async def preview(
        task_id: TaskId,
        index: Annotated[int, Field(ge=1, description="Which output; the first is 1.")] = 1,
    ) -> Annotated[CallToolResult, TaskView]:
        """Return a thumbnail of at most 512 pixels and a link to the file; for sound only the link."""
        view = await desk.wait(task_id, 1.0, lambda _event: None)
        if index > len(view.artifacts) or not view.artifacts[index - 1].path:
            raise UsageError(
                f"task {task_id} is {view.status} and has no output {index} that is saved",
                code="no-such-output",
                hint=view.next,
                task_id=task_id,
            )
        path = Path(view.artifacts[index - 1].path)
        content = await asyncio.to_thread(_shown, path)
        return CallToolResult(content=content, structured_content=view.model_dump(mode="json"))


def _shown(path: Path) -> list[ContentBlock]:
    import base64
    import mimetypes

    kind = mimetypes.guess_type(path.name)[0]
    blocks: list[ContentBlock] = [
        ResourceLink(name=path.name, uri=path.as_uri(), mime_type=kind, size=path.stat().st_size)
    ]
    small = thumbnail(path)
    if small is None:
        return [TextContent(text=f"{path.name} cannot be shown; it is at {path}"), *blocks]
    return [ImageContent(data=base64.b64encode(small).decode(), mime_type="image/jpeg"), *blocks]


def _add_resources(server: MCPServer[None], desk: Desk) -> None:
    @server.resource("ima://models", mime_type="application/json", title="Task types and models")
    async def models() -> str:
        """Task types with their inputs, default models and model names."""
        return json.dumps(listing.overview(desk.client), ensure_ascii=False)

    @server.resource("ima://tasks/{task_id}", mime_type="application/json", title="One task")
    async def task(task_id: str) -> str:
        """A task as it is now."""
        try:
            view = await desk.look(task_id)
        except ImaError as error:
            raise ResourceError(f"{error.name}: {error.message} {error.hint}".strip()) from None
        return view.model_dump_json()


def _request(  # noqa: PLR0913, PLR0917 - one parameter per part of a wish
    task_type: str, prompt: str, model: str, params: dict[str, Any], inputs: list[str], n: int, language: str
) -> Request:
    return Request(
        task_type=task_type,
        prompt=prompt,
        model=model or None,
        inputs=tuple(inputs),
        params=params,
        n=n,
        language=language,
    )


async def _with_progress(
    work: Callable[[Callable[[Event], None]], Awaitable[TaskView]], ctx: Context[None, Any]
) -> TaskView:
    """Run work, and hand its progress to hosts that asked for it: rising, at most once a second."""
    percents = [0]

    def tell(event: Event) -> None:
        if isinstance(event, Progressed):
            percents.append(event.percent)

    task = asyncio.ensure_future(work(tell))
    reported = 0
    try:
        while not task.done():
            await asyncio.wait((task,), timeout=_PULSE_S)
            if percents[-1] > reported and not task.done():
                reported = percents[-1]
                await ctx.report_progress(reported, 100)
        return task.result()
    finally:
        task.cancel()
